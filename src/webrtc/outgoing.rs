//! One continuous RTP stream towards the browser, whatever is spliced into it.
//!
//! SRTP counts packets by sequence number and guesses the roll-over counter from jumps (RFC 3711 §3.3.1): a stream
//! that starts anew at any number, as each new call's does, would look to the browser like old or far-future packets
//! and be dropped. So numbers are carried over as differences, and a jump becomes one step.

use std::time::Instant;

/// Largest forward step taken as loss on the way to us rather than as a new stream.
const MAX_GAP: u16 = 250;
/// Late packets further back than this belong to another stream.
const MAX_LATE: u16 = 50;
/// Samples a millisecond.
const RATE: u128 = 8;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Numbers {
    pub seq: u16,
    pub timestamp: u32,
    /// The stream was spliced here, so the browser's jitter buffer should start anew.
    pub spliced: bool,
}

#[derive(Debug)]
pub struct Outgoing {
    /// Added to what the shard gives.
    seq: u16,
    timestamp: u32,
    /// The newest packet: as given, as sent, and when.
    last: Option<(u16, Numbers, Instant)>,
}

impl Outgoing {
    pub fn new() -> Outgoing {
        Outgoing { seq: 0, timestamp: 0, last: None }
    }

    /// The numbers to send a packet with. `seq` and `timestamp` are those of the stream it is taken from.
    pub fn map(&mut self, now: Instant, seq: u16, timestamp: u32) -> Numbers {
        let mut spliced = self.last.is_none();
        if let Some((given, sent, at)) = self.last {
            let ahead = seq.wrapping_sub(given);
            let late = given.wrapping_sub(seq);
            if ahead > MAX_GAP && late > MAX_LATE {
                let samples = (now.saturating_duration_since(at).as_millis() * RATE).max(160) as u32;
                self.seq = sent.seq.wrapping_add(1).wrapping_sub(seq);
                self.timestamp = sent.timestamp.wrapping_add(samples).wrapping_sub(timestamp);
                spliced = true;
            }
        }
        let numbers = Numbers { seq: seq.wrapping_add(self.seq), timestamp: timestamp.wrapping_add(self.timestamp), spliced };
        let newest = self.last.is_none_or(|(given, ..)| spliced || (seq.wrapping_sub(given) as i16) > 0);
        if newest {
            self.last = Some((seq, numbers, now));
        }
        numbers
    }
}
