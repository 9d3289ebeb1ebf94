//! What is heard of the links that customers were sent.

use crate::desk::id::*;
use serde::{Deserialize, Serialize};

/// What a customer does with the link to their callback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkUse {
    /// Call me: as soon as it is my turn, or at this time.
    Book { at: Option<At> },
    /// No call needed any more.
    Withdraw,
}
