//! Conversations: the header of one, and the lists of those that an agent has or that wait.

use super::values::{all, first};
use super::viewer::{Viewer, shown};
use super::{Store, StoreError};
use crate::desk::id::*;
use crate::desk::person::Identity;
use rusqlite::Row;
use std::collections::{BTreeMap, BTreeSet};

statements! {
    GET = "SELECT c.*, p.name AS person_name, p.tier AS person_tier FROM conversation c JOIN person p ON p.id = c.person WHERE c.id = ?1";
    // The index of what is not resolved is only taken where the condition stands as it is in the index; an agent may have resolved a hundred thousand.
    MINE = "SELECT c.*, p.name AS person_name, p.tier AS person_tier FROM conversation c INDEXED BY conversation_open
        JOIN person p ON p.id = c.person WHERE c.state <> 'resolved' AND c.state = 'serving' AND c.agent = ?1 ORDER BY c.last_at DESC, c.id DESC LIMIT ?2";
    SNOOZED = "SELECT c.*, p.name AS person_name, p.tier AS person_tier FROM conversation c INDEXED BY conversation_open
        JOIN person p ON p.id = c.person WHERE c.state <> 'resolved' AND c.state = 'snoozed' AND c.agent = ?1 ORDER BY c.snoozed_until, c.id LIMIT ?2";
    WAITING = "SELECT c.*, p.name AS person_name, p.tier AS person_tier FROM conversation c JOIN person p ON p.id = c.person
        WHERE c.state IN ('open', 'waiting', 'offered') ORDER BY c.queued_at, c.id LIMIT ?1";
    OF_PERSON = "SELECT c.*, p.name AS person_name, p.tier AS person_tier FROM conversation c JOIN person p ON p.id = c.person
        WHERE c.person = ?1 ORDER BY c.opened_at DESC, c.id DESC LIMIT ?2";
    OPEN_OF_IDENTITY = "SELECT id FROM conversation
        WHERE channel = ?1 AND kind = ?2 AND namespace = ?3 AND value = ?4 AND state <> 'resolved' ORDER BY id DESC LIMIT 1";
    LAST_OF_IDENTITY = "SELECT id FROM conversation
        WHERE channel = ?1 AND kind = ?2 AND namespace = ?3 AND value = ?4 ORDER BY id DESC LIMIT 1";
    ADDRESS = "SELECT channel, kind, namespace, value FROM conversation WHERE id = ?1";
    CHANNELS = "SELECT id, channel FROM conversation WHERE id IN (SELECT value FROM json_each(?1))";
    UNREAD = "SELECT coalesce(sum(unread), 0) FROM conversation INDEXED BY conversation_open
        WHERE state <> 'resolved' AND state = 'serving' AND agent = ?1";
}

/// The header of a conversation, and its line in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationRow {
    pub id: ConversationId,
    pub person: PersonId,
    pub person_name: String,
    pub person_tier: Option<TierId>,
    pub channel: ChannelId,
    /// By what the customer writes; the value as the viewer may see it.
    pub identity: Identity,
    /// The page the visitor came from.
    pub page: Option<String>,
    /// `open` (nobody has it), `waiting`, `offered`, `serving`, `snoozed` or `resolved`.
    pub state: String,
    pub queue: Option<QueueId>,
    /// Who serves it, or served it last.
    pub agent: Option<AgentId>,
    pub opened_at: At,
    pub queued_at: Option<At>,
    pub assigned_at: Option<At>,
    /// How long the customer waited for the first agent.
    pub waited_ms: Option<i64>,
    pub last_at: At,
    /// The first 200 characters of the last message, or its file's name.
    pub last_line: String,
    /// `customer`, `agent` or `house`.
    pub last_by: String,
    /// Messages of the customer that no agent has seen.
    pub unread: u32,
    pub read_by_agent: Option<MessageId>,
    pub read_by_customer: Option<MessageId>,
    pub customer_left_at: Option<At>,
    /// The customer left before anybody answered.
    pub abandoned_at: Option<At>,
    pub resolved_at: Option<At>,
    pub resolved_by: Option<AgentId>,
    pub disposition: Option<String>,
    /// Put aside until then.
    pub snoozed_until: Option<At>,
}

/// One conversation's header.
pub async fn get(store: &Store, viewer: &Viewer, conversation: ConversationId) -> Result<Option<ConversationRow>, StoreError> {
    let viewer = viewer.clone();
    store.read(move |conn| first(conn, GET, [conversation], |row| conversation_row(row, &viewer))).await
}

/// Those that the agent serves now, the last written in first.
pub async fn mine(store: &Store, viewer: &Viewer, agent: &AgentId, limit: u32) -> Result<Vec<ConversationRow>, StoreError> {
    let (viewer, agent) = (viewer.clone(), agent.clone());
    store.read(move |conn| all(conn, MINE, (agent, limit), |row| conversation_row(row, &viewer))).await
}

