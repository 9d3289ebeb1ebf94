//! `[overlays.NAME]` and `[supervision]`: prepared sets of routing rules, and how supervisors are in calls.

use super::OverflowSection;
use crate::config::value::{Name, Period};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// `[overlays.NAME]`: what is otherwise while a supervisor has this switched on, such as on a promotion day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverlaySection {
    /// As people read it. Default: its name in the file.
    pub name: Option<String>,
    /// What changes, by queue.
    #[serde(default)]
    pub queues: BTreeMap<Name, QueueOverlaySection>,
    /// Where calls go instead, by the line's number: `queue:ID` or `flow:ID`.
    #[serde(default)]
    pub lines: BTreeMap<Name, Name>,
    /// Where those go who write, by channel: `queue:ID` or `flow:ID`.
    #[serde(default)]
    pub channels: BTreeMap<Name, Name>,
}

/// `[overlays.NAME.queues.QUEUE]`: what is not said stays as the queue declares it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QueueOverlaySection {
    /// These agents serve the queue too. Default: none.
    pub add_agents: Vec<Name>,
    /// These agents do not. Default: none.
    pub remove_agents: Vec<Name>,
    /// Points of work that comes from then on.
    pub priority: Option<i32>,
    /// Prompt played once when a call is answered.
    pub greeting: Option<Name>,
    /// What waiting and held callers hear.
    pub music: Option<Name>,
    /// Opening hours, an `[[hours]]` id.
    pub hours: Option<Name>,
    /// Prompt played outside hours.
    pub closed_prompt: Option<Name>,
    /// Where work goes that has waited too long.
    pub overflow: Option<OverflowSection>,
    /// The longest wait of a caller; 0s for any.
    pub max_wait: Option<Period>,
    /// After-contact work; 0s for none.
    pub wrap_up: Option<Period>,
}

/// `[supervision]`: supervisors who listen, whisper, barge in or take over.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SupervisionSection {
    /// Everybody in the talk hears a tone when a supervisor comes, and the agent's page says who it is. Without it nobody is told; either
    /// way it is kept in the log. Default: true.
    pub announce: bool,
    /// The prompt that is the tone. Default: `supervised`.
    pub prompt: Name,
}

impl Default for SupervisionSection {
    fn default() -> Self {
        SupervisionSection { announce: true, prompt: Spanned::new(0..0, "supervised".into()) }
    }
}
