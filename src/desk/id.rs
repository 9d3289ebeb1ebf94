//! Names of things. Numbers are minted (calls by the edge that hears them, all else by the desk);
//! agents, queues, skills, trunks and channels are named in the configuration, and that name is what stands in tables, URLs and logs.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// A point in time: milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct At(pub i64);

impl At {
    /// This moment, `millis` later.
    pub fn after(self, millis: i64) -> At {
        At(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` until this moment, never negative.
    pub fn since(self, earlier: At) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }
}

macro_rules! number {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

macro_rules! name {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Arc<str>);

        impl $name {
            /// The name as the configuration writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                $name(Arc::from(name))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

number! {
    /// One telephone call of a customer, however many agents it meets.
    CallId
    /// One open-to-resolved exchange of messages on one channel.
    ConversationId
    /// One message, note or system line.
    MessageId
    /// A customer: the person behind all identities.
    PersonId
    /// A ticket; its number is what people quote.
    TicketId
    /// An uploaded or received file.
    FileId
    /// A customer who did not reach us, and the call that we owe them.
    CallbackId
    /// One form that one customer was sent.
    FormId
    /// One message that the house was asked to send of its own accord.
    ProactiveId
    /// One event that a program of the firm's has told.
    ToldId
    /// One survey that one customer was asked.
    SurveyId
}

name! {
    /// An agent's login, as `[[agents]] id` declares it.
    AgentId
    /// A queue, as `[[queues]] id` declares it.
    QueueId
    /// A skill that queues require and agents have.
    SkillId
    /// A trunk, as `[[trunks]] id` declares it.
    TrunkId
    /// An address that sends SIP, as written; of IPv6 the /64.
    SourceId
    /// A channel account, as `[[channels]] id` declares it.
    ChannelId
    /// A customer tier, as `[[tiers]] id` declares it.
    TierId
    /// A flow, as `[flows.NAME]` declares it.
    FlowId
    /// A form, as `[forms.NAME]` declares it.
    FormKind
    /// A survey, as `[[surveys]] id` declares it, or as a flow names its own.
    SurveyName
    /// A prepared set of routing rules, as `[overlays.NAME]` declares it.
    OverlayId
    /// A kind of ticket, as `[tickets.types.NAME]` declares it.
    TicketKind
    /// A rule, as `[[rules]] id` declares it.
    RuleId
    /// Who works on tickets, as `[tickets.departments.NAME]` declares it.
    DepartmentId
}

/// What is routed and takes an agent's capacity. A callback waits in line like a call, in the place of the customer who is not on the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    Call(CallId),
    Conversation(ConversationId),
    Callback(CallbackId),
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Work::Call(id) => write!(f, "call {id}"),
            Work::Conversation(id) => write!(f, "conversation {id}"),
            Work::Callback(id) => write!(f, "callback {id}"),
        }
    }
}
