//! Messages that the house sends of its own accord: a parcel is on its way, a bicycle is ready. Asked for by a program of the firm's or by a
//! rule; the desk finds the way.

use crate::desk::card::Card;
use crate::desk::id::*;
use crate::desk::person::{Consent, Identity, Unreachable, Who};
use crate::desk::traits::Window;
use serde::{Deserialize, Serialize};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    pub to: Recipient,
    /// Sent where free text may be; empty: only the template goes.
    pub text: String,
    /// Instead of `text`: a question with choices, a link or a place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// Of a letter.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// Sent where the platform takes nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Wording>,
    pub purpose: Purpose,
    /// Only these, in this order; empty: whichever reaches them best.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<ChannelId>,
    /// Later it is not sent at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<At>,
    /// The channel whose outage it tells: never sent there, and not at all once it works again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage: Option<ChannelId>,
    /// Who asks: the name of a token, or a rule.
    pub by: String,
    /// The same key of the same asker is the same message, and `digest` says whether it is.
    pub key: String,
    pub digest: String,
}

/// A template with its places filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    pub name: String,
    /// As the platform writes it.
    pub language: String,
    pub variables: Vec<String>,
}

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// About something that the customer has bought or asked.
    Service,
    /// Wants them to buy: only with their consent, and not often.
    Offer,
}

/// A customer with all ways to them, as the store has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    pub who: Who,
    #[serde(default)]
    pub consent: Consent,
    /// When they were last sent an offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_at: Option<At>,
    pub ways: Vec<Reach>,
}

/// One identity of theirs, and where it was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    pub identity: Identity,
    /// `None`: nobody has written to or from it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
    /// When something was last written there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<At>,
    /// When the customer last wrote, and how often they were answered since; and what that opens, where it was less than a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_at: Option<At>,
    #[serde(default)]
    pub answers: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrow: Option<Window>,
    #[serde(default)]
    pub opted_out: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<Unreachable>,
}
