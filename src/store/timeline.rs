//! Everything of one customer in time order across channels: messages and notes, calls, what happened to them, what they have bought and which
//! pages they have looked at.
//!
//! Five sources, each with an index on (whose, time), are asked for one page each and merged; no table repeats what others hold.

use super::calls::{self, Call};
use super::events::{EventRow, event_row};
use super::messages::{MessageRow, message_row};
use super::search::words::{Term, terms};
use super::values::all;
use super::viewer::Viewer;
use super::{Store, StoreError};
use crate::desk::id::*;
use crate::desk::input::Extra;
use rusqlite::{Connection, Row};
use std::cmp::Reverse;

statements! {
    MESSAGES = "SELECT id, person, conversation, call, channel, kind, agent, text, files, extra, at, sent_at, delivery, failure, changed
        FROM message WHERE person = ?1 AND (at, id) < (?2, ?3) ORDER BY at DESC, id DESC LIMIT ?4";
    NOTES = "SELECT id, person, conversation, call, channel, kind, agent, text, files, extra, at, sent_at, delivery, failure, changed
        FROM message WHERE person = ?1 AND kind = 'note' AND (at, id) < (?2, ?3) ORDER BY at DESC, id DESC LIMIT ?4";
    FILES = "SELECT id, person, conversation, call, channel, kind, agent, text, files, extra, at, sent_at, delivery, failure, changed
        FROM message WHERE person = ?1 AND files IS NOT NULL AND (at, id) < (?2, ?3) ORDER BY at DESC, id DESC LIMIT ?4";
    CALLS = "SELECT c.*, p.name AS person_name FROM call c JOIN person p ON p.id = c.person
        WHERE c.person = ?1 AND (c.started_at, c.id) < (?2, ?3) ORDER BY c.started_at DESC, c.id DESC LIMIT ?4";
    EVENTS = "SELECT seq, at, kind, json FROM event
        WHERE person = ?1 AND shown = 1 AND (at, seq) < (?2, ?3) ORDER BY at DESC, seq DESC LIMIT ?4";
    PURCHASES = "SELECT o.id, o.number, o.at, o.title, o.state, o.amount, o.url
        FROM identity i JOIN purchase o ON o.record = i.value
        WHERE i.person = ?1 AND i.kind = 'record' AND (o.at, o.id) < (?2, ?3) ORDER BY o.at DESC, o.id DESC LIMIT ?4";
    VISITS = "SELECT v.id, v.at, v.url, v.title, v.dwell_ms FROM identity i JOIN visit v ON v.kind = i.kind AND v.namespace = i.namespace AND v.value = i.value
        WHERE i.person = ?1 AND i.kind IN ('webchat', 'user') AND (v.at, v.id) < (?2, ?3) ORDER BY v.at DESC, v.id DESC LIMIT ?4";
}

/// Rows looked through for a word in one request; what is older comes with the next.
const LOOKED_THROUGH: u32 = 4_000;

/// Which things are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Only {
    #[default]
    All,
    Messages,
    Mail,
    Calls,
    Notes,
    Tickets,
    Ratings,
    Orders,
    Visits,
    Files,
}

/// What of the line is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    pub only: Only,
    /// All of these words, wherever they stand; empty for everything.
    pub words: String,
}

impl Wanted {
    fn messages(&self) -> Option<&'static str> {
        match self.only {
            Only::All | Only::Messages | Only::Mail => Some(MESSAGES),
            Only::Notes => Some(NOTES),
            Only::Files => Some(FILES),
            Only::Calls | Only::Tickets | Only::Ratings | Only::Orders | Only::Visits => None,
        }
    }

    fn calls(&self) -> bool {
        matches!(self.only, Only::All | Only::Calls)
    }

    fn events(&self) -> bool {
        matches!(self.only, Only::All | Only::Tickets | Only::Ratings)
    }

    /// Whether more must be looked through than is shown.
    fn sifts(&self) -> bool {
        !self.words.is_empty() || matches!(self.only, Only::Messages | Only::Mail | Only::Tickets | Only::Ratings)
    }

    fn takes(&self, item: &TimelineItem, terms: &[Term]) -> bool {
        let kind = match (&item.what, self.only) {
            (TimelineWhat::Message(message), Only::Mail) => matches!(message.extra, Some(Extra::Mail(_))),
            (TimelineWhat::Message(message), Only::Messages) => message.kind != super::messages::MessageKind::Note,
            (TimelineWhat::Event(event), Only::Tickets) => event.kind.starts_with("ticket."),
            (TimelineWhat::Event(event), Only::Ratings) => event.kind == "survey.answered",
            _ => true,
        };
        kind && (terms.is_empty() || says(&words_of(item), terms))
    }
}

