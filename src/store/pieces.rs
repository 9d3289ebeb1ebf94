//! Pieces of outgoing messages on their way to a platform, and the names by which it tells of them.

use super::messages::delivery_from;
use super::values::{all, first, run, word};
use super::{Store, StoreError};
use crate::desk::id::*;
use crate::desk::input::Delivery;
use crate::desk::person::Identity;
use rusqlite::Connection;

statements! {
    BEGIN = "INSERT INTO piece (message, part, begun_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    SENT_AT = "SELECT sent_at FROM piece WHERE message = ?1 AND part = ?2";
    TAKE_BACK = "DELETE FROM piece WHERE message = ?1 AND part = ?2 AND sent_at IS NULL";
    SENT = "UPDATE piece SET sent_at = ?3 WHERE message = ?1 AND part = ?2";
    NAME = "INSERT INTO piece_id (channel, external_id, message, part) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    NAMED = "SELECT message FROM piece_id WHERE channel = ?1 AND external_id = ?2";
    EARLY = "INSERT INTO early_receipt (channel, external_id, state, reason, at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    WERE_EARLY = "SELECT state, reason FROM early_receipt WHERE channel = ?1 AND external_id = ?2 ORDER BY at";
    NOT_EARLY = "DELETE FROM early_receipt WHERE channel = ?1 AND external_id = ?2";
    FORGET = "DELETE FROM early_receipt WHERE at <= ?1";
    UNDER_WAY = "SELECT 1 FROM piece p JOIN message m ON m.id = p.message JOIN conversation c ON c.id = m.conversation
        WHERE p.sent_at IS NULL AND p.begun_at > ?5 AND c.channel = ?1 AND c.kind = ?2 AND c.namespace = ?3 AND c.value = ?4 LIMIT 1";
    DOUBTED = "SELECT p.message, p.part FROM piece p JOIN message m ON m.id = p.message JOIN conversation c ON c.id = m.conversation
        WHERE p.sent_at IS NULL AND p.begun_at > ?5 AND c.channel = ?1 AND c.kind = ?2 AND c.namespace = ?3 AND c.value = ?4
        AND m.delivery = 'unknown' AND trim(m.text) = ?6 ORDER BY p.message LIMIT 1";
    UP_TO = "SELECT m.id FROM message m JOIN conversation c ON c.id = m.conversation
        JOIN piece p ON p.message = m.id
        WHERE c.channel = ?1 AND c.kind = ?2 AND c.namespace = ?3 AND c.value = ?4 AND m.delivery IN ('unknown', 'sent', 'delivered')
        AND p.sent_at <= ?5 GROUP BY m.id ORDER BY m.id DESC LIMIT 200";
}

/// Receipts that came before their message wait no longer than this, ms.
const EARLY_MS: i64 = 8 * 24 * 3_600_000;

/// Whether a piece may be handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Nobody has tried yet.
    New,
    /// It was tried before the process ended, and nobody knows what became of it.
    Tried,
    Sent,
}

/// Notes that a piece is about to be handed over: on disk before the platform is asked.
pub async fn begin(store: &Store, message: MessageId, part: u32, at: At) -> Result<Begun, StoreError> {
    store
        .write(move |conn| {
            if run(conn, BEGIN, (message, part, at))? > 0 {
                return Ok(Begun::New);
            }
            let sent: Option<Option<At>> = first(conn, SENT_AT, (message, part), |row| row.get(0))?;
            Ok(if sent.flatten().is_some() { Begun::Sent } else { Begun::Tried })
        })
        .await
}

/// It was certainly not handed over: it may be tried again after a restart.
pub async fn take_back(store: &Store, message: MessageId, part: u32) -> Result<(), StoreError> {
    store.write(move |conn| run(conn, TAKE_BACK, (message, part)).map(drop)).await
}

/// The platform has it, under these names; gives what it has told of them already.
pub async fn sent(
    store: &Store,
    channel: &ChannelId,
    message: MessageId,
    part: u32,
    names: Vec<String>,
    at: At,
) -> Result<Vec<Delivery>, StoreError> {
    let channel = channel.clone();
    store
        .write(move |conn| {
            run(conn, SENT, (message, part, at))?;
            let mut told = Vec::new();
            for name in &names {
                run(conn, NAME, (&channel, name, message, part))?;
                told.extend(all(conn, WERE_EARLY, (&channel, name), |row| Ok(delivery_from(&row.get::<_, String>(0)?, row.get(1)?)))?);
                run(conn, NOT_EARLY, (&channel, name))?;
            }
            Ok(told)
        })
        .await
}

/// The message of which the platform tells; where nobody knows the name yet, what it tells is kept until `sent`.
pub async fn told(store: &Store, channel: &ChannelId, name: &str, state: Delivery, at: At) -> Result<Option<MessageId>, StoreError> {
    let (channel, name) = (channel.clone(), name.to_owned());
    let known = named(store, &channel, &name).await?;
    if known.is_some() {
        return Ok(known);
    }
    store
        .write(move |conn| {
            // It may have been named meanwhile.
            if let Some(message) = first(conn, NAMED, (&channel, &name), |row| row.get(0))? {
                return Ok(Some(message));
            }
            keep_early(conn, &channel, &name, &state, at).map(|()| None)
        })
        .await
}

/// The message that a platform knows by this name.
pub async fn named(store: &Store, channel: &ChannelId, name: &str) -> Result<Option<MessageId>, StoreError> {
    let (channel, name) = (channel.clone(), name.to_owned());
    store.read(move |conn| first(conn, NAMED, (channel, name), |row| row.get(0))).await
}

/// Whether something of ours was handed over to this customer since then, and the platform has not named it yet.
pub async fn under_way(store: &Store, channel: &ChannelId, to: &Identity, since: At) -> Result<bool, StoreError> {
    let (channel, to) = (channel.clone(), to.clone());
    let found = store.read(move |conn| first(conn, UNDER_WAY, (channel, to.kind, to.namespace, to.value, since), |_| Ok(()))).await?;
    Ok(found.is_some())
}

/// A piece to this customer of which nobody knows whether the platform took it, of a message with these words.
pub async fn doubted(
    store: &Store,
    channel: &ChannelId,
    to: &Identity,
    words: &str,
    since: At,
) -> Result<Option<(MessageId, u32)>, StoreError> {
    let (channel, to, words) = (channel.clone(), to.clone(), words.trim().to_owned());
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    store.read(move |conn| first(conn, DOUBTED, (channel, to.kind, to.namespace, to.value, since, words), row)).await
}

/// What was sent to this customer until then and is not known to be read.
pub async fn up_to(store: &Store, channel: &ChannelId, to: &Identity, at: At) -> Result<Vec<MessageId>, StoreError> {
    let (channel, to) = (channel.clone(), to.clone());
    store.read(move |conn| all(conn, UP_TO, (channel, to.kind, to.namespace, to.value, at), |row| row.get(0))).await
}

/// Forgets receipts of messages that were never ours.
pub async fn purge(store: &Store, now: At) -> Result<(), StoreError> {
    store.write(move |conn| run(conn, FORGET, [now.after(-EARLY_MS)]).map(drop)).await
}

fn keep_early(conn: &Connection, channel: &ChannelId, name: &str, state: &Delivery, at: At) -> Result<(), StoreError> {
    let reason = match state {
        Delivery::Failed { reason } => Some(reason),
        _ => None,
    };
    run(conn, EARLY, (channel, name, word(state), reason, at)).map(drop)
}
