//! Facts of those who did not reach us, and of calling them back.

use crate::desk::id::*;
use serde::{Deserialize, Serialize};

/// What happens to a customer who did not reach us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackFact {
    /// On the list from now on; `since` is the start of their wait.
    Listed {
        person: PersonId,
        number: String,
        queue: QueueId,
        why: MissedWhy,
        call: Option<CallId>,
        since: At,
    },
    /// They tried again and did not reach us again.
    MissedAgain {
        call: CallId,
        why: MissedWhy,
    },
    /// They were sent a text with the estimated wait and a link.
    Told {
        conversation: ConversationId,
        wait_s: Option<u32>,
    },
    /// A call is promised, not before `at`.
    Booked {
        by: BookedBy,
        at: At,
    },
    /// Somebody takes care of it.
    Claimed {
        by: AgentId,
    },
    LetGo {
        by: AgentId,
    },
    /// The customer is called, for the nth time.
    Dialled {
        agent: AgentId,
        call: CallId,
        attempt: u32,
    },
    /// They could not be had; `next` is when it is tried again by rule.
    NotReached {
        call: Option<CallId>,
        why: NotReached,
        tried: u32,
        next: Option<At>,
    },
    /// They call in while we owe them a call.
    CallsIn {
        call: CallId,
    },
    /// They called in and nobody talked to them.
    Resumed,
    /// What they said after the tone is a conversation.
    Voicemail {
        conversation: ConversationId,
        millis: u64,
    },
    /// Nothing was said after the tone.
    NoMessage {
        call: CallId,
    },
    Closed {
        how: CallbackEnd,
        by: Option<AgentId>,
        outcome: Option<String>,
    },
}

/// Why a customer stands on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissedWhy {
    /// Gave up waiting.
    Abandoned,
    /// Waited for the longest time that the queue allows.
    TimedOut,
    /// The line or the network failed.
    Failed,
    /// We were restarted in mid-call.
    Restart,
    /// Called while the queue was closed.
    Closed,
    Voicemail,
    /// Heard the tone and said nothing.
    NoMessage,
    /// Asked to be called back.
    Asked,
    /// Left a chat before anybody had answered.
    Chat,
    /// By a rule of the house.
    Rule,
}

/// Who promised the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookedBy {
    /// The caller, by a key.
    Key,
    /// The customer, by their link.
    Link,
    Agent(AgentId),
    /// Opening hours have moved it.
    Rule,
}

/// Why a customer could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotReached {
    Busy,
    NoAnswer,
    Unreachable,
    /// No trunk may or can dial this number.
    NotPlaced,
    /// The agent stopped dialling.
    Stopped,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackEnd {
    /// We called and talked to them.
    Reached,
    /// They called and somebody talked to them.
    CalledIn,
    /// An agent settled it in another way.
    Settled,
    /// Every attempt failed.
    NotReached,
    /// Nobody took care of it in time.
    Expired,
    /// The customer needs no call any more.
    Withdrawn,
}
