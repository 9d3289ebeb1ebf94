//! Customers who did not reach us: missed calls, voicemails and promised calls, until somebody has talked to them.

use super::values::{all, first, maybe_count_at, maybe_word_at, word_at};
use super::viewer::{Viewer, shown};
use super::{Store, StoreError};
use crate::desk::fact::{CallbackEnd, MissedWhy};
use crate::desk::id::*;
use rusqlite::Row;
use serde::{Deserialize, Serialize};

statements! {
    OPEN = "SELECT * FROM callback_entry WHERE closed_at IS NULL ORDER BY listed_at, id LIMIT ?1";
    CLOSED = "SELECT * FROM callback_entry WHERE closed_at IS NOT NULL ORDER BY closed_at DESC, id DESC LIMIT ?1";
    ONE = "SELECT * FROM callback_entry WHERE id = ?1";
    OF_PERSON = "SELECT * FROM callback_entry WHERE person = ?1 AND closed_at IS NULL ORDER BY listed_at, id LIMIT 20";
    OF_VOICEMAIL = "SELECT * FROM callback_entry WHERE voicemail = ?1 ORDER BY id DESC LIMIT 1";
    COUNT = "SELECT count(*) FROM callback WHERE closed_at IS NULL";
    UNHEARD = "SELECT r.call, r.file FROM recording r WHERE r.state = 'done' AND r.file = r.call || '-voicemail.wav' AND r.started_at >= ?1
        AND NOT EXISTS (SELECT 1 FROM message m WHERE m.channel = 'voicemail' AND m.external_id = 'call/' || r.call)";
}

/// How far a callback is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackState {
    /// Somebody has to take care of it by hand.
    Listed,
    /// Waits for its time.
    Booked,
    /// Stands in line for an agent.
    Waiting,
    /// Being dialled, or the customer is calling in.
    Calling,
    Closed,
}

/// One entry of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackRow {
    pub id: CallbackId,
    pub person: PersonId,
    pub person_name: String,
    pub person_tier: Option<TierId>,
    /// As the viewer may see it.
    pub number: String,
    /// They called from a page: there is no number to call.
    pub page: bool,
    pub queue: Option<QueueId>,
    pub why: MissedWhy,
    /// The call that was missed last.
    pub call: Option<CallId>,
    pub state: CallbackState,
    pub since: At,
    pub listed_at: At,
    /// How often they tried to reach us.
    pub missed: u32,
    /// When a call is promised.
    pub due_at: Option<At>,
    pub tries: u32,
    /// Why the last attempt failed: a word of `NotReached`.
    pub failure: Option<String>,
    pub claimed: Option<AgentId>,
    pub told_at: Option<At>,
    /// The conversation of the voicemail, and its length.
    pub voicemail: Option<ConversationId>,
    pub millis: Option<u64>,
    pub closed_at: Option<At>,
    pub closed_by: Option<AgentId>,
    pub how: Option<CallbackEnd>,
    pub outcome: Option<String>,
}

/// Those still to be settled, the longest waiting first.
pub async fn open(store: &Store, viewer: &Viewer, limit: u32) -> Result<Vec<CallbackRow>, StoreError> {
    let viewer = viewer.clone();
    store.read(move |conn| all(conn, OPEN, [limit], |row| callback_row(row, Some(&viewer)))).await
}

/// Those that are over, newest first.
pub async fn closed(store: &Store, viewer: &Viewer, limit: u32) -> Result<Vec<CallbackRow>, StoreError> {
    let viewer = viewer.clone();
    store.read(move |conn| all(conn, CLOSED, [limit], |row| callback_row(row, Some(&viewer)))).await
}

/// One entry.
pub async fn get(store: &Store, viewer: &Viewer, id: CallbackId) -> Result<Option<CallbackRow>, StoreError> {
    let viewer = viewer.clone();
    store.read(move |conn| first(conn, ONE, [id], |row| callback_row(row, Some(&viewer)))).await
}

/// One entry for its own customer, who knows their number.
pub async fn for_customer(store: &Store, id: CallbackId) -> Result<Option<CallbackRow>, StoreError> {
    store.read(move |conn| first(conn, ONE, [id], |row| callback_row(row, None))).await
}

/// The open entries of a person.
pub async fn of_person(store: &Store, viewer: &Viewer, person: PersonId) -> Result<Vec<CallbackRow>, StoreError> {
    let viewer = viewer.clone();
    store.read(move |conn| all(conn, OF_PERSON, [person], |row| callback_row(row, Some(&viewer)))).await
}

/// The entry that a voicemail conversation belongs to.
pub async fn of_voicemail(store: &Store, viewer: &Viewer, conversation: ConversationId) -> Result<Option<CallbackRow>, StoreError> {
    let viewer = viewer.clone();
    store.read(move |conn| first(conn, OF_VOICEMAIL, [conversation], |row| callback_row(row, Some(&viewer)))).await
}

/// How many are still to be settled.
pub async fn count(store: &Store) -> Result<u32, StoreError> {
    store.read(|conn| Ok(first(conn, COUNT, [], |row| row.get(0))?.unwrap_or(0))).await
}

/// Recorded voicemails since `since` that are no conversation yet: a process may die between the two.
pub async fn unheard(store: &Store, since: At) -> Result<Vec<(CallId, String)>, StoreError> {
    store.read(move |conn| all(conn, UNHEARD, [since], |row| Ok((row.get(0)?, row.get(1)?)))).await
}

fn callback_row(row: &Row<'_>, viewer: Option<&Viewer>) -> rusqlite::Result<CallbackRow> {
    let number: String = row.get("number")?;
    Ok(CallbackRow {
        id: row.get("id")?,
        person: row.get("person")?,
        person_name: row.get("person_name")?,
        person_tier: row.get("person_tier")?,
        number: viewer.map_or_else(|| number.clone(), |viewer| shown(viewer, "phone", &number)),
        page: row.get("page")?,
        queue: row.get("queue")?,
        why: word_at(row, "why")?,
        call: row.get("call")?,
        state: word_at(row, "state")?,
        since: row.get("since")?,
        listed_at: row.get("listed_at")?,
        missed: row.get("missed")?,
        due_at: row.get("due_at")?,
        tries: row.get("tries")?,
        failure: row.get("failure")?,
        claimed: row.get("claimed")?,
        told_at: row.get("told_at")?,
        voicemail: row.get("voicemail")?,
        millis: maybe_count_at(row, "millis")?,
        closed_at: row.get("closed_at")?,
        closed_by: row.get("closed_by")?,
        how: maybe_word_at(row, "how")?,
        outcome: row.get("outcome")?,
    })
}
