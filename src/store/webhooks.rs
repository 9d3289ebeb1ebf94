//! What addresses of the firm's are told: how far the log has been told to each, what waits, and what became of it.

use super::values::{all, count_at, first, run};
use super::{Store, StoreError};
use crate::desk::id::*;
use rusqlite::Row;

statements! {
    BEGIN = "INSERT INTO webhook (id, seq) VALUES (?1, coalesce((SELECT max(seq) FROM event), 0)) ON CONFLICT DO NOTHING";
    CURSOR = "SELECT seq, stopped_at FROM webhook WHERE id = ?1";
    MOVE = "UPDATE webhook SET seq = ?2 WHERE id = ?1";
    STOP = "UPDATE webhook SET stopped_at = ?2 WHERE id = ?1";
    KEEP = "INSERT INTO webhook_delivery (webhook, seq, kind, body, at, next_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT DO NOTHING";
    DUE = "SELECT id, seq, kind, body, at, tries FROM webhook_delivery WHERE webhook = ?1 AND state = 'waits' AND next_at <= ?2 ORDER BY id LIMIT ?3";
    DONE = "UPDATE webhook_delivery SET state = 'done', tries = tries + 1, last_at = ?2, status = ?3, failure = NULL WHERE id = ?1";
    FAILED = "UPDATE webhook_delivery SET state = iif(?5 IS NULL, 'given_up', 'waits'), tries = tries + 1, last_at = ?2, status = ?3, failure = ?4,
        next_at = coalesce(?5, next_at) WHERE id = ?1";
    WAITING = "SELECT count(*) AS n FROM webhook_delivery WHERE webhook = ?1 AND state = 'waits'";
    GIVEN_UP = "SELECT count(*) AS n FROM webhook_delivery WHERE webhook = ?1 AND state = 'given_up'";
    NEWEST = "SELECT id, seq, kind, body, at, state, tries, next_at, last_at, status, failure FROM webhook_delivery
        WHERE webhook = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
    FAILING = "SELECT id, seq, kind, body, at, state, tries, next_at, last_at, status, failure FROM webhook_delivery
        WHERE webhook = ?1 AND id < ?2 AND failure IS NOT NULL ORDER BY id DESC LIMIT ?3";
    AGAIN = "UPDATE webhook_delivery SET state = 'waits', tries = 0, next_at = ?3 WHERE webhook = ?1 AND id = ?2";
    ALL_AGAIN = "UPDATE webhook_delivery SET state = 'waits', tries = 0, next_at = ?2 WHERE webhook = ?1 AND state = 'given_up'";
    FORGET = "DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM webhook_delivery WHERE at <= ?1 AND state != 'waits' LIMIT ?2)";
}

/// Rows removed in one go.
const AT_ONCE: u32 = 1_000;
/// What was told, or given up, is kept so long to be told again, ms.
const KEPT_MS: i64 = 30 * 24 * 3_600_000;

/// One thing to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub id: i64,
    /// Of the event in the log; `None`: a trial.
    pub seq: Option<i64>,
    pub kind: String,
    pub body: String,
    pub at: At,
    /// Failed so often.
    pub tries: u32,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done {
        status: u16,
    },
    /// `next`: when it is tried again; `None`: not any more.
    Failed {
        status: Option<u16>,
        why: String,
        next: Option<At>,
    },
}

/// How far one address has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub seq: i64,
    /// Since when it wants to be told no more.
    pub stopped_at: Option<At>,
}

/// What of an address is not done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    pub waiting: u64,
    pub given_up: u64,
}

/// One delivery, for those who look into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    pub due: Due,
    /// `waits`, `done` or `given_up`.
    pub state: String,
    pub next_at: At,
    pub last_at: Option<At>,
    /// Of the newest answer.
    pub status: Option<u16>,
    pub failure: Option<String>,
}

/// Where an address stands; one that is new begins with what happens from now on.
pub async fn cursor(store: &Store, webhook: &str) -> Result<Cursor, StoreError> {
    let webhook = webhook.to_owned();
    store
        .write(move |conn| {
            run(conn, BEGIN, [&webhook])?;
            first(conn, CURSOR, [&webhook], cursor_row)?.ok_or_else(|| StoreError::Missing(format!("webhook {webhook}")))
        })
        .await
}

/// The same without beginning; `None`: nothing was ever told to it.
pub async fn known(store: &Store, webhook: &str) -> Result<Option<Cursor>, StoreError> {
    let webhook = webhook.to_owned();
    store.read(move |conn| first(conn, CURSOR, [&webhook], cursor_row)).await
}

