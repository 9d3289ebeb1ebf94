//! Rows of facts about tickets: the head, the trail, the contacts that belong to it.

use crate::desk::fact::TicketFact;
use crate::desk::id::*;
use crate::desk::input::{TicketChange, TicketState};
use crate::store::StoreError;
use crate::store::values::{change, first, run, word, work_columns};
use rusqlite::Connection;

statements! {
    OPEN = "INSERT INTO ticket (id, person, subject, state, priority, queue, opened_by, opened_at, changed_at)
        VALUES (?1, ?2, ?3, 'new', ?4, ?5, ?6, ?7, ?7)";
    LINK = "INSERT INTO ticket_link (ticket, work_kind, work, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    TRAIL = "INSERT INTO ticket_trail (ticket, at, by, field, was, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    BEFORE = "SELECT state, CAST(priority AS TEXT), assignee, subject FROM ticket WHERE id = ?1";
    TOUCH = "UPDATE ticket SET changed_at = ?2 WHERE id = ?1";
    STATE = "UPDATE ticket SET state = ?2, resolved_at = CASE WHEN ?3 THEN coalesce(resolved_at, ?4) END WHERE id = ?1";
    PRIORITY = "UPDATE ticket SET priority = ?2 WHERE id = ?1";
    ASSIGNEE = "UPDATE ticket SET assignee = ?2 WHERE id = ?1";
    SUBJECT = "UPDATE ticket SET subject = ?2 WHERE id = ?1";
}

pub(super) fn rows(conn: &Connection, at: At, id: TicketId, fact: &TicketFact) -> Result<(), StoreError> {
    match fact {
        TicketFact::Opened { person, subject, work, queue, priority, by } => {
            run(conn, OPEN, (id, person, subject, priority, queue, by, at))?;
            trail(conn, at, id, by.as_ref(), ("opened", None, Some(subject.clone())))?;
            work.as_ref().map_or(Ok(()), |work| link(conn, at, id, work))
        }
        TicketFact::Linked { work } => {
            let (kind, number) = work_columns(work);
            link(conn, at, id, work)?;
            trail(conn, at, id, None, ("linked", None, Some(format!("{kind}/{}", number.0))))?;
            change(conn, TOUCH, (id, at), "ticket")
        }
        TicketFact::Changed { by, change: what } => {
            changed(conn, at, id, by.as_ref(), what)?;
            change(conn, TOUCH, (id, at), "ticket")
        }
    }
}

fn changed(conn: &Connection, at: At, id: TicketId, by: Option<&AgentId>, what: &TicketChange) -> Result<(), StoreError> {
    let before = first(conn, BEFORE, [id], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?;
    let [state, priority, assignee, subject]: [Option<String>; 4] = before.ok_or_else(|| StoreError::Missing("ticket".into()))?;
    let line = match what {
        TicketChange::State(new) => {
            let done = matches!(new, TicketState::Resolved | TicketState::Closed);
            run(conn, STATE, (id, word(new), done, at))?;
            ("state", state, Some(word(new)))
        }
        TicketChange::Priority(new) => {
            run(conn, PRIORITY, (id, new))?;
            ("priority", priority, Some(new.to_string()))
        }
        TicketChange::Assignee(new) => {
            run(conn, ASSIGNEE, (id, new))?;
            ("assignee", assignee, new.as_ref().map(ToString::to_string))
        }
        TicketChange::Subject(new) => {
            run(conn, SUBJECT, (id, new))?;
            ("subject", subject, Some(new.clone()))
        }
        TicketChange::Comment(text) => ("comment", None, Some(text.clone())),
    };
    trail(conn, at, id, by, line)
}

type Line = (&'static str, Option<String>, Option<String>);

fn trail(conn: &Connection, at: At, id: TicketId, by: Option<&AgentId>, (field, was, value): Line) -> Result<(), StoreError> {
    run(conn, TRAIL, (id, at, by, field, was, value))?;
    Ok(())
}

fn link(conn: &Connection, at: At, id: TicketId, work: &Work) -> Result<(), StoreError> {
    let (kind, number) = work_columns(work);
    run(conn, LINK, (id, kind, number, at))?;
    Ok(())
}
