//! Who ended a call, and why.

use serde::{Deserialize, Serialize};

/// Who ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    Customer,
    Agent,
    /// Somebody outside to whom the customer had been handed on.
    Outside,
    System,
    Network,
}

/// Why a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndCause {
    /// Hung up in the ordinary way.
    Normal,
    /// The caller gave up before anyone answered.
    Abandoned,
    /// Outside business hours, no such number, or refused.
    Rejected,
    /// Nobody could take it within the longest wait.
    TimedOut,
    /// We called, and whom we called could not be had.
    NotReached,
    /// The caller left a message.
    Voicemail,
    /// The caller asked to be called back.
    Callback,
    /// The trunk or the network failed.
    Failed,
    /// The process was stopped or died while the call was up.
    Restart,
}
