//! `[channels.http]`: a program of yours between Hubline and a platform; what the two say to each other stands in `docs/channel.md`.

use super::profile::ProfileSection;
use crate::config::value::{Name, Period, Secret};
use serde::Deserialize;
use toml::Spanned;

/// One program.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSection {
    /// Messages are posted here, `https://` or, on this machine, `http://`.
    pub url: Name,
    /// Key of the signatures of both sides, `whsec_` and base64: `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub secret: Spanned<Secret>,
    /// The former key, while you change it: what comes is believed with either. Default: none.
    pub old_secret: Option<Spanned<Secret>>,
    /// A text longer than `max_text` goes out in several, up to so many, 1 to 20. Default: 5.
    #[serde(default = "max_parts")]
    pub max_parts: Spanned<usize>,
    /// Choices that the platform shows as buttons. Default: 0, they are written as lines.
    #[serde(default)]
    pub choices: usize,
    /// The platform shows links and places as cards. Default: false, they are words.
    #[serde(default)]
    pub cards: bool,
    /// Customers may be written to for this long after their last message. Default: always.
    pub window: Option<Period>,
    /// So many messages in it. Default: any number.
    pub window_messages: Option<u32>,
    /// The platform knows templates. Default: false.
    #[serde(default)]
    pub templates: bool,
    /// Your program wants to know that an agent is typing, and has read. Default: false.
    #[serde(default)]
    pub signals: bool,
    /// An agent may give a message of theirs other words for this long after it was sent. Default: not at all.
    pub edit: Option<Period>,
    /// … and take it back. Default: not at all.
    pub recall: Option<Period>,
    /// An answer is waited for this long. Default: 15s.
    #[serde(default = "timeout")]
    pub timeout: Period,
    /// The platform's own JSON instead of ours. Default: none.
    pub profile: Option<ProfileSection>,
}

fn max_parts() -> Spanned<usize> {
    Spanned::new(0..0, 5)
}

fn timeout() -> Period {
    Period::from_secs(15)
}
