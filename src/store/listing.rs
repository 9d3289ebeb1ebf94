//! What programs read page by page: people, contacts, tickets and surveys by their numbers, upwards, so that a page never changes under its reader.

use super::calls::{CallRow, call_row};
use super::conversations::{ConversationRow, conversation_row};
use super::messages::{MessageRow, message_row};
use super::persons::{IdentityRow, PersonRow, identities_of, person_row, tags_of};
use super::surveys::{SurveyRow, survey_row};
use super::tickets::{TicketRow, ticket_row};
use super::values::{all, first};
use super::viewer::Viewer;
use super::{Store, StoreError};
use crate::desk::id::*;
use crate::desk::person::Identity;
use rusqlite::Connection;

statements! {
    PEOPLE = "SELECT * FROM person WHERE id > ?1 AND merged_into IS NULL ORDER BY id LIMIT ?2";
    MERGED_INTO = "SELECT merged_into FROM person WHERE id = ?1";
    KNOWN_BY = "SELECT p.* FROM identity i JOIN person p ON p.id = i.person
        WHERE i.kind = ?1 AND i.value = ?2 AND p.id > ?3 GROUP BY p.id ORDER BY p.id LIMIT ?4";
    CONVERSATIONS = "SELECT c.*, p.name AS person_name, p.tier AS person_tier FROM conversation c JOIN person p ON p.id = c.person
        WHERE c.id > ?1 ORDER BY c.id LIMIT ?2";
    CONVERSATIONS_OF = "SELECT c.*, p.name AS person_name, p.tier AS person_tier FROM conversation c JOIN person p ON p.id = c.person
        WHERE c.id > ?1 AND c.person = ?3 ORDER BY c.id LIMIT ?2";
    MESSAGES = "SELECT * FROM message WHERE conversation = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
    CALLS = "SELECT c.*, p.name AS person_name FROM call c JOIN person p ON p.id = c.person WHERE c.id > ?1 ORDER BY c.id LIMIT ?2";
    CALLS_OF = "SELECT c.*, p.name AS person_name FROM call c JOIN person p ON p.id = c.person
        WHERE c.id > ?1 AND c.person = ?3 ORDER BY c.id LIMIT ?2";
    TICKETS = "SELECT t.*, p.name AS person_name FROM ticket t JOIN person p ON p.id = t.person WHERE t.id > ?1 ORDER BY t.id LIMIT ?2";
    TICKETS_OF = "SELECT t.*, p.name AS person_name FROM ticket t JOIN person p ON p.id = t.person
        WHERE t.id > ?1 AND t.person = ?3 ORDER BY t.id LIMIT ?2";
    SURVEYS = "SELECT s.*, p.name AS person_name, p.language AS language FROM survey s JOIN person p ON p.id = s.person
        WHERE s.id > ?1 ORDER BY s.id LIMIT ?2";
    SURVEYS_OF = "SELECT s.*, p.name AS person_name, p.language AS language FROM survey s JOIN person p ON p.id = s.person
        WHERE s.id > ?1 AND s.person = ?3 ORDER BY s.id LIMIT ?2";
}

/// A customer with all that is known of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    pub person: PersonRow,
    pub identities: Vec<IdentityRow>,
    pub tags: Vec<String>,
    /// Whoever has this number is that customer now.
    pub merged_into: Option<PersonId>,
}

/// A customer whole.
pub async fn person(store: &Store, viewer: &Viewer, person: PersonId) -> Result<Option<Known>, StoreError> {
    let viewer = viewer.clone();
    store.read(move |conn| super::persons::person_of(conn, person)?.map(|row| known(conn, &viewer, row)).transpose()).await
}

/// Customers after this number; `by`: only those who are known by it, in whatever namespace.
pub async fn people(store: &Store, viewer: &Viewer, by: Option<Identity>, after: u64, limit: u32) -> Result<Vec<Known>, StoreError> {
    let (viewer, after) = (viewer.clone(), PersonId(after));
    store
        .read(move |conn| {
            let rows = match by {
                Some(by) => all(conn, KNOWN_BY, (by.kind, by.value, after, limit), person_row)?,
                None => all(conn, PEOPLE, (after, limit), person_row)?,
            };
            rows.into_iter().map(|row| known(conn, &viewer, row)).collect()
        })
        .await
}

fn known(conn: &Connection, viewer: &Viewer, person: PersonRow) -> Result<Known, StoreError> {
    let (identities, tags) = (identities_of(conn, viewer, person.id)?, tags_of(conn, person.id)?);
    let merged_into = first(conn, MERGED_INTO, [person.id], |row| row.get(0))?.flatten();
    Ok(Known { person, identities, tags, merged_into })
}

/// Conversations after this number.
pub async fn conversations(
    store: &Store,
    viewer: &Viewer,
    of: Option<PersonId>,
    after: u64,
    limit: u32,
) -> Result<Vec<ConversationRow>, StoreError> {
    let (viewer, after) = (viewer.clone(), ConversationId(after));
    let row = move |row: &rusqlite::Row<'_>| conversation_row(row, &viewer);
    store
        .read(move |conn| match of {
            Some(person) => all(conn, CONVERSATIONS_OF, (after, limit, person), row),
            None => all(conn, CONVERSATIONS, (after, limit), row),
        })
        .await
}

/// Messages and notes of a conversation after this number.
pub async fn messages(store: &Store, of: ConversationId, after: u64, limit: u32) -> Result<Vec<MessageRow>, StoreError> {
    store.read(move |conn| all(conn, MESSAGES, (of, MessageId(after), limit), message_row)).await
}

/// Calls after this number.
pub async fn calls(store: &Store, viewer: &Viewer, of: Option<PersonId>, after: u64, limit: u32) -> Result<Vec<CallRow>, StoreError> {
    let (viewer, after) = (viewer.clone(), CallId(after));
    let row = move |row: &rusqlite::Row<'_>| call_row(row, &viewer);
    store
        .read(move |conn| match of {
            Some(person) => all(conn, CALLS_OF, (after, limit, person), row),
            None => all(conn, CALLS, (after, limit), row),
        })
        .await
}

/// Tickets after this number.
pub async fn tickets(store: &Store, of: Option<PersonId>, after: u64, limit: u32) -> Result<Vec<TicketRow>, StoreError> {
    let after = TicketId(after);
    store
        .read(move |conn| match of {
            Some(person) => all(conn, TICKETS_OF, (after, limit, person), ticket_row),
            None => all(conn, TICKETS, (after, limit), ticket_row),
        })
        .await
}

/// What customers were asked after this number.
pub async fn surveys(store: &Store, of: Option<PersonId>, after: u64, limit: u32) -> Result<Vec<SurveyRow>, StoreError> {
    let after = SurveyId(after);
    store
        .read(move |conn| match of {
            Some(person) => all(conn, SURVEYS_OF, (after, limit, person), survey_row),
            None => all(conn, SURVEYS, (after, limit), survey_row),
        })
        .await
}
