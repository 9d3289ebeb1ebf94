//! Who is to serve what, and why.

use super::StatusName;
use crate::desk::id::*;
use crate::desk::input::{Medium, Target};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoutingFact {
    /// Waits in a queue; `head` when it came back from a lost offer or agent and goes first.
    Queued {
        person: PersonId,
        queue: QueueId,
        priority: i32,
        head: bool,
        reason: QueuedReason,
    },
    /// Reserved for one agent and shown or rung at their place.
    Offered {
        person: PersonId,
        queue: QueueId,
        agent: AgentId,
        until: At,
        decision: Decision,
    },
    OfferEnded {
        agent: AgentId,
        how: OfferEnd,
    },
    /// The card of the customer is before the eyes of this agent, who has not answered yet.
    CardShown {
        agent: AgentId,
    },
    /// The agent serves it from now on.
    Assigned {
        person: PersonId,
        agent: AgentId,
        waited_ms: i64,
    },
    Transferred {
        by: AgentId,
        to: Target,
        note: String,
    },
    /// The agent asks the supervisors for help.
    AssistAsked {
        person: PersonId,
        agent: AgentId,
        word: String,
    },
    AssistEnded {
        agent: AgentId,
        how: AssistEnd,
    },
    /// The agent has nothing more to do with it but wrap up.
    Released {
        agent: AgentId,
    },
    WrapUpStarted {
        agent: AgentId,
        until: At,
    },
    WrapUpExtended {
        agent: AgentId,
        until: At,
    },
    /// The time has run out, but the queue asks for what has not been handed in: the agent stays in wrap-up.
    WrapUpOverdue {
        agent: AgentId,
    },
    WrapUpDone {
        agent: AgentId,
        disposition: Option<String>,
        note: String,
        by_timer: bool,
    },
}

/// What became of a request for help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssistEnd {
    /// A supervisor is there.
    Came {
        by: AgentId,
    },
    TakenBack,
    /// The agent has nothing to do with the contact any more.
    Over,
}

/// Why work (again) waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueuedReason {
    /// It was put aside, and its time has come or the customer has written.
    Snoozed,
    New,
    /// The agent did not take it: it goes back to the head.
    OfferLost,
    Transferred,
    Overflow {
        from: QueueId,
    },
    /// The agent serving it is gone (page closed for longer than the grace time).
    AgentLost,
    /// A promised call whose time has come: it stands where the customer stood.
    Callback,
    /// Written again after everybody had left.
    Reopened,
    Restart,
    /// Nobody has fetched it from its slot.
    ParkTimeout,
    /// The number to which it was handed on could not be reached.
    HandOverFailed,
    /// By a rule of the house.
    Rule {
        rule: RuleId,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferEnd {
    Accepted,
    Declined,
    TimedOut,
    /// The customer hung up or it was taken by another hand.
    Withdrawn,
    /// The agent's phone could not be reached.
    Failed,
}

/// A routing decision, explained: shown on the contact and on the ring card.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Decision {
    /// Why this agent: at least one reason, the strongest first.
    pub chosen: Vec<Reason>,
    /// Who else was looked at, and what ruled each out or put them behind. At most 20; `more` counts the rest.
    pub others: Vec<(AgentId, Reason)>,
    pub more: u32,
}

/// One reason for or against an agent. The pages phrase it in the reader's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Dedicated,
    LastAgent,
    /// Has the skill at this level (wanted: that level).
    Skill {
        skill: SkillId,
        level: u8,
        wanted: u8,
    },
    LongestIdle {
        idle_ms: i64,
    },
    /// Serves this customer already, so it costs nothing more.
    SamePerson,
    TierFirst {
        tier: TierId,
    },
    Transferred {
        by: AgentId,
    },
    Took,
    /// Against:
    NotAvailable {
        status: StatusName,
    },
    NoVoice,
    /// Available, but not for this.
    NotTaking {
        medium: Medium,
    },
    NoCapacity {
        used: u32,
        capacity: u32,
        cost: u32,
    },
    SkillTooLow {
        skill: SkillId,
        level: u8,
        wanted: u8,
    },
    NotInQueue,
    ReservedForAnother,
    MissedJustNow,
    LessSkilled,
    IdleShorter {
        idle_ms: i64,
    },
}
