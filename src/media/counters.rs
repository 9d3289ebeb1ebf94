//! One shard's counters: written by that shard alone, read by anybody, so a store suffices and nothing is locked.

use super::events::PlaneStats;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Default)]
pub(super) struct Counters {
    pub legs: Counter,
    pub peers: Counter,
    pub packets_in: Counter,
    pub packets_out: Counter,
    pub dropped: Counter,
    pub refused: Counter,
    pub unrecorded: Counter,
    pub untold: Counter,
}

#[derive(Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self, n: u64) {
        self.0.store(self.get().wrapping_add(n), Ordering::Relaxed);
    }

    pub fn set(&self, n: u64) {
        self.0.store(n, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub fn add_to(&self, sum: &mut PlaneStats) {
        sum.legs += self.legs.get();
        sum.peers += self.peers.get();
        sum.packets_in += self.packets_in.get();
        sum.packets_out += self.packets_out.get();
        sum.dropped += self.dropped.get();
        sum.refused += self.refused.get();
        sum.unrecorded += self.unrecorded.get();
        sum.untold += self.untold.get();
    }
}
