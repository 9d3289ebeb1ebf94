//! Events of platforms as they came: kept before they are acknowledged, so that nothing acknowledged can be missing; read once, however
//! often they are told.

use super::values::{all, first, run};
use super::{Store, StoreError};
use crate::desk::id::*;

statements! {
    KEEP = "INSERT INTO channel_event (channel, key, at, body) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    OPEN = "SELECT id, at, body FROM channel_event WHERE channel = ?1 AND done_at IS NULL AND id > ?2 ORDER BY id LIMIT ?3";
    DONE = "UPDATE channel_event SET done_at = ?2, failure = ?3 WHERE id = ?1";
    CURSOR = "SELECT value FROM channel_cursor WHERE channel = ?1";
    MOVE = "INSERT INTO channel_cursor (channel, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value";
    WAITING = "SELECT count(*) FROM channel_event WHERE channel = ?1 AND done_at IS NULL";
    UNREADABLE = "SELECT at, failure FROM channel_event WHERE channel = ?1 AND failure IS NOT NULL ORDER BY id DESC";
    EMPTY = "UPDATE channel_event SET body = x'' WHERE id IN
        (SELECT id FROM channel_event WHERE at <= ?1 AND done_at IS NOT NULL AND failure IS NULL AND length(body) > 0 LIMIT ?2)";
    FORGET = "DELETE FROM channel_event WHERE id IN (SELECT id FROM channel_event WHERE at <= ?1 AND done_at IS NOT NULL LIMIT ?2)";
}

/// Rows removed in one go.
const AT_ONCE: u32 = 1_000;
/// What was understood is needed no more, ms.
const BODY_MS: i64 = 24 * 3_600_000;
/// Platforms tell again for a week at most, ms.
const KEY_MS: i64 = 30 * 24 * 3_600_000;

/// One event that is not done yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelEvent {
    pub id: i64,
    pub at: At,
    pub body: Vec<u8>,
}

/// What of a channel's events is not done, or was not understood in the last weeks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backlog {
    pub waiting: u64,
    pub unreadable: u64,
    pub newest_unreadable: Option<(At, String)>,
}

/// What became of an event: the reason where it could not be understood.
pub type Done = (i64, Option<String>);

/// Keeps events, each `(key, body)`, and how far the channel has been read with them; gives how many were new.
pub async fn keep(
    store: &Store,
    channel: &ChannelId,
    events: Vec<(String, Vec<u8>)>,
    cursor: Option<String>,
    at: At,
) -> Result<usize, StoreError> {
    let channel = channel.clone();
    store
        .write(move |conn| {
            let mut new = 0;
            for (key, body) in &events {
                new += run(conn, KEEP, (&channel, key, at, body))?;
            }
            if let Some(cursor) = cursor {
                run(conn, MOVE, (&channel, cursor))?;
            }
            Ok(new)
        })
        .await
}

/// A channel's events that are not done, in the order in which they came, after this one.
pub async fn open(store: &Store, channel: &ChannelId, after: i64, limit: u32) -> Result<Vec<ChannelEvent>, StoreError> {
    let channel = channel.clone();
    let row = |row: &rusqlite::Row<'_>| Ok(ChannelEvent { id: row.get("id")?, at: row.get("at")?, body: row.get("body")? });
    store.read(move |conn| all(conn, OPEN, (channel, after, limit), row)).await
}

/// All that these events mean is recorded.
pub async fn done(store: &Store, events: Vec<Done>, at: At) -> Result<(), StoreError> {
    store.write(move |conn| events.iter().try_for_each(|(id, failure)| run(conn, DONE, (id, at, failure)).map(drop))).await
}

/// How far the channel has been read.
pub async fn cursor(store: &Store, channel: &ChannelId) -> Result<Option<String>, StoreError> {
    let channel = channel.clone();
    store.read(move |conn| first(conn, CURSOR, [channel], |row| row.get(0))).await
}

pub async fn backlog(store: &Store, channel: &ChannelId) -> Result<Backlog, StoreError> {
    let channel = channel.clone();
    store
        .read(move |conn| {
            let waiting: Option<i64> = first(conn, WAITING, [&channel], |row| row.get(0))?;
            let unreadable = all(conn, UNREADABLE, [&channel], |row| Ok((row.get("at")?, row.get("failure")?)))?;
            let count = |n: i64| u64::try_from(n).unwrap_or_default();
            Ok(Backlog {
                waiting: waiting.map(count).unwrap_or_default(),
                unreadable: unreadable.len() as u64,
                newest_unreadable: unreadable.into_iter().next(),
            })
        })
        .await
}

/// Forgets what is not needed any more.
pub async fn purge(store: &Store, now: At) -> Result<(), StoreError> {
    for (sql, before) in [(EMPTY, now.after(-BODY_MS)), (FORGET, now.after(-KEY_MS))] {
        while store.write(move |conn| run(conn, sql, (before, AT_ONCE))).await? == AT_ONCE as usize {}
    }
    Ok(())
}
