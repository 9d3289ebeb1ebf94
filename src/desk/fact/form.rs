//! Facts of forms. What was answered is in none of them: answers stand in a table of their own, so that they can be forgotten in time.

use crate::desk::dial::DialRefusal;
use crate::desk::id::*;
use serde::{Deserialize, Serialize};

/// What happens to a form that was sent to a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormFact {
    /// Sent with this message; its link works until then.
    Sent {
        person: PersonId,
        kind: FormKind,
        /// During this contact.
        work: Work,
        conversation: ConversationId,
        message: MessageId,
        by: AgentId,
        until: At,
        /// The customer is called when the answer comes.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        calls: bool,
        /// An agent judges the answers.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        verdict: bool,
    },
    /// The answers are kept until then, with this ticket.
    Answered {
        keep_until: At,
        ticket: Option<TicketId>,
    },
    /// Accepted, or refused with a reason.
    Judged {
        by: AgentId,
        accepted: bool,
        reason: Option<String>,
    },
    /// The number that was given cannot be called.
    NotCalled {
        why: DialRefusal,
    },
    /// Nobody filled it in while the link worked.
    Expired,
    Withdrawn {
        by: AgentId,
    },
}
