//! Messages: what a channel hears, what is said, and how far it has come.

use crate::desk::id::*;
use crate::desk::person::Who;
use serde::{Deserialize, Serialize};

/// A message that a channel has received.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MessageHeard {
    pub channel: ChannelId,
    /// The platform's id; with the channel it makes a message unique.
    pub external_id: String,
    pub who: Who,
    pub body: Body,
    /// Where the visitor is (page address), when the channel knows; shown to the agent, never fetched.
    pub page: Option<String>,
    /// When the customer sent it, as the platform says.
    pub sent: At,
    /// The store already holds this external id: answer as before, change nothing.
    pub known: Option<MessageId>,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Body {
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileRef>,
}

/// A stored file as a message refers to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    pub id: FileId,
    /// Shown, never used as a path.
    pub name: String,
    /// By content, not by what the sender says.
    pub mime: String,
    pub bytes: u64,
}

/// How far an outgoing message has come. Later states replace earlier ones, never the reverse.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    Queued,
    /// Handed over, but the platform gave no sign either way.
    Unknown,
    Sent,
    Delivered,
    Read,
    Failed {
        reason: String,
    },
}
