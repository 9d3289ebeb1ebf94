//! Callers who gave up or were cut off: somebody should call them back.

use super::values::{all, first, word_at};
use super::viewer::{Viewer, shown};
use super::{Store, StoreError};
use crate::desk::id::*;
use crate::desk::input::EndCause;
use rusqlite::Row;

statements! {
    DUE = "SELECT b.*, p.name AS person_name, c.queue FROM callback b JOIN person p ON p.id = b.person JOIN call c ON c.id = b.call
        WHERE b.done_at IS NULL ORDER BY b.due_at, b.call LIMIT ?1";
    DONE = "SELECT b.*, p.name AS person_name, c.queue FROM callback b JOIN person p ON p.id = b.person JOIN call c ON c.id = b.call
        WHERE b.done_at IS NOT NULL ORDER BY b.due_at DESC, b.call DESC LIMIT ?1";
    COUNT = "SELECT count(*) FROM callback WHERE done_at IS NULL";
}

/// One entry of the callback list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackRow {
    pub call: CallId,
    pub person: PersonId,
    pub person_name: String,
    /// As the viewer may see it.
    pub number: String,
    pub cause: EndCause,
    /// Where the caller waited.
    pub queue: Option<QueueId>,
    pub due_at: At,
    pub done_at: Option<At>,
    pub done_by: Option<AgentId>,
}

/// Those still to be called, the longest waiting first.
pub async fn due(store: &Store, viewer: &Viewer, limit: u32) -> Result<Vec<CallbackRow>, StoreError> {
    let viewer = viewer.clone();
    store.read(move |conn| all(conn, DUE, [limit], |row| callback_row(row, &viewer))).await
}

/// Those done, newest first.
pub async fn done(store: &Store, viewer: &Viewer, limit: u32) -> Result<Vec<CallbackRow>, StoreError> {
    let viewer = viewer.clone();
    store.read(move |conn| all(conn, DONE, [limit], |row| callback_row(row, &viewer))).await
}

/// How many are still to be called.
pub async fn count(store: &Store) -> Result<u32, StoreError> {
    store.read(|conn| Ok(first(conn, COUNT, [], |row| row.get(0))?.unwrap_or(0))).await
}

fn callback_row(row: &Row<'_>, viewer: &Viewer) -> rusqlite::Result<CallbackRow> {
    let number: String = row.get("number")?;
    Ok(CallbackRow {
        call: row.get("call")?,
        person: row.get("person")?,
        person_name: row.get("person_name")?,
        number: shown(viewer, "phone", &number),
        cause: word_at(row, "cause")?,
        queue: row.get("queue")?,
        due_at: row.get("due_at")?,
        done_at: row.get("done_at")?,
        done_by: row.get("done_by")?,
    })
}
