//! Messages and notes: what was written, by whom, and how far it has come.

use super::values::{all, first, json_at, maybe_word_at};
use super::{Store, StoreError, amendments};
use crate::desk::act::Outbound;
use crate::desk::id::*;
use crate::desk::input::{Body, Delivery, Extra, FileRef};
use crate::desk::person::Identity;
use crate::desk::window::Measure;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

statements! {
    KNOWN = "SELECT id FROM message WHERE channel = ?1 AND external_id = ?2";
    GET = "SELECT id, person, conversation, call, channel, kind, agent, text, files, extra, at, sent_at, delivery, failure, changed
        FROM message WHERE id = ?1";
    CAME_WITH = "SELECT id, person, conversation, call, channel, kind, agent, text, files, extra, at, sent_at, delivery, failure, changed
        FROM message WHERE conversation = ?1 AND kind = 'in' AND text <> '' ORDER BY id LIMIT 1";
    OF_CONVERSATION = "SELECT id, person, conversation, call, channel, kind, agent, text, files, extra, at, sent_at, delivery, failure, changed
        FROM message WHERE conversation = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
    PUBLIC = "SELECT id, person, conversation, call, channel, kind, agent, text, files, extra, at, sent_at, delivery, failure, changed
        FROM message WHERE conversation = ?1 AND id < ?2 AND kind <> 'note' ORDER BY id DESC LIMIT ?3";
    AFTER = "SELECT id, person, conversation, call, channel, kind, agent, text, files, extra, at, sent_at, delivery, failure, changed
        FROM message WHERE conversation = ?1 AND id > ?2 AND kind <> 'note' ORDER BY id LIMIT ?3";
    HEARD = "SELECT (SELECT coalesce(max(sent_at), max(at)) FROM message WHERE conversation = ?1 AND kind = 'in' AND measure IS NOT '') AS heard,
        (SELECT measure FROM message WHERE conversation = ?1 AND kind = 'in' AND measure IS NOT '' ORDER BY id DESC LIMIT 1) AS measure,
        (SELECT coalesce(sum(parts), 0) FROM message WHERE conversation = ?1 AND kind IN ('out', 'auto', 'elsewhere') AND id > coalesce(
            (SELECT max(id) FROM message WHERE conversation = ?1 AND kind = 'in' AND measure IS NOT ''), 0)) AS answers";
    HEARD_IN = "SELECT c.id FROM conversation c WHERE c.channel = ?1 AND c.kind = ?2 AND c.namespace = ?3 AND c.value = ?4
        AND EXISTS (SELECT 1 FROM message m WHERE m.conversation = c.id AND m.kind = 'in' AND m.measure IS NOT '')
        ORDER BY c.id DESC LIMIT 1";
    NEWEST = "SELECT
        (SELECT at FROM message WHERE channel = ?1 AND kind = 'in' ORDER BY id DESC LIMIT 1) AS heard,
        max(coalesce((SELECT at FROM message WHERE channel = ?1 AND kind = 'out' ORDER BY id DESC LIMIT 1), 0),
            coalesce((SELECT at FROM message WHERE channel = ?1 AND kind = 'auto' ORDER BY id DESC LIMIT 1), 0)) AS said";
    UNSENT = "SELECT m.id, m.text, m.files, m.extra, c.id AS conversation, c.channel, c.kind, c.namespace, c.value
        FROM message m JOIN conversation c ON c.id = m.conversation WHERE m.delivery = 'queued' AND m.id > ?1 ORDER BY m.id LIMIT ?2";
}

/// Who wrote a message, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// From the customer.
    In,
    /// From an agent to the customer.
    Out,
    /// From the house to the customer (away text and the like).
    Auto,
    /// From the firm to the customer, written with another tool of the platform's.
    Elsewhere,
    /// By an agent for the house; never shown to the customer.
    Note,
}

