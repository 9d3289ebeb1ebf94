//! A ticket as the desk needs it: whose it is and which stages it may reach.

use super::id::*;
use super::input::TicketState;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ticket {
    pub id: TicketId,
    pub person: PersonId,
    pub state: TicketState,
    /// 1 (most urgent) to 4.
    pub priority: u8,
    pub assignee: Option<AgentId>,
    /// Since when it is resolved; some days later it is closed.
    #[serde(default)]
    pub resolved_at: Option<At>,
}

/// Urgency of a ticket nobody has judged yet.
pub(super) const ORDINARY: u8 = 3;

impl Ticket {
    /// Nothing becomes new again; a resolved ticket is reopened or closed; a closed one is over.
    pub fn may_become(&self, next: TicketState) -> bool {
        use TicketState::*;
        match self.state {
            New => matches!(next, Open | Pending | Resolved | Closed),
            Open => matches!(next, Pending | Resolved | Closed),
            Pending => matches!(next, Open | Resolved | Closed),
            Resolved => matches!(next, Open | Closed),
            Closed => false,
        }
    }

    /// A new contact of the customer is about this.
    pub fn is_open(&self) -> bool {
        matches!(self.state, TicketState::New | TicketState::Open | TicketState::Pending)
    }
}
