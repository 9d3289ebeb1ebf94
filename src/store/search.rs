//! One box over people, messages and tickets, in Chinese and English.
//!
//! The index is contentless: `words` makes the words (pairs of characters for Chinese), the texts stay in their tables, and the
//! excerpt with its marks is cut here. What is typed is never FTS syntax.

mod excerpt;
pub(super) mod index;
pub(super) mod words;

pub use excerpt::Excerpt;
pub(super) use index::{index_call, index_message, index_person, index_ticket};
pub(super) use words::reversed_digits;

use super::values::{all, first};
use super::viewer::{Viewer, shown};
use super::{Store, StoreError};
use crate::desk::callback::link::covered;
use crate::desk::id::*;
use rusqlite::Connection;

statements! {
    PEOPLE = "SELECT rowid FROM search_person WHERE search_person MATCH ?1 ORDER BY rank LIMIT ?2";
    // The index is walked from its newest end, and no further than asked: to rank a word of a million messages is to read all that have it.
    TICKETS = "SELECT rowid FROM search_ticket WHERE search_ticket MATCH ?1 ORDER BY rowid DESC LIMIT ?2";
    CALLS = "SELECT rowid FROM search_call WHERE search_call MATCH ?1 ORDER BY rowid DESC LIMIT ?2";
    MESSAGES = "SELECT rowid FROM search_message WHERE search_message MATCH ?1 ORDER BY rowid DESC LIMIT ?2";
    CALL = "SELECT c.id, c.person, p.name, c.wrap_note, c.started_at FROM call c JOIN person p ON p.id = c.person WHERE c.id = ?1";
    BY_DIGITS = "SELECT DISTINCT person FROM identity WHERE reversed >= ?1 AND reversed < ?2 LIMIT ?3";
    MESSAGE = "SELECT m.id, m.person, p.name, m.conversation, m.call, m.text, m.at FROM message m JOIN person p ON p.id = m.person
        WHERE m.id = ?1";
    PERSON = "SELECT p.id, p.name, p.company, p.contact_at FROM person p WHERE p.id = ?1";
    IDENTITIES = "SELECT kind, value FROM identity WHERE person = ?1 ORDER BY kind, id";
    TICKET = "SELECT t.id, t.person, p.name, t.subject, t.changed_at FROM ticket t JOIN person p ON p.id = t.person WHERE t.id = ?1";
    COMMENTS = "SELECT value FROM ticket_trail WHERE ticket = ?1 AND field = 'comment' ORDER BY id DESC LIMIT 50";
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    pub people: Vec<PersonHit>,
    pub tickets: Vec<TicketHit>,
    pub calls: Vec<CallHit>,
    pub messages: Vec<MessageHit>,
}

/// A call by what was noted when it was wrapped up.
#[derive(Debug, Clone, PartialEq)]
pub struct CallHit {
    pub id: CallId,
    pub person: PersonId,
    pub person_name: String,
    pub note: Excerpt,
    pub started_at: At,
}

/// A customer.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonHit {
    pub id: PersonId,
    pub name: Excerpt,
    pub company: String,
    /// `(kind, value)`, values as the viewer may see them.
    pub identities: Vec<(String, Excerpt)>,
    pub contact_at: At,
}

/// A message or note.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageHit {
    pub id: MessageId,
    pub person: PersonId,
    pub person_name: String,
    /// Where it stands: a conversation, a call, or nothing for a note about the person alone.
    pub work: Option<Work>,
    pub text: Excerpt,
    pub at: At,
}

/// A ticket, by its subject, a comment or its number.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketHit {
    pub id: TicketId,
    pub person: PersonId,
    pub person_name: String,
    pub subject: Excerpt,
    /// The comment in which it was found, when the subject does not hold it.
    pub comment: Option<Excerpt>,
    pub changed_at: At,
}

/// Searches for all the words of `query`, at most `limit` of each kind: people best first, tickets, calls and messages newest first.
/// An empty query, or one without letters and digits, finds nothing. Four digits or more also find numbers that end in them; a number alone, with or without `#`, the ticket.
pub async fn search(store: &Store, viewer: &Viewer, query: &str, limit: u32) -> Result<Found, StoreError> {
    let (viewer, query) = (viewer.clone(), bounded(query));
    store.read(move |conn| search_in(conn, &viewer, &query, limit)).await
}

/// The people alone of whom `search` tells.
pub async fn people(store: &Store, viewer: &Viewer, query: &str, limit: u32) -> Result<Vec<PersonHit>, StoreError> {
    let (viewer, query) = (viewer.clone(), bounded(query));
    store.read(move |conn| people_in(conn, &viewer, &query, limit)).await
}

/// Longer than anybody types; a bound on the work of one request.
fn bounded(query: &str) -> String {
    query.chars().take(200).collect()
}

