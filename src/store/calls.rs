//! Calls with their legs and recordings.

use super::recordings::{self, RecordingRow};
use super::values::{all, first, maybe_count_at, maybe_word_at, word_at};
use super::viewer::{Viewer, shown};
use super::{Store, StoreError};
use crate::desk::id::*;
use crate::desk::input::{Direction, EndCause, EndedBy, Quality};
use rusqlite::{Connection, Row};

statements! {
    GET = "SELECT c.*, p.name AS person_name FROM call c JOIN person p ON p.id = c.person WHERE c.id = ?1";
    RECENT = "SELECT c.*, p.name AS person_name FROM call c JOIN person p ON p.id = c.person
        WHERE (c.started_at, c.id) < (?1, ?2) ORDER BY c.started_at DESC, c.id DESC LIMIT ?3";
    OF_AGENT = "SELECT c.*, p.name AS person_name FROM call c JOIN person p ON p.id = c.person
        WHERE c.id IN (SELECT call FROM leg WHERE agent = ?1 ORDER BY started_at DESC LIMIT ?2) ORDER BY c.started_at DESC, c.id DESC LIMIT ?2";
    LEGS = "SELECT id, agent, outside, started_at, bridged_at, ended_at, held_since, hold_ms, packets, loss_percent, jitter_ms, rtt_ms, mos
        FROM leg WHERE call = ?1 ORDER BY id";
    CHAPTERS = "SELECT at, kind, agent, outside FROM chapter WHERE call = ?1 ORDER BY id";
}

/// One call.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRow {
    pub id: CallId,
    pub person: PersonId,
    pub person_name: String,
    pub trunk: TrunkId,
    pub direction: Direction,
    /// The caller's number, as the viewer may see it; of a call of ours, what was shown or who called.
    pub caller: String,
    /// Our line; of a call of ours the number or the colleague called, as the viewer may see it.
    pub dialled: String,
    /// `arriving`, `waiting`, `talking`, `parked` or `ended`.
    pub state: String,
    pub queue: Option<QueueId>,
    /// Who has it, or had it last.
    pub agent: Option<AgentId>,
    pub started_at: At,
    pub answered_at: Option<At>,
    pub queued_at: Option<At>,
    /// When the first agent took it.
    pub bridged_at: Option<At>,
    /// How long the caller waited for the first agent.
    pub waited_ms: Option<i64>,
    pub ended_at: Option<At>,
    pub ended_by: Option<EndedBy>,
    pub end_cause: Option<EndCause>,
    pub disposition: Option<String>,
    pub wrap_note: String,
    /// The conversation that went on as this call.
    pub chat: Option<ConversationId>,
}

/// One party of a call, from joining to leaving.
#[derive(Debug, Clone, PartialEq)]
pub struct LegRow {
    pub id: i64,
    /// `None` is the customer or somebody outside.
    pub agent: Option<AgentId>,
    /// The number of somebody outside, as the viewer may see it.
    pub outside: Option<String>,
    pub started_at: At,
    /// When customer and agent first heard each other on this leg.
    pub bridged_at: Option<At>,
    pub ended_at: Option<At>,
    /// Total time on hold; a hold that still lasts is not in it.
    pub hold_ms: i64,
    pub held_since: Option<At>,
    pub quality: Option<Quality>,
}

impl LegRow {
    /// Time in talk, ms: bridged to ended (or to `now`) without holds; 0 when they never spoke.
    pub fn talk_ms(&self, now: At) -> i64 {
        let end = self.ended_at.unwrap_or(now);
        let holding = self.held_since.map_or(0, |since| end.since(since));
        self.bridged_at.map_or(0, |bridged| (end.since(bridged) - self.hold_ms - holding).max(0))
    }
}

impl LegRow {
    pub fn is_customer(&self) -> bool {
        self.agent.is_none() && self.outside.is_none()
    }
}

/// A line of a call's table of contents; the kinds stand in the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    pub at: At,
    pub kind: String,
    pub agent: Option<AgentId>,
    pub outside: Option<String>,
}

/// A call with all its parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub call: CallRow,
    /// In the order in which they joined, the customer first.
    pub legs: Vec<LegRow>,
    pub recordings: Vec<RecordingRow>,
    pub chapters: Vec<Chapter>,
}

