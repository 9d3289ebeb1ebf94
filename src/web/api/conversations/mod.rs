//! Conversations and what was written in them, as programs read them.

mod list;
mod messages;
mod show;

pub use list::{__path_list, list};
pub use messages::{__path_messages, messages};
pub use show::{__path_show, show};

use super::people::Identity;
use crate::store::conversations::ConversationRow;
use crate::webhooks::event::moment;
use serde::Serialize;
use utoipa::ToSchema;

/// One open-to-resolved exchange of messages on one channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct Conversation {
    id: u64,
    person: u64,
    channel: String,
    /// By what the customer writes.
    identity: Identity,
    /// `open` (nobody has it), `waiting`, `offered`, `serving` or `resolved`.
    state: String,
    queue: Option<String>,
    /// Who serves it, or served it last.
    agent: Option<String>,
    /// How long the customer waited for the first agent.
    waited_ms: Option<i64>,
    disposition: Option<String>,
    #[schema(format = DateTime)]
    opened_at: String,
    #[schema(format = DateTime)]
    last_at: String,
    #[schema(format = DateTime)]
    resolved_at: Option<String>,
}

impl From<ConversationRow> for Conversation {
    fn from(row: ConversationRow) -> Conversation {
        Conversation {
            id: row.id.0,
            person: row.person.0,
            channel: row.channel.to_string(),
            identity: Identity { kind: row.identity.kind, namespace: row.identity.namespace, value: row.identity.value },
            state: row.state,
            queue: row.queue.map(|queue| queue.to_string()),
            agent: row.agent.map(|agent| agent.to_string()),
            waited_ms: row.waited_ms,
            disposition: row.disposition,
            opened_at: moment(row.opened_at),
            last_at: moment(row.last_at),
            resolved_at: row.resolved_at.map(moment),
        }
    }
}
