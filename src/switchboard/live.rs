//! What is shown while it happens and never kept: somebody is typing. It passes no desk and no disk; who misses it misses nothing.

use crate::desk::id::{AgentId, ConversationId};

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
