//! `[proactive]`: messages that the house sends of its own accord.

use crate::config::value::{Name, Period};
use serde::Deserialize;

/// Messages that the house sends of its own accord.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProactiveSection {
    /// Hours in which nothing is sent, in the site's time zone; what is asked for then waits. Default: none.
    pub quiet: Option<Name>,
    /// One offer per customer in this time; 0s for any number. Default: 7d.
    pub offer_every: Period,
    /// The order of channels for customers who have used none of them, or all as lately. Default: as they are called.
    pub channels: Vec<Name>,
}

impl Default for ProactiveSection {
    fn default() -> Self {
        ProactiveSection { quiet: None, offer_every: Period::from_secs(7 * 86_400), channels: Vec::new() }
    }
}
