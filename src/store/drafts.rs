//! What an agent has begun to write: one text per agent and place, kept over reloads and machines.

use super::values::{first, run};
use super::{Store, StoreError};
use crate::desk::id::*;
use std::fmt;

statements! {
    GET = "SELECT text FROM draft WHERE agent = ?1 AND place = ?2";
    SET = "INSERT INTO draft (agent, place, text, at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (agent, place) DO UPDATE SET text = excluded.text, at = excluded.at";
    CLEAR = "DELETE FROM draft WHERE agent = ?1 AND place = ?2";
    PURGE = "DELETE FROM draft WHERE at <= ?1";
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
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Conversation(id) => write!(f, "conversation/{id}"),
            Place::Mail(id) => write!(f, "mail/{id}"),
            Place::Letter(id) => write!(f, "letter/{id}"),
            Place::Person(id) => write!(f, "person/{id}"),
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

/// Removes drafts last touched before `until`; gives how many.
pub async fn purge(store: &Store, until: At) -> Result<usize, StoreError> {
    store.write(move |conn| run(conn, PURGE, [until])).await
}
