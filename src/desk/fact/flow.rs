//! Facts of the way through a flow.

use crate::desk::id::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a contact does in a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowFact {
    Entered {
        flow: FlowId,
    },
    /// A key of a menu, or of a queue while waiting (`node` is then `queue:ID`).
    Chose {
        node: String,
        key: String,
        to: String,
    },
    /// Digits were entered; `None` where they are nobody's business.
    Gathered {
        node: String,
        variable: String,
        value: Option<String>,
    },
    Language {
        language: String,
    },
    LookedUp {
        node: String,
        result: LookupResult,
    },
    /// The caller was written to, or there was no way.
    Wrote {
        node: String,
        sent: bool,
    },
    Set {
        priority: i32,
        skills: BTreeMap<SkillId, u8>,
        tags: Vec<String>,
    },
    /// Done with the flow: `queue:ID`, `person`, `hangup`, the number that it was put through to, or `astray` when the flow or node is not there any more.
    Left {
        flow: FlowId,
        to: String,
    },
    /// The customer hung up in it.
    Abandoned {
        flow: FlowId,
        node: String,
    },
}

/// What became of a lookup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookupResult {
    Found,
    TimedOut,
    Failed,
}
