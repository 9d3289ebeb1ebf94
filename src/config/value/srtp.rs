//! Whether audio is encrypted (RFC 3711, keys by RFC 4568).

use serde::Deserialize;

/// What a trunk or a phone does about encrypted audio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Srtp {
    /// Plain audio; what is offered encrypted is refused.
    Off,
    /// Encrypted when the other side offers it; our own offers are plain.
    #[default]
    Accept,
    /// Encrypted or not at all.
    Required,
}

impl Srtp {
    pub fn as_str(self) -> &'static str {
        match self {
            Srtp::Off => "off",
            Srtp::Accept => "accept",
            Srtp::Required => "required",
        }
    }
}
