//! What customers were asked and said: results by channel, queue and agent, the answers one by one, and what a customer's own page needs.

use super::values::{all, first, word_at, work_at};
use super::{Store, StoreError};
use crate::desk::fact::AskedBy;
use crate::desk::id::*;
use crate::desk::survey::Scale;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

statements! {
    GET = "SELECT s.*, p.name AS person_name, p.language AS language FROM survey s JOIN person p ON p.id = s.person WHERE s.id = ?1";
    LIST = "SELECT s.*, p.name AS person_name, p.language AS language FROM survey s JOIN person p ON p.id = s.person
        WHERE s.asked_at >= ?1 AND s.asked_at < ?2 AND (?3 IS NULL OR s.channel = ?3) AND (?4 IS NULL OR s.queue = ?4)
            AND (?5 IS NULL OR s.agent = ?5) AND (?6 IS NULL OR s.name = ?6) AND s.score IS NOT NULL
            AND (?7 = 'all' OR ?7 = 'comments' AND s.comment <> '' OR ?7 = 'low' AND s.low) AND s.id < ?8
        ORDER BY s.id DESC LIMIT ?9";
    OF_PERSON = "SELECT s.*, p.name AS person_name, p.language AS language FROM survey s JOIN person p ON p.id = s.person
        WHERE s.person = ?1 AND s.score IS NOT NULL ORDER BY s.asked_at DESC, s.id DESC LIMIT ?2";
    OF_AGENT = "SELECT s.*, p.name AS person_name, p.language AS language FROM survey s JOIN person p ON p.id = s.person
        WHERE s.agent = ?1 AND s.asked_at >= ?2 ORDER BY s.id DESC LIMIT ?3";
    IN_WINDOW = "SELECT s.*, '' AS person_name, NULL AS language FROM survey s WHERE s.work_kind = 'conversation' AND s.work = ?1 AND s.by = 'window'
        AND s.score IS NULL AND s.asked_at > ?2 ORDER BY s.id DESC LIMIT 1";
    NAMES = "SELECT DISTINCT name FROM survey ORDER BY name LIMIT 100";
    BY_ALL = "SELECT '' AS part, s.scale AS scale, count(*) AS sent, count(s.score) AS answered, coalesce(sum(s.score), 0) AS total,
        count(*) FILTER (WHERE s.score >= CASE s.scale WHEN 'nps' THEN 9 ELSE 4 END) AS top,
        count(*) FILTER (WHERE s.score <= CASE s.scale WHEN 'nps' THEN 6 ELSE 2 END) AS bottom FROM survey s
        WHERE s.asked_at >= ?1 AND s.asked_at < ?2 AND (?3 IS NULL OR s.channel = ?3) AND (?4 IS NULL OR s.queue = ?4)
            AND (?5 IS NULL OR s.agent = ?5) AND (?6 IS NULL OR s.name = ?6) GROUP BY 1, 2 ORDER BY 1, 2";
    BY_CHANNEL = "SELECT coalesce(s.channel, '') AS part, s.scale AS scale, count(*) AS sent, count(s.score) AS answered, coalesce(sum(s.score), 0) AS total,
        count(*) FILTER (WHERE s.score >= CASE s.scale WHEN 'nps' THEN 9 ELSE 4 END) AS top,
        count(*) FILTER (WHERE s.score <= CASE s.scale WHEN 'nps' THEN 6 ELSE 2 END) AS bottom FROM survey s
        WHERE s.asked_at >= ?1 AND s.asked_at < ?2 AND (?3 IS NULL OR s.channel = ?3) AND (?4 IS NULL OR s.queue = ?4)
            AND (?5 IS NULL OR s.agent = ?5) AND (?6 IS NULL OR s.name = ?6) GROUP BY 1, 2 ORDER BY 1, 2";
    BY_QUEUE = "SELECT coalesce(s.queue, '') AS part, s.scale AS scale, count(*) AS sent, count(s.score) AS answered, coalesce(sum(s.score), 0) AS total,
        count(*) FILTER (WHERE s.score >= CASE s.scale WHEN 'nps' THEN 9 ELSE 4 END) AS top,
        count(*) FILTER (WHERE s.score <= CASE s.scale WHEN 'nps' THEN 6 ELSE 2 END) AS bottom FROM survey s
        WHERE s.asked_at >= ?1 AND s.asked_at < ?2 AND (?3 IS NULL OR s.channel = ?3) AND (?4 IS NULL OR s.queue = ?4)
            AND (?5 IS NULL OR s.agent = ?5) AND (?6 IS NULL OR s.name = ?6) GROUP BY 1, 2 ORDER BY 1, 2";
    BY_AGENT = "SELECT coalesce(s.agent, '') AS part, s.scale AS scale, count(*) AS sent, count(s.score) AS answered, coalesce(sum(s.score), 0) AS total,
        count(*) FILTER (WHERE s.score >= CASE s.scale WHEN 'nps' THEN 9 ELSE 4 END) AS top,
        count(*) FILTER (WHERE s.score <= CASE s.scale WHEN 'nps' THEN 6 ELSE 2 END) AS bottom FROM survey s
        WHERE s.asked_at >= ?1 AND s.asked_at < ?2 AND (?3 IS NULL OR s.channel = ?3) AND (?4 IS NULL OR s.queue = ?4)
            AND (?5 IS NULL OR s.agent = ?5) AND (?6 IS NULL OR s.name = ?6) GROUP BY 1, 2 ORDER BY 1, 2";
}