/// All terms stand in the text; a run of Chinese anywhere, a word at its beginning.
fn says(text: &str, terms: &[Term]) -> bool {
    let lower = text.to_lowercase();
    let begins = |word: &str| lower.match_indices(word).any(|(at, _)| !lower[..at].chars().next_back().is_some_and(char::is_alphanumeric));
    terms.iter().all(|term| match term {
        Term::Run(run) => lower.contains(run.as_str()),
        Term::Word(word) => begins(word),
    })
}

fn words_of(item: &TimelineItem) -> String {
    match &item.what {
        TimelineWhat::Message(message) => {
            let files = message.files.iter().map(|file| file.name.as_str());
            let subject = match &message.extra {
                Some(Extra::Mail(mail)) => mail.subject.as_str(),
                _ => "",
            };
            [message.text.as_str(), subject].into_iter().chain(files).collect::<Vec<_>>().join(" ")
        }
        TimelineWhat::Call(call) => {
            let row = &call.call;
            format!("{} {} {} {}", row.wrap_note, row.disposition.as_deref().unwrap_or(""), row.caller, row.dialled)
        }
        TimelineWhat::Event(event) => event.words(),
        TimelineWhat::Purchase(order) => format!("{} {} {}", order.number, order.title, order.state),
        TimelineWhat::Visit(visit) => format!("{} {}", visit.title, visit.url),
    }
}

/// Something that the customer has bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    pub id: i64,
    pub number: String,
    pub at: At,
    pub title: String,
    /// In the firm's own words.
    pub state: String,
    pub amount: String,
    /// In the firm's own system; empty for none.
    pub url: String,
}

/// A page that they have looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    pub id: i64,
    pub at: At,
    pub url: String,
    pub title: String,
    /// How long they looked at it; 0 where that is not known.
    pub dwell_ms: i64,
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
    Purchase(Box<Purchase>),
    Visit(Box<Visit>),
}

/// A place between two items; as text it travels in a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    at: i64,
    /// Which source: events 0, calls 1, messages 2, orders 3, pages 4. Settles the order of things of the same millisecond.
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
            TimelineWhat::Purchase(order) => (3, order.id),
            TimelineWhat::Visit(visit) => (4, visit.id),
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

/// The same of what is wanted, and the place from which to go on; `None` at the beginning. A page may hold less than `limit`, or nothing, where
/// much had to be looked through.
pub async fn sifted(
    store: &Store,
    viewer: &Viewer,
    person: PersonId,
    wanted: Wanted,
    before: Option<Cursor>,
    limit: u32,
) -> Result<(Vec<TimelineItem>, Option<Cursor>), StoreError> {
    let viewer = viewer.clone();
    store.read(move |conn| sifted_of(conn, &viewer, person, &wanted, before, limit)).await
}

pub(super) fn page_of(
    conn: &Connection,
    viewer: &Viewer,
    person: PersonId,
    before: Option<Cursor>,
    limit: u32,
) -> Result<Vec<TimelineItem>, StoreError> {
    read(conn, viewer, person, &Wanted::default(), before, limit)
}

