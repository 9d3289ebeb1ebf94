//! `[crm]`: the firm's own system of customers and orders (docs/crm.md).

use crate::config::value::{Name, Period, Secret};
use serde::Deserialize;
use toml::Spanned;

/// What `[crm] open` fills in.
pub const PLACES: [&str; 11] =
    ["record", "phone", "email", "name", "person", "call", "conversation", "direction", "queue", "channel", "agent"];

/// When the firm's own system opens beside a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pop {
    /// When the agent asks for it.
    #[default]
    Click,
    /// By itself, when the agent has taken the contact or calls.
    Answer,
}

impl Pop {
    pub fn word(self) -> &'static str {
        match self {
            Pop::Click => "click",
            Pop::Answer => "answer",
        }
    }
}

/// The firm's own system of customers and orders.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CrmSection {
    /// Asked about every customer who calls or writes. Default: nothing is asked.
    pub url: Option<Name>,
    /// Signs what is asked, and proves what the system tells by itself. Must be there with `url`.
    pub secret: Option<Spanned<Secret>>,
    /// An answer that takes longer is none, 100ms to 10s. Default: 2s.
    pub timeout: Spanned<Period>,
    /// A customer is not asked about again for so long. Default: 10m.
    pub cache: Period,
    /// Opens a contact there; the names of [`PLACES`] in braces are filled in. Works without `url`, too. Default: what the system says.
    pub open: Option<Name>,
    /// When `open` opens: `click` (default), or `answer`: by itself, in a tab, when an agent has taken a contact or calls.
    pub pop: Pop,
}

impl CrmSection {
    /// Whether `open` opens without being asked.
    pub fn opens_by_itself(&self) -> bool {
        self.pop == Pop::Answer
    }
}

impl Default for CrmSection {
    fn default() -> Self {
        CrmSection {
            url: None,
            secret: None,
            timeout: Spanned::new(0..0, Period::from_secs(2)),
            cache: Period::from_secs(600),
            open: None,
            pop: Pop::Click,
        }
    }
}
