//! Who the configuration declares: the only reader of `[[agents]]` on the way to a session.

use super::Role;
use crate::config::Loaded;
use crate::desk::id::AgentId;

/// Somebody who may log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub id: AgentId,
    pub name: String,
    pub role: Role,
}

/// The one with this login; case does not matter.
pub fn person(loaded: &Loaded, login: &str) -> Option<Known> {
    people(loaded).find(|known| known.id.as_str().eq_ignore_ascii_case(login.trim()))
}

/// All who may log in, in the order of the file.
pub fn people(loaded: &Loaded) -> impl Iterator<Item = Known> + '_ {
    loaded.config.members().map(|member| Known { id: member.id, name: member.name, role: member.role })
}
