//! Facts of what rules do.

use super::Unsent;
use crate::desk::id::*;
use crate::desk::refusal::Refusal;
use crate::desk::rules::Subject;
use crate::desk::rules::spec::TagOf;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleFact {
    Did {
        subject: Subject,
        person: PersonId,
        did: Did,
    },
    /// What it should have done and was not done.
    Refused {
        subject: Subject,
        person: PersonId,
        /// The word of the action, as the file has it.
        what: String,
        why: NotDone,
    },
}

/// One thing that a rule has done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Did {
    Assigned {
        agent: AgentId,
    },
    /// Moved to another queue.
    Queued {
        queue: QueueId,
    },
    Prioritised {
        points: i32,
    },
    /// 1 (most urgent) to 4.
    TicketPriority {
        priority: u8,
    },
    Tagged {
        tag: String,
        of: TagOf,
    },
    Replied {
        message: MessageId,
    },
    /// By a message of the house's own accord; its own facts say what became of it.
    Wrote {
        proactive: ProactiveId,
    },
    Ticket {
        ticket: TicketId,
    },
    Notified {
        agents: Vec<AgentId>,
        text: String,
    },
    /// A program of the firm's is told, by the name of its address.
    Webhook {
        to: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        text: String,
    },
    /// Put on the call list.
    Listed {
        callback: CallbackId,
    },
    Alerted {
        text: String,
        until: At,
    },
    /// How it was; the survey's own facts say how, and what became of it.
    Asked {
        survey: SurveyName,
    },
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotDone {
    Desk(Refusal),
    Unsent(Unsent),
    /// There is nobody any more, or nobody could say by what they are reached.
    Nobody,
    /// Too much waits already for the same thing.
    TooMuch,
    /// It cannot be done to what this is about.
    DoesNotFit,
    /// The customer was asked how it was not long ago.
    AskedLately,
    /// There is no such survey (any more).
    NoSurvey,
}
