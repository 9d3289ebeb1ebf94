//! Tickets: lists by stage and assignee, and one ticket with its trail.

use super::values::{Count, all, first, word_at, work_at, work_columns};
use super::{Store, StoreError};
use crate::desk::fact::ClockKind;
use crate::desk::id::*;
use crate::desk::input::TicketState;
use rusqlite::Row;
use std::collections::BTreeMap;

/// Tickets that were merged one into the next at most.
const MERGES: usize = 10;

statements! {
    GET = "SELECT t.*, p.name AS person_name FROM ticket t JOIN person p ON p.id = t.person WHERE t.id = ?1";
    LIST = "SELECT t.*, p.name AS person_name FROM ticket t JOIN person p ON p.id = t.person
        WHERE (?1 IS NULL OR t.state = ?1) AND (?2 IS NULL OR t.assignee = ?2)
            AND (?3 = 0 OR t.assignee IS NULL) AND (?4 = 0 OR t.state NOT IN ('resolved', 'closed'))
            AND (?5 IS NULL OR t.person = ?5) AND (t.changed_at, t.id) < (?6, ?7)
            AND (?9 IS NULL OR t.department = ?9) AND (?10 IS NULL OR t.kind = ?10)
            AND (?11 = 0 OR EXISTS (SELECT 1 FROM ticket_watcher w WHERE w.ticket = t.id AND w.agent = ?12))
        ORDER BY t.changed_at DESC, t.id DESC LIMIT ?8";
    PROMISED = "SELECT t.*, p.name AS person_name FROM ticket t JOIN person p ON p.id = t.person
        WHERE t.promised_at IS NOT NULL AND (t.promised_at, t.id) > (?1, ?2) AND (?3 IS NULL OR t.assignee = ?3)
            AND (?4 IS NULL OR t.department = ?4) ORDER BY t.promised_at, t.id LIMIT ?5";
    TRAIL = "SELECT id, at, by, field, was, value FROM ticket_trail WHERE ticket = ?1 ORDER BY id";
    LINKS = "SELECT work_kind, work, at FROM ticket_link WHERE ticket = ?1 ORDER BY at, work_kind, work";
    OF_WORK = "SELECT ticket FROM ticket_link WHERE work_kind = ?1 AND work = ?2 ORDER BY ticket";
    PRESSING = "SELECT t.id, t.promised_at, t.risk FROM ticket_link l JOIN ticket t ON t.id = l.ticket
        WHERE l.work_kind = ?1 AND l.work = ?2 AND t.promised_at IS NOT NULL AND t.state NOT IN ('resolved', 'closed')
        ORDER BY t.promised_at, t.id LIMIT 1";
    ASIDE = "SELECT DISTINCT c.agent FROM ticket_link l JOIN conversation c ON c.id = l.work
        WHERE l.ticket = ?1 AND l.work_kind = 'conversation' AND c.state = 'snoozed' AND c.agent IS NOT NULL";
    COUNT_OPEN = "SELECT count(*) FROM ticket WHERE assignee = ?1 AND state NOT IN ('resolved', 'closed')";
    FIELDS = "SELECT name, value FROM ticket_field WHERE ticket = ?1";
    WATCHERS = "SELECT agent FROM ticket_watcher WHERE ticket = ?1 ORDER BY agent";
    ITEMS = "SELECT text, done_by, done_at FROM ticket_item WHERE ticket = ?1 ORDER BY place";
    FILES = "SELECT f.id, f.name, f.mime, f.bytes, t.by, t.at FROM ticket_file t JOIN file f ON f.id = t.file WHERE t.ticket = ?1 ORDER BY t.at";
    CLOCKS = "SELECT clock, state, until, late FROM ticket_clock WHERE ticket = ?1";
    RELATED = "SELECT t.*, p.name AS person_name FROM ticket_related r JOIN ticket t ON t.id = r.other JOIN person p ON p.id = t.person
        WHERE r.ticket = ?1 ORDER BY t.id LIMIT 50";
    CHILDREN = "SELECT t.*, p.name AS person_name FROM ticket t JOIN person p ON p.id = t.person WHERE t.parent = ?1 ORDER BY t.id LIMIT 100";
    TOLD = "SELECT p.channel, p.state, p.why, p.at, m.delivery FROM proactive p LEFT JOIN message m ON m.id = p.message
        WHERE p.asker = 'ticket' AND p.key >= ?1 AND p.key < ?2 ORDER BY p.id DESC LIMIT 20";
    STEPS = "SELECT at, value FROM ticket_trail WHERE ticket = ?1 AND field = 'state' ORDER BY id";
    LANGUAGE = "SELECT language FROM person WHERE id = ?1";
    WHO = "SELECT assignee, department FROM ticket WHERE id = ?1";
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
    pub kind: Option<TicketKind>,
    pub department: Option<DepartmentId>,
    /// `house`, `keyword`, or `flow`, `rule` and `bot` with a name behind a `/`.
    pub source: String,
    pub parent: Option<TicketId>,
    /// The closed one that it goes on from.
    pub follows: Option<TicketId>,
    pub merged_into: Option<TicketId>,
    pub quiet: bool,
    /// `asked`, `granted` or `denied`.
    pub approval: Option<String>,
    /// The next moment by which something was promised.
    pub promised_at: Option<At>,
    /// `at_risk` or `late`.
    pub risk: Option<String>,
    pub reopened: u32,
    pub contacts: u32,
    /// Contacts since it was first resolved.
    pub repeats: u32,
}

