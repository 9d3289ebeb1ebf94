//! Kept events on their way to the desk: whose wait, and whose do not.

mod late;

use super::health::{Direction, heard, knocked};
use super::{Account, Mark, Post, mailboxes};
use crate::channels::platform::*;
use crate::clock::Clock;
use crate::config::Config;
use crate::desk::id::{At, ChannelId, MessageId};
use crate::desk::person::Identity;
use crate::desk::traits::{Text, Traits, Unit};
use crate::store::messages::{Changed, MessageKind};
use crate::store::{Store, channel_events, messages, pieces};
use crate::switchboard::Switchboard;
use futures_util::future::BoxFuture;
use http::StatusCode;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const HOUSE: &str = r#"
[[queues]]
id = "sales"
[[channels]]
kind = "webchat"
id = "app"
queue = "sales"
[[agents]]
id = "mara"
queues = ["sales"]
"#;

/// Reads events of the form `message ann k1`, `wordless ann k1`, `recall ann k1`, `echo ann k2`.
struct Plain(Traits);

impl Platform for Plain {
    fn traits(&self) -> &Traits {
        &self.0
    }

    fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        let text = String::from_utf8_lossy(raw).into_owned();
        let [what, who, key] = <[&str; 3]>::try_from(text.split(' ').collect::<Vec<_>>()).map_err(|_| Unreadable("three words".into()))?;
        let identity = Identity { kind: "webchat".into(), namespace: "app".into(), value: who.into() };
        if what == "recall" {
            return Ok(vec![Heard::Recalled { key: key.into(), from: identity }]);
        }
        let from = Sender { identity, name: Some(who.into()), also: Vec::new(), language: None };
        let wrote = Wrote {
            key: key.into(),
            from,
            text: if what == "wordless" { String::new() } else { key.into() },
            extra: None,
            media: Vec::new(),
            sent: At(0),
            seq: 0,
            threads: Vec::new(),
            automatic: false,
            window: None,
        };
        Ok(vec![if what == "echo" { Heard::Echo(wrote) } else { Heard::Message(wrote) }])
    }

    fn send<'a>(&'a self, _: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
        Box::pin(async { Err(Trouble::Refused("nobody is there".into())) })
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        Box::pin(async { Vec::new() })
    }
}

struct Rig {
    store: Store,
    post: Post,
    id: ChannelId,
    _folder: tempfile::TempDir,
}

impl Rig {
    async fn open() -> Rig {
        Rig::with(Arc::new(Plain(Traits::words(Text { most: 100, unit: Unit::Characters, parts: 1 })))).await
    }

    async fn with(platform: Arc<dyn Platform>) -> Rig {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        let catalog = Arc::new(Config::parse(HOUSE, Path::new("house.toml")).expect("a house").catalog);
        let switchboard = Switchboard::start(store.clone(), Clock::system(), catalog).expect("a line");
        let id = ChannelId::from("app");
        let post = Post::start(store.clone(), switchboard, Clock::system(), "ab".into(), vec![id.clone()], CancellationToken::new());
        post.open(vec![Account { id: id.clone(), platform, rate: 100, tries: 1, most_file: 100, hook: None, mark: Mark::of(&[1; 32]) }])
            .await;
        Rig { store, post, id, _folder: folder }
    }

    async fn hears(&self, events: &[&str]) {
        let events = events.iter().map(|event| ((*event).to_owned(), event.as_bytes().to_vec())).collect();
        channel_events::keep(&self.store, &self.id, events, None, Clock::system().now()).await.expect("kept");
        self.post.account(&self.id).expect("an account").running.kept.notify_one();
    }

