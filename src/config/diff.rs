//! What changes from one configuration to another, in plain words: for the page that applies it and for `hubline reload`.

mod api;
mod crm;
mod dial;
mod email;
mod flows;
mod forms;
mod line;
mod machine;
mod meta;
mod overlays;
mod people;
mod routes;
mod rules;
mod social;
mod surveys;
mod telegram;
mod texts;
mod tickets;
mod viber;
mod webhooks;

use super::Config;
use super::words::say;
use std::collections::BTreeMap;

/// When a change takes hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// With the reload; running contacts go on.
    Live,
    /// With the next start of the process.
    NeedsRestart,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is about: `queue.sales`, `agent.mara`, `sip.udp`.
    pub subject: String,
    pub effect: Effect,
    key: &'static str,
    values: Vec<(&'static str, String)>,
}

impl Change {
    /// One sentence in this language.
    pub fn text(&self, language: &str) -> String {
        let values: Vec<(&str, &str)> = self.values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        say(language, &format!("cli.diff.{}", self.key), &values)
    }
}

/// All changes, in the order of the example file. Nothing about the text itself: comments and order do not count.
pub fn diff(old: &Config, new: &Config) -> Vec<Change> {
    let mut changes = Changes(Vec::new());
    machine::compare(old, new, &mut changes);
    routes::compare(old, new, &mut changes);
    dial::compare(old, new, &mut changes);
    flows::compare(old, new, &mut changes);
    forms::compare(old, new, &mut changes);
    tickets::compare(old, new, &mut changes);
    surveys::compare(old, new, &mut changes);
    overlays::compare(old, new, &mut changes);
    rules::compare(old, new, &mut changes);
    api::compare(old, new, &mut changes);
    webhooks::compare(old, new, &mut changes);
    crm::compare(old, new, &mut changes);
    people::compare(old, new, &mut changes);
    changes.0
}

struct Changes(Vec<Change>);

impl Changes {
    fn add(&mut self, subject: String, effect: Effect, key: &'static str, values: Vec<(&'static str, String)>) {
        self.0.push(Change { subject, effect, key, values });
    }

    fn live(&mut self, subject: String, key: &'static str, values: Vec<(&'static str, String)>) {
        self.add(subject, Effect::Live, key, values);
    }

    /// One setting with its old and new value, if they differ.
    fn setting(&mut self, subject: &str, name: &'static str, effect: Effect, old: String, new: String) {
        if old != new {
            self.add(subject.to_owned(), effect, "setting", vec![("setting", name.to_owned()), ("old", old), ("new", new)]);
        }
    }

    /// Secrets by name that are read from another place.
    fn secrets(&mut self, subject: &str, secrets: &[(&'static str, bool)]) {
        for (name, _) in secrets.iter().filter(|(_, changed)| *changed) {
            self.live(subject.to_owned(), "secret", vec![("setting", (*name).to_owned())]);
        }
    }

    /// Things declared by id: which came, went or stayed. Gives those that stayed, for closer comparison.
    fn ids<'c, T>(
        &mut self,
        kind: &'static str,
        (added, removed): (&'static str, &'static str),
        old: BTreeMap<String, &'c T>,
        mut new: BTreeMap<String, &'c T>,
    ) -> Vec<(String, &'c T, &'c T)> {
        let mut stayed = Vec::new();
        for (id, before) in old {
            match new.remove(&id) {
                Some(after) => stayed.push((id, before, after)),
                None => self.live(format!("{kind}.{id}"), removed, vec![("id", id)]),
            }
        }
        for id in new.into_keys() {
            self.live(format!("{kind}.{id}"), added, vec![("id", id)]);
        }
        stayed
    }
}

/// How a value is shown in a sentence; a dash for nothing.
fn shown<T: std::fmt::Display>(value: Option<&T>) -> String {
    value.map_or_else(|| "–".to_owned(), T::to_string)
}

fn list<T: std::fmt::Display>(values: impl IntoIterator<Item = T>) -> String {
    let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    if values.is_empty() { "–".to_owned() } else { values.join(", ") }
}

#[cfg(test)]
mod tests;
