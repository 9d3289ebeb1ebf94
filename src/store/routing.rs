//! The way of a call or conversation to its agents: queued, offered (with the decision explained), taken, transferred.

use super::values::{all, first, work_columns};
use super::{Store, StoreError};
use crate::desk::fact::{Decision, RoutingFact};
use crate::desk::id::*;
use rusqlite::Row;

statements! {
    HISTORY = "SELECT at, detail FROM routing WHERE work_kind = ?1 AND work = ?2 ORDER BY id";
    LAST_OFFER = "SELECT at, detail FROM routing WHERE work_kind = ?1 AND work = ?2 AND kind = 'offered' ORDER BY id DESC LIMIT 1";
}

/// One step on the way. The fact holds all there is to tell, the decision too.
#[derive(Debug, Clone, PartialEq)]
pub struct RoutingRow {
    pub at: At,
    pub fact: RoutingFact,
}

/// The whole way of one piece of work, oldest first.
pub async fn history(store: &Store, work: Work) -> Result<Vec<RoutingRow>, StoreError> {
    let (kind, id) = work_columns(&work);
    store.read(move |conn| all(conn, HISTORY, (kind, id), routing_row)).await
}

/// Why the agent who was offered it last was chosen: shown on the ring card and on the contact.
pub async fn decision(store: &Store, work: Work) -> Result<Option<(AgentId, Decision)>, StoreError> {
    let (kind, id) = work_columns(&work);
    let row = store.read(move |conn| first(conn, LAST_OFFER, (kind, id), routing_row)).await?;
    Ok(row.and_then(|row| match row.fact {
        RoutingFact::Offered { agent, decision, .. } => Some((agent, decision)),
        _ => None,
    }))
}

fn routing_row(row: &Row<'_>) -> rusqlite::Result<RoutingRow> {
    let json: String = row.get("detail")?;
    let fact = serde_json::from_str(&json)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, Box::new(error)))?;
    Ok(RoutingRow { at: row.get("at")?, fact })
}
