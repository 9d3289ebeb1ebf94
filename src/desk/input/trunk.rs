//! What is heard of trunks: how they are, and what a trial of one comes to.

use crate::desk::dial::Dialler;
use crate::desk::dial::book::TrunkProblem;
use crate::desk::id::*;
use serde::{Deserialize, Serialize};

/// What is heard of the trial of a trunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trial {
    /// May this number be called through this trunk alone? The answer is its route.
    Ask {
        by: Dialler,
        trunk: TrunkId,
        number: String,
    },
    Rings,
    Answered,
    /// The trunk could not take it.
    RouteFailed {
        trunk: TrunkId,
        problem: TrunkProblem,
    },
    Over,
}

/// What is heard of a trunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TrunkHeard {
    /// An OPTIONS was answered, or was not.
    Pinged { problem: Option<TrunkProblem> },
    /// We are logged in, or not.
    Registration { problem: Option<TrunkProblem> },
}
