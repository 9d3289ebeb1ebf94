//! A store in a folder of its own, and short ways to say facts.

use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::input::{Body, Direction};
use crate::desk::person::Identity;
use crate::desk::step::{Answer, Step};
use crate::store::viewer::{Role, Viewer};
use crate::store::{Store, StoreError};
use std::sync::Arc;

pub struct Rig {
    pub store: Store,
    pub viewer: Viewer,
    pub folder: tempfile::TempDir,
}

pub fn rig() -> Rig {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("data")).unwrap();
    Rig { store, viewer: viewer(), folder }
}

pub fn viewer() -> Viewer {
    Viewer { agent: AgentId::from("mara"), role: Role::Agent }
}

impl Rig {
    /// Records one step of these facts, which must succeed.
    pub async fn record(&self, at: i64, facts: Vec<Fact>) -> i64 {
        self.store.record(vec![step(at, facts)]).await.remove(0).unwrap()
    }

    /// The same where the outcome matters.
    pub async fn try_record(&self, at: i64, facts: Vec<Fact>) -> Result<i64, StoreError> {
        self.store.record(vec![step(at, facts)]).await.remove(0)
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        self.store.read(move |conn| Ok(conn.query_row(sql, [], |row| row.get(0))?)).await.unwrap()
    }
}

pub fn step(at: i64, facts: Vec<Fact>) -> Arc<Step> {
    Arc::new(Step { at: At(at), facts, acts: Vec::new(), live: Vec::new(), answer: Ok(Answer::Done) })
}

pub fn phone(number: &str) -> Identity {
    Identity { kind: "phone".into(), namespace: String::new(), value: number.into() }
}

pub fn visitor(token: &str) -> Identity {
    Identity { kind: "webchat".into(), namespace: "site".into(), value: token.into() }
}

pub fn body(text: &str) -> Body {
    Body::text(text)
}

pub fn person(id: u64, name: &str, identity: Identity) -> Fact {
    Fact::Person(PersonId(id), PersonFact::Added { name: name.into(), identity })
}

pub fn opened(conversation: u64, person: u64) -> Fact {
    let identity = visitor(&format!("v{person}"));
    let opened = ConversationFact::Opened { person: PersonId(person), channel: ChannelId::from("site"), identity, page: None };
    Fact::Conversation(ConversationId(conversation), opened)
}

pub fn received(message: u64, conversation: u64, person: u64, text: &str) -> Fact {
    let received = ConversationFact::Received {
        message: MessageId(message),
        person: PersonId(person),
        channel: ChannelId::from("site"),
        external_id: format!("x{message}"),
        body: body(text),
        sent: At(1),
        seq: 0,
        measure: None,
    };
    Fact::Conversation(ConversationId(conversation), received)
}

pub fn started(call: u64, person: u64) -> Fact {
    let started = CallFact::Started {
        person: PersonId(person),
        trunk: TrunkId::from("carrier"),
        from: "+8613912345678".into(),
        dialled: "4001".into(),
        direction: Direction::Inbound,
        queue: None,
        chat: None,
    };
    Fact::Call(CallId(call), started)
}

/// Somebody with an open conversation (both numbered 1).
pub async fn with_conversation() -> Rig {
    let rig = rig();
    rig.record(10, vec![person(1, "Li Wei", visitor("v1")), opened(1, 1)]).await;
    rig
}
