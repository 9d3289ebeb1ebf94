//! What supervisors did: read from the log of facts, where it stands for ever.

use super::events::event_row;
use super::values::all;
use super::{Store, StoreError};
use crate::desk::fact::Fact;
use crate::desk::id::*;

statements! {
    BETWEEN = "SELECT e.seq, e.at, e.kind, e.json, c.person, p.name AS person_name
        FROM event e LEFT JOIN call c ON c.id = CAST(substr(e.work, 6) AS INTEGER) LEFT JOIN person p ON p.id = c.person
        WHERE e.at >= ?1 AND e.at < ?2 AND e.kind IN
        ('agent.moved', 'agent.move_ended', 'agent.status_set', 'agent.takes', 'call.watched', 'call.watch_ended', 'overlay.switched_off', 'overlay.switched_on')
        ORDER BY e.at, e.seq LIMIT ?3";
}

/// One act of a supervisor, or the end of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    pub at: At,
    pub fact: Fact,
    /// The name of the customer whose call it was.
    pub customer: Option<String>,
}

/// Everything from one moment to before another, oldest first.
pub async fn between(store: &Store, from: At, to: At, limit: u32) -> Result<Vec<Act>, StoreError> {
    let act = |row: &rusqlite::Row<'_>| {
        let event = event_row(row)?;
        Ok(Act { at: event.at, fact: event.fact, customer: row.get("person_name")? })
    };
    store.read(move |conn| all(conn, BETWEEN, (from, to, limit), act)).await
}
