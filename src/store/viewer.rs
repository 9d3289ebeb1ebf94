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

/// The kind of a value of which the configuration says that it is masked.
pub const SENSITIVE: &str = "sensitive";

/// A personal value (`kind` as in [`crate::desk::person::Identity`]: `phone`, `email`, …; or [`SENSITIVE`]) as this viewer may see it.
///
/// Of sensitive values agents see the last characters, by which a customer can be asked for the right one; supervisors see the whole.
pub fn shown(viewer: &Viewer, kind: &str, value: &str) -> String {
    if kind == SENSITIVE && viewer.role < Role::Supervisor { covered(value) } else { value.to_owned() }
}

/// At most the last four characters, and never more than a third of it.
fn covered(value: &str) -> String {
    let count = value.chars().count();
    let seen = (count / 3).min(4);
    value.chars().enumerate().map(|(at, c)| if at + seen >= count { c } else { '•' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_see_the_end_of_what_is_sensitive() {
        let viewer = |role| Viewer { agent: AgentId::from("kim"), role };
        let card = "4111111111111111";
        assert_eq!(shown(&viewer(Role::Agent), SENSITIVE, card), "••••••••••••1111");
        assert_eq!(shown(&viewer(Role::Agent), SENSITIVE, "1234"), "•••4");
        assert_eq!(shown(&viewer(Role::Agent), SENSITIVE, "42"), "••");
        assert_eq!(shown(&viewer(Role::Supervisor), SENSITIVE, card), card);
        assert_eq!(shown(&viewer(Role::Agent), "phone", "+4915100138193"), "+4915100138193");
    }
}
