//! `[wallboard]`: what the wallboard measures against.

use crate::config::value::Period;
use serde::Deserialize;
use toml::Spanned;

/// `[wallboard]`: the goals of the day, and from when on something is shown as wrong.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WallboardSection {
    /// Share of contacts to be answered in time, percent, 1 to 100. Default: 80.
    pub target: Spanned<u8>,
    /// In time, for calls. Default: 20s.
    pub voice_within: Spanned<Period>,
    /// In time, for chats and messages. Default: 60s.
    pub text_within: Spanned<Period>,
    /// Who gives up sooner counts neither as offered nor as lost. Default: 5s.
    pub short_abandon: Period,
    /// A wait this long is an alert. Default: 3m.
    pub long_wait: Spanned<Period>,
    /// A call this long is an alert. Default: 15m.
    pub long_call: Spanned<Period>,
    /// A break this long is an alert. Default: 30m.
    pub long_break: Spanned<Period>,
}

impl Default for WallboardSection {
    fn default() -> Self {
        let secs = |secs| Spanned::new(0..0, Period::from_secs(secs));
        WallboardSection {
            target: Spanned::new(0..0, 80),
            voice_within: secs(20),
            text_within: secs(60),
            short_abandon: Period::from_secs(5),
            long_wait: secs(180),
            long_call: secs(900),
            long_break: secs(1_800),
        }
    }
}
