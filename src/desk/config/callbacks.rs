//! `[callbacks]`: customers who did not reach us: what they are told, when they are called, and what they may leave us.

use crate::config::value::{Name, Period};
use serde::Deserialize;
use toml::Spanned;

/// Customers who did not reach us.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CallbacksSection {
    /// Send callers who gave up the estimated wait and a link. Default: true.
    pub text: bool,
    /// The `[[channels]]` of kind `sms` by which they are told who have no chat open. Default: none.
    pub text_channel: Option<Name>,
    /// Beginnings of numbers that can take texts, `+` and digits. Default: the mobile ranges of many countries.
    pub mobile: Vec<Name>,
    /// One text per person in this time. Default: 1h.
    pub text_every: Period,
    /// How long a link works. Default: 1d.
    pub link_valid: Spanned<Period>,
    /// Length of the times that a customer may choose from. Default: 30m.
    pub slot: Spanned<Period>,
    /// Attempts before it is given up, 1 to 20. Default: 3.
    pub tries: Spanned<u32>,
    /// Pause after a busy line. Default: 5m.
    pub busy_retry: Period,
    /// Pause after nobody answered. Default: 30m.
    pub no_answer_retry: Period,
    /// What nobody has settled is closed after this long. Default: 7d.
    pub expire: Spanned<Period>,
    /// Hours of the customer's own day in which they may be called, where their country has one time zone. Default: `08:00-21:00`.
    pub polite: Name,
    /// Longest voicemail. Default: 2m.
    pub voicemail_longest: Spanned<Period>,
    /// A voicemail ends after this much silence; 0s for never. Default: 5s.
    pub voicemail_silence: Period,
}

impl Default for CallbacksSection {
    fn default() -> Self {
        let spanned = |seconds| Spanned::new(0..0, Period::from_secs(seconds));
        CallbacksSection {
            text: true,
            text_channel: None,
            mobile: Vec::new(),
            text_every: Period::from_secs(3_600),
            link_valid: spanned(24 * 3_600),
            slot: spanned(30 * 60),
            tries: Spanned::new(0..0, 3),
            busy_retry: Period::from_secs(5 * 60),
            no_answer_retry: Period::from_secs(30 * 60),
            expire: spanned(7 * 24 * 3_600),
            polite: Spanned::new(0..0, "08:00-21:00".to_owned()),
            voicemail_longest: spanned(120),
            voicemail_silence: Period::from_secs(5),
        }
    }
}
