//! Audio as samples: what stands between the packets of different legs where they cannot simply be passed on.
//! Packets of uneven arrival become an even stream (`jitter`, `conceal`, `stretch`) of linear audio (`codec`, `resample`),
//! which may be improved (`improve`) and listened to for keys (`tones`); streams become one (`mix`).
//! Pure: no sockets, no clock. Time is counted in samples at 8 kHz, 8 a millisecond.

pub mod amr;
pub mod codec;
pub mod conceal;
pub mod g722;
pub mod improve;
pub mod inlet;
pub mod jitter;
pub mod mix;
pub mod noise;
pub mod opus;
pub mod resample;
pub mod stretch;
pub mod tones;

pub use improve::Improve;
pub use inlet::Inlet;
pub use tones::Tones;

#[cfg(test)]
mod fuzz_tests;
#[cfg(test)]
pub mod tests;
