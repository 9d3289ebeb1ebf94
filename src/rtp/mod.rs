//! Packets and numbers of RTP audio: headers, RTCP, G.711, telephone events, receiver statistics and what they
//! say about quality. Pure: no sockets, no clock, and nothing else of ours is imported.

pub mod codec;
pub mod event;
pub mod header;
pub mod law;
pub mod mos;
pub mod ntp;
pub mod rtcp;
pub mod srtp;
pub mod stats;

pub use codec::Codec;
pub use event::{DigitDetector, EventPayload};
pub use header::{HEADER_LEN, Header, HeaderError};
pub use law::Law;
pub use stats::{Reception, ReceptionReport};

/// Samples per second of G.711 and of the telephone-event clock beside it.
pub const CLOCK_RATE: u32 = 8000;
/// Samples, and with G.711 bytes, in one 20 ms packet.
pub const FRAME: usize = 160;

#[cfg(test)]
mod fuzz_tests;
