//! Audio as samples: what stands between the packets of different legs where they cannot simply be passed on.
//! Packets of uneven arrival become an even stream (`jitter`, `conceal`, `stretch`), streams become one (`mix`).
//! Pure: no sockets, no clock. Time is counted in samples at 8 kHz, 8 a millisecond.

pub mod conceal;
pub mod inlet;
pub mod jitter;
pub mod mix;
pub mod noise;
pub mod stretch;

pub use inlet::Inlet;

#[cfg(test)]
pub mod tests;
