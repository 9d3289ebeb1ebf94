//! `[channels.smpp]`: a message centre, and how it differs from the others.

use super::coding::Default0;
use super::long::Long;
use super::receipt::Ids;
use crate::config::value::{Name, Period, Secret};
use serde::Deserialize;
use toml::Spanned;

/// One account (ESME) at a message centre that speaks SMPP 3.4.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmppSection {
    /// Where the message centre is, `sms.example:2775`.
    pub server: Name,
    /// Over TLS, with this machine's trusted certificates. Default: false.
    #[serde(default)]
    pub tls: bool,
    /// `system_id`, up to 15 characters.
    pub user: Name,
    /// `{ env = "NAME" }` or `{ file = "PATH" }`; up to 8 characters.
    pub password: Spanned<Secret>,
    /// `system_type`, where the provider asks for one. Default: none.
    pub system_type: Option<Name>,
    /// The number or name that customers see as the sender.
    pub from: Name,
    /// Numbers without a country's prefix are completed with this, such as `+49`. Default: none.
    pub country_code: Option<Name>,
    /// What coding 0 is here: `gsm7`, `gsm7-packed` or `latin1`. Default: gsm7.
    #[serde(default)]
    pub alphabet: Default0,
    /// How long texts go out: `udh`, `udh16`, `sar` or `payload`. Default: udh.
    #[serde(default)]
    pub long: Long,
    /// Longest text in parts, 1 to 10. Default: 4.
    #[serde(default = "max_parts")]
    pub max_parts: Spanned<usize>,
    /// How ids in receipts differ from those in answers: `same`, `padded`, `hex-then-decimal` or `decimal-then-hex`. Default: same.
    #[serde(default)]
    pub receipt_ids: Ids,
    /// Messages without an answer at once, 1 to 100. Default: 10.
    #[serde(default = "window")]
    pub window: Spanned<usize>,
    /// After so much silence the message centre is asked whether it is there. Default: 30s.
    #[serde(default = "enquire")]
    pub enquire: Period,
    /// An answer is waited for this long. Default: 10s.
    #[serde(default = "timeout")]
    pub timeout: Period,
    /// The missing parts of a long text are waited for this long. Default: 24h.
    #[serde(default = "part_patience")]
    pub part_patience: Period,
    /// What is heard again within this time of a new connection, word for word, is taken as told again. Default: 10m.
    #[serde(default = "repeats")]
    pub repeats: Period,
}

fn max_parts() -> Spanned<usize> {
    Spanned::new(0..0, 4)
}

fn window() -> Spanned<usize> {
    Spanned::new(0..0, 10)
}

fn enquire() -> Period {
    Period::from_secs(30)
}

fn timeout() -> Period {
    Period::from_secs(10)
}

fn part_patience() -> Period {
    Period::from_secs(24 * 3_600)
}

fn repeats() -> Period {
    Period::from_secs(600)
}
