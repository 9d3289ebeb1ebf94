//! Tickets: lists by stage and assignee, and one ticket with its trail.

use super::values::{all, first, word_at, work_at, work_columns};
use super::{Store, StoreError};
use crate::desk::id::*;
use crate::desk::input::TicketState;
use rusqlite::Row;

statements! {
    GET = "SELECT t.*, p.name AS person_name FROM ticket t JOIN person p ON p.id = t.person WHERE t.id = ?1";
    LIST = "SELECT t.*, p.name AS person_name FROM ticket t JOIN person p ON p.id = t.person
        WHERE (?1 IS NULL OR t.state = ?1) AND (?2 IS NULL OR t.assignee = ?2)
            AND (?3 = 0 OR t.assignee IS NULL) AND (?4 = 0 OR t.state NOT IN ('resolved', 'closed'))
            AND (?5 IS NULL OR t.person = ?5) AND (t.changed_at, t.id) < (?6, ?7)
        ORDER BY t.changed_at DESC, t.id DESC LIMIT ?8";
    TRAIL = "SELECT id, at, by, field, was, value FROM ticket_trail WHERE ticket = ?1 ORDER BY id";
    LINKS = "SELECT work_kind, work, at FROM ticket_link WHERE ticket = ?1 ORDER BY at, work_kind, work";
    OF_WORK = "SELECT ticket FROM ticket_link WHERE work_kind = ?1 AND work = ?2 ORDER BY ticket";
    COUNT_OPEN = "SELECT count(*) FROM ticket WHERE assignee = ?1 AND state NOT IN ('resolved', 'closed')";
}

/// One ticket's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketRow {
    pub id: TicketId,
    pub person: PersonId,
    pub person_name: String,
    pub subject: String,
    pub state: TicketState,
    /// 1 (most urgent) to 4.
    pub priority: u8,
    pub assignee: Option<AgentId>,
    pub queue: Option<QueueId>,
    /// `None` when the desk opened it.
    pub opened_by: Option<AgentId>,
    pub opened_at: At,
    pub changed_at: At,
    pub resolved_at: Option<At>,
}

/// One line of a ticket's story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailRow {
    pub id: i64,
    pub at: At,
    /// `None` for the desk itself.
    pub by: Option<AgentId>,
    /// `opened`, `state`, `priority`, `assignee`, `subject`, `comment` or `linked`.
    pub field: String,
    pub was: Option<String>,
    /// The new value, or the comment's text.
    pub value: Option<String>,
}

/// A ticket whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    pub ticket: TicketRow,
    /// Oldest first.
    pub trail: Vec<TrailRow>,
    /// The contacts that belong to it, oldest first.
    pub links: Vec<(Work, At)>,
}

/// Which tickets to list; the default is all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub state: Option<TicketState>,
    pub assignee: Option<AgentId>,
    /// Only those that nobody has.
    pub unassigned: bool,
    /// Only those neither resolved nor closed.
    pub open: bool,
    pub person: Option<PersonId>,
}

/// Tickets, the last changed first. `before` is the `(changed_at, id)` of the last one of the page before.
pub async fn list(store: &Store, filter: Filter, before: Option<(At, TicketId)>, limit: u32) -> Result<Vec<TicketRow>, StoreError> {
    let (at, id) = before.map_or((i64::MAX, i64::MAX), |(at, id)| (at.0, i64::try_from(id.0).unwrap_or(i64::MAX)));
    let state = filter.state.as_ref().map(super::values::word);
    store
        .read(move |conn| {
            let params = (state, filter.assignee, filter.unassigned, filter.open, filter.person, at, id, limit);
            all(conn, LIST, params, ticket_row)
        })
        .await
}

/// One ticket with its trail.
pub async fn get(store: &Store, ticket: TicketId) -> Result<Option<Ticket>, StoreError> {
    store
        .read(move |conn| {
            let Some(head) = first(conn, GET, [ticket], ticket_row)? else {
                return Ok(None);
            };
            let trail = all(conn, TRAIL, [ticket], |row| {
                Ok(TrailRow {
                    id: row.get("id")?,
                    at: row.get("at")?,
                    by: row.get("by")?,
                    field: row.get("field")?,
                    was: row.get("was")?,
                    value: row.get("value")?,
                })
            })?;
            let links = all(conn, LINKS, [ticket], |row| Ok((work_at(row)?, row.get("at")?)))?;
            Ok(Some(Ticket { ticket: head, trail, links }))
        })
        .await
}

/// The tickets to which a call or conversation belongs.
pub async fn of_work(store: &Store, work: Work) -> Result<Vec<TicketId>, StoreError> {
    let (kind, id) = work_columns(&work);
    store.read(move |conn| all(conn, OF_WORK, (kind, id), |row| row.get(0))).await
}

/// How many unfinished tickets the agent has, for the badge.
pub async fn count_open(store: &Store, agent: &AgentId) -> Result<u32, StoreError> {
    let agent = agent.clone();
    store.read(move |conn| Ok(first(conn, COUNT_OPEN, [agent], |row| row.get(0))?.unwrap_or(0))).await
}

pub(super) fn ticket_row(row: &Row<'_>) -> rusqlite::Result<TicketRow> {
    Ok(TicketRow {
        id: row.get("id")?,
        person: row.get("person")?,
        person_name: row.get("person_name")?,
        subject: row.get("subject")?,
        state: word_at(row, "state")?,
        priority: row.get("priority")?,
        assignee: row.get("assignee")?,
        queue: row.get("queue")?,
        opened_by: row.get("opened_by")?,
        opened_at: row.get("opened_at")?,
        changed_at: row.get("changed_at")?,
        resolved_at: row.get("resolved_at")?,
    })
}