/// Keeps what is to be told, each `(seq, kind, body)`, and that the log has been read so far.
pub async fn keep(store: &Store, webhook: &str, upto: i64, events: Vec<(i64, &'static str, String)>, at: At) -> Result<(), StoreError> {
    let webhook = webhook.to_owned();
    store
        .write(move |conn| {
            for (seq, kind, body) in &events {
                run(conn, KEEP, (&webhook, seq, kind, body, at))?;
            }
            run(conn, MOVE, (&webhook, upto)).map(drop)
        })
        .await
}

/// To be told of nothing that happened, so that somebody sees it arrive.
pub async fn trial(store: &Store, webhook: &str, kind: &'static str, body: String, at: At) -> Result<(), StoreError> {
    let webhook = webhook.to_owned();
    store.write(move |conn| run(conn, KEEP, (&webhook, None::<i64>, kind, &body, at)).map(drop)).await
}

/// What is to be told now, oldest first.
pub async fn due(store: &Store, webhook: &str, now: At, limit: u32) -> Result<Vec<Due>, StoreError> {
    let webhook = webhook.to_owned();
    store.read(move |conn| all(conn, DUE, (webhook, now, limit), due_row)).await
}

pub async fn settle(store: &Store, outcomes: Vec<(i64, Outcome)>, at: At) -> Result<(), StoreError> {
    store
        .write(move |conn| {
            outcomes.iter().try_for_each(|(id, outcome)| {
                match outcome {
                    Outcome::Done { status } => run(conn, DONE, (id, at, status)),
                    Outcome::Failed { status, why, next } => run(conn, FAILED, (id, at, status, why, next)),
                }
                .map(drop)
            })
        })
        .await
}

/// `at`: it wants to be told no more; `None`: it is told again.
pub async fn stop(store: &Store, webhook: &str, at: Option<At>) -> Result<(), StoreError> {
    let webhook = webhook.to_owned();
    store.write(move |conn| run(conn, STOP, (webhook, at)).map(drop)).await
}

pub async fn backlog(store: &Store, webhook: &str) -> Result<Backlog, StoreError> {
    let webhook = webhook.to_owned();
    store
        .read(move |conn| {
            let count = |sql| Ok::<u64, StoreError>(first(conn, sql, [&webhook], |row| count_at(row, "n"))?.unwrap_or_default());
            Ok(Backlog { waiting: count(WAITING)?, given_up: count(GIVEN_UP)? })
        })
        .await
}

/// Deliveries before this one, newest first; `failing`: only those whose newest try failed.
pub async fn newest(store: &Store, webhook: &str, before: i64, failing: bool, limit: u32) -> Result<Vec<DeliveryRow>, StoreError> {
    let webhook = webhook.to_owned();
    let sql = if failing { FAILING } else { NEWEST };
    store.read(move |conn| all(conn, sql, (webhook, before, limit), delivery_row)).await
}

/// Tells one again, whatever became of it; false: there is none.
pub async fn again(store: &Store, webhook: &str, id: i64, now: At) -> Result<bool, StoreError> {
    let webhook = webhook.to_owned();
    Ok(store.write(move |conn| run(conn, AGAIN, (webhook, id, now))).await? > 0)
}

/// Tells again all that was given up; gives how many.
pub async fn all_again(store: &Store, webhook: &str, now: At) -> Result<usize, StoreError> {
    let webhook = webhook.to_owned();
    store.write(move |conn| run(conn, ALL_AGAIN, (webhook, now))).await
}

/// Forgets what was told long ago.
pub async fn purge(store: &Store, now: At) -> Result<(), StoreError> {
    let before = now.after(-KEPT_MS);
    while store.write(move |conn| run(conn, FORGET, (before, AT_ONCE))).await? == AT_ONCE as usize {}
    Ok(())
}

fn cursor_row(row: &Row<'_>) -> rusqlite::Result<Cursor> {
    Ok(Cursor { seq: row.get("seq")?, stopped_at: row.get("stopped_at")? })
}

fn due_row(row: &Row<'_>) -> rusqlite::Result<Due> {
    Ok(Due {
        id: row.get("id")?,
        seq: row.get("seq")?,
        kind: row.get("kind")?,
        body: row.get("body")?,
        at: row.get("at")?,
        tries: row.get("tries")?,
    })
}

fn delivery_row(row: &Row<'_>) -> rusqlite::Result<DeliveryRow> {
    Ok(DeliveryRow {
        due: due_row(row)?,
        state: row.get("state")?,
        next_at: row.get("next_at")?,
        last_at: row.get("last_at")?,
        status: row.get("status")?,
        failure: row.get("failure")?,
    })
}