    async fn knows(&self, key: &str) -> Option<MessageId> {
        for _ in 0..200 {
            if let Some(message) = messages::known(&self.store, &self.id, key).await.expect("readable") {
                return Some(message);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        None
    }

    async fn open_events(&self) -> Vec<String> {
        let open = channel_events::open(&self.store, &self.id, 0, 100).await.expect("readable");
        open.into_iter().map(|event| String::from_utf8_lossy(&event.body).into_owned()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_without_a_name_holds_its_own_conversation_alone() {
    let rig = Rig::open().await;
    rig.hears(&["message ann a1"]).await;
    let first = rig.knows("a1").await.expect("recorded");
    // Something of ours is on its way to Ann, and the platform has not named it yet: whether the echo is ours nobody knows.
    let now = Clock::system().now();
    pieces::begin(&rig.store, first, 0, now).await.expect("begun");
    rig.hears(&["echo ann e1", "message bob b1", "message ann a2", "message cy c1"]).await;
    for key in ["b1", "c1"] {
        assert!(rig.knows(key).await.is_some(), "{key} waits for somebody else's");
    }
    // What comes while it waits does not wait either, but for Ann's own, which keep their order.
    rig.hears(&["message dan d1", "message bob b2"]).await;
    assert!(rig.knows("d1").await.is_some() && rig.knows("b2").await.is_some());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(rig.open_events().await, ["echo ann e1", "message ann a2"]);
    assert_eq!(messages::known(&rig.store, &rig.id, "a2").await.expect("readable"), None);
    // It has a name now: the echo is ours, and is no message of its own.
    pieces::sent(&rig.store, &rig.id, first, 0, vec!["e1".into()], now).await.expect("named");
    assert!(rig.knows("a2").await.is_some());
    assert_eq!(messages::known(&rig.store, &rig.id, "e1").await.expect("readable"), None);
    for _ in 0..200 {
        if rig.open_events().await.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not all is noted: {:?}", rig.open_events().await);
}

/// A mailbox with one address; its letters are words: who wrote, and to whom.
struct Letters(Traits, &'static str);

impl Platform for Letters {
    fn traits(&self) -> &Traits {
        &self.0
    }

    fn read(&self, _: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        Ok(Vec::new())
    }

    fn head(&self, raw: &[u8]) -> Option<Head> {
        let mut words = String::from_utf8_lossy(raw).split(' ').map(str::to_owned).collect::<Vec<_>>().into_iter();
        let from = words.next()?;
        Some(Head { ours: from.ends_with("@shop"), from, to: words.collect() })
    }

    fn owns(&self, address: &str) -> bool {
        address == self.1
    }

    fn send<'a>(&'a self, _: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
        Box::pin(async { Err(Trouble::Refused("nobody is there".into())) })
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        Box::pin(async { Vec::new() })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_heard_by_the_mailbox_that_it_names_first() {
    let rig = Rig::open().await;
    let traits = Traits { threads: true, ..Traits::words(Text { most: 100, unit: Unit::Characters, parts: 1 }) };
    // The last two read different folders of one mailbox.
    let three = [("a", "sales@shop"), ("b", "support@shop"), ("c", "support@shop")];
    let account = |(id, address): (&str, &'static str)| Account {
        id: ChannelId::from(id),
        platform: Arc::new(Letters(traits.clone(), address)),
        rate: 100,
        tries: 1,
        most_file: 0,
        hook: None,
        mark: Mark::of(&[1; 32]),
    };
    rig.post.open(three.map(account).into()).await;
    let heard = |at: &str, letter: &str| {
        let open = rig.post.account(&ChannelId::from(at)).expect("an account");
        mailboxes::home(&rig.post, &open, letter.as_bytes()).map(|home| home.account.id.to_string())
    };
    let (of, both) = (|id: &str| Some(id.to_owned()), "ann@home sales@shop support@shop");
    assert_eq!([heard("a", both), heard("b", both), heard("c", both)], [of("a"), of("a"), of("a")]);
    let other = "ann@home ben@home support@shop sales@shop";
    assert_eq!([heard("b", other), heard("c", other)], [of("b"), of("c")], "whose folder it lies in");
    assert_eq!(heard("b", "ann@home list@elsewhere"), of("b"), "it names none of ours");
    assert_eq!(heard("b", "sales@shop ann@home support@shop"), None, "a copy of what the other one wrote");
    assert_eq!(heard("b", "sales@shop support@shop"), of("b"), "a letter from the other one");
    assert_eq!(heard("b", ""), of("b"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_understood_is_set_aside_and_thousands_are_read_once() {
    let rig = Rig::open().await;
    let events: Vec<String> = (0..600).map(|n| format!("message p{} k{n}", n % 7)).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).chain(["nonsense"]).collect();
    rig.hears(&events).await;
    rig.hears(&events).await;
    for _ in 0..1_000 {
        if rig.open_events().await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(rig.open_events().await, Vec::<String>::new());
    for n in [0, 299, 599] {
        assert!(rig.knows(&format!("k{n}")).await.is_some());
    }
    let backlog = channel_events::backlog(&rig.store, &rig.id).await.expect("readable");
    assert_eq!((backlog.waiting, backlog.unreadable), (0, 1));
}

/// A channel that nobody writes to, whose trials find what they are told to.
struct Asked {
    traits: Traits,
    finds: Mutex<Found>,
    asked: AtomicU32,
}

impl Asked {
    fn finds(&self, found: Found) {
        *self.finds.lock().expect("what it finds") = found;
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Platform for Asked {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn read(&self, _: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        Err(Unreadable("nobody writes".into()))
    }

    fn send<'a>(&'a self, _: &'a Piece) -> BoxFuture<'a, Result<Handed, Trouble>> {
        Box::pin(async { Err(Trouble::Refused("nobody is there".into())) })
    }

    fn probe(&self) -> BoxFuture<'_, Vec<Probe>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let found = self.finds.lock().expect("what it finds").clone();
        Box::pin(async { vec![Probe { what: "meta_token", found, setting: "token" }] })
    }

    fn probe_every(&self) -> Duration {
        Duration::from_millis(5)
    }
}

async fn until(what: &str, done: impl Fn() -> bool) {
    for _ in 0..1_000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came to this: {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_nobody_writes_to_is_found_dead() {
    let traits = Traits::words(Text { most: 100, unit: Unit::Characters, parts: 1 });
    let platform = Arc::new(Asked { traits, finds: Mutex::new(Found::Well(String::new())), asked: AtomicU32::new(0) });
    let rig = Rig::with(platform.clone()).await;
    let open = rig.post.account(&rig.id).expect("an account");
    let down = || rig.post.shared.switchboard.floor().outages.get(&rig.id).map(|outage| outage.why.clone());
    until("it is asked", || platform.asked() > 1).await;
    assert_eq!((down(), rig.post.health()[&rig.id].probing.worked_at.is_some()), (None, true));
    platform.finds(Found::Bad(Trouble::Down("190 the token was taken back".into())));
    until("it is down", || down().is_some()).await;
    assert_eq!(down().as_deref(), Some("the channel is down: 190 the token was taken back"));
    // A good message hides no bad callback: each standing is its own.
    heard(&rig.post, &rig.id, &open.running, Direction::Out, Ok(()));
    heard(&rig.post, &rig.id, &open.running, Direction::In, Ok(()));
    assert!(rig.post.health()[&rig.id].failing().is_some());
    platform.finds(Found::Odd(Odd::Ends { days: 6 }));
    until("it works again", || down().is_none()).await;
    assert_eq!(rig.post.health()[&rig.id].odd.len(), 1, "somebody should see to it");
    // What concerns one thing alone, a template, is no outage; what fails but once in a while is none at once.
    for (found, odd) in [(Found::Bad(Trouble::Refused("not approved".into())), 1), (Found::Well(String::new()), 0)] {
        platform.finds(found);
        until("it is known", || rig.post.health()[&rig.id].odd.len() == odd).await;
        assert_eq!((down(), rig.post.health()[&rig.id].failing()), (None, None));
    }
    let before = platform.asked();
    platform.finds(Found::Bad(Trouble::Retry("no answer".into())));
    until("it does not answer", || down().is_some()).await;
    assert!(platform.asked() >= before + 3, "it was asked {} times", platform.asked() - before);
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_requests_are_seen_by_administrators_and_are_no_outage() {
    let rig = Rig::open().await;
    let open = rig.post.account(&rig.id).expect("an account");
    let forged = HookRefused { status: StatusCode::FORBIDDEN, why: "the signature is wrong" };
    let scanned = HookRefused { status: StatusCode::METHOD_NOT_ALLOWED, why: "not a POST" };
    let knows = || rig.post.health()[&rig.id].disbelieved().map(|(run, _, why)| (run, why));
    for _ in 0..20 {
        knocked(&rig.post, &open.running, Err(&scanned));
    }
    for _ in 0..4 {
        knocked(&rig.post, &open.running, Err(&forged));
    }
    assert_eq!(knows(), None, "a few are nothing");
    knocked(&rig.post, &open.running, Err(&forged));
    assert_eq!(knows(), Some((5, "the signature is wrong")));
    assert!(rig.post.health()[&rig.id].failing().is_none() && rig.post.shared.switchboard.floor().outages.is_empty());
    knocked(&rig.post, &open.running, Ok(()));
    assert_eq!(knows(), None, "one that is believed shows that the secrets are the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_nothing_in_words_is_not_lost() {
    let rig = Rig::open().await;
    rig.hears(&["wordless ann a1"]).await;
    let message = rig.knows("a1").await.expect("recorded");
    assert_eq!(messages::get(&rig.store, message).await.unwrap().expect("a message").text, "[…]");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recall_that_overtakes_its_message_is_done_with_it() {
    let rig = Rig::open().await;
    rig.hears(&["recall ann a1"]).await;
    for _ in 0..200 {
        if rig.open_events().await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(rig.open_events().await.is_empty(), "nobody waits for what may never come");
    rig.hears(&["message ann a1", "message ann a2"]).await;
    let message = rig.knows("a1").await.expect("recorded");
    rig.knows("a2").await.expect("recorded after it");
    let row = messages::get(&rig.store, message).await.unwrap().expect("a message");
    assert_eq!((row.text.as_str(), row.changed), ("", Some(Changed::Recalled)));
    // What was said in the platform's own app is taken back there, too.
    rig.hears(&["echo ann e1", "message ann a3", "recall ann e1", "message ann a4"]).await;
    rig.knows("a4").await.expect("recorded behind it");
    let said = rig.knows("e1").await.expect("recorded");
    let row = messages::get(&rig.store, said).await.unwrap().expect("a message");
    assert_eq!((row.kind, row.text.as_str(), row.changed), (MessageKind::Elsewhere, "", Some(Changed::Recalled)));
}
