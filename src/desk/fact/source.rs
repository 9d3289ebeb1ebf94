//! Facts about addresses that send SIP.

use crate::desk::id::*;
use serde::{Deserialize, Serialize};

/// What became of an address, by which strangers are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceFact {
    /// It guessed passwords or looked for phones: it is not answered for a while.
    Banned { ms: i64 },
    /// An administrator lets it in again before its time.
    Allowed { by: AgentId },
}
