//! Facts of trunks, and of numbers that somebody wanted called.

use crate::desk::dial::DialRefusal;
use crate::desk::dial::book::TrunkProblem;
use crate::desk::id::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrunkFact {
    /// It does not answer: calls go through others first.
    Down {
        problem: TrunkProblem,
    },
    Up,
    /// It does not let us log in.
    Unregistered {
        problem: TrunkProblem,
    },
    Registered,
    /// A call could not go this way; another was tried, or there was none.
    RouteFailed {
        call: CallId,
        problem: TrunkProblem,
    },
    /// It brought a call for a number that leads nowhere.
    NoLine {
        dialled: String,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialFact {
    /// Was not called, and why; `trunk` is the one whose limit it was.
    Blocked { number: String, why: DialRefusal, trunk: Option<TrunkId>, call: Option<CallId> },
    /// The first of its kind today: supervisors are told.
    Alarm { number: String, why: DialRefusal, trunk: Option<TrunkId> },
    /// Police, fire or ambulance.
    Emergency { number: String, call: CallId },
}
