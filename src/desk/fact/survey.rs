//! Facts of surveys: what customers were asked when a contact was over, and what they said.

use crate::desk::id::*;
use crate::desk::survey::Scale;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurveyFact {
    Asked {
        survey: SurveyName,
        scale: Scale,
        person: PersonId,
        /// The contact that it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        work: Option<Work>,
        /// Who served them last in it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<AgentId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        queue: Option<QueueId>,
        /// The channel of the contact; `None`: the telephone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<ChannelId>,
        by: AskedBy,
    },
    /// The latest counts.
    Answered {
        survey: SurveyName,
        scale: Scale,
        person: PersonId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        work: Option<Work>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<AgentId>,
        score: u8,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        comment: String,
        /// So low that somebody has to see to it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        low: bool,
    },
    /// The ticket that a low score has opened.
    FollowedUp { ticket: TicketId },
}

/// How a customer is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedBy {
    /// In the chat window, the app, or the page by which they called.
    Window,
    /// On the telephone, to be answered by a key.
    Keys,
    /// By a letter with a button for each answer.
    Letter,
    /// By a message, to be answered by a number or by its link.
    Message,
    /// By a node of a flow.
    Flow,
}
