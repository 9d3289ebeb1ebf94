//! The codecs a leg may speak, by the numbers that RTP and SDP know them by.

use super::{CLOCK_RATE, Law};
use std::fmt;

/// How audio is coded in RTP.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Codec {
    /// G.711.
    Law(Law),
    /// G.722 at 64 kbit/s: 16 kHz audio, one byte for two samples.
    G722,
    /// Opus (RFC 6716), mono.
    Opus,
}

impl Codec {
    /// All we speak; narrowband first, because it is what trunks and browsers share.
    pub const ALL: [Codec; 4] = [Codec::Law(Law::Pcmu), Codec::Law(Law::Pcma), Codec::G722, Codec::Opus];

    /// The RTP clock. G.722's is 8,000 by an error that RFC 3551 §4.5.2 keeps, though it carries 16,000 samples a
    /// second; Opus' is 48,000 whatever it carries (RFC 7587 §4.1).
    pub const fn clock(self) -> u32 {
        match self {
            Codec::Law(_) | Codec::G722 => CLOCK_RATE,
            Codec::Opus => 48_000,
        }
    }

    /// Timestamp units in a sample of 8 kHz.
    pub const fn scale(self) -> u32 {
        self.clock() / CLOCK_RATE
    }

    /// The payload type of RFC 3551 §6; Opus has none.
    pub const fn static_type(self) -> Option<u8> {
        match self {
            Codec::Law(law) => Some(law.payload_type()),
            Codec::G722 => Some(9),
            Codec::Opus => None,
        }
    }

    /// The payload type that we give it in our offers.
    pub const fn offered_type(self) -> u8 {
        match self.static_type() {
            Some(number) => number,
            None => 107,
        }
    }

    /// By its encoding name, in capitals, and clock as in `a=rtpmap`.
    pub fn named(name: &str, clock: u32) -> Option<Codec> {
        match (name, clock) {
            ("PCMU", 8000) => Some(Codec::Law(Law::Pcmu)),
            ("PCMA", 8000) => Some(Codec::Law(Law::Pcma)),
            // Some say the true rate instead of the one that stands in the RFC.
            ("G722", 8000 | 16_000) => Some(Codec::G722),
            ("OPUS", 48_000) => Some(Codec::Opus),
            _ => None,
        }
    }

    /// Whether it carries 16 kHz audio.
    pub const fn is_wide(self) -> bool {
        !matches!(self, Codec::Law(_))
    }

    pub const fn law(self) -> Option<Law> {
        match self {
            Codec::Law(law) => Some(law),
            _ => None,
        }
    }
}

impl From<Law> for Codec {
    fn from(law: Law) -> Codec {
        Codec::Law(law)
    }
}

/// The encoding of SDP's rtpmap: name and clock, for Opus the two channels that RFC 7587 §7 asks for in any case.
impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Codec::Law(law) => write!(f, "{law}/8000"),
            Codec::G722 => f.write_str("G722/8000"),
            Codec::Opus => f.write_str("opus/48000/2"),
        }
    }
}