impl MessageKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            MessageKind::In => "in",
            MessageKind::Out => "out",
            MessageKind::Auto => "auto",
            MessageKind::Elsewhere => "elsewhere",
            MessageKind::Note => "note",
        }
    }

    fn from_column(word: &str) -> MessageKind {
        match word {
            "in" => MessageKind::In,
            "out" => MessageKind::Out,
            "auto" => MessageKind::Auto,
            "elsewhere" => MessageKind::Elsewhere,
            _ => MessageKind::Note,
        }
    }
}

/// What its writer has done to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    Edited,
    Recalled,
}

/// One message or note.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageRow {
    pub id: MessageId,
    pub person: PersonId,
    pub conversation: Option<ConversationId>,
    /// For a note made on a call.
    pub call: Option<CallId>,
    pub channel: Option<ChannelId>,
    pub kind: MessageKind,
    /// Who wrote it, for `Out` and `Note`.
    pub agent: Option<AgentId>,
    pub text: String,
    pub files: Vec<FileRef>,
    pub extra: Option<Extra>,
    /// When Hubline recorded it.
    pub at: At,
    /// When the customer sent it, as the platform says.
    pub sent_at: Option<At>,
    /// Its writer has changed it, or taken it back.
    pub changed: Option<Changed>,
    /// For outgoing messages.
    pub delivery: Option<Delivery>,
}

/// The message that a channel brought under this id before.
pub async fn known(store: &Store, channel: &ChannelId, external_id: &str) -> Result<Option<MessageId>, StoreError> {
    let (channel, external_id) = (channel.clone(), external_id.to_owned());
    store.read(move |conn| first(conn, KNOWN, (channel, external_id), |row| row.get(0))).await
}

/// One message.
pub async fn get(store: &Store, message: MessageId) -> Result<Option<MessageRow>, StoreError> {
    store.read(move |conn| first(conn, GET, [message], message_row)).await
}

/// The first words of the customer's in a conversation.
pub async fn came_with(store: &Store, conversation: ConversationId) -> Result<Option<MessageRow>, StoreError> {
    store.read(move |conn| first(conn, CAME_WITH, [conversation], message_row)).await
}

/// A page of a conversation with its notes, for agents; oldest first. `before` is the first message of the page after.
pub async fn page(
    store: &Store,
    conversation: ConversationId,
    before: Option<MessageId>,
    limit: u32,
) -> Result<Vec<MessageRow>, StoreError> {
    store.read(move |conn| descending(conn, OF_CONVERSATION, conversation, before, limit)).await
}

/// The same for the visitor: never a note.
pub async fn public_page(
    store: &Store,
    conversation: ConversationId,
    before: Option<MessageId>,
    limit: u32,
) -> Result<Vec<MessageRow>, StoreError> {
    store.read(move |conn| descending(conn, PUBLIC, conversation, before, limit)).await
}

/// What a visitor has missed since a message, oldest first: never a note.
pub async fn public_after(
    store: &Store,
    conversation: ConversationId,
    after: MessageId,
    limit: u32,
) -> Result<Vec<MessageRow>, StoreError> {
    store.read(move |conn| all(conn, AFTER, (conversation, after, limit), message_row)).await
}

/// What the platform's window of a conversation is measured by.
pub async fn heard(store: &Store, conversation: ConversationId) -> Result<Measure, StoreError> {
    Ok(store.read(move |conn| first(conn, HEARD, [conversation], measure)).await?.unwrap_or_default())
}

/// The same of whom a channel has last heard by this identity, in whichever conversation.
pub async fn heard_from(store: &Store, channel: &ChannelId, identity: &Identity) -> Result<Measure, StoreError> {
    let (channel, identity) = (channel.clone(), identity.clone());
    let find = move |conn: &Connection| {
        let key = (channel, identity.kind, identity.namespace, identity.value);
        let Some(conversation) = first(conn, HEARD_IN, key, |row| row.get::<_, ConversationId>(0))? else { return Ok(None) };
        first(conn, HEARD, [conversation], measure)
    };
    Ok(store.read(find).await?.unwrap_or_default())
}

