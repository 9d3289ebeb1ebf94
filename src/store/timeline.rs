//! Everything of one customer in time order across channels: messages and notes, calls, and what happened to them.
//!
//! Three sources, each with an index on (person, time), are asked for one page each and merged; no table repeats what others hold.

use super::calls::{self, Call};
use super::events::{EventRow, event_row};
use super::messages::{MessageRow, message_row};
use super::values::all;
use super::viewer::Viewer;
use super::{Store, StoreError};
use crate::desk::id::*;
use rusqlite::Connection;
use std::cmp::Reverse;

statements! {
    MESSAGES = "SELECT id, person, conversation, call, channel, kind, agent, text, files, extra, at, sent_at, delivery, failure, changed
        FROM message WHERE person = ?1 AND (at, id) < (?2, ?3) ORDER BY at DESC, id DESC LIMIT ?4";
    CALLS = "SELECT c.*, p.name AS person_name FROM call c JOIN person p ON p.id = c.person
        WHERE c.person = ?1 AND (c.started_at, c.id) < (?2, ?3) ORDER BY c.started_at DESC, c.id DESC LIMIT ?4";
    EVENTS = "SELECT seq, at, kind, json FROM event
        WHERE person = ?1 AND shown = 1 AND (at, seq) < (?2, ?3) ORDER BY at DESC, seq DESC LIMIT ?4";
}

/// One thing on the line.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineItem {
    pub at: At,
    pub what: TimelineWhat,
}

/// What it is.
#[derive(Debug, Clone, PartialEq)]
pub enum TimelineWhat {
    /// A message or note on any channel.
    Message(Box<MessageRow>),
    Call(Box<Call>),
    /// Opened, assigned, transferred, resolved, ticket changes and the like.
    Event(Box<EventRow>),
}

/// A place between two items; as text it travels in a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    at: i64,
    /// Which source: events 0, calls 1, messages 2. Settles the order of things of the same millisecond.
    source: u8,
    id: i64,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.at, self.source, self.id)
    }
}

impl std::str::FromStr for Cursor {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let wrong = || StoreError::Invalid("timeline cursor".into());
        let mut parts = text.splitn(3, '.');
        let mut next = || parts.next().and_then(|part| part.parse::<i64>().ok()).ok_or_else(wrong);
        Ok(Cursor { at: next()?, source: u8::try_from(next()?).map_err(|_| wrong())?, id: next()? })
    }
}

impl TimelineItem {
    /// The place of this item: what is older comes after it.
    pub fn cursor(&self) -> Cursor {
        let number = |id: u64| i64::try_from(id).unwrap_or(i64::MAX);
        let (source, id) = match &self.what {
            TimelineWhat::Event(event) => (0, event.seq),
            TimelineWhat::Call(call) => (1, number(call.call.id.0)),
            TimelineWhat::Message(message) => (2, number(message.id.0)),
        };
        Cursor { at: self.at.0, source, id }
    }
}

/// One page, oldest first: the `limit` items before `before`, or the newest. The next older page is asked for with the
/// cursor of this page's first item; an empty page is the beginning.
pub async fn page(
    store: &Store,
    viewer: &Viewer,
    person: PersonId,
    before: Option<Cursor>,
    limit: u32,
) -> Result<Vec<TimelineItem>, StoreError> {
    let viewer = viewer.clone();
    store.read(move |conn| page_of(conn, &viewer, person, before, limit)).await
}

pub(super) fn page_of(
    conn: &Connection,
    viewer: &Viewer,
    person: PersonId,
    before: Option<Cursor>,
    limit: u32,
) -> Result<Vec<TimelineItem>, StoreError> {
    let before = before.unwrap_or(Cursor { at: i64::MAX, source: u8::MAX, id: i64::MAX });
    // Of the cursor's own millisecond a source may give all (it sorts before), those with smaller ids, or nothing.
    let bound = |source: u8| match source.cmp(&before.source) {
        std::cmp::Ordering::Less => i64::MAX,
        std::cmp::Ordering::Equal => before.id,
        std::cmp::Ordering::Greater => i64::MIN,
    };
    let mut items = all(conn, EVENTS, (person, before.at, bound(0), limit), |row| {
        let event = event_row(row)?;
        Ok(TimelineItem { at: event.at, what: TimelineWhat::Event(Box::new(event)) })
    })?;
    let heads = all(conn, CALLS, (person, before.at, bound(1), limit), |row| calls::call_row(row, viewer))?;
    for head in heads {
        let at = head.started_at;
        items.push(TimelineItem { at, what: TimelineWhat::Call(Box::new(calls::whole(conn, head, viewer)?)) });
    }
    items.extend(all(conn, MESSAGES, (person, before.at, bound(2), limit), |row| {
        let message = message_row(row)?;
        Ok(TimelineItem { at: message.at, what: TimelineWhat::Message(Box::new(message)) })
    })?);
    items.sort_unstable_by_key(|item| Reverse(item.cursor()));
    items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    items.reverse();
    Ok(items)
}
