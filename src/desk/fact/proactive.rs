//! Facts of messages that the house sends of its own accord.

use crate::desk::id::*;
use crate::desk::input::Purpose;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProactiveFact {
    Asked {
        by: String,
        key: String,
        digest: String,
        /// `None`: nobody whom we know yet.
        person: Option<PersonId>,
        purpose: Purpose,
    },
    /// It is sent then, if nothing is in the way.
    Waits {
        until: At,
        why: Waits,
    },
    /// It is one of the messages now.
    Sent {
        person: PersonId,
        conversation: ConversationId,
        message: MessageId,
        channel: ChannelId,
        purpose: Purpose,
    },
    /// It did not arrive there: it goes by the next way, which the facts after this one tell.
    FellBack {
        channel: ChannelId,
        /// The platform's own words.
        reason: String,
    },
    Refused {
        why: Unsent,
    },
}

/// Why it is not sent at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waits {
    QuietHours,
    ChannelDown,
}

/// Why it is not sent at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unsent {
    /// No channel of the house leads to any identity of theirs.
    NoWay,
    /// The channel carries no text so long.
    TooLong,
    /// They wrote too long ago, and there is no template for that channel.
    WindowClosed,
    Unreachable,
    /// They asked for no more texts.
    OptedOut,
    /// An offer to somebody who has not agreed to offers.
    NoConsent,
    /// They want nothing but what they asked for.
    DoNotContact,
    Blocked,
    /// They were sent an offer not long ago.
    TooOften,
    /// `not_after` comes before it may be sent.
    TooLate,
}