/// One call whole.
pub async fn get(store: &Store, viewer: &Viewer, call: CallId) -> Result<Option<Call>, StoreError> {
    let viewer = viewer.clone();
    store
        .read(move |conn| {
            let Some(call) = first(conn, GET, [call], |row| call_row(row, &viewer))? else {
                return Ok(None);
            };
            Ok(Some(whole(conn, call, &viewer)?))
        })
        .await
}

/// All calls, newest first. `before` is the `(started_at, id)` of the last one of the page before.
pub async fn recent(store: &Store, viewer: &Viewer, before: Option<(At, CallId)>, limit: u32) -> Result<Vec<CallRow>, StoreError> {
    let viewer = viewer.clone();
    let (at, id) = before.map_or((i64::MAX, i64::MAX), |(at, id)| (at.0, i64::try_from(id.0).unwrap_or(i64::MAX)));
    store.read(move |conn| all(conn, RECENT, (at, id, limit), |row| call_row(row, &viewer))).await
}

/// The last calls in which the agent took part, newest first.
pub async fn of_agent(store: &Store, viewer: &Viewer, agent: &AgentId, limit: u32) -> Result<Vec<CallRow>, StoreError> {
    let (viewer, agent) = (viewer.clone(), agent.clone());
    store.read(move |conn| all(conn, OF_AGENT, (agent, limit), |row| call_row(row, &viewer))).await
}

pub(super) fn whole(conn: &Connection, call: CallRow, viewer: &Viewer) -> Result<Call, StoreError> {
    let legs = all(conn, LEGS, [call.id], |row| leg_row(row, viewer))?;
    let recordings = recordings::of_call_in(conn, call.id)?;
    let chapters = all(conn, CHAPTERS, [call.id], |row| chapter_row(row, viewer))?;
    Ok(Call { call, legs, recordings, chapters })
}

fn chapter_row(row: &Row<'_>, viewer: &Viewer) -> rusqlite::Result<Chapter> {
    Ok(Chapter { at: row.get("at")?, kind: row.get("kind")?, agent: row.get("agent")?, outside: number(row, viewer)? })
}

fn number(row: &Row<'_>, viewer: &Viewer) -> rusqlite::Result<Option<String>> {
    let number: Option<String> = row.get("outside")?;
    Ok(number.map(|number| shown(viewer, "phone", &number)))
}

pub(super) fn call_row(row: &Row<'_>, viewer: &Viewer) -> rusqlite::Result<CallRow> {
    let (caller, dialled): (String, String) = (row.get("caller")?, row.get("dialled")?);
    let direction: Direction = word_at(row, "direction")?;
    Ok(CallRow {
        id: row.get("id")?,
        person: row.get("person")?,
        person_name: row.get("person_name")?,
        trunk: row.get("trunk")?,
        direction,
        caller: if direction == Direction::Inbound { shown(viewer, "phone", &caller) } else { caller },
        dialled: if direction == Direction::Outbound { shown(viewer, "phone", &dialled) } else { dialled },
        state: row.get("state")?,
        queue: row.get("queue")?,
        agent: row.get("agent")?,
        started_at: row.get("started_at")?,
        answered_at: row.get("answered_at")?,
        queued_at: row.get("queued_at")?,
        bridged_at: row.get("bridged_at")?,
        waited_ms: row.get("waited_ms")?,
        ended_at: row.get("ended_at")?,
        ended_by: maybe_word_at(row, "ended_by")?,
        end_cause: maybe_word_at(row, "end_cause")?,
        disposition: row.get("disposition")?,
        wrap_note: row.get("wrap_note")?,
        chat: row.get("chat")?,
    })
}

fn leg_row(row: &Row<'_>, viewer: &Viewer) -> rusqlite::Result<LegRow> {
    let packets = maybe_count_at(row, "packets")?;
    let quality = match packets {
        None => None,
        Some(packets) => Some(Quality {
            packets,
            loss_percent: row.get("loss_percent")?,
            jitter_ms: row.get("jitter_ms")?,
            rtt_ms: row.get("rtt_ms")?,
            mos: row.get("mos")?,
        }),
    };
    Ok(LegRow {
        id: row.get("id")?,
        agent: row.get("agent")?,
        outside: number(row, viewer)?,
        started_at: row.get("started_at")?,
        bridged_at: row.get("bridged_at")?,
        ended_at: row.get("ended_at")?,
        hold_ms: row.get("hold_ms")?,
        held_since: row.get("held_since")?,
        quality,
    })
}
