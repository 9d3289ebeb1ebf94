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
    /// Share of cases to be solved by the first contact, percent, 1 to 100. Default: 85.
    pub solved_target: Spanned<u8>,
    /// Share of contacts that come again by another channel about the same case, at most, percent. Default: 10.
    pub repeats_limit: Spanned<u8>,
    /// Of those who come on from another channel, so many meet an agent who has seen what was before; percent, 1 to 100. Default: 95.
    pub context_target: Spanned<u8>,
    /// The mean mark of customers, on each channel, 1.0 to 5.0. Default: 4.2.
    pub csat_target: Spanned<f64>,
}

impl Default for WallboardSection {
    fn default() -> Self {
        let secs = |secs| Spanned::new(0..0, Period::from_secs(secs));
        let percent = |percent| Spanned::new(0..0, percent);
        WallboardSection {
            target: percent(80),
            voice_within: secs(20),
            text_within: secs(60),
            short_abandon: Period::from_secs(5),
            long_wait: secs(180),
            long_call: secs(900),
            long_break: secs(1_800),
            solved_target: percent(85),
            repeats_limit: percent(10),
            context_target: percent(95),
            csat_target: Spanned::new(0..0, 4.2),
        }
    }
}