/// Which surveys are wanted, by when they were asked: from, and before `to`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub from: At,
    pub to: At,
    /// [`crate::desk::survey::CALLS`] for the telephone.
    pub channel: Option<String>,
    pub queue: Option<String>,
    pub agent: Option<String>,
    pub survey: Option<String>,
}

/// Which answers are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Which {
    #[default]
    All,
    Comments,
    Low,
}

impl Which {
    pub fn word(self) -> &'static str {
        match self {
            Which::All => "all",
            Which::Comments => "comments",
            Which::Low => "low",
        }
    }

    pub fn of(word: &str) -> Which {
        [Which::Comments, Which::Low].into_iter().find(|which| which.word() == word).unwrap_or_default()
    }
}

/// One row of results: all surveys, or those of a channel, a queue or an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name; empty for all, and where there is none.
    pub part: String,
    pub scale: Scale,
    pub sent: i64,
    pub answered: i64,
    /// Of all scores.
    pub total: i64,
    /// CSAT: 4 and 5; NPS: promoters, 9 and 10.
    pub top: i64,
    /// CSAT: 1 and 2; NPS: detractors, 0 to 6.
    pub bottom: i64,
}

impl Part {
    /// The mean score, in hundredths.
    pub fn mean(&self) -> Option<i64> {
        (self.answered > 0).then(|| (self.total * 100 + self.answered / 2) / self.answered)
    }

    /// The share of the best two marks, percent.
    pub fn top_share(&self) -> Option<i64> {
        (self.answered > 0).then(|| (self.top * 100 + self.answered / 2) / self.answered)
    }

    /// Promoters less detractors, -100 to 100.
    pub fn nps(&self) -> Option<i64> {
        let difference = (self.top - self.bottom) * 100;
        (self.answered > 0).then(|| (difference * 2 + self.answered * difference.signum()) / (self.answered * 2))
    }

    /// How many of those who were asked have answered, percent.
    pub fn rate(&self) -> Option<i64> {
        (self.sent > 0).then(|| (self.answered * 100 + self.sent / 2) / self.sent)
    }
}

/// The figures of a period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Results {
    /// One per scale that was asked.
    pub all: Vec<Part>,
    pub channels: Vec<Part>,
    pub queues: Vec<Part>,
    pub agents: Vec<Part>,
}

/// One survey of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyRow {
    pub id: SurveyId,
    pub survey: SurveyName,
    pub scale: Scale,
    pub person: PersonId,
    pub person_name: String,
    pub language: Option<String>,
    pub work: Option<Work>,
    pub agent: Option<AgentId>,
    pub queue: Option<QueueId>,
    pub channel: Option<String>,
    pub by: AskedBy,
    pub asked_at: At,
    pub score: Option<u8>,
    pub comment: String,
    pub low: bool,
    pub answered_at: Option<At>,
    pub ticket: Option<TicketId>,
}

