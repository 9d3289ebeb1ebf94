//! Names by which platforms know a conversation of ours: the Message-IDs of a thread of letters.

use super::values::{all, first, run};
use super::{Store, StoreError};
use crate::desk::id::*;
use crate::desk::input::Extra;

statements! {
    FIND = "SELECT conversation FROM thread WHERE channel = ?1 AND name = ?2";
    NAME = "INSERT INTO thread (channel, name, conversation, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    OF = "SELECT name FROM (SELECT name, at FROM thread WHERE conversation = ?1 ORDER BY at DESC, name LIMIT ?2) ORDER BY at, name";
    NEWEST_IN = "SELECT external_id, coalesce(sent_at, at) FROM message WHERE conversation = ?1 AND kind = 'in' ORDER BY id DESC LIMIT 1";
    HEAD = "SELECT extra FROM message WHERE conversation = ?1 AND extra IS NOT NULL ORDER BY id LIMIT 1";
}

/// Names of a thread that are told to who writes an answer: a letter has several.
const NAMES: u32 = 100;

/// The conversation that one of these names belongs to; the first that is known decides.
pub async fn find(store: &Store, channel: &ChannelId, names: Vec<String>) -> Result<Option<ConversationId>, StoreError> {
    let channel = channel.clone();
    store
        .read(move |conn| {
            for name in &names {
                if let Some(conversation) = first(conn, FIND, (&channel, name), |row| row.get(0))? {
                    return Ok(Some(conversation));
                }
            }
            Ok(None)
        })
        .await
}

/// From now on it is known by these, too.
pub async fn name(store: &Store, channel: &ChannelId, conversation: ConversationId, names: Vec<String>, at: At) -> Result<(), StoreError> {
    let channel = channel.clone();
    store.write(move |conn| names.iter().try_for_each(|name| run(conn, NAME, (&channel, name, conversation, at)).map(drop))).await
}

/// What an answer in a conversation refers to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Thread {
    /// The platform's id of the customer's newest message, and when they sent it.
    pub newest: Option<(String, At)>,
    /// Oldest first.
    pub names: Vec<String>,
    pub subject: Option<String>,
}

pub async fn thread(store: &Store, conversation: ConversationId) -> Result<Thread, StoreError> {
    store
        .read(move |conn| {
            let newest = first(conn, NEWEST_IN, [conversation], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let names = all(conn, OF, (conversation, NAMES), |row| row.get(0))?;
            let head: Option<String> = first(conn, HEAD, [conversation], |row| row.get(0))?;
            let subject = head.and_then(|head| match serde_json::from_str(&head) {
                Ok(Extra::Mail(mail)) => Some(mail.subject),
                _ => None,
            });
            Ok(Thread { newest, names, subject })
        })
        .await
}