fn sifted_of(
    conn: &Connection,
    viewer: &Viewer,
    person: PersonId,
    wanted: &Wanted,
    before: Option<Cursor>,
    limit: u32,
) -> Result<(Vec<TimelineItem>, Option<Cursor>), StoreError> {
    let terms = terms(&wanted.words);
    let (mut found, mut from, mut looked) = (Vec::new(), before, 0);
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    // Where little is left out, a little more than a page is enough; where a word is rare, larger pieces cost less each.
    let mut piece = limit.max(1);
    loop {
        let items = read(conn, viewer, person, wanted, from, piece)?;
        let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
        from = items.first().map(TimelineItem::cursor);
        for item in items.into_iter().rev().filter(|item| wanted.takes(item, &terms)) {
            if found.len() == most {
                let next = found.last().map(TimelineItem::cursor);
                found.reverse();
                return Ok((found, next));
            }
            found.push(item);
        }
        looked += count;
        let over = count < piece;
        if over || looked >= LOOKED_THROUGH || !wanted.sifts() {
            found.reverse();
            return Ok((found, from.filter(|_| !over)));
        }
        piece = (piece * 4).min(LOOKED_THROUGH - looked);
    }
}

fn read(
    conn: &Connection,
    viewer: &Viewer,
    person: PersonId,
    wanted: &Wanted,
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
    let mut items = Vec::new();
    if wanted.events() {
        items.extend(all(conn, EVENTS, (person, before.at, bound(0), limit), |row| {
            let event = event_row(row)?;
            Ok(TimelineItem { at: event.at, what: TimelineWhat::Event(Box::new(event)) })
        })?);
    }
    let mut heads = Vec::new();
    if wanted.calls() {
        heads = all(conn, CALLS, (person, before.at, bound(1), limit), |row| calls::call_row(row, viewer))?;
    }
    if let Some(messages) = wanted.messages() {
        items.extend(all(conn, messages, (person, before.at, bound(2), limit), |row| {
            let message = message_row(row)?;
            Ok(TimelineItem { at: message.at, what: TimelineWhat::Message(Box::new(message)) })
        })?);
    }
    if matches!(wanted.only, Only::All | Only::Orders) {
        items.extend(all(conn, PURCHASES, (person, before.at, bound(3), limit), purchase_row)?);
    }
    if matches!(wanted.only, Only::All | Only::Visits) {
        items.extend(all(conn, VISITS, (person, before.at, bound(4), limit), visit_row)?);
    }
    // Of calls the whole is read only where it is shown.
    let place = |at: At, source: u8, id: i64| Cursor { at: at.0, source, id };
    let number = |id: u64| i64::try_from(id).unwrap_or(i64::MAX);
    let mut places: Vec<Cursor> = items.iter().map(TimelineItem::cursor).collect();
    places.extend(heads.iter().map(|head| place(head.started_at, 1, number(head.id.0))));
    places.sort_unstable_by_key(|place| Reverse(*place));
    let last = places.get(usize::try_from(limit).unwrap_or(usize::MAX).saturating_sub(1)).copied();
    for head in heads {
        if last.is_none_or(|last| place(head.started_at, 1, number(head.id.0)) >= last) {
            let at = head.started_at;
            items.push(TimelineItem { at, what: TimelineWhat::Call(Box::new(calls::whole(conn, head, viewer)?)) });
        }
    }
    items.sort_unstable_by_key(|item| Reverse(item.cursor()));
    items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    items.reverse();
    Ok(items)
}

fn purchase_row(row: &Row<'_>) -> rusqlite::Result<TimelineItem> {
    let order = Purchase {
        id: row.get("id")?,
        number: row.get("number")?,
        at: row.get("at")?,
        title: row.get("title")?,
        state: row.get("state")?,
        amount: row.get("amount")?,
        url: row.get("url")?,
    };
    Ok(TimelineItem { at: order.at, what: TimelineWhat::Purchase(Box::new(order)) })
}

fn visit_row(row: &Row<'_>) -> rusqlite::Result<TimelineItem> {
    let visit =
        Visit { id: row.get("id")?, at: row.get("at")?, url: row.get("url")?, title: row.get("title")?, dwell_ms: row.get("dwell_ms")? };
    Ok(TimelineItem { at: visit.at, what: TimelineWhat::Visit(Box::new(visit)) })
}
