//! What is heard of strangers' addresses.

use crate::desk::id::*;
use serde::{Deserialize, Serialize};

/// What became of an address that sends SIP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceHeard {
    /// It is not answered for so long.
    Banned { ms: i64 },
    /// An administrator has lifted that.
    Allowed { by: AgentId },
}
