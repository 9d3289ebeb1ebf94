//! `[channels.twilio]`: an account at Twilio, by the names of its console.

use crate::config::value::{Name, Secret};
use serde::Deserialize;
use toml::Spanned;

/// One sender.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwilioSection {
    /// `Account SID`, beginning with AC.
    pub account: Name,
    /// The primary `Auth Token`: `{ env = "NAME" }` or `{ file = "PATH" }`. It signs what Twilio tells us.
    pub token: Spanned<Secret>,
    /// The number that customers see, `+15551234567` or `whatsapp:+15551234567`; or `service`.
    pub from: Option<Name>,
    /// `Messaging Service SID`, beginning with MG, instead of one number.
    pub service: Option<Name>,
    /// Pictures go out as MMS, which networks outside North America do not know. Default: false.
    #[serde(default)]
    pub mms: bool,
    /// Longest text message in parts (160 or 70 characters alone), 1 to 10. Default: 6.
    #[serde(default = "max_parts")]
    pub max_parts: Spanned<usize>,
    /// Default: `https://api.twilio.com`.
    #[serde(default = "base_url")]
    pub base_url: Name,
    /// Where its content templates are told. Default: `https://content.twilio.com`.
    #[serde(default = "content_url")]
    pub content_url: Name,
}

fn max_parts() -> Spanned<usize> {
    Spanned::new(0..0, 6)
}

fn content_url() -> Name {
    Spanned::new(0..0, "https://content.twilio.com".into())
}

fn base_url() -> Name {
    Spanned::new(0..0, "https://api.twilio.com".into())
}
