//! What agents are told of besides their work: that a colleague named them, news of customers whom they follow, and tasks of their own.

use super::values::{Count, all, change, first, run, word, word_at, work_at, work_columns};
use super::{Store, StoreError};
use crate::desk::fact::TicketNews;
use crate::desk::id::*;
use crate::desk::input::TicketState;
use crate::desk::mention::named;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

statements! {
    NAMED = "SELECT id FROM user WHERE active = 1";
    ADD = "INSERT INTO notice (agent, kind, person, work_kind, work, by, text, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    TELL_FOLLOWERS = "INSERT INTO notice (agent, kind, person, work_kind, work, by, text, at)
        SELECT agent, 'follow', ?1, ?2, ?3, ?4, ?5, ?6 FROM follower WHERE person = ?1 AND agent IS NOT ?4
        ON CONFLICT (agent, person) WHERE kind = 'follow' AND seen_at IS NULL
        DO UPDATE SET work_kind = excluded.work_kind, work = excluded.work, by = excluded.by, text = excluded.text, at = excluded.at,
            ticket = NULL";
    TELL_FOLLOWERS_OF_TICKET = "INSERT INTO notice (agent, kind, person, ticket, by, text, at)
        SELECT f.agent, 'follow', t.person, t.id, ?2, t.subject, ?3 FROM ticket t JOIN follower f ON f.person = t.person
        WHERE t.id = ?1 AND f.agent IS NOT ?2
        ON CONFLICT (agent, person) WHERE kind = 'follow' AND seen_at IS NULL
        DO UPDATE SET work_kind = NULL, work = NULL, by = excluded.by, text = excluded.text, at = excluded.at, ticket = excluded.ticket";
    MENTION_IN_TICKET = "INSERT INTO notice (agent, kind, ticket, by, text, at) VALUES (?1, 'mention', ?2, ?3, ?4, ?5)";
    OF_TICKET = "INSERT INTO notice (agent, kind, ticket, news, by, text, at) VALUES (?1, 'ticket', ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (agent, ticket, news) WHERE kind = 'ticket' AND seen_at IS NULL
        DO UPDATE SET by = excluded.by, text = excluded.text, at = excluded.at";
    TAKEN = "UPDATE notice SET seen_at = ?2 WHERE ticket = ?1 AND kind = 'ticket' AND news = 'arrived' AND seen_at IS NULL";
    TELL_SUPERVISORS = "INSERT INTO notice (agent, kind, person, work_kind, work, by, text, at)
        SELECT id, 'low', ?1, ?2, ?3, NULL, ?4, ?5 FROM user WHERE active = 1 AND role IN ('supervisor', 'admin')";
    ASSIST = "INSERT INTO notice (agent, kind, person, work_kind, work, by, text, at)
        SELECT id, 'assist', ?1, ?2, ?3, ?4, ?5, ?6 FROM user WHERE active = 1 AND role IN ('supervisor', 'admin') AND id <> ?4";
    ASSISTED = "UPDATE notice SET seen_at = ?4 WHERE work_kind = ?1 AND work = ?2 AND by = ?3 AND kind = 'assist' AND seen_at IS NULL";
    HAD_OF_WORK = "SELECT DISTINCT agent FROM notice WHERE work_kind = ?1 AND work = ?2 AND kind = 'assist' AND seen_at = ?3";
    FOLLOW = "INSERT INTO follower (person, agent, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    UNFOLLOW = "DELETE FROM follower WHERE person = ?1 AND agent = ?2";
    FOLLOWERS = "SELECT agent FROM follower WHERE person = ?1 ORDER BY at, agent";
    LIST = "SELECT n.*, p.name AS person_name, t.subject, t.state, t.assignee, t.department
        FROM notice n LEFT JOIN ticket t ON t.id = n.ticket LEFT JOIN person p ON p.id = coalesce(n.person, t.person)
        WHERE n.agent = ?1 AND (n.seen_at IS NULL OR n.seen_at > ?2 AND n.news IS NOT 'arrived') ORDER BY n.seen_at IS NOT NULL, n.at DESC, n.id DESC LIMIT ?3";
    OPEN = "SELECT count(*) FROM notice WHERE agent = ?1 AND seen_at IS NULL AND at <= ?2";
    SEEN = "UPDATE notice SET seen_at = ?3 WHERE id = ?1 AND agent = ?2 AND seen_at IS NULL";
    SEEN_ALL = "UPDATE notice SET seen_at = ?2 WHERE agent = ?1 AND seen_at IS NULL AND kind <> 'task'";
    SEEN_OF = "UPDATE notice SET seen_at = ?3 WHERE agent = ?1 AND person = ?2 AND seen_at IS NULL AND kind <> 'task'";
    FORGET = "DELETE FROM notice WHERE news = 'arrived' AND seen_at < ?1";
    SEEN_TICKET = "UPDATE notice SET seen_at = ?3 WHERE agent = ?1 AND ticket = ?2 AND seen_at IS NULL";
    TOLD = "SELECT DISTINCT agent FROM notice WHERE person = ?1 AND at = ?2 AND seen_at IS NULL";
    TOLD_OF_TICKET = "SELECT DISTINCT agent FROM notice WHERE ticket = ?1 AND at = ?2 AND seen_at IS NULL";
    HAD_OF_TICKET = "SELECT DISTINCT agent FROM notice WHERE ticket = ?1 AND seen_at = ?2";
    CAME_DUE = "SELECT agent, text FROM notice WHERE kind = 'task' AND seen_at IS NULL AND at > ?1 AND at <= ?2 ORDER BY at, id";
}

