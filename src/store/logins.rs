//! Attempts to log in: what the rate limit counts, kept over a restart.

use super::values::{all, run};
use super::{Store, StoreError};
use crate::desk::id::At;
use rusqlite::Row;

statements! {
    ADD = "INSERT INTO login_attempt (at, user, ip, ok) VALUES (?1, ?2, ?3, ?4)";
    RECENT = "SELECT at, user, ip, ok FROM login_attempt WHERE at > ?1 ORDER BY id";
    PLACES = "SELECT DISTINCT ip FROM login_attempt WHERE user = ?1 AND at > ?2 AND at < ?3 AND ok = 1 LIMIT 100";
    PURGE = "DELETE FROM login_attempt WHERE at <= ?1 AND (ok = 0 OR at <= ?2)";
}

/// Where somebody has signed in they are at home for so long, ms.
const HOME_MS: i64 = 30 * 24 * 3_600_000;

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    pub at: At,
    /// As typed.
    pub user: String,
    pub ip: String,
    pub ok: bool,
}

/// Notes an attempt; the name is as typed, cut to 100 characters.
pub async fn note(store: &Store, user: &str, ip: &str, ok: bool, at: At) -> Result<(), StoreError> {
    let (user, ip): (String, String) = (user.chars().take(100).collect(), ip.to_owned());
    store
        .write(move |conn| {
            run(conn, ADD, (at, user, ip, ok))?;
            Ok(())
        })
        .await
}

/// Attempts since then, in their order.
pub async fn recent(store: &Store, since: At) -> Result<Vec<AttemptRow>, StoreError> {
    let row = |row: &Row<'_>| Ok(AttemptRow { at: row.get("at")?, user: row.get("user")?, ip: row.get("ip")?, ok: row.get("ok")? });
    store.read(move |conn| all(conn, RECENT, [since], row)).await
}

/// From where somebody has signed in during the month before this moment; the name as typed.
pub async fn places(store: &Store, user: &str, now: At) -> Result<Vec<String>, StoreError> {
    let user: String = user.chars().take(100).collect();
    store.read(move |conn| all(conn, PLACES, (user, now.after(-HOME_MS), now), |row| row.get(0))).await
}

/// Forgets attempts up to `until`, those that succeeded after a month; gives how many.
pub async fn purge(store: &Store, until: At) -> Result<usize, StoreError> {
    store.write(move |conn| run(conn, PURGE, (until, until.after(-HOME_MS)))).await
}
