//! What goes wrong with a simulated platform, by a seed: the same seed gives the same troubles.

use std::sync::{Mutex, PoisonError};

/// What shall go wrong, of a thousand each.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plan {
    /// An event is told twice.
    pub twice: u32,
    /// An event is told after the next ones.
    pub late: u32,
    /// A receipt is never told.
    pub lost: u32,
    /// Nothing is taken; try again.
    pub busy: u32,
    /// Nothing is taken; try again at the time that is told.
    pub flood: u32,
    /// It is taken, but the connection is cut before the answer.
    pub cut: u32,
    pub seed: u64,
}

/// SplitMix64.
#[derive(Debug)]
pub struct Dice(Mutex<u64>);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(Mutex::new(seed))
    }

    pub fn roll(&self) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn chance(&self, of_thousand: u32) -> bool {
        self.roll() % 1_000 < u64::from(of_thousand)
    }
}
