//! What commands name: a status, whom a call goes to, a change of a ticket.

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

/// Whom an agent calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Callee {
    /// A customer, looked up by the asker, at a number as it was typed.
    Number { who: Who, number: String },
    /// A customer at a page of theirs.
    Page { who: Who, page: Page },
    /// `who` is the caller, as the colleague is shown them.
    Colleague { agent: AgentId, who: Who },
}

/// One change of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketChange {
    State(TicketState),
    /// 1 (most urgent) to 4.
    Priority(u8),
    Assignee(Option<AgentId>),
    Subject(String),
    Comment(String),
}

/// The stages of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketState {
    New,
    Open,
    Pending,
    Resolved,
    Closed,
}
