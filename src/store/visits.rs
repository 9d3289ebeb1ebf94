//! Pages of the firm's site that visitors have looked at, where they have agreed to be seen; and to what they were invited there. Kept for a time.

use super::values::{all, first, run};
use super::{Store, StoreError};
use crate::desk::id::*;
use crate::desk::person::Identity;

statements! {
    KEEP = "INSERT INTO visit (kind, namespace, value, key, at, url, title, dwell_ms, keep_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8)
        ON CONFLICT (kind, namespace, value, key) WHERE key <> '' DO UPDATE SET title = excluded.title";
    // The page tells of itself again and again while it is shown: never less than before, and no longer than it can have been open.
    DWELL = "UPDATE visit SET dwell_ms = max(dwell_ms, min(?5, ?6 - at)) WHERE kind = ?1 AND namespace = ?2 AND value = ?3 AND key = ?4";
    FEWER = "DELETE FROM visit WHERE kind = ?1 AND namespace = ?2 AND value = ?3 AND id <= (SELECT id FROM visit
        WHERE kind = ?1 AND namespace = ?2 AND value = ?3 ORDER BY id DESC LIMIT 1 OFFSET ?4)";
    FORGET = "DELETE FROM visit WHERE kind = ?1 AND namespace = ?2 AND value = ?3";
    SEEN = "SELECT count(DISTINCT at / 86400000) AS days, coalesce(max(dwell_ms) FILTER (WHERE key = ?4), 0) AS dwell
        FROM visit WHERE kind = ?1 AND namespace = ?2 AND value = ?3";
    NOW = "SELECT v.url, v.title, v.at, v.dwell_ms FROM identity i JOIN visit v ON v.kind = i.kind AND v.namespace = i.namespace AND v.value = i.value
        WHERE i.person = ?1 AND i.kind IN ('webchat', 'user') ORDER BY v.at DESC, v.id DESC LIMIT 1";
    PURGE = "DELETE FROM visit WHERE id IN (SELECT id FROM visit WHERE keep_until <= ?1 LIMIT 10000)";
    PURGE_INVITED = "DELETE FROM invitation WHERE id IN (SELECT id FROM invitation WHERE at < ?1 LIMIT 10000)";
    INVITED = "SELECT name, at, outcome FROM invitation WHERE kind = ?1 AND namespace = ?2 AND value = ?3 ORDER BY id DESC LIMIT 200";
    INVITE = "INSERT INTO invitation (kind, namespace, value, name, at) VALUES (?1, ?2, ?3, ?4, ?5)";
    SETTLE = "UPDATE invitation SET outcome = ?5 WHERE id = ?4 AND kind = ?1 AND namespace = ?2 AND value = ?3 AND outcome = ''";
    COUNT = "SELECT count(*) AS shown, count(*) FILTER (WHERE outcome = 'accepted') AS accepted,
        count(*) FILTER (WHERE outcome = 'dismissed') AS dismissed FROM invitation WHERE at >= ?1";
}

/// Pages of one visitor that are kept at most.
const MOST: i64 = 500;
/// Invitations are counted for so long, ms.
const COUNTED_MS: i64 = 400 * 24 * 3_600_000;

/// A page as its visitor tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The page's own name for this showing of itself.
    pub key: String,
    pub url: String,
    pub title: String,
    /// How long it has been looked at, ms, as it says.
    pub dwell_ms: i64,
    pub keep_until: At,
}

/// What a visitor has looked at so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Known {
    /// Days on which they were there.
    pub days: u32,
    /// This page, ms: no longer than it can have been open.
    pub dwell_ms: i64,
}

/// Something that a visitor was invited to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    pub name: String,
    pub at: At,
    pub dismissed: bool,
}

/// Where a customer is on the firm's site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    pub url: String,
    pub title: String,
    pub since: At,
    /// When the page last told of itself.
    pub told: At,
}

/// What became of all invitations of a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub shown: i64,
    pub accepted: i64,
    pub dismissed: i64,
}

/// Keeps a page, and says what is known of its visitor then.
pub async fn keep(store: &Store, who: Identity, seen: Seen, at: At) -> Result<Known, StoreError> {
    store
        .write(move |conn| {
            let Identity { kind, namespace, value } = &who;
            let Seen { key, url, title, dwell_ms, keep_until } = &seen;
            run(conn, KEEP, (kind, namespace, value, key, at, url, title, keep_until))?;
            run(conn, DWELL, (kind, namespace, value, key, dwell_ms, at))?;
            run(conn, FEWER, (kind, namespace, value, MOST))?;
            let known =
                first(conn, SEEN, (kind, namespace, value, key), |row| Ok(Known { days: row.get("days")?, dwell_ms: row.get("dwell")? }))?;
            Ok(known.unwrap_or_default())
        })
        .await
}

/// The visitor has agreed no more: nothing of what was kept stays.
pub async fn forget(store: &Store, who: Identity) -> Result<(), StoreError> {
    store.write(move |conn| run(conn, FORGET, (who.kind, who.namespace, who.value)).map(drop)).await
}

/// The page that a person looked at last.
pub async fn here(store: &Store, person: PersonId) -> Result<Option<Here>, StoreError> {
    store
        .read(move |conn| {
            first(conn, NOW, [person], |row| {
                let (since, dwell): (At, i64) = (row.get("at")?, row.get("dwell_ms")?);
                Ok(Here { url: row.get("url")?, title: row.get("title")?, since, told: since.after(dwell) })
            })
        })
        .await
}

/// To what a visitor was invited, the latest first.
pub async fn invited(store: &Store, who: Identity) -> Result<Vec<Invited>, StoreError> {
    store
        .read(move |conn| {
            all(conn, INVITED, (who.kind, who.namespace, who.value), |row| {
                let outcome: String = row.get("outcome")?;
                Ok(Invited { name: row.get("name")?, at: row.get("at")?, dismissed: outcome == "dismissed" })
            })
        })
        .await
}

/// A visitor is invited; gives its number.
pub async fn invite(store: &Store, who: Identity, name: String, at: At) -> Result<i64, StoreError> {
    store
        .write(move |conn| {
            run(conn, INVITE, (who.kind, who.namespace, who.value, name, at))?;
            Ok(conn.last_insert_rowid())
        })
        .await
}

/// What the visitor made of it; the first word counts.
pub async fn settle(store: &Store, who: Identity, id: i64, accepted: bool) -> Result<(), StoreError> {
    let outcome = if accepted { "accepted" } else { "dismissed" };
    store.write(move |conn| run(conn, SETTLE, (who.kind, who.namespace, who.value, id, outcome)).map(drop)).await
}

/// All invitations since then.
pub async fn count(store: &Store, since: At) -> Result<Count, StoreError> {
    store
        .read(move |conn| {
            let count = first(conn, COUNT, [since], |row| {
                Ok(Count { shown: row.get("shown")?, accepted: row.get("accepted")?, dismissed: row.get("dismissed")? })
            })?;
            Ok(count.unwrap_or_default())
        })
        .await
}

/// Deletes what was kept for long enough.
pub async fn purge(store: &Store, now: At) -> Result<usize, StoreError> {
    store
        .write(move |conn| {
            run(conn, PURGE_INVITED, [now.after(-COUNTED_MS)])?;
            run(conn, PURGE, [now])
        })
        .await
}
