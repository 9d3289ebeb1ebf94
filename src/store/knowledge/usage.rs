//! What came of articles: what agents did with them in contacts, whether the customer was helped, and what the help centre hears.

use crate::desk::id::*;
use crate::store::values::{first, run, word, work_columns};
use crate::store::{Store, StoreError};
use serde::{Deserialize, Serialize};

statements! {
    USE = "INSERT OR IGNORE INTO article_use (article, kind, work_kind, work, agent, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    USED = "SELECT count(*) FILTER (WHERE kind = 'shown'), count(*) FILTER (WHERE kind = 'opened'), count(*) FILTER (WHERE kind = 'inserted'),
            count(*) FILTER (WHERE kind = 'linked'), count(*) FILTER (WHERE kind = 'sent')
        FROM article_use WHERE article = ?1 AND at >= ?2";
    // In a talk it need not be sent: the agent opens it and says what it says.
    OUTCOME = "WITH used AS (
            SELECT c.person AS person, c.resolved_at AS ended FROM article_use u JOIN conversation c ON u.work_kind = 'conversation' AND c.id = u.work
            WHERE u.article = ?1 AND u.kind = 'sent' AND u.at >= ?2 AND c.resolved_at IS NOT NULL
            UNION ALL SELECT DISTINCT k.person, k.ended_at FROM article_use u JOIN call k ON u.work_kind = 'call' AND k.id = u.work
            WHERE u.article = ?1 AND u.kind <> 'shown' AND u.at >= ?2 AND k.ended_at IS NOT NULL)
        SELECT count(*), count(*) FILTER (WHERE
            NOT EXISTS (SELECT 1 FROM conversation n WHERE n.person = used.person AND n.opened_at > ended AND n.opened_at <= ended + ?3)
            AND NOT EXISTS (SELECT 1 FROM call n WHERE n.person = used.person AND n.started_at > ended AND n.started_at <= ended + ?3)) FROM used";
    DAYS = "SELECT coalesce(sum(views), 0), coalesce(sum(helped), 0), coalesce(sum(unhelped), 0) FROM article_day WHERE article = ?1 AND day >= ?2";
    COUNT = "INSERT INTO article_day (article, day, views, helped, unhelped) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (article, day) DO UPDATE SET views = views + excluded.views, helped = helped + excluded.helped,
            unhelped = unhelped + excluded.unhelped";
}

const DAY_MS: i64 = 24 * 3600 * 1000;
/// A customer who comes back within this time was not helped.
const AGAIN_MS: i64 = 3 * DAY_MS;

/// What an agent did with an article in a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UseKind {
    /// It was offered beside the composer.
    Shown,
    Opened,
    Inserted,
    Linked,
    /// A message with it was sent.
    Sent,
}

/// What came of an article; contacts, each counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Used {
    pub shown: u32,
    pub opened: u32,
    pub inserted: u32,
    pub linked: u32,
    pub sent: u32,
    /// Of the conversations in which it was sent, and the calls in which an agent used it, those that are over.
    pub over: u32,
    /// Of those, where the customer did not come back within three days.
    pub solved: u32,
    /// In the help centre.
    pub views: u32,
    pub helped: u32,
    pub unhelped: u32,
}

impl Used {
    /// Of a hundred, where it helped: by what the contacts became and what readers said; `None` before anything is known.
    pub fn solve_rate(&self) -> Option<u32> {
        let (good, all) = (self.solved + self.helped, self.over + self.helped + self.unhelped);
        (all > 0).then(|| (f64::from(good) * 100.0 / f64::from(all)).round() as u32)
    }
}

/// What a reader of the help centre did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    View,
    Helped,
    Unhelped,
}

/// Notes what was done with articles in a contact; each article and kind counts once in it. Articles that are not there are passed over.
pub async fn used_in(store: &Store, articles: Vec<i64>, kind: UseKind, work: Work, agent: &AgentId, at: At) -> Result<(), StoreError> {
    let agent = agent.clone();
    store
        .write(move |conn| {
            let (work_kind, id) = work_columns(&work);
            for article in articles {
                match run(conn, USE, (article, word(&kind), work_kind, &id, &agent, at)) {
                    Ok(_) | Err(StoreError::Missing(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        })
        .await
}

/// What came of an article since then.
pub async fn used(store: &Store, article: i64, since: At) -> Result<Used, StoreError> {
    store
        .read(move |conn| {
            let by_agents = first(conn, USED, (article, since), |row| {
                Ok(Used {
                    shown: row.get(0)?,
                    opened: row.get(1)?,
                    inserted: row.get(2)?,
                    linked: row.get(3)?,
                    sent: row.get(4)?,
                    ..Used::default()
                })
            })?;
            let (over, solved) =
                first(conn, OUTCOME, (article, since, AGAIN_MS), |row| Ok((row.get(0)?, row.get(1)?)))?.unwrap_or_default();
            let (views, helped, unhelped) =
                first(conn, DAYS, (article, since.0.div_euclid(DAY_MS)), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                    .unwrap_or_default();
            Ok(Used { over, solved, views, helped, unhelped, ..by_agents.unwrap_or_default() })
        })
        .await
}

/// Counts what a reader of the help centre did with an article that is there.
pub async fn used_by_customers(store: &Store, article: i64, what: Day, at: At) -> Result<(), StoreError> {
    store
        .write(move |conn| {
            let one = |of: Day| i64::from(what == of);
            run(conn, COUNT, (article, at.0.div_euclid(DAY_MS), one(Day::View), one(Day::Helped), one(Day::Unhelped))).map(drop)
        })
        .await
}
