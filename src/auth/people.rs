//! Who the configuration declares: the only reader of `[[agents]]` on the way to a session.

use super::Role;
use crate::config::Loaded;
use crate::desk::id::AgentId;

/// Somebody whom the configuration declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub id: AgentId,
    pub name: String,
    pub role: Role,
    /// BCP 47, when the configuration sets one.
    pub language: Option<String>,
}

/// The agent with this login; case does not matter.
pub fn person(loaded: &Loaded, login: &str) -> Option<Known> {
    people(loaded).find(|known| known.id.as_str().eq_ignore_ascii_case(login.trim()))
}

/// All who are declared, in the order of the file.
pub fn people(loaded: &Loaded) -> impl Iterator<Item = Known> {
    loaded.config.agents.iter().map(|a| Known { id: AgentId::from(a.id.as_str()), name: a.name.clone(), role: a.role, language: a.language.clone() })
}
