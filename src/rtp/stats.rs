//! What a receiver knows of a stream (RFC 3550 Appendix A.1, A.3, A.8): loss, order and jitter.

use super::header::Header;

/// Steps of the sequence number above which a stream is taken to have begun anew.
const MAX_GAP: i16 = 3000;

/// Counts of one received stream; follows its sender through changes of SSRC.
#[derive(Clone, Debug, Default)]
pub struct Reception {
    stream: Option<Stream>,
    /// Sums of the streams before the present one.
    earlier_received: u64,
    earlier_lost: u64,
    reordered: u64,
    /// Timestamp units in a sample of 8 kHz, less one.
    scale_less_one: u32,
    /// Values at the last report, for the fraction lost since.
    reported_expected: u64,
    reported_received: u64,
}

#[derive(Clone, Debug)]
struct Stream {
    ssrc: u32,
    first: u64,
    /// Highest sequence number, extended by its cycles.
    highest: u64,
    received: u64,
    /// Arrival minus timestamp of the last audio packet.
    transit: Option<u32>,
    /// Sixteen times the jitter, in timestamp units.
    jitter16: u32,
}

/// A report block's figures (RFC 3550 §6.4.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReceptionReport {
    pub ssrc: u32,
    /// Of 256, since the last report.
    pub fraction_lost: u8,
    /// Since the stream began; may be negative through duplicates.
    pub lost: i32,
    pub highest_seq: u32,
    /// In timestamp units.
    pub jitter: u32,
}

impl Reception {
    /// The stream's clock, as so many times 8 kHz.
    pub fn set_scale(&mut self, scale: u32) {
        if self.scale() != scale {
            self.scale_less_one = scale.saturating_sub(1);
            if let Some(stream) = &mut self.stream {
                (stream.transit, stream.jitter16) = (None, 0);
            }
        }
    }

    fn scale(&self) -> u32 {
        self.scale_less_one + 1
    }

    /// A packet arrived at `arrival` (any origin, in samples at 8 kHz). Telephone events all carry the timestamp of
    /// their start and would count as jitter, so `event` packets are left out of it.
    pub fn packet(&mut self, arrival: u32, header: &Header, event: bool) {
        let (seq, scale) = (header.seq, self.scale());
        let arrival = arrival.wrapping_mul(scale);
        let stream = match &mut self.stream {
            Some(stream) if stream.ssrc == header.ssrc => stream,
            _ => return self.begin(arrival, header, event),
        };
        let step = seq.wrapping_sub(stream.highest as u16) as i16;
        if step > 0 && step < MAX_GAP {
            stream.highest += step as u64;
        } else if step <= 0 && step > -MAX_GAP {
            if step < 0 {
                self.reordered += 1;
            }
            stream.first = stream.first.min(stream.highest.saturating_sub(step.unsigned_abs().into()));
        } else {
            return self.begin(arrival, header, event);
        }
        stream.received += 1;
        if event {
            return;
        }
        let transit = arrival.wrapping_sub(header.timestamp);
        if let Some(last) = stream.transit.replace(transit) {
            let difference = (transit.wrapping_sub(last) as i32).unsigned_abs();
            // A jump of the sender's clock (hold, music, another source behind it) is no jitter.
            if difference < 8000 * scale {
                stream.jitter16 = stream.jitter16 + difference - ((stream.jitter16 + 8) >> 4);
            }
        }
    }

    fn begin(&mut self, arrival: u32, header: &Header, event: bool) {
        (self.earlier_received, self.earlier_lost) = (self.received(), self.lost());
        (self.reported_expected, self.reported_received) = (0, 0);
        let jitter16 = self.stream.as_ref().map_or(0, |stream| stream.jitter16);
        // Extended numbers start one cycle up, so that a reordered first packet stays positive.
        let first = (1 << 16) + u64::from(header.seq);
        let transit = (!event).then(|| arrival.wrapping_sub(header.timestamp));
        self.stream = Some(Stream { ssrc: header.ssrc, first, highest: first, received: 1, transit, jitter16 });
    }

    pub fn received(&self) -> u64 {
        self.earlier_received + self.stream.as_ref().map_or(0, |stream| stream.received)
    }

    pub fn lost(&self) -> u64 {
        self.earlier_lost + self.stream.as_ref().map_or(0, |stream| stream.expected().saturating_sub(stream.received))
    }

    /// Packets that arrived behind a later one.
    pub fn reordered(&self) -> u64 {
        self.reordered
    }

    /// Lost of expected, 0.0 to 1.0.
    pub fn loss(&self) -> f32 {
        let (lost, received) = (self.lost() as f32, self.received() as f32);
        if lost + received == 0.0 { 0.0 } else { lost / (lost + received) }
    }

    pub fn jitter_ms(&self) -> f32 {
        self.stream.as_ref().map_or(0.0, |stream| stream.jitter16 as f32 / 16.0 / 8.0) / self.scale() as f32
    }

    /// The next report block; `None` before the first packet.
    pub fn report(&mut self) -> Option<ReceptionReport> {
        let stream = self.stream.as_ref()?;
        let expected = stream.expected();
        let expected_since = expected - self.reported_expected.min(expected);
        let received_since = stream.received - self.reported_received.min(stream.received);
        (self.reported_expected, self.reported_received) = (expected, stream.received);
        let lost_since = expected_since.saturating_sub(received_since);
        let fraction = (lost_since * 256).checked_div(expected_since).unwrap_or(0).min(255);
        let lost = (expected as i64 - stream.received as i64).clamp(-0x80_0000, 0x7f_ffff);
        Some(ReceptionReport {
            ssrc: stream.ssrc,
            fraction_lost: fraction as u8,
            lost: lost as i32,
            highest_seq: (stream.highest - (1 << 16)) as u32,
            jitter: stream.jitter16 >> 4,
        })
    }
}

impl Stream {
    fn expected(&self) -> u64 {
        self.highest - self.first + 1
    }
}

#[cfg(test)]
mod tests;
