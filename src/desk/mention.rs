//! Who is named in a text by `@name`.

use super::id::AgentId;
use std::collections::BTreeSet;

/// Those among these who are named.
pub fn named<'a>(text: &str, agents: impl Iterator<Item = &'a AgentId>) -> BTreeSet<AgentId> {
    match text.contains('@') {
        true => agents.filter(|agent| names(text, agent.as_str())).cloned().collect(),
        false => BTreeSet::new(),
    }
}

/// Whether `@name` stands in the text as a word of its own, and not within an address.
fn names(text: &str, name: &str) -> bool {
    let in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    text.match_indices('@').any(|(at, _)| {
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
        let Some(rest) = after.strip_prefix(name) else { return false };
        !before.chars().next_back().is_some_and(|c| in_word(c) || c == '.') && !rest.chars().next().is_some_and(in_word)
    })
}
