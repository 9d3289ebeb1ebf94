//! Keeps the index beside the rows: called in the transaction that changes them.

use super::words;
use crate::desk::callback::link::covered;
use crate::desk::id::*;
use crate::store::StoreError;
use crate::store::values::{all, first, run};
use rusqlite::Connection;

statements! {
    ADD_MESSAGE = "INSERT INTO search_message (rowid, text) VALUES (?1, ?2)";
    ADD_PERSON = "INSERT INTO search_person (rowid, text) VALUES (?1, ?2)";
    ADD_TICKET = "INSERT INTO search_ticket (rowid, text) VALUES (?1, ?2)";
    ADD_CALL = "INSERT INTO search_call (rowid, text) VALUES (?1, ?2)";
    REMOVE_CALL = "DELETE FROM search_call WHERE rowid = ?1";
    CALL_TEXT = "SELECT wrap_note FROM call WHERE id = ?1";
    REMOVE_PERSON = "DELETE FROM search_person WHERE rowid = ?1";
    REMOVE_TICKET = "DELETE FROM search_ticket WHERE rowid = ?1";
    PERSON_TEXT = "SELECT name || ' ' || company || ' ' || about FROM person WHERE id = ?1 AND merged_into IS NULL";
    PERSON_NAMES = "SELECT value FROM identity WHERE person = ?1 AND kind <> 'webchat' UNION ALL SELECT name FROM tag WHERE person = (SELECT id FROM person WHERE id = ?1 AND merged_into IS NULL)";
    TICKET_TEXT = "SELECT subject FROM ticket WHERE id = ?1 UNION ALL
        SELECT value FROM ticket_trail WHERE ticket = ?1 AND field = 'comment'";
}

/// Indexes a new message; one without words takes no room.
pub(in crate::store) fn index_message(conn: &Connection, message: MessageId, text: &str) -> Result<(), StoreError> {
    let words = words::index_text(&covered(text));
    if !words.is_empty() {
        run(conn, ADD_MESSAGE, (message, words))?;
    }
    Ok(())
}

/// Indexes a person anew: name, company, notes, tags and identities (those of anonymous visitors mean nothing to anybody). Who has become
/// somebody else is found as that one.
pub(in crate::store) fn index_person(conn: &Connection, person: PersonId) -> Result<(), StoreError> {
    let mut text: String = first(conn, PERSON_TEXT, [person], |row| row.get(0))?.unwrap_or_default();
    for name in all(conn, PERSON_NAMES, [person], |row| row.get::<_, String>(0))? {
        text.push(' ');
        text.push_str(&name);
    }
    run(conn, REMOVE_PERSON, [person])?;
    if !text.is_empty() {
        run(conn, ADD_PERSON, (person, words::index_text(&text)))?;
    }
    Ok(())
}

/// Indexes a ticket anew: subject and comments.
pub(in crate::store) fn index_ticket(conn: &Connection, ticket: TicketId) -> Result<(), StoreError> {
    let text = all(conn, TICKET_TEXT, [ticket], |row| row.get::<_, String>(0))?.join(" ");
    run(conn, REMOVE_TICKET, [ticket])?;
    run(conn, ADD_TICKET, (ticket, words::index_text(&text)))?;
    Ok(())
}

/// Indexes the notes of a wrapped-up call anew: several agents may have left one.
pub(in crate::store) fn index_call(conn: &Connection, call: CallId) -> Result<(), StoreError> {
    let text: String = first(conn, CALL_TEXT, [call], |row| row.get(0))?.unwrap_or_default();
    run(conn, REMOVE_CALL, [call])?;
    run(conn, ADD_CALL, (call, words::index_text(&text)))?;
    Ok(())
}
