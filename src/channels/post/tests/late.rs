//! Files that come after their message.

use super::*;
use crate::channels::post::late::look;
use crate::desk::input::Input;
use crate::store::late_files;
use bytes::Bytes;
use std::sync::Mutex;

/// Messages of its customers bring a picture each, which it gives as it is told to.
struct Shelf {
    plain: Plain,
    gives: Mutex<Result<&'static [u8], Trouble>>,
}

impl Platform for Shelf {
    fn traits(&self) -> &Traits {
        self.plain.traits()
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        let mut heard = self.plain.read(raw)?;
        for one in &mut heard {
            if let Heard::Message(wrote) = one {
                wrote.media.push(Media { name: "lamp.png".into(), at: MediaAt::Elsewhere("shelf/7".into()) });
            }
        }
        Ok(heard)
    }

    fn fetch<'a>(&'a self, media: &'a str) -> BoxFuture<'a, Result<Fetched, Trouble>> {
        assert_eq!(media, "shelf/7");
        let gives = self.gives.lock().expect("a lock").clone();
        Box::pin(async { gives.map(|bytes| Fetched { bytes: Bytes::from_static(bytes), name: None }) })
    }

    fn send<'a>(&'a self, piece: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
        self.plain.send(piece)
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        self.plain.probe()
    }
}

async fn shelf(gives: Result<&'static [u8], Trouble>) -> (Rig, Arc<Shelf>) {
    let plain = Plain(Traits::words(Text { most: 100, unit: Unit::Characters, parts: 1 }));
    let shelf = Arc::new(Shelf { plain, gives: Mutex::new(gives) });
    (Rig::with(shelf.clone()).await, shelf)
}

fn down() -> Trouble {
    Trouble::Down("its shelves are empty".into())
}

impl Rig {
    /// What a message says, and the names of its files.
    async fn shows(&self, key: &str) -> (String, Vec<String>) {
        let message = self.knows(key).await.expect("recorded");
        let row = messages::get(&self.store, message).await.expect("readable").expect("a row");
        (row.text, row.files.into_iter().map(|file| file.name).collect())
    }

    /// What is still to come, asked for now.
    async fn looks(&self) -> usize {
        for late in late_files::due(&self.store, At(i64::MAX), 10).await.expect("readable") {
            late_files::postpone(&self.store, late.id, At(0)).await.expect("noted");
        }
        look(&self.post).await;
        late_files::due(&self.store, At(i64::MAX), 10).await.expect("readable").len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_late_comes_into_its_message_once() {
    let (rig, shelf) = shelf(Err(down())).await;
    rig.hears(&["message ann k1"]).await;
    let words = "k1\n[lamp.png: the channel is down: its shelves are empty]".to_owned();
    assert_eq!(rig.shows("k1").await, (words.clone(), Vec::new()), "nobody waits for it");
    assert_eq!(rig.looks().await, 1, "still nothing, and it is asked for again");
    assert_eq!(rig.shows("k1").await, (words.clone(), Vec::new()));
    *shelf.gives.lock().expect("a lock") = Ok(b"\x89PNG\r\n\x1a\n a lamp");
    assert_eq!(rig.looks().await, 0);
    let there = ("k1".to_owned(), vec!["lamp.png".to_owned()]);
    assert_eq!(rig.shows("k1").await, there);
    // What was told twice, before it was noted.
    let message = rig.knows("k1").await.expect("recorded");
    let row = messages::get(&rig.store, message).await.expect("readable").expect("a row");
    let (file, conversation) = (row.files[0].clone(), row.conversation.expect("one"));
    let again = Input::FileCame { late: 1, message, conversation, person: row.person, file, instead: words };
    rig.post.shared.switchboard.ask(again).await.expect("taken");
    assert_eq!(rig.shows("k1").await, there);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_comes_is_named_and_not_asked_for_again() {
    let (rig, shelf) = shelf(Err(Trouble::Refused("it is too old".into()))).await;
    rig.hears(&["message ann k1"]).await;
    assert_eq!(rig.shows("k1").await, ("k1\n[lamp.png: refused: it is too old]".into(), Vec::new()));
    assert_eq!(rig.looks().await, 0);
    *shelf.gives.lock().expect("a lock") = Err(down());
    rig.hears(&["message ann k2"]).await;
    rig.shows("k2").await;
    // Its customer has taken the message back: the file is not put into what is left of it.
    rig.hears(&["recall ann k2"]).await;
    for _ in 0..200 {
        if rig.shows("k2").await.0.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    *shelf.gives.lock().expect("a lock") = Ok(b"a lamp");
    assert_eq!(rig.looks().await, 0);
    assert_eq!(rig.shows("k2").await, (String::new(), Vec::new()));
}
