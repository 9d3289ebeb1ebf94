//! `[channels.gateway]` of a channel of kind `sms`: where text messages go, and by what both sides know each other.

use crate::config::value::{Name, Period, Secret};
use serde::Deserialize;
use toml::Spanned;

/// One gateway; what is sent and taken stands in `channels/sms/wire.rs`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewaySection {
    /// Messages are posted here, `https://` or, on this machine, `http://`.
    pub url: Name,
    /// Key of the signatures of both sides: `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub secret: Spanned<Secret>,
    /// The number or name that customers see as the sender.
    pub from: Name,
    /// Longest message in parts (160 or 70 characters alone), 1 to 10. Default: 4.
    #[serde(default = "max_parts")]
    pub max_parts: Spanned<usize>,
    /// An answer is waited for this long. Default: 10s.
    #[serde(default = "timeout")]
    pub timeout: Period,
    /// How often a message is tried before its fate is told as unknown or failed, 1 to 20. Default: 6.
    #[serde(default = "tries")]
    pub tries: Spanned<u32>,
    /// Messages per second at most. Default: 10.
    #[serde(default = "rate")]
    pub rate: Spanned<u32>,
}

fn max_parts() -> Spanned<usize> {
    Spanned::new(0..0, 4)
}

fn timeout() -> Period {
    Period::from_secs(10)
}

fn tries() -> Spanned<u32> {
    Spanned::new(0..0, 6)
}

fn rate() -> Spanned<u32> {
    Spanned::new(0..0, 10)
}
