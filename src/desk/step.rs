//! What one input gives: the facts, the acts, the desk's changed memory and the answer to the asker. Committed together or not at all.

use super::act::Act;
use super::dial::DialRoute;
use super::fact::Fact;
use super::id::{At, CallId, CallbackId, MessageId, PersonId, ProactiveId, TicketId, ToldId};
use super::input::Way;
use super::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// The whole outcome of one input.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub at: At,
    pub facts: Vec<Fact>,
    pub acts: Vec<Act>,
    /// The desk's own memory that changed: written in the same transaction, read back by `Desk::restore`.
    pub live: Vec<LiveRow>,
    pub answer: Result<Answer, Refusal>,
}

/// One object of the desk's memory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LiveRow {
    /// `call/12`, `conversation/7`, `agent/mara`, `ticket/3`, `callback/4`, `form/2`, `ids`.
    pub key: String,
    /// JSON, or `None` when the object is over.
    pub state: Option<String>,
}

/// What the asker gets besides the facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Done,
    /// The message now has this id.
    Message(MessageId),
    /// Heard before; it has had this id since.
    Known(MessageId),
    Ticket(TicketId),
    /// New customers, in their order.
    People(Vec<PersonId>),
    /// The call that was begun.
    Call(CallId),
    /// The slot at which the call is parked.
    Parked(u32),
    /// The ways by which a number may be called.
    Routes(Vec<DialRoute>),
    Callback(CallbackId),
    /// What was asked for under this key, now or before.
    Proactive(ProactiveId),
    /// What was told under this key, now or before.
    Told(ToldId),
    /// Where something would go.
    Way(Way),
}
