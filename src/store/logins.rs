//! Attempts to log in: what the rate limit counts, kept over a restart.

use super::values::{first, run};
use super::{Store, StoreError};
use crate::desk::id::At;

statements! {
    ADD = "INSERT INTO login_attempt (at, user, ip, ok) VALUES (?1, ?2, ?3, ?4)";
    FAILED = "SELECT
        (SELECT count(*) FROM login_attempt WHERE user = ?1 AND at > ?3 AND ok = 0
            AND at > coalesce((SELECT max(at) FROM login_attempt WHERE user = ?1 AND ip = ?2 AND ok = 1), 0)),
        (SELECT count(*) FROM login_attempt WHERE ip = ?2 AND at > ?3 AND ok = 0)";
    PURGE = "DELETE FROM login_attempt WHERE at <= ?1";
}

/// How often it went wrong lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// For this name from anywhere, since the last success from this address.
    pub user: u32,
    /// From this address for any name.
    pub ip: u32,
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

/// Failures since `since`.
pub async fn failures(store: &Store, user: &str, ip: &str, since: At) -> Result<Failures, StoreError> {
    let (user, ip): (String, String) = (user.chars().take(100).collect(), ip.to_owned());
    let found =
        store.read(move |conn| first(conn, FAILED, (user, ip, since), |row| Ok(Failures { user: row.get(0)?, ip: row.get(1)? }))).await?;
    Ok(found.unwrap_or(Failures { user: 0, ip: 0 }))
}

/// Forgets attempts up to `until`; gives how many.
pub async fn purge(store: &Store, until: At) -> Result<usize, StoreError> {
    store.write(move |conn| run(conn, PURGE, [until])).await
}