/// Why somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A colleague named them in a note.
    Mention,
    /// Something new of a customer whom they follow.
    Follow,
    /// Something they mean to do, at its time.
    Task,
    /// A rule of the house tells them.
    Rule,
    /// A customer has answered a survey with a low score.
    Low,
    /// A colleague asks for help with a contact.
    Assist,
    /// News of a ticket that is theirs, their department's, or watched by them.
    Ticket,
}

/// One line of an agent's notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    pub id: i64,
    pub kind: NoticeKind,
    pub person: Option<PersonId>,
    pub person_name: Option<String>,
    pub by: Option<AgentId>,
    /// Of a notice by a rule.
    pub rule: Option<RuleId>,
    /// The contact or the ticket that it came of.
    pub work: Option<Work>,
    pub ticket: Option<TicketOf>,
    pub text: String,
    /// A task may lie in the future.
    pub at: At,
    pub seen: bool,
}

/// The ticket of a notice, as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketOf {
    pub id: TicketId,
    /// `None` where a colleague named somebody, or a customer is followed.
    pub news: Option<TicketNews>,
    pub subject: String,
    pub state: TicketState,
    pub assignee: Option<AgentId>,
    pub department: Option<DepartmentId>,
}

const DAY_MS: i64 = 86_400_000;
/// Characters of a text that a notice shows.
const LINE: usize = 200;