/// What is promised next about the unresolved tickets of one contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pressing {
    pub ticket: TicketId,
    pub at: At,
    /// `at_risk` or `late`.
    pub risk: Option<String>,
}

/// One line of a ticket's story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailRow {
    pub id: i64,
    pub at: At,
    /// `None` for the desk itself.
    pub by: Option<AgentId>,
    /// `opened`, `state`, `priority`, `assignee`, `subject`, `comment`, `linked`, `department`, … as the facts write them.
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
    pub fields: BTreeMap<String, String>,
    pub watchers: Vec<AgentId>,
    pub items: Vec<ItemRow>,
    pub files: Vec<FileRow>,
    pub clocks: Vec<ClockRow>,
    pub related: Vec<TicketRow>,
    pub children: Vec<TicketRow>,
    /// What the customer was told, the newest first.
    pub told: Vec<ToldRow>,
}

/// One point of a checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    pub text: String,
    pub done: Option<(Option<AgentId>, At)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    pub id: FileId,
    pub name: String,
    pub mime: String,
    pub bytes: u64,
    pub by: Option<AgentId>,
    pub at: At,
}

/// How it stands with one thing that was promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockRow {
    pub clock: ClockKind,
    /// `runs`, `paused`, `met`, `at_risk` or `late`.
    pub state: String,
    pub until: Option<At>,
    /// It was late, whatever came after.
    pub late: bool,
}

/// One message to the customer about a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldRow {
    pub channel: Option<ChannelId>,
    /// `queued`, `sent` or `refused`.
    pub state: String,
    pub why: Option<String>,
    pub at: At,
    /// How far the message has come.
    pub delivery: Option<String>,
}

/// A ticket as its customer may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub ticket: TicketRow,
    /// Its states, oldest first.
    pub steps: Vec<(At, TicketState)>,
    pub language: Option<String>,
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
    pub department: Option<DepartmentId>,
    pub kind: Option<TicketKind>,
    /// Only those that this agent watches.
    pub watcher: Option<AgentId>,
}

/// Tickets, the last changed first. `before` is the `(changed_at, id)` of the last one of the page before.
pub async fn list(store: &Store, filter: Filter, before: Option<(At, TicketId)>, limit: u32) -> Result<Vec<TicketRow>, StoreError> {
    let (at, id) = before.map_or((i64::MAX, i64::MAX), |(at, id)| (at.0, i64::try_from(id.0).unwrap_or(i64::MAX)));
    let state = filter.state.as_ref().map(super::values::word);
    store
        .read(move |conn| {
            let Filter { assignee, unassigned, open, person, department, kind, watcher, .. } = filter;
            let watched = watcher.is_some();
            let params = rusqlite::params![state, assignee, unassigned, open, person, at, id, limit, department, kind, watched, watcher];
            all(conn, LIST, params, ticket_row)
        })
        .await
}

/// Tickets for which something is promised, the most pressing first. `after` is the `(promised_at, id)` of the last one of the page before.
pub async fn promised(
    store: &Store,
    assignee: Option<AgentId>,
    department: Option<DepartmentId>,
    after: Option<(At, TicketId)>,
    limit: u32,
) -> Result<Vec<TicketRow>, StoreError> {
    let (at, id) = after.map_or((i64::MIN, 0), |(at, id)| (at.0, i64::try_from(id.0).unwrap_or(i64::MAX)));
    store.read(move |conn| all(conn, PROMISED, (at, id, assignee, department, limit), ticket_row)).await
}

