//! The log of all facts, by number: what pushes, webhooks and reports read from a cursor, and the audit.

use super::values::{all, first};
use super::{Store, StoreError};
use crate::desk::fact::{Fact, SurveyFact, TicketFact};
use crate::desk::id::*;
use crate::desk::input::TicketChange;
use rusqlite::Row;

statements! {
    BLOCKED = "SELECT seq, at, kind, json FROM event WHERE kind = 'dial.blocked' ORDER BY seq DESC LIMIT ?1";
    // Each by itself: of both in one SQLite reads the whole index.
    BOUNDS = "SELECT coalesce((SELECT min(seq) FROM event), 1), coalesce((SELECT max(seq) FROM event), 0)";
    AT_OR_BEFORE = "SELECT at FROM event WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1";
    AFTER = "SELECT seq, at, kind, json FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2";
}

/// One recorded fact.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRow {
    /// Counts up without end; never used twice.
    pub seq: i64,
    pub at: At,
    /// `conversation.received`, `call.ended`, …
    pub kind: String,
    pub fact: Fact,
}

impl EventRow {
    /// What people look for in it.
    pub(super) fn words(&self) -> String {
        match &self.fact {
            Fact::Ticket(id, TicketFact::Opened { subject, .. }) => format!("#{id} {subject}"),
            Fact::Ticket(id, TicketFact::Changed { change: TicketChange::Subject(text) | TicketChange::Comment(text), .. }) => {
                format!("#{id} {text}")
            }
            Fact::Ticket(id, _) => format!("#{id}"),
            Fact::Survey(_, SurveyFact::Answered { comment, .. }) => comment.clone(),
            _ => String::new(),
        }
    }
}

/// Facts after a cursor, oldest first.
pub async fn after(store: &Store, seq: i64, limit: u32) -> Result<Vec<EventRow>, StoreError> {
    store.read(move |conn| all(conn, AFTER, (seq, limit), event_row)).await
}

/// The number of the last fact before this moment, or one near it: facts are recorded in their order, and nothing finds them by their time.
pub async fn before(store: &Store, at: At) -> Result<i64, StoreError> {
    store
        .read(move |conn| {
            let (mut low, mut high) =
                first(conn, BOUNDS, [], |row| Ok((row.get::<_, i64>(0)? - 1, row.get::<_, i64>(1)?)))?.unwrap_or((0, 0));
            while low < high {
                let middle = low + (high - low + 1) / 2;
                // Numbers are never used twice, but some may be missing.
                let earlier = first(conn, AT_OR_BEFORE, [middle], |row| row.get::<_, At>(0))?.is_none_or(|then| then < at);
                (low, high) = if earlier { (middle, high) } else { (low, middle - 1) };
            }
            Ok(low)
        })
        .await
}

/// Numbers that were not called, newest first.
pub async fn blocked(store: &Store, limit: u32) -> Result<Vec<EventRow>, StoreError> {
    store.read(move |conn| all(conn, BLOCKED, [limit], event_row)).await
}

pub(super) fn event_row(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    let json: String = row.get("json")?;
    let fact = serde_json::from_str(&json)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(3, rusqlite::types::Type::Text, Box::new(error)))?;
    Ok(EventRow { seq: row.get("seq")?, at: row.get("at")?, kind: row.get("kind")?, fact })
}