fn line(text: &str) -> String {
    text.chars().take(LINE).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Everybody whom a note names by `@name`, but its writer, is told of it.
pub(super) fn mentioned(
    conn: &Connection,
    at: At,
    person: PersonId,
    work: Option<&Work>,
    by: &AgentId,
    text: &str,
) -> Result<(), StoreError> {
    if !text.contains('@') {
        return Ok(());
    }
    let users: Vec<AgentId> = all(conn, NAMED, [], |row| row.get(0))?;
    let (kind, id) = columns(work);
    for agent in named(text, users.iter().filter(|agent| *agent != by)) {
        run(conn, ADD, (agent, "mention", person, kind, id.map(Count), by, line(text), at))?;
    }
    Ok(())
}

fn columns(work: Option<&Work>) -> (Option<&'static str>, Option<u64>) {
    work.map(work_columns).map_or((None, None), |(kind, id)| (Some(kind), Some(id.0)))
}

/// Whoever follows this customer is told, but the one who did it.
pub(super) fn tell_followers(
    conn: &Connection,
    at: At,
    person: PersonId,
    work: Option<&Work>,
    by: Option<&AgentId>,
    text: &str,
) -> Result<(), StoreError> {
    let (kind, id) = columns(work);
    run(conn, TELL_FOLLOWERS, (person, kind, id.map(Count), by, line(text), at)).map(drop)
}

/// The same where a ticket of theirs is the news.
pub(super) fn tell_followers_of_ticket(conn: &Connection, at: At, ticket: TicketId, by: Option<&AgentId>) -> Result<(), StoreError> {
    run(conn, TELL_FOLLOWERS_OF_TICKET, (ticket, by, at)).map(drop)
}

/// These are told something of a ticket.
pub(super) fn of_ticket(
    conn: &Connection,
    at: At,
    ticket: TicketId,
    agents: &BTreeSet<AgentId>,
    (news, by, text): (TicketNews, Option<&AgentId>, &str),
) -> Result<(), StoreError> {
    for agent in agents {
        match news {
            TicketNews::Mention => run(conn, MENTION_IN_TICKET, (agent, ticket, by, line(text), at))?,
            news => run(conn, OF_TICKET, (agent, ticket, word(&news), by, line(text), at))?,
        };
    }
    Ok(())
}

/// It waits for nobody of its department any more. What came to many and was taken by one is not kept: it would be most of the table.
pub(super) fn ticket_taken(conn: &Connection, at: At, ticket: TicketId) -> Result<(), StoreError> {
    run(conn, TAKEN, (ticket, at))?;
    run(conn, FORGET, [at.after(-DAY_MS)]).map(drop)
}

/// A rule tells these agents.
pub(super) fn by_rule(
    conn: &Connection,
    at: At,
    person: PersonId,
    work: Option<&Work>,
    rule: &RuleId,
    agents: &[AgentId],
    text: &str,
) -> Result<(), StoreError> {
    let (kind, id) = columns(work);
    for agent in agents {
        run(conn, ADD, (agent, "rule", person, kind, id.map(Count), rule, line(text), at))?;
    }
    Ok(())
}

/// Everybody who supervises is told of a low score.
pub(super) fn tell_supervisors(conn: &Connection, at: At, person: PersonId, work: Option<&Work>, text: &str) -> Result<(), StoreError> {
    let (kind, id) = columns(work);
    run(conn, TELL_SUPERVISORS, (person, kind, id.map(Count), line(text), at)).map(drop)
}

/// Everybody who supervises, but the one who asks, is told that help is wanted.
pub(super) fn assist_asked(
    conn: &Connection,
    at: At,
    (person, work): (PersonId, &Work),
    by: &AgentId,
    word: &str,
) -> Result<usize, StoreError> {
    let (kind, id) = work_columns(work);
    run(conn, ASSIST, (person, kind, id, by, line(word), at))
}

/// It waits for nobody any more.
pub(super) fn assist_ended(conn: &Connection, at: At, work: &Work, by: &AgentId) -> Result<usize, StoreError> {
    let (kind, id) = work_columns(work);
    run(conn, ASSISTED, (kind, id, by, at))
}

/// For whom the help that was wanted with a contact was over at that moment.
pub async fn had_of_work(store: &Store, work: Work, at: At) -> Result<Vec<AgentId>, StoreError> {
    let (kind, id) = work_columns(&work);
    store.read(move |conn| all(conn, HAD_OF_WORK, (kind, id, at), |row| row.get(0))).await
}

/// Follows a customer, or no more.
pub async fn follow(store: &Store, person: PersonId, agent: &AgentId, on: bool, at: At) -> Result<(), StoreError> {
    let agent = agent.clone();
    store
        .write(move |conn| match on {
            true => run(conn, FOLLOW, (person, agent, at)).map(drop),
            false => run(conn, UNFOLLOW, (person, agent)).map(drop),
        })
        .await
}

/// Who follows this customer, the first first.
pub async fn followers(store: &Store, person: PersonId) -> Result<Vec<AgentId>, StoreError> {
    store.read(move |conn| all(conn, FOLLOWERS, [person], |row| row.get(0))).await
}

/// An agent means to do something then.
pub async fn add_task(store: &Store, agent: &AgentId, person: Option<PersonId>, text: String, at: At) -> Result<(), StoreError> {
    let agent = agent.clone();
    let (kind, id): (Option<&str>, Option<i64>) = (None, None);
    store.write(move |conn| run(conn, ADD, (&agent, "task", person, kind, id, &agent, line(&text), at)).map(drop)).await
}

/// What the agent has not seen, and what they have seen since `since`; newest first, tasks to come on top.
pub async fn list(store: &Store, agent: &AgentId, since: At, limit: u32) -> Result<Vec<NoticeRow>, StoreError> {
    let agent = agent.clone();
    store.read(move |conn| all(conn, LIST, (agent, since, limit), notice_row)).await
}

/// How many the agent has not seen, without tasks whose time has not come.
pub async fn open(store: &Store, agent: &AgentId, now: At) -> Result<u32, StoreError> {
    let agent = agent.clone();
    store.read(move |conn| Ok(first(conn, OPEN, (agent, now), |row| row.get(0))?.unwrap_or(0))).await
}

/// The agent has seen one, or done a task. [`StoreError::Missing`] where it is not theirs.
pub async fn seen(store: &Store, notice: i64, agent: &AgentId, at: At) -> Result<(), StoreError> {
    let agent = agent.clone();
    store.write(move |conn| change(conn, SEEN, (notice, agent, at), "notice")).await
}

/// What an agent has before their eyes.
#[derive(Debug, Clone, Copy)]
pub enum Seen {
    All,
    Person(PersonId),
    Ticket(TicketId),
}

/// All notices of that, but tasks.
pub async fn seen_all(store: &Store, agent: &AgentId, what: Seen, at: At) -> Result<(), StoreError> {
    let agent = agent.clone();
    store
        .write(move |conn| match what {
            Seen::All => run(conn, SEEN_ALL, (agent, at)),
            Seen::Person(person) => run(conn, SEEN_OF, (agent, person, at)),
            Seen::Ticket(ticket) => run(conn, SEEN_TICKET, (agent, ticket, at)),
        })
        .await
        .map(drop)
}

/// Who was told something of this customer at that moment.
pub async fn told(store: &Store, person: PersonId, at: At) -> Result<Vec<AgentId>, StoreError> {
    store.read(move |conn| all(conn, TOLD, (person, at), |row| row.get(0))).await
}

/// Who was told something of this ticket at that moment, and for whom it was over then.
pub async fn told_of_ticket(store: &Store, ticket: TicketId, at: At) -> Result<(Vec<AgentId>, Vec<AgentId>), StoreError> {
    store
        .read(move |conn| {
            let told = all(conn, TOLD_OF_TICKET, (ticket, at), |row| row.get(0))?;
            Ok((told, all(conn, HAD_OF_TICKET, (ticket, at), |row| row.get(0))?))
        })
        .await
}

/// Tasks whose time has come after `since`: of whom, and what.
pub async fn came_due(store: &Store, since: At, now: At) -> Result<Vec<(AgentId, String)>, StoreError> {
    store.read(move |conn| all(conn, CAME_DUE, (since, now), |row| Ok((row.get(0)?, row.get(1)?)))).await
}

fn notice_row(row: &Row<'_>) -> rusqlite::Result<NoticeRow> {
    let kind: NoticeKind = word_at(row, "kind")?;
    let of_rule = kind == NoticeKind::Rule;
    Ok(NoticeRow {
        id: row.get("id")?,
        kind,
        person: row.get("person")?,
        person_name: row.get("person_name")?,
        by: if of_rule { None } else { row.get("by")? },
        rule: if of_rule { row.get("by")? } else { None },
        work: match row.get::<_, Option<String>>("work_kind")? {
            Some(_) => Some(work_at(row)?),
            None => None,
        },
        ticket: match row.get::<_, Option<TicketId>>("ticket")? {
            Some(id) => Some(ticket_of(row, id)?),
            None => None,
        },
        text: row.get("text")?,
        at: row.get("at")?,
        seen: row.get::<_, Option<i64>>("seen_at")?.is_some(),
    })
}

fn ticket_of(row: &Row<'_>, id: TicketId) -> rusqlite::Result<TicketOf> {
    Ok(TicketOf {
        id,
        news: match row.get::<_, Option<String>>("news")? {
            Some(_) => Some(word_at(row, "news")?),
            None => None,
        },
        subject: row.get("subject")?,
        state: word_at(row, "state")?,
        assignee: row.get("assignee")?,
        department: row.get("department")?,
    })
}
