//! What an agent has begun to write, and what they have attached to it: one text per agent and place, kept over reloads and machines.

use super::values::{Count, all, first, run};
use super::{Store, StoreError};
use crate::desk::id::*;
use crate::desk::input::FileRef;
use std::fmt;

statements! {
    GET = "SELECT text FROM draft WHERE agent = ?1 AND place = ?2";
    SET = "INSERT INTO draft (agent, place, text, at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (agent, place) DO UPDATE SET text = excluded.text, at = excluded.at";
    CLEAR = "DELETE FROM draft WHERE agent = ?1 AND place = ?2";
    PURGE = "DELETE FROM draft WHERE at <= ?1";
    FILES = "SELECT f.id, f.name, f.mime, f.bytes FROM draft_file d JOIN file f ON f.id = d.file WHERE d.agent = ?1 AND d.place = ?2 ORDER BY d.n";
    // Only what the agent has uploaded: a number from elsewhere would hand one customer's file to another.
    ATTACH = "INSERT INTO draft_file (agent, place, n, file, at) SELECT ?1, ?2, ?3, id, ?5 FROM file WHERE id = ?4 AND by = 'agent/' || ?1";
    DETACH = "DELETE FROM draft_file WHERE agent = ?1 AND place = ?2";
    PURGE_FILES = "DELETE FROM draft_file WHERE at <= ?1";
}

/// What the text is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A reply.
    Conversation(ConversationId),
    /// The head of a letter that is one.
    Mail(ConversationId),
    /// A letter to somebody that answers none.
    Letter(PersonId),
    /// A note on somebody.
    Person(PersonId),
    /// The form after a call, its fields as JSON.
    WrapUp(CallId),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Conversation(id) => write!(f, "conversation/{id}"),
            Place::Mail(id) => write!(f, "mail/{id}"),
            Place::Letter(id) => write!(f, "letter/{id}"),
            Place::Person(id) => write!(f, "person/{id}"),
            Place::WrapUp(id) => write!(f, "wrapup/{id}"),
        }
    }
}

/// The draft, or an empty text.
pub async fn get(store: &Store, agent: &AgentId, place: Place) -> Result<String, StoreError> {
    let agent = agent.clone();
    store.read(move |conn| Ok(first(conn, GET, (agent, place.to_string()), |row| row.get(0))?.unwrap_or_default())).await
}

/// Keeps the draft; an empty text removes it.
pub async fn set(store: &Store, agent: &AgentId, place: Place, text: String, at: At) -> Result<(), StoreError> {
    let agent = agent.clone();
    store
        .write(move |conn| {
            if text.is_empty() {
                run(conn, CLEAR, (agent, place.to_string()))?;
            } else {
                run(conn, SET, (agent, place.to_string(), text, at))?;
            }
            Ok(())
        })
        .await
}

/// What is attached, in its order.
pub async fn files(store: &Store, agent: &AgentId, place: Place) -> Result<Vec<FileRef>, StoreError> {
    let agent = agent.clone();
    store
        .read(move |conn| {
            all(conn, FILES, (agent, place.to_string()), |row| {
                let bytes = row.get::<_, Count>("bytes")?.0;
                Ok(FileRef { id: row.get("id")?, name: row.get("name")?, mime: row.get("mime")?, bytes })
            })
        })
        .await
}

/// Keeps what is attached now; others' files are left out.
pub async fn attach(store: &Store, agent: &AgentId, place: Place, files: Vec<FileId>, at: At) -> Result<(), StoreError> {
    let (agent, place) = (agent.clone(), place.to_string());
    store
        .write(move |conn| {
            run(conn, DETACH, (&agent, &place))?;
            for (n, file) in (0_i64..).zip(files) {
                run(conn, ATTACH, (&agent, &place, n, file, at))?;
            }
            Ok(())
        })
        .await
}

/// It is sent: neither text nor files stay.
pub async fn done(store: &Store, agent: &AgentId, place: Place) -> Result<(), StoreError> {
    let (agent, place) = (agent.clone(), place.to_string());
    store
        .write(move |conn| {
            run(conn, CLEAR, (&agent, &place))?;
            run(conn, DETACH, (&agent, &place)).map(drop)
        })
        .await
}

/// Removes drafts last touched before `until`; gives how many texts.
pub async fn purge(store: &Store, until: At) -> Result<usize, StoreError> {
    store
        .write(move |conn| {
            run(conn, PURGE_FILES, [until])?;
            run(conn, PURGE, [until])
        })
        .await
}
