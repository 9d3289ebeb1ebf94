//! What commands name: a status, whom a call goes to.

use crate::desk::id::*;
use crate::desk::person::{Page, Who};
use serde::{Deserialize, Serialize};

/// The state an agent chooses. Wrap-up is never chosen; it follows a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WantedStatus {
    Available,
    Busy,
    Break { reason: String },
    Offline,
}

/// What an agent may take none of while they are available for the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// Calls, callbacks, and voicemails, which are answered by calling.
    Calls,
    Chats,
    Mail,
}

impl Medium {
    pub const ALL: [Medium; 3] = [Medium::Calls, Medium::Chats, Medium::Mail];

    /// As forms and texts name it.
    pub fn word(self) -> &'static str {
        match self {
            Medium::Calls => "calls",
            Medium::Chats => "chats",
            Medium::Mail => "mail",
        }
    }
}

/// Where a transfer goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Agent(AgentId),
    Queue(QueueId),
    /// A dialled number of ours and what it leads to.
    Line(String),
    /// A telephone number outside, as it was typed.
    Outside(String),
}

/// How a supervisor is in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchMode {
    /// Hears everybody, is heard by nobody.
    Listen,
    /// Is heard by the agent alone.
    Whisper,
    /// Is heard by everybody.
    Barge,
    /// Serves the customer from then on, instead of the agent.
    TakeOver,
}

/// One change of an agent's work for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveChange {
    /// Serves this queue too.
    Join(QueueId),
    /// Does not serve this queue.
    Leave(QueueId),
    /// Has this skill at this level, 1 to 5; 0 for not at all.
    Skill { skill: SkillId, level: u8 },
}

impl MoveChange {
    /// Whether both are about the same queue or skill: the later one then counts.
    pub fn concerns(&self, other: &MoveChange) -> bool {
        match (self, other) {
            (MoveChange::Join(a) | MoveChange::Leave(a), MoveChange::Join(b) | MoveChange::Leave(b)) => a == b,
            (MoveChange::Skill { skill: a, .. }, MoveChange::Skill { skill: b, .. }) => a == b,
            _ => false,
        }
    }
}

/// Whom an agent calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Callee {
    /// A customer, looked up by the asker, at a number as it was typed. `line` is the one of ours that they had dialled.
    Number {
        who: Who,
        number: String,
        #[serde(default)]
        line: Option<String>,
    },
    /// A customer at a page of theirs.
    Page {
        who: Who,
        page: Page,
        /// The agent calls with their camera on.
        #[serde(default)]
        video: bool,
    },
    /// `who` is the caller, as the colleague is shown them.
    Colleague { agent: AgentId, who: Who },
}

impl Callee {
    /// Whom the call is about.
    pub fn who(&self) -> &Who {
        match self {
            Callee::Number { who, .. } | Callee::Page { who, .. } | Callee::Colleague { who, .. } => who,
        }
    }
}
