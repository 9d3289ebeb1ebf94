//! What agents do with the list of those who did not reach us.

use crate::desk::id::At;
use serde::{Deserialize, Serialize};

/// What an agent does with a customer on the callback list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackCommand {
    /// Take care of it: others see that and keep off.
    Claim,
    LetGo,
    /// Dial now; of who called from a page, that page is rung.
    Call,
    /// Write this into the chat window of somebody who has no number; `{link}` is the address at which they can call us.
    Write {
        text: String,
    },
    /// Promise a call: when it is their turn, or at a time.
    Book {
        at: Option<At>,
    },
    /// Over, with an outcome in words.
    Settle {
        outcome: String,
    },
}
