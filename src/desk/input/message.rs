//! Messages: what a channel hears, what is said, and how far it has come.

use crate::desk::id::*;
use crate::desk::person::{Identity, Who};
use crate::desk::window::Narrow;
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
    pub besides: Besides,
}

/// What platforms say of a message besides.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Besides {
    /// Further ways by which the platform proves that the writer is known.
    pub also: Vec<Identity>,
    /// The platform's own order among messages of the same moment.
    pub seq: i64,
    pub belongs: Belongs,
    /// Written by a machine: kept, but nobody is rung for it.
    pub automatic: bool,
    /// It opens less than a message does; `None`: it is one.
    #[serde(default)]
    pub narrow: Option<Narrow>,
}

/// Which conversation a message goes on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Belongs {
    /// Whatever its writer last had on the channel.
    #[default]
    Newest,
    /// The thread that it answers.
    To(ConversationId),
    /// None: a thread of its own.
    Anew,
}

/// A message is not what it was: a customer's, or one of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// These are its words now.
    Edited(String),
    /// Its writer took it back. What was said stays in the log, but is shown no more.
    Recalled,
}

/// A message that an agent wants to be different, as the edge found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ours {
    pub message: MessageId,
    /// `None`: no agent wrote it.
    pub by: Option<AgentId>,
    pub body: Body,
    pub at: At,
    pub state: Delivery,
    pub recalled: bool,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Body {
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Extra>,
}

impl Body {
    /// Nothing but words.
    pub fn text(text: impl Into<String>) -> Body {
        Body { text: text.into(), ..Body::default() }
    }
}

/// What a message is besides its text and files. The text always says it, too, so that who does not know the kind still reads something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Extra {
    /// The file is what somebody has spoken into their telephone.
    Voice,
    Picture,
    /// In millionths of a degree.
    Place {
        latitude: i32,
        longitude: i32,
        label: String,
        /// In words, where it is known apart from the label.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        address: String,
    },
    /// A card that leads somewhere.
    Link {
        url: String,
        title: String,
        about: String,
        /// Address of a picture; we never fetch it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        picture: String,
    },
    /// Somebody's name and numbers.
    Contact {
        name: String,
        values: Vec<String>,
    },
    /// What the customer may tap as an answer.
    Choices {
        options: Vec<String>,
    },
    /// An answer to such a question of ours: which of its choices, from 1, and the beginning of what was asked.
    Chosen {
        question: MessageId,
        number: u16,
        choice: String,
        #[serde(default)]
        asked: String,
    },
    /// A text that the platform has approved; ours has its words with the variables put in.
    Template {
        name: String,
        language: String,
        variables: Vec<String>,
    },
    /// A sign under one of the messages; an empty one takes it away.
    Reaction {
        emoji: String,
    },
    Mail(Box<Mail>),
    /// A kind that we do not know, by the platform's name for it.
    Other {
        kind: String,
    },
}

/// The head of a letter, and what of it is not shown as text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mail {
    pub subject: String,
    /// Addresses, with names where there are any.
    pub from: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cc: Vec<String>,
    /// Who gets a copy that the others do not know of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bcc: Vec<String>,
    /// The letter as it was designed, cleaned; a file of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<FileId>,
    /// What was quoted below or above, folded away.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub quoted: String,
    /// Whether the sender's domain has signed it, as the receiving server says; `None`: nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<bool>,
    /// Written by a machine.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub automatic: bool,
    /// Of a letter of ours: what the customer may choose from, each an address of ours.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<MailButton>,
}

/// One choice of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailButton {
    pub label: String,
    pub url: String,
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
