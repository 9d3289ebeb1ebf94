//! What calls and conversations have in common: a customer, and the stages of waiting and being served.

use super::id::*;
use super::person::{Identity, Kept, Unreachable};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A contact as the router sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Job {
    pub person: PersonId,
    pub identity: Identity,
    pub tier: Option<TierId>,
    pub dedicated: Option<AgentId>,
    /// Who served this customer last; afterwards, who serves or served this contact last.
    pub last_agent: Option<AgentId>,
    /// BCP 47: what they are spoken and written to in; `None` for the house's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Asked for no texts from us.
    #[serde(default)]
    pub opted_out: bool,
    /// Nothing reaches them by this identity, as the platform says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<Unreachable>,
    /// What rules ask for besides.
    #[serde(default, skip_serializing_if = "Kept::is_empty")]
    pub kept: Kept,
    /// The contact belongs to a ticket already.
    pub ticketed: bool,
    /// What a flow has found out.
    #[serde(default)]
    pub asks: Asks,
    pub stage: Stage,
}

/// How a contact is to be treated, as its flow found out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Asks {
    /// Points added to the queue's.
    pub priority: i32,
    /// Lowest level of skills besides those of the queue.
    pub skills: BTreeMap<SkillId, u8>,
    /// The person's tags and those that the flow gave this contact.
    pub tags: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// Takes no agent: echo, a closing prompt, a resolved conversation.
    Apart,
    Waiting(Waiting),
    Serving(Serving),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub queue: QueueId,
    /// Start of the wait; kept over lost offers and overflow.
    pub since: At,
    /// Queue's and tier's priority together; aging is in the rank.
    pub priority: i32,
    pub head: bool,
    /// A direct line: nobody else may take it.
    pub only: Option<AgentId>,
    /// Who is asked first, the strongest claim first.
    pub prefer: Vec<Prefer>,
    /// Until then a preferred agent who is merely busy is waited for.
    pub prefer_until: At,
    pub overflowed: bool,
    /// Who lost or declined it a moment ago, and until when others go first.
    pub passed: Vec<(AgentId, At)>,
    /// When the rules change for this work: a level relaxes, a preference ends, an overflow or the longest wait comes.
    pub wake: Option<At>,
    pub offer: Option<Offer>,
    /// An agent who takes nothing else until this fits: keeps small work from starving large work.
    pub drains: Option<AgentId>,
    pub transferred_by: Option<AgentId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Prefer {
    pub agent: AgentId,
    pub claim: Claim,
}

/// Why an agent is asked before others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Claim {
    /// Named by the colleague who transferred it.
    Transfer,
    SamePerson,
    Dedicated,
    LastAgent,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Offer {
    pub agent: AgentId,
    pub until: At,
    pub leg: Leg,
}

/// How an offer reaches the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Leg {
    /// Rung by the page; accepted by a command.
    Page,
    /// Accepted; the browser leg is being joined.
    Joining,
    /// A desk phone rings; picking up accepts.
    Phone,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Serving {
    pub agent: AgentId,
    pub queue: QueueId,
    pub since: At,
    pub held: bool,
    /// No audio from the agent since then; only browser legs have a deadline, a phone's dialog tells by itself.
    pub silent: Option<At>,
    pub phone: bool,
}
