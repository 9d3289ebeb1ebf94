//! Links by which customers have gone on in a chat window of the house's. Of a link only a hash is kept, and the first browser that opens it
//! keeps it: whoever gets the link later gets nothing.

use super::values::{all, first, run};
use super::{Store, StoreError};
use crate::desk::id::*;
use rusqlite::Connection;
use sha2::{Digest, Sha256};

statements! {
    VISITOR = "SELECT visitor FROM continuation WHERE link = ?1";
    TAKE = "INSERT INTO continuation (link, channel, visitor, conversation, at) VALUES (?1, ?2, ?3, ?4, ?5)";
    OF = "SELECT conversation FROM continuation WHERE channel = ?1 AND visitor = ?2 ORDER BY at DESC LIMIT 5";
}

/// What a browser gets by a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is this visitor from now on.
    New(String),
    /// It was this visitor before.
    Again(String),
    /// Another browser has the link.
    Gone,
}

/// Opens a link: `fresh` is who the browser becomes, `known` who it says it is.
pub async fn take(
    store: &Store,
    link: &str,
    channel: ChannelId,
    conversation: ConversationId,
    (known, fresh): (Option<String>, String),
    at: At,
) -> Result<Taken, StoreError> {
    let hash = hex::encode(Sha256::digest(link));
    store
        .write(move |conn| match visitor_of(conn, &hash)? {
            Some(visitor) if known.as_ref() == Some(&visitor) => Ok(Taken::Again(visitor)),
            Some(_) => Ok(Taken::Gone),
            None => {
                run(conn, TAKE, (&hash, &channel, &fresh, conversation, at))?;
                Ok(Taken::New(fresh))
            }
        })
        .await
}

/// The conversations from which this visitor has come, the last one first.
pub async fn of(store: &Store, channel: &ChannelId, visitor: &str) -> Result<Vec<ConversationId>, StoreError> {
    let (channel, visitor) = (channel.clone(), visitor.to_owned());
    store.read(move |conn| all(conn, OF, (channel, visitor), |row| row.get(0))).await
}

fn visitor_of(conn: &Connection, hash: &str) -> Result<Option<String>, StoreError> {
    first(conn, VISITOR, [hash], |row| row.get(0))
}