/// One ticket as its customer may see it; one that was merged shows the one that goes on.
pub async fn for_customer(store: &Store, ticket: TicketId) -> Result<Option<Shown>, StoreError> {
    store
        .read(move |conn| {
            let mut id = ticket;
            for _ in 0..MERGES {
                let Some(head) = first(conn, GET, [id], ticket_row)? else { return Ok(None) };
                let Some(into) = head.merged_into else {
                    let steps = all(conn, STEPS, [id], |row| Ok((row.get("at")?, word_at(row, "value")?)))?;
                    let language = first(conn, LANGUAGE, [head.person], |row| row.get(0))?.flatten();
                    return Ok(Some(Shown { ticket: head, steps, language }));
                };
                id = into;
            }
            Ok(None)
        })
        .await
}

/// Who is told of what happens to a ticket: who has it, or else its department, and who watches it.
pub async fn who(store: &Store, ticket: TicketId) -> Result<(Option<AgentId>, Option<DepartmentId>, Vec<AgentId>), StoreError> {
    store
        .read(move |conn| {
            let (assignee, department) = first(conn, WHO, [ticket], |row| Ok((row.get(0)?, row.get(1)?)))?.unwrap_or_default();
            Ok((assignee, department, all(conn, WATCHERS, [ticket], |row| row.get(0))?))
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
            // `-` is followed by `.` in ASCII: all keys that begin with the number and a dash.
            let told = all(conn, TOLD, (format!("{ticket}-"), format!("{ticket}.")), told_row)?;
            Ok(Some(Ticket {
                ticket: head,
                trail,
                links,
                fields: all(conn, FIELDS, [ticket], |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect(),
                watchers: all(conn, WATCHERS, [ticket], |row| row.get(0))?,
                items: all(conn, ITEMS, [ticket], item_row)?,
                files: all(conn, FILES, [ticket], file_row)?,
                clocks: all(conn, CLOCKS, [ticket], clock_row)?,
                related: all(conn, RELATED, [ticket], ticket_row)?,
                children: all(conn, CHILDREN, [ticket], ticket_row)?,
                told,
            }))
        })
        .await
}

/// The tickets to which a call or conversation belongs.
pub async fn of_work(store: &Store, work: Work) -> Result<Vec<TicketId>, StoreError> {
    let (kind, id) = work_columns(&work);
    store.read(move |conn| all(conn, OF_WORK, (kind, id), |row| row.get(0))).await
}

/// Of these contacts, those for whose tickets something is promised.
pub async fn pressing(store: &Store, works: Vec<Work>) -> Result<BTreeMap<Work, Pressing>, StoreError> {
    store
        .read(move |conn| {
            let mut all = BTreeMap::new();
            for work in works {
                let found = first(conn, PRESSING, work_columns(&work), |row| {
                    Ok(Pressing { ticket: row.get("id")?, at: row.get("promised_at")?, risk: row.get("risk")? })
                })?;
                all.extend(found.map(|found| (work, found)));
            }
            Ok(all)
        })
        .await
}

/// Who has put a contact of this ticket aside.
pub async fn aside(store: &Store, ticket: TicketId) -> Result<Vec<AgentId>, StoreError> {
    store.read(move |conn| all(conn, ASIDE, [ticket], |row| row.get(0))).await
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
        kind: row.get("kind")?,
        department: row.get("department")?,
        source: row.get("source")?,
        parent: row.get("parent")?,
        follows: row.get("follows")?,
        merged_into: row.get("merged_into")?,
        quiet: row.get("quiet")?,
        approval: row.get("approval")?,
        promised_at: row.get("promised_at")?,
        risk: row.get("risk")?,
        reopened: row.get("reopened")?,
        contacts: row.get("contacts")?,
        repeats: row.get("repeats")?,
    })
}

fn item_row(row: &Row<'_>) -> rusqlite::Result<ItemRow> {
    let at: Option<At> = row.get("done_at")?;
    let by = row.get("done_by")?;
    Ok(ItemRow { text: row.get("text")?, done: at.map(|at| (by, at)) })
}

fn file_row(row: &Row<'_>) -> rusqlite::Result<FileRow> {
    Ok(FileRow {
        id: row.get("id")?,
        name: row.get("name")?,
        mime: row.get("mime")?,
        bytes: row.get::<_, Count>("bytes")?.0,
        by: row.get("by")?,
        at: row.get("at")?,
    })
}

fn clock_row(row: &Row<'_>) -> rusqlite::Result<ClockRow> {
    Ok(ClockRow { clock: word_at(row, "clock")?, state: row.get("state")?, until: row.get("until")?, late: row.get("late")? })
}

fn told_row(row: &Row<'_>) -> rusqlite::Result<ToldRow> {
    Ok(ToldRow {
        channel: row.get("channel")?,
        state: row.get("state")?,
        why: row.get("why")?,
        at: row.get("at")?,
        delivery: row.get("delivery")?,
    })
}
