//! What agents have made of messages that were sent already: other words, or none. The message itself says what the customer sees; what they saw
//! before stands here.

use super::messages::delivery_from;
use super::values::{all, first, json_at, run};
use super::{Store, StoreError};
use crate::desk::act::{Amends, Outbound};
use crate::desk::id::*;
use crate::desk::input::{Body, Change, Delivery, Extra, FileRef};
use crate::desk::person::Identity;
use rusqlite::{Connection, Row};
use std::collections::BTreeMap;

statements! {
    OF_MESSAGE = "SELECT id, message, agent, text, at, delivery, failure, was, was_files, was_extra FROM amendment WHERE message = ?1 ORDER BY id";
    UNSENT = "SELECT a.id, a.message, a.text, c.id AS conversation, c.channel, c.kind, c.namespace, c.value
        FROM amendment a JOIN conversation c ON c.id = a.conversation WHERE a.delivery = 'queued' AND a.id > ?1 ORDER BY a.id LIMIT ?2";
    QUEUED_OF = "SELECT 1 FROM amendment WHERE message = ?1 AND delivery = 'queued' LIMIT 1";
    BEGUN_OF = "SELECT 1 FROM piece WHERE message = ?1 LIMIT 1";
    FOLD = "UPDATE amendment SET folded = 1 WHERE message = ?1 AND delivery = 'queued'";
    FOLDED = "SELECT text FROM amendment WHERE message = ?1 AND folded = 1 ORDER BY id DESC LIMIT 1";
    STANDS = "SELECT a.folded, a.begun_at, m.delivery, m.failure FROM amendment a JOIN message m ON m.id = a.message WHERE a.id = ?1";
    BEGIN = "UPDATE amendment SET begun_at = coalesce(begun_at, ?2) WHERE id = ?1";
    PIECES = "SELECT p.part, (SELECT i.external_id FROM piece_id i WHERE i.message = p.message AND i.part = p.part AND i.channel = ?2
        ORDER BY i.external_id LIMIT 1) AS name FROM piece p WHERE p.message = ?1 AND p.sent_at IS NOT NULL ORDER BY p.part";
    SHOWN = "SELECT 1 FROM message m JOIN message_file f ON f.message = m.id WHERE f.file = ?1 AND m.changed IS NOT 'recalled' LIMIT 1";
    RECALLED = "SELECT 1 FROM message m JOIN message_file f ON f.message = m.id WHERE f.file = ?1 AND m.changed = 'recalled' LIMIT 1";
}

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Amendment {
    pub id: MessageId,
    pub message: MessageId,
    pub by: AgentId,
    pub change: Change,
    pub at: At,
    pub state: Delivery,
    /// What the customer saw before, if they see it no more.
    pub was: Option<Body>,
}

/// How an amendment that waits is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stands {
    /// The message went out so, or, taken back, not at all; or it did not: what became of the message.
    Folded(Delivery),
    /// The platform is to be asked; whether it was asked before.
    Open { again: bool },
    /// The customer has no such message: what became of it.
    Unseen(Delivery),
}

/// All of these messages, each one's in order.
pub async fn of(store: &Store, messages: Vec<MessageId>) -> Result<BTreeMap<MessageId, Vec<Amendment>>, StoreError> {
    store
        .read(move |conn| {
            let mut found = BTreeMap::new();
            for message in messages {
                let theirs = all(conn, OF_MESSAGE, [message], amendment)?;
                if !theirs.is_empty() {
                    found.insert(message, theirs);
                }
            }
            Ok(found)
        })
        .await
}

/// What a message that goes out now says instead, as it was decided when it was first tried; `None`: what it said.
pub async fn fold(store: &Store, message: MessageId) -> Result<Option<Change>, StoreError> {
    if store.read(move |conn| first(conn, QUEUED_OF, [message], |_| Ok(()))).await?.is_none() {
        return Ok(None);
    }
    store
        .write(move |conn| {
            // Once a piece was begun, what comes now is done after it.
            if first(conn, BEGUN_OF, [message], |_| Ok(()))?.is_none() {
                run(conn, FOLD, [message])?;
            }
            Ok(first(conn, FOLDED, [message], |row| row.get(0))?.map(changed_to))
        })
        .await
}

/// Notes that the platform is about to be asked: on disk before it is.
pub async fn begin(store: &Store, amendment: MessageId, at: At) -> Result<Option<Stands>, StoreError> {
    store
        .write(move |conn| {
            let read = |row: &Row<'_>| {
                let (delivery, failure): (Option<String>, Option<String>) = (row.get("delivery")?, row.get("failure")?);
                let state = delivery.map_or(Delivery::Unknown, |word| delivery_from(&word, failure));
                Ok((row.get::<_, bool>("folded")?, row.get::<_, Option<At>>("begun_at")?, state))
            };
            let Some((folded, begun, state)) = first(conn, STANDS, [amendment], read)? else { return Ok(None) };
            if folded {
                return Ok(Some(Stands::Folded(state)));
            }
            if !matches!(state, Delivery::Sent | Delivery::Delivered | Delivery::Read) {
                return Ok(Some(Stands::Unseen(state)));
            }
            run(conn, BEGIN, (amendment, at))?;
            Ok(Some(Stands::Open { again: begun.is_some() }))
        })
        .await
}

/// The pieces of a message that the platform has, each with its name for it.
pub async fn pieces(store: &Store, channel: &ChannelId, message: MessageId) -> Result<Vec<(u32, Option<String>)>, StoreError> {
    let channel = channel.clone();
    store.read(move |conn| all(conn, PIECES, (message, channel), |row| Ok((row.get(0)?, row.get(1)?)))).await
}

/// Whether a file was part of a message that was taken back, and of no other.
pub async fn is_recalled(store: &Store, file: FileId) -> Result<bool, StoreError> {
    store
        .read(move |conn| {
            let recalled = first(conn, RECALLED, [file], |_| Ok(()))?.is_some();
            Ok(recalled && first(conn, SHOWN, [file], |_| Ok(()))?.is_none())
        })
        .await
}

/// Recorded but never done, as [`super::messages::unsent`].
pub(super) fn unsent(conn: &Connection, after: MessageId, limit: u32) -> Result<Vec<Outbound>, StoreError> {
    all(conn, UNSENT, (after, limit), |row| {
        Ok(Outbound {
            message: row.get("id")?,
            conversation: row.get("conversation")?,
            channel: row.get("channel")?,
            to: Identity { kind: row.get("kind")?, namespace: row.get("namespace")?, value: row.get("value")? },
            body: Body::default(),
            amends: Some(Amends { message: row.get("message")?, change: changed_to(row.get("text")?) }),
        })
    })
}

fn amendment(row: &Row<'_>) -> rusqlite::Result<Amendment> {
    let (was, files, extra): (Option<String>, Vec<FileRef>, Option<Extra>) =
        (row.get("was")?, json_at(row, "was_files")?, json_at(row, "was_extra")?);
    Ok(Amendment {
        id: row.get("id")?,
        message: row.get("message")?,
        by: row.get("agent")?,
        change: changed_to(row.get("text")?),
        at: row.get("at")?,
        state: delivery_from(&row.get::<_, String>("delivery")?, row.get("failure")?),
        was: was.map(|text| Body { text, files, extra }),
    })
}

fn changed_to(text: Option<String>) -> Change {
    text.map_or(Change::Recalled, Change::Edited)
}
