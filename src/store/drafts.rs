//! What an agent has begun to write: one text per agent and conversation, kept over reloads and machines.

use super::values::{first, run};
use super::{Store, StoreError};
use crate::desk::id::*;

statements! {
    GET = "SELECT text FROM draft WHERE agent = ?1 AND conversation = ?2";
    SET = "INSERT INTO draft (agent, conversation, text, at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (agent, conversation) DO UPDATE SET text = excluded.text, at = excluded.at";
    CLEAR = "DELETE FROM draft WHERE agent = ?1 AND conversation = ?2";
    PURGE = "DELETE FROM draft WHERE at <= ?1";
}

/// The draft, or an empty text.
pub async fn get(store: &Store, agent: &AgentId, conversation: ConversationId) -> Result<String, StoreError> {
    let agent = agent.clone();
    store.read(move |conn| Ok(first(conn, GET, (agent, conversation), |row| row.get(0))?.unwrap_or_default())).await
}

/// Keeps the draft; an empty text removes it.
pub async fn set(store: &Store, agent: &AgentId, conversation: ConversationId, text: String, at: At) -> Result<(), StoreError> {
    let agent = agent.clone();
    store
        .write(move |conn| {
            if text.is_empty() {
                run(conn, CLEAR, (agent, conversation))?;
            } else {
                run(conn, SET, (agent, conversation, text, at))?;
            }
            Ok(())
        })
        .await
}

/// Removes drafts last touched before `until`; gives how many.
pub async fn purge(store: &Store, until: At) -> Result<usize, StoreError> {
    store.write(move |conn| run(conn, PURGE, [until])).await
}
