//! Messages that wait for an app of the firm's: which its server should hear of, and which it has heard of.

use super::values::{all, run};
use super::{Store, StoreError};
use crate::desk::id::*;
use rusqlite::Row;

statements! {
    // The newest messages of the house are all that can be young enough; older ones are not even looked at.
    DUE = "SELECT m.id, m.text, m.files, m.at, m.agent, c.value FROM message m JOIN conversation c ON c.id = m.conversation
        WHERE m.channel = ?1 AND m.kind IN ('out', 'auto') AND m.changed IS NOT 'recalled' AND c.kind = 'user' AND m.delivery IN ('queued', 'sent', 'unknown')
        AND m.id > (SELECT coalesce(max(id), 0) - 20000 FROM message) AND m.at > ?2 AND m.at <= ?3 AND NOT EXISTS (SELECT 1 FROM app_push p WHERE p.message = m.id) ORDER BY m.id LIMIT ?4";
    TOLD = "INSERT INTO app_push (message, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    PURGE = "DELETE FROM app_push WHERE at <= ?1";
}

/// A message that is not on its reader's device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub message: MessageId,
    /// The account at the firm's site.
    pub account: String,
    pub agent: Option<AgentId>,
    pub text: String,
    pub files: bool,
    pub at: At,
}

/// Those written after `from` and no later than `until`, oldest first.
pub async fn due(store: &Store, channel: &ChannelId, from: At, until: At, most: u32) -> Result<Vec<Waiting>, StoreError> {
    let channel = channel.clone();
    store.read(move |conn| all(conn, DUE, (channel, from, until, most), waiting)).await
}

/// They are not told of again.
pub async fn told(store: &Store, messages: Vec<MessageId>, at: At) -> Result<(), StoreError> {
    store.write(move |conn| messages.iter().try_for_each(|message| run(conn, TOLD, (message, at)).map(drop))).await
}

/// Forgets what is too old to be told of.
pub async fn purge(store: &Store, until: At) -> Result<(), StoreError> {
    store.write(move |conn| run(conn, PURGE, [until]).map(drop)).await
}

fn waiting(row: &Row<'_>) -> rusqlite::Result<Waiting> {
    Ok(Waiting {
        message: row.get("id")?,
        account: row.get("value")?,
        agent: row.get("agent")?,
        text: row.get("text")?,
        files: row.get::<_, Option<String>>("files")?.is_some(),
        at: row.get("at")?,
    })
}
