//! A house in small for tests of one connector against its simulator: hooks are answered, events kept once, without desk and store.

use super::platform::{Amend, Answers, Heard, HookRequest, LocalFile, MediaAt, Piece, Platform, SentPiece, Wrote};
use crate::clock::Clock;
use crate::desk::id::{ConversationId, MessageId};
use crate::desk::input::{Change, Extra};
use crate::desk::person::Identity;
use crate::reach::{Abroad, Client};
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

pub(crate) struct House {
    pub platform: Arc<dyn Platform>,
    pub hook: String,
    kept: Mutex<Vec<(String, Vec<u8>)>>,
    refused: Mutex<Vec<&'static str>>,
    polls: Mutex<usize>,
}

impl House {
    pub async fn open(platform: Arc<dyn Platform>) -> Arc<House> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let hook = format!("http://{}/hooks/it", listener.local_addr().expect("an address"));
        let house = Arc::new(House { platform, hook, kept: Mutex::default(), refused: Mutex::default(), polls: Mutex::default() });
        let router = Router::new().route("/hooks/it", any(heard)).with_state(house.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        house
    }

    /// May fetch from the simulators on this machine.
    pub fn client() -> Client {
        Client::new(Abroad { allowed: vec!["127.0.0.0/8".parse().expect("a network")] })
    }

    pub fn keep(&self, events: Vec<super::platform::Raw>) {
        let mut kept = self.kept.lock().expect("a lock");
        for raw in events {
            if !kept.iter().any(|(key, _)| *key == raw.key) {
                kept.push((raw.key, raw.body));
            }
        }
    }

    /// What all kept events mean, each event once, in the order in which they came.
    pub fn heard(&self) -> Vec<Heard> {
        let kept = self.kept.lock().expect("a lock").clone();
        kept.iter().flat_map(|(_, raw)| self.platform.read(raw).expect("readable")).collect()
    }

    /// Waits for so many.
    pub async fn nth(&self, count: usize) -> Vec<Heard> {
        for _ in 0..400 {
            let heard = self.heard();
            if heard.len() >= count {
                return heard;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("{} of {count}: {:#?}", self.heard().len(), self.heard());
    }

    pub fn refused(&self) -> Vec<&'static str> {
        self.refused.lock().expect("a lock").clone()
    }

    pub fn polls(&self) -> usize {
        *self.polls.lock().expect("a lock")
    }

    /// The bytes of the first file.
    pub async fn file(&self, wrote: &Wrote) -> Bytes {
        match &wrote.media.first().expect("a file").at {
            MediaAt::Here(bytes) => bytes.clone(),
            MediaAt::Elsewhere(at) => self.platform.fetch(at).await.expect("fetched").bytes,
        }
    }
}

async fn heard(State(house): State<Arc<House>>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let query = uri.query().unwrap_or_default();
    let url = format!("{}?{query}", house.hook);
    let (from, now) = (IpAddr::from([127, 0, 0, 1]), Clock::system().now());
    match house.platform.hook(&HookRequest { method: &method, url: &url, query, headers: &headers, body: &body, from, now }) {
        Ok(hooked) => {
            house.keep(hooked.events);
            *house.polls.lock().expect("a lock") += usize::from(hooked.poll);
            (hooked.answer.status, [("content-type", hooked.answer.content_type)], hooked.answer.body).into_response()
        }
        Err(refused) => {
            house.refused.lock().expect("a lock").push(refused.why);
            refused.status.into_response()
        }
    }
}

/// A piece to somebody; `n` makes its key.
pub(crate) fn piece(to: &Identity, n: u64, text: &str) -> Piece {
    Piece {
        message: MessageId(n),
        part: 0,
        parts: 1,
        conversation: ConversationId(1),
        to: to.clone(),
        key: format!("{n}-0-test"),
        text: text.to_owned(),
        files: Vec::new(),
        extra: None,
        answers: Answers::default(),
    }
}

/// What shall become of such a piece that the platform has under this name.
pub(crate) fn amend(piece: &Piece, id: Option<&str>, change: Change) -> Amend {
    let pieces = vec![SentPiece { key: piece.key.clone(), id: id.map(str::to_owned) }];
    let (to, caption) = (piece.to.clone(), !piece.files.is_empty());
    Amend { key: format!("a-{}", piece.key), to, conversation: piece.conversation, pieces, change, caption, again: false }
}

pub(crate) fn with_extra(to: &Identity, n: u64, text: &str, extra: Extra) -> Piece {
    Piece { extra: Some(extra), ..piece(to, n, text) }
}

/// A piece that is one file.
pub(crate) fn with_file(to: &Identity, n: u64, folder: &std::path::Path, name: &str, mime: &str, content: &[u8]) -> Piece {
    let path: PathBuf = folder.join(name);
    std::fs::write(&path, content).expect("written");
    let file = LocalFile { name: name.to_owned(), mime: mime.to_owned(), bytes: content.len() as u64, path };
    Piece { files: vec![file], ..piece(to, n, "") }
}

/// The one message that was heard last.
pub(crate) fn last(heard: &[Heard]) -> &Wrote {
    match heard.last().expect("something") {
        Heard::Message(wrote) => wrote,
        other => panic!("{other:?}"),
    }
}
