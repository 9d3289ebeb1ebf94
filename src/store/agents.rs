//! The history of agents' statuses, for reports and for "since when".

use super::values::{all, word_at};
use super::{Store, StoreError};
use crate::desk::fact::{StatusName, StatusWhy};
use crate::desk::id::*;

statements! {
    HISTORY = "SELECT at, status, reason, why FROM agent_status WHERE agent = ?1 AND at >= ?2 AND at < ?3 ORDER BY at, id";
}

/// One change of status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusRow {
    pub at: At,
    pub status: StatusName,
    /// The reason of a break.
    pub reason: Option<String>,
    pub why: StatusWhy,
}

/// Changes within `from..until`, oldest first.
pub async fn history(store: &Store, agent: &AgentId, from: At, until: At) -> Result<Vec<StatusRow>, StoreError> {
    let agent = agent.clone();
    store
        .read(move |conn| {
            all(conn, HISTORY, (agent, from, until), |row| {
                Ok(StatusRow { at: row.get("at")?, status: word_at(row, "status")?, reason: row.get("reason")?, why: word_at(row, "why")? })
            })
        })
        .await
}
