//! `[outages]`: what customers are told of channels that do not work.

use crate::config::value::{Name, Period};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

/// Channels that do not work are announced on the others.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutagesSection {
    /// Where: `windows` (chat windows), `help` (the help centre), `calls` (callers, before they wait) and `customers` (who has written there
    /// and waits for an answer is written to on another channel that reaches them); `[]` for nowhere. Default: windows and help.
    pub announce: Vec<Place>,
    /// Once a channel has not worked for so long. Default: 5m.
    pub after: Period,
    /// What callers hear. Default: `outage`.
    pub prompt: Name,
    /// By which name customers know a channel, by its id. Default: the platform's name.
    pub names: BTreeMap<Name, String>,
}

/// Where an outage is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Chat windows.
    Windows,
    /// The help centre.
    Help,
    /// Callers, before they wait.
    Calls,
    /// Who has written there and waits.
    Customers,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Place::Windows => "windows",
            Place::Help => "help",
            Place::Calls => "calls",
            Place::Customers => "customers",
        })
    }
}

impl Default for OutagesSection {
    fn default() -> Self {
        OutagesSection {
            announce: vec![Place::Windows, Place::Help],
            after: Period::from_secs(300),
            prompt: Spanned::new(0..0, "outage".into()),
            names: BTreeMap::new(),
        }
    }
}
