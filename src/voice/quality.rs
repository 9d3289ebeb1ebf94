//! How each leg of a call sounds just now: the figures of the last seconds, told to whoever looks and never kept. What is kept are the
//! figures of the whole leg at its end.

use crate::media::{LegId, LegStats};
use crate::rtp::mos;

/// The counts of each leg when it was last looked at.
#[derive(Default)]
pub(super) struct Lately {
    legs: Vec<(LegId, u64, u64)>,
}

/// The figures of the last seconds of a leg.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Figures {
    pub loss_percent: f32,
    pub jitter_ms: f32,
    pub rtt_ms: Option<f32>,
    pub mos: f32,
}

impl Lately {
    /// What the counts since the last look come to.
    pub(super) fn look(&mut self, leg: LegId, stats: &LegStats) -> Figures {
        let before = match self.legs.iter_mut().find(|(known, ..)| *known == leg) {
            Some((_, received, lost)) => {
                let before = (*received, *lost);
                (*received, *lost) = (stats.packets_in, stats.lost);
                before
            }
            None => {
                self.legs.push((leg, stats.packets_in, stats.lost));
                (0, 0)
            }
        };
        // A late packet takes a loss back.
        let (received, lost) = (stats.packets_in.saturating_sub(before.0), stats.lost.saturating_sub(before.1));
        let loss = if received + lost == 0 { 0.0 } else { lost as f32 / (received + lost) as f32 };
        let mos = mos::estimate(loss, stats.jitter_ms, stats.rtt_ms.unwrap_or(0.0));
        Figures { loss_percent: 100.0 * loss, jitter_ms: stats.jitter_ms, rtt_ms: stats.rtt_ms, mos }
    }

    /// The leg has gone.
    pub(super) fn forget(&mut self, leg: LegId) {
        self.legs.retain(|(known, ..)| *known != leg);
    }
}