/// The figures of a period.
pub async fn results(store: &Store, filter: Filter) -> Result<Results, StoreError> {
    store
        .read(move |conn| {
            Ok(Results {
                all: parts(conn, BY_ALL, &filter)?,
                channels: parts(conn, BY_CHANNEL, &filter)?,
                queues: parts(conn, BY_QUEUE, &filter)?,
                agents: parts(conn, BY_AGENT, &filter)?,
            })
        })
        .await
}

/// Answers, the newest first; `before`: those asked before this one.
pub async fn answers(
    store: &Store,
    filter: Filter,
    which: Which,
    before: Option<SurveyId>,
    limit: u32,
) -> Result<Vec<SurveyRow>, StoreError> {
    store
        .read(move |conn| {
            let before = before.and_then(|id| i64::try_from(id.0).ok()).unwrap_or(i64::MAX);
            let more = [Value::from(which.word().to_owned()), Value::from(before), Value::from(i64::from(limit))];
            all(conn, LIST, params_from_iter(columns(&filter).into_iter().chain(more)), survey_row)
        })
        .await
}

/// What a person has answered, the newest first.
pub async fn of_person(store: &Store, person: PersonId, limit: u32) -> Result<Vec<SurveyRow>, StoreError> {
    store.read(move |conn| all(conn, OF_PERSON, (person, limit), survey_row)).await
}

/// What customers of an agent were asked since, the newest first.
pub async fn of_agent(store: &Store, agent: &AgentId, since: At, limit: u32) -> Result<Vec<SurveyRow>, StoreError> {
    let agent = agent.clone();
    store.read(move |conn| all(conn, OF_AGENT, (agent, since, limit), survey_row)).await
}

/// One survey.
pub async fn get(store: &Store, id: SurveyId) -> Result<Option<SurveyRow>, StoreError> {
    store.read(move |conn| first(conn, GET, [id], survey_row)).await
}

/// What is asked in a conversation's window and was not answered, if it was asked after `since`.
pub async fn in_window(store: &Store, conversation: ConversationId, since: At) -> Result<Option<SurveyRow>, StoreError> {
    store.read(move |conn| first(conn, IN_WINDOW, (conversation, since), survey_row)).await
}

/// All surveys that were ever asked, by name.
pub async fn names(store: &Store) -> Result<Vec<String>, StoreError> {
    store.read(|conn| all(conn, NAMES, [], |row| row.get(0))).await
}

fn columns(filter: &Filter) -> [Value; 6] {
    let text = |value: &Option<String>| value.clone().map_or(Value::Null, Value::from);
    let Filter { from, to, channel, queue, agent, survey } = filter;
    [Value::from(from.0), Value::from(to.0), text(channel), text(queue), text(agent), text(survey)]
}

fn parts(conn: &Connection, sql: &'static str, filter: &Filter) -> Result<Vec<Part>, StoreError> {
    let read = |row: &Row<'_>| {
        Ok(Part {
            part: row.get("part")?,
            scale: word_at(row, "scale")?,
            sent: row.get("sent")?,
            answered: row.get("answered")?,
            total: row.get("total")?,
            top: row.get("top")?,
            bottom: row.get("bottom")?,
        })
    };
    all(conn, sql, params_from_iter(columns(filter)), read)
}

pub(super) fn survey_row(row: &Row<'_>) -> rusqlite::Result<SurveyRow> {
    let work = match row.get::<_, Option<String>>("work_kind")? {
        Some(_) => Some(work_at(row)?),
        None => None,
    };
    Ok(SurveyRow {
        id: row.get("id")?,
        survey: row.get("name")?,
        scale: word_at(row, "scale")?,
        person: row.get("person")?,
        person_name: row.get("person_name")?,
        language: row.get("language")?,
        work,
        agent: row.get("agent")?,
        queue: row.get("queue")?,
        channel: row.get("channel")?,
        by: word_at(row, "by")?,
        asked_at: row.get("asked_at")?,
        score: row.get("score")?,
        comment: row.get("comment")?,
        low: row.get("low")?,
        answered_at: row.get("answered_at")?,
        ticket: row.get("ticket")?,
    })
}
