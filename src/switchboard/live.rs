//! What is shown while it happens and never kept: somebody is typing, a line sounds bad. It passes no desk and no disk; who misses it
//! misses nothing.

use crate::desk::id::{AgentId, CallId, ConversationId};
use crate::desk::input::LegParty;

/// How one leg of a call has sounded in the last seconds, as it arrives here.
#[derive(Debug, Clone, PartialEq)]
pub struct LineQuality {
    pub call: CallId,
    pub party: LegParty,
    pub loss_percent: f32,
    pub jitter_ms: f32,
    pub rtt_ms: Option<f32>,
    /// Estimated mean opinion score, 1.0 to 4.5.
    pub mos: f32,
}

/// Somebody writes, or has stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typing {
    pub conversation: ConversationId,
    pub from: Typist,
    pub on: bool,
    /// The text so far, from customers whose channel gives it; for agents' eyes only.
    pub preview: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typist {
    Customer,
    Agent(AgentId),
}
