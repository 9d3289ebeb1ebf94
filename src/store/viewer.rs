//! Who looks. Personal values leave the store through [`shown`] only, so that masking is a change in one place.

use crate::desk::id::AgentId;
use serde::{Deserialize, Serialize};

/// What a user may do; each role may all that those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Agent,
    Supervisor,
    Admin,
}

impl Role {
    /// The word in the configuration and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Agent => "agent",
            Role::Supervisor => "supervisor",
            Role::Admin => "admin",
        }
    }
}

/// The person in front of the page, push or export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    pub agent: AgentId,
    pub role: Role,
}

/// A personal value (`kind` as in [`crate::desk::person::Identity`]: `phone`, `email`, …; or `id_card`, `bank_card`) as this viewer may see it.
///
/// Every role sees every value today.
pub fn shown(_viewer: &Viewer, _kind: &str, value: &str) -> String {
    value.to_owned()
}
