//! What an edge tells the desk about the customer it hears: looked up before the input is sent, because the desk never asks.

use super::id::{AgentId, PersonId, TierId};
use serde::{Deserialize, Serialize};

/// One way by which a customer is known: unique by (kind, namespace, value).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// `phone` (E.164 where known), `email`, `webchat`, `user` (signed-in shop account), `sip`, …
    pub kind: String,
    /// Who gives the value its meaning: the channel account, the shop; empty for telephone numbers and addresses.
    pub namespace: String,
    pub value: String,
}

/// The customer's entry as the store had it when the contact was heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonBrief {
    pub id: PersonId,
    pub name: String,
    pub tier: Option<TierId>,
    /// BCP 47, for prompts and automatic texts.
    pub language: Option<String>,
    /// The agent who always serves this customer first.
    pub dedicated: Option<AgentId>,
    /// Who served them last, on any channel.
    pub last_agent: Option<AgentId>,
    /// Contacts of a blocked person are refused politely.
    pub blocked: bool,
}

/// Who is calling or writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    pub identity: Identity,
    /// The name the caller or visitor gives themselves; unproven.
    pub display: Option<String>,
    /// `None` when no person has this identity yet: the desk then adds one.
    pub person: Option<PersonBrief>,
}