/// Those that the agent has put aside, the next to come back first.
pub async fn snoozed(store: &Store, viewer: &Viewer, agent: &AgentId, limit: u32) -> Result<Vec<ConversationRow>, StoreError> {
    let (viewer, agent) = (viewer.clone(), agent.clone());
    store.read(move |conn| all(conn, SNOOZED, (agent, limit), |row| conversation_row(row, &viewer))).await
}

/// Those that nobody serves yet, the longest waiting first.
pub async fn waiting(store: &Store, viewer: &Viewer, limit: u32) -> Result<Vec<ConversationRow>, StoreError> {
    let viewer = viewer.clone();
    store.read(move |conn| all(conn, WAITING, [limit], |row| conversation_row(row, &viewer))).await
}

/// All of one customer, newest first.
pub async fn of_person(store: &Store, viewer: &Viewer, person: PersonId, limit: u32) -> Result<Vec<ConversationRow>, StoreError> {
    let viewer = viewer.clone();
    store.read(move |conn| all(conn, OF_PERSON, (person, limit), |row| conversation_row(row, &viewer))).await
}

/// The unresolved conversation of this identity on this channel.
pub async fn open_of(store: &Store, channel: &ChannelId, identity: &Identity) -> Result<Option<ConversationId>, StoreError> {
    by_identity(store, OPEN_OF_IDENTITY, channel, identity).await
}

/// The newest conversation of this identity, resolved or not: what a returning visitor is shown.
pub async fn last_of(store: &Store, channel: &ChannelId, identity: &Identity) -> Result<Option<ConversationId>, StoreError> {
    by_identity(store, LAST_OF_IDENTITY, channel, identity).await
}

/// By what channel and whom a conversation is had; in full, never shown.
pub async fn address(store: &Store, conversation: ConversationId) -> Result<Option<(ChannelId, Identity)>, StoreError> {
    let read = |row: &Row<'_>| {
        let identity = Identity { kind: row.get("kind")?, namespace: row.get("namespace")?, value: row.get("value")? };
        Ok((row.get("channel")?, identity))
    };
    store.read(move |conn| first(conn, ADDRESS, [conversation], read)).await
}

/// By which channel each of these is had.
pub async fn channels(store: &Store, of: &BTreeSet<ConversationId>) -> Result<BTreeMap<ConversationId, ChannelId>, StoreError> {
    if of.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids = serde_json::to_string(of)?;
    let pairs = store.read(move |conn| all(conn, CHANNELS, [ids], |row| Ok((row.get("id")?, row.get("channel")?)))).await?;
    Ok(pairs.into_iter().collect())
}

/// Unseen messages over all conversations of the agent, for the title and the badge.
pub async fn unread(store: &Store, agent: &AgentId) -> Result<u32, StoreError> {
    let agent = agent.clone();
    store.read(move |conn| Ok(first(conn, UNREAD, [agent], |row| row.get(0))?.unwrap_or(0))).await
}

async fn by_identity(
    store: &Store,
    sql: &'static str,
    channel: &ChannelId,
    identity: &Identity,
) -> Result<Option<ConversationId>, StoreError> {
    let (channel, identity) = (channel.clone(), identity.clone());
    store.read(move |conn| first(conn, sql, (channel, identity.kind, identity.namespace, identity.value), |row| row.get(0))).await
}

pub(super) fn conversation_row(row: &Row<'_>, viewer: &Viewer) -> rusqlite::Result<ConversationRow> {
    let (kind, value): (String, String) = (row.get("kind")?, row.get("value")?);
    let seen = |id: MessageId| (id.0 > 0).then_some(id);
    Ok(ConversationRow {
        id: row.get("id")?,
        person: row.get("person")?,
        person_name: row.get("person_name")?,
        person_tier: row.get("person_tier")?,
        channel: row.get("channel")?,
        identity: Identity { namespace: row.get("namespace")?, value: shown(viewer, &kind, &value), kind },
        page: row.get("page")?,
        state: row.get("state")?,
        queue: row.get("queue")?,
        agent: row.get("agent")?,
        opened_at: row.get("opened_at")?,
        queued_at: row.get("queued_at")?,
        assigned_at: row.get("assigned_at")?,
        waited_ms: row.get("waited_ms")?,
        last_at: row.get("last_at")?,
        last_line: row.get("last_line")?,
        last_by: row.get("last_by")?,
        unread: row.get("unread")?,
        read_by_agent: seen(row.get("read_by_agent")?),
        read_by_customer: seen(row.get("read_by_customer")?),
        customer_left_at: row.get("customer_left_at")?,
        abandoned_at: row.get("abandoned_at")?,
        resolved_at: row.get("resolved_at")?,
        resolved_by: row.get("resolved_by")?,
        snoozed_until: row.get("snoozed_until")?,
        disposition: row.get("disposition")?,
    })
}
