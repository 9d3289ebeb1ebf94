//! The stream a leg is sent: one SSRC, sequence and timestamp without a break over whatever it is made of (music, then
//! the bridge, then hold, then another agent). A change of source only sets the marker. Pure.

use crate::rtp::{FRAME, Header};
use std::time::Instant;

/// Packets after a change of source during which those from before the change are told apart and dropped.
const FRESH: u32 = 200;
/// Steps of sequence number, and samples of its clock, beyond which a sender has begun anew: 20 s and 4 s.
const RESTART_STEP: u16 = 1000;
const RESTART_SAMPLES: i32 = 32_000;

pub(super) struct Outgoing {
    pub ssrc: u32,
    seq: u16,
    /// Of the newest packet; the newest in time, not the last sent.
    timestamp: u32,
    sent_at: Option<Instant>,
    source: Source,
    /// Timestamp units in a sample of 8 kHz.
    scale: u32,
    /// For sender reports.
    pub packets: u32,
    pub octets: u32,
}

/// What the present run of packets comes from.
enum Source {
    None,
    Generated,
    Relay { leg: u64, ssrc: u32, first: u16, seq_offset: u16, timestamp_offset: u32, count: u32 },
}

/// The numbers of a packet to send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stamp {
    pub seq: u16,
    pub timestamp: u32,
    pub marker: bool,
}

impl Outgoing {
    /// SSRC and first numbers are random (RFC 3550 §5.1, §8.1).
    pub fn new(ssrc: u32, seq: u16, timestamp: u32) -> Outgoing {
        Outgoing { ssrc, seq, timestamp, sent_at: None, source: Source::None, scale: 1, packets: 0, octets: 0 }
    }

    /// The codec has another clock now; the numbers go on.
    pub fn set_scale(&mut self, scale: u32) {
        if self.scale != scale {
            (self.scale, self.source) = (scale, Source::None);
        }
    }

    /// Units of the clock that have passed since the last packet.
    fn passed(&self, now: Instant) -> u64 {
        self.sent_at.map_or(0, |at| now.duration_since(at).as_micros() as u64 / 125) * u64::from(self.scale)
    }

    /// Numbers for a packet relayed from a leg: distances are kept, so loss, order and silence show through.
    /// `None`: it is older than the change to this source and has no place.
    pub fn relay(&mut self, now: Instant, from: u64, header: &Header) -> Option<Stamp> {
        let elapsed = self.passed(now) as i64;
        let most = RESTART_SAMPLES * self.scale as i32;
        if let Source::Relay { leg, ssrc, first, seq_offset, timestamp_offset, count } = &mut self.source
            && *leg == from
            && *ssrc == header.ssrc
        {
            let seq = header.seq.wrapping_add(*seq_offset);
            let timestamp = header.timestamp.wrapping_add(*timestamp_offset);
            let step = seq.wrapping_sub(self.seq) as i16;
            let passed = timestamp.wrapping_sub(self.timestamp) as i32;
            // Further off than any loss, reordering or silence: the sender has begun anew under the same SSRC.
            if step.unsigned_abs() <= RESTART_STEP && passed > -most && i64::from(passed) < elapsed + i64::from(most) {
                if *count < FRESH {
                    if (header.seq.wrapping_sub(*first) as i16) < 0 {
                        return None;
                    }
                    *count += 1;
                }
                if step > 0 {
                    (self.seq, self.timestamp, self.sent_at) = (seq, timestamp, Some(now));
                }
                return Some(Stamp { seq, timestamp, marker: header.marker });
            }
        }
        let stamp = self.generate(now, true);
        self.source = Source::Relay {
            leg: from,
            ssrc: header.ssrc,
            first: header.seq,
            seq_offset: stamp.seq.wrapping_sub(header.seq),
            timestamp_offset: stamp.timestamp.wrapping_sub(header.timestamp),
            count: 0,
        };
        Some(stamp)
    }

    /// A packet of the present relay is not sent on; its number is closed up, lest it look lost.
    pub fn skip(&mut self, from: u64, header: &Header) {
        if let Source::Relay { leg, ssrc, seq_offset, .. } = &mut self.source
            && *leg == from
            && *ssrc == header.ssrc
            && (header.seq.wrapping_add(*seq_offset).wrapping_sub(self.seq) as i16) > 0
        {
            *seq_offset = seq_offset.wrapping_sub(1);
        }
    }

    /// Numbers for the next 20 ms frame of our own making.
    pub fn frame(&mut self, now: Instant) -> Stamp {
        self.generate(now, false)
    }

    /// Numbers for the first packet of an event; those after it have the same timestamp ([`Outgoing::event_goes_on`]).
    pub fn event(&mut self, now: Instant) -> Stamp {
        self.source = Source::None;
        self.generate(now, true)
    }

    pub fn event_goes_on(&mut self) -> Stamp {
        self.seq = self.seq.wrapping_add(1);
        Stamp { seq: self.seq, timestamp: self.timestamp, marker: false }
    }

    /// What comes next begins anew by the time that has passed.
    pub fn pause(&mut self) {
        self.source = Source::None;
    }

    fn generate(&mut self, now: Instant, anew: bool) -> Stamp {
        let marker = anew || !matches!(self.source, Source::Generated);
        if self.sent_at.is_some() {
            // A run of frames counts frames, whatever the tick's unevenness; a new run goes by the time passed.
            let passed = if marker { self.passed(now) as u32 } else { 0 };
            self.timestamp = self.timestamp.wrapping_add(passed.max(FRAME as u32 * self.scale));
        }
        self.seq = self.seq.wrapping_add(1);
        self.sent_at = Some(now);
        self.source = Source::Generated;
        Stamp { seq: self.seq, timestamp: self.timestamp, marker }
    }

    /// The timestamp that stands for now, in a sender report.
    pub fn timestamp_at(&self, now: Instant) -> u32 {
        self.timestamp.wrapping_add(self.passed(now) as u32)
    }
}

#[cfg(test)]
mod tests;
