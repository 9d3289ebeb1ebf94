//! Where on the recording a packet belongs: by its RTP timestamp, held to the time of arrival. Timestamps give exact
//! distances between packets; arrival gives the truth over long times, because a sender's clock runs a little fast
//! or slow, and some stop their timestamps while they are silent.

use std::time::{Duration, Instant};

/// Samples by which timestamp and arrival may disagree before the anchor is set anew at once: 400 ms.
const JUMP: i64 = 3200;
/// The least disagreement over [`WINDOW`] that is corrected: 40 ms.
const SKEW: i64 = 320;
const WINDOW: Duration = Duration::from_secs(5);

/// One side of a recording.
#[derive(Debug, Default)]
pub(in crate::media) struct Timeline {
    anchor: Option<Anchor>,
    /// Behind the last sample placed.
    end: i64,
}

#[derive(Debug)]
struct Anchor {
    ssrc: u32,
    timestamp: u32,
    /// Position of `timestamp`.
    at: i64,
    /// The least lateness seen since `since`: what no jitter can explain away.
    least: i64,
    since: Instant,
}

impl Timeline {
    /// The position in samples of a packet's first sample, where `elapsed` has passed since the recording began.
    pub fn place(&mut self, now: Instant, elapsed: Duration, ssrc: u32, timestamp: u32, samples: usize) -> u64 {
        let arrival = samples_in(elapsed) as i64;
        let at = match &mut self.anchor {
            Some(anchor) if anchor.ssrc == ssrc => anchor.position(now, timestamp, arrival),
            _ => None,
        };
        let at = at.unwrap_or_else(|| {
            // Anew: not before what this side has said already.
            let at = arrival.max(self.end);
            self.anchor = Some(Anchor { ssrc, timestamp, at, least: i64::MAX, since: now });
            at
        });
        self.end = self.end.max(at + samples as i64);
        at.max(0) as u64
    }
}

impl Anchor {
    /// `None` if the timestamp has left its clock.
    fn position(&mut self, now: Instant, timestamp: u32, arrival: i64) -> Option<i64> {
        let step = i64::from(timestamp.wrapping_sub(self.timestamp) as i32);
        let at = self.at + step;
        let late = arrival - at;
        if late.abs() > JUMP {
            return None;
        }
        self.least = self.least.min(late);
        // The anchor follows, so that the timestamp's distance to it never wraps.
        if step > 0 {
            (self.timestamp, self.at) = (timestamp, at);
        }
        if now.duration_since(self.since) >= WINDOW {
            if self.least.abs() >= SKEW {
                self.at += self.least;
            }
            (self.least, self.since) = (i64::MAX, now);
        }
        Some(at)
    }
}

/// Samples at 8 kHz in a time.
pub(in crate::media) fn samples_in(elapsed: Duration) -> u64 {
    (elapsed.as_micros() / 125) as u64
}

#[cfg(test)]
mod tests;