/// By the newest message of the customer's, or by what was recorded with it; and by how many of ours followed.
pub(super) fn measure(row: &Row<'_>) -> rusqlite::Result<Measure> {
    let answers: u32 = row.get("answers")?;
    Ok(match json_at::<Option<Measure>>(row, "measure")? {
        Some(measure) => Measure { answers: measure.answers.saturating_add(answers), ..measure },
        None => Measure { at: row.get("heard")?, answers, narrow: None },
    })
}

/// When a channel last carried something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Newest {
    pub heard: Option<At>,
    pub said: Option<At>,
}

pub async fn newest(store: &Store, channel: &ChannelId) -> Result<Newest, StoreError> {
    let channel = channel.clone();
    let row = |row: &rusqlite::Row<'_>| {
        let said: At = row.get("said")?;
        Ok(Newest { heard: row.get("heard")?, said: Some(said).filter(|said| said.0 > 0) })
    };
    Ok(store.read(move |conn| first(conn, NEWEST, [channel], row)).await?.unwrap_or_default())
}

/// Recorded but never handed over (the process ended in between), amendments too: to be sent again, oldest first. `after` is the last one of the page before.
pub async fn unsent(store: &Store, after: MessageId, limit: u32) -> Result<Vec<Outbound>, StoreError> {
    store
        .read(move |conn| {
            let mut unsent = all(conn, UNSENT, (after, limit), |row| {
                Ok(Outbound {
                    message: row.get("id")?,
                    conversation: row.get("conversation")?,
                    channel: row.get("channel")?,
                    to: Identity { kind: row.get("kind")?, namespace: row.get("namespace")?, value: row.get("value")? },
                    body: Body { text: row.get("text")?, files: json_at(row, "files")?, extra: json_at(row, "extra")? },
                    amends: None,
                })
            })?;
            // Each after its message: they are numbered together.
            unsent.extend(amendments::unsent(conn, after, limit)?);
            unsent.sort_by_key(|outbound| outbound.message);
            unsent.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            Ok(unsent)
        })
        .await
}

/// The last messages of a conversation without notes, oldest first.
pub(super) fn last_of(conn: &Connection, conversation: ConversationId, count: u32) -> Result<Vec<MessageRow>, StoreError> {
    descending(conn, PUBLIC, conversation, None, count)
}

fn descending(
    conn: &Connection,
    sql: &str,
    conversation: ConversationId,
    before: Option<MessageId>,
    limit: u32,
) -> Result<Vec<MessageRow>, StoreError> {
    let before = before.and_then(|id| i64::try_from(id.0).ok()).unwrap_or(i64::MAX);
    let mut rows = all(conn, sql, (conversation, before, limit), message_row)?;
    rows.reverse();
    Ok(rows)
}

pub(super) fn message_row(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    let (kind, delivery, failure): (String, Option<String>, Option<String>) = (row.get("kind")?, row.get("delivery")?, row.get("failure")?);
    Ok(MessageRow {
        id: row.get("id")?,
        person: row.get("person")?,
        conversation: row.get("conversation")?,
        call: row.get("call")?,
        channel: row.get("channel")?,
        kind: MessageKind::from_column(&kind),
        agent: row.get("agent")?,
        text: row.get("text")?,
        files: json_at(row, "files")?,
        extra: json_at(row, "extra")?,
        at: row.get("at")?,
        sent_at: row.get("sent_at")?,
        changed: maybe_word_at(row, "changed")?,
        delivery: delivery.map(|word| delivery_from(&word, failure)),
    })
}

pub(super) fn delivery_from(word: &str, failure: Option<String>) -> Delivery {
    match word {
        "queued" => Delivery::Queued,
        "sent" => Delivery::Sent,
        "delivered" => Delivery::Delivered,
        "read" => Delivery::Read,
        "failed" => Delivery::Failed { reason: failure.unwrap_or_default() },
        _ => Delivery::Unknown,
    }
}