pub(super) fn search_in(conn: &Connection, viewer: &Viewer, query: &str, limit: u32) -> Result<Found, StoreError> {
    let mut found = Found { people: people_in(conn, viewer, query, limit)?, ..Found::default() };
    let mut tickets: Vec<TicketId> = words::ticket_number(query).map(TicketId).into_iter().collect();
    if let Some(expression) = words::expression(query) {
        tickets.extend(all(conn, TICKETS, (&expression, limit), |row| row.get::<_, TicketId>(0))?);
        for id in all(conn, CALLS, (&expression, limit), |row| row.get::<_, CallId>(0))? {
            found.calls.extend(call(conn, query, id)?);
        }
        for id in all(conn, MESSAGES, (&expression, limit), |row| row.get::<_, MessageId>(0))? {
            found.messages.extend(message(conn, query, id)?);
        }
    }
    for id in distinct(tickets, limit) {
        found.tickets.extend(ticket(conn, query, id)?);
    }
    Ok(found)
}

fn people_in(conn: &Connection, viewer: &Viewer, query: &str, limit: u32) -> Result<Vec<PersonHit>, StoreError> {
    let mut ids = by_digits(conn, query, limit)?;
    if let Some(expression) = words::expression(query) {
        ids.extend(all(conn, PEOPLE, (&expression, limit), |row| row.get::<_, PersonId>(0))?);
    }
    let mut people = Vec::new();
    for id in distinct(ids, limit) {
        people.extend(person(conn, viewer, query, id)?);
    }
    Ok(people)
}

fn by_digits(conn: &Connection, query: &str, limit: u32) -> Result<Vec<PersonId>, StoreError> {
    let Some(digits) = words::number_part(query) else {
        return Ok(Vec::new());
    };
    // The next string after all that begin with these digits: ':' follows '9'.
    all(conn, BY_DIGITS, (&digits, format!("{digits}:"), limit), |row| row.get(0))
}

fn distinct<T: PartialEq>(ids: Vec<T>, limit: u32) -> Vec<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut once = Vec::with_capacity(ids.len().min(limit));
    for id in ids {
        if once.len() < limit && !once.contains(&id) {
            once.push(id);
        }
    }
    once
}

fn message(conn: &Connection, query: &str, id: MessageId) -> Result<Option<MessageHit>, StoreError> {
    first(conn, MESSAGE, [id], |row| {
        let (conversation, call): (Option<ConversationId>, Option<CallId>) = (row.get("conversation")?, row.get("call")?);
        let text: String = row.get("text")?;
        Ok(MessageHit {
            id: row.get("id")?,
            person: row.get("person")?,
            person_name: row.get("name")?,
            work: conversation.map(Work::Conversation).or(call.map(Work::Call)),
            text: Excerpt::cut(&covered(&text), query, 120),
            at: row.get("at")?,
        })
    })
}

fn call(conn: &Connection, query: &str, id: CallId) -> Result<Option<CallHit>, StoreError> {
    first(conn, CALL, [id], |row| {
        let note: String = row.get("wrap_note")?;
        Ok(CallHit {
            id: row.get("id")?,
            person: row.get("person")?,
            person_name: row.get("name")?,
            note: Excerpt::cut(&note, query, 120),
            started_at: row.get("started_at")?,
        })
    })
}

fn person(conn: &Connection, viewer: &Viewer, query: &str, id: PersonId) -> Result<Option<PersonHit>, StoreError> {
    let identities = all(conn, IDENTITIES, [id], |row| {
        let (kind, value): (String, String) = (row.get(0)?, row.get(1)?);
        let value = Excerpt::cut(&shown(viewer, &kind, &value), query, 120);
        Ok((kind, value))
    })?;
    first(conn, PERSON, [id], |row| {
        let name: String = row.get("name")?;
        Ok(PersonHit {
            id: row.get("id")?,
            name: Excerpt::cut(&name, query, 120),
            company: row.get("company")?,
            identities,
            contact_at: row.get("contact_at")?,
        })
    })
}

fn ticket(conn: &Connection, query: &str, id: TicketId) -> Result<Option<TicketHit>, StoreError> {
    let hit = first(conn, TICKET, [id], |row| {
        let subject: String = row.get("subject")?;
        Ok(TicketHit {
            id: row.get("id")?,
            person: row.get("person")?,
            person_name: row.get("name")?,
            subject: Excerpt::cut(&subject, query, 120),
            comment: None,
            changed_at: row.get("changed_at")?,
        })
    })?;
    let Some(mut hit) = hit else { return Ok(None) };
    if hit.subject.marks.is_empty() {
        let comments = all(conn, COMMENTS, [id], |row| row.get::<_, String>(0))?;
        hit.comment = comments.iter().map(|text| Excerpt::cut(text, query, 120)).find(|excerpt| !excerpt.marks.is_empty());
    }
    Ok(Some(hit))
}
