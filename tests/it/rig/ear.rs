//! The ear of a telephone: packets in the order of their time stamps, as a jitter buffer puts them; what was lost is silence.

use hubline::sim::g711;

/// The fixed part of an RTP packet (RFC 3550 §5.1).
const HEADER: usize = 12;
/// Samples between which packets belong to the same stretch: a second. Beyond it the sender has begun anew.
const NEAR: i64 = 8_000;

/// What was heard so far, µ-law at 8 kHz.
#[derive(Default)]
pub struct Ear {
    samples: Vec<i16>,
    stream: Option<Stream>,
}

/// Which time stamp of which source stands for which sample.
#[derive(Clone, Copy)]
struct Stream {
    source: u32,
    stamp: u32,
    at: usize,
}

impl Ear {
    /// Takes a packet of µ-law.
    pub fn hear(&mut self, packet: &[u8]) {
        let Some(([_, _, _, _, t0, t1, t2, t3, s0, s1, s2, s3], audio)) = packet.split_first_chunk::<HEADER>() else { return };
        let (stamp, source) = (u32::from_be_bytes([*t0, *t1, *t2, *t3]), u32::from_be_bytes([*s0, *s1, *s2, *s3]));
        let end = self.samples.len();
        let known = self.stream.filter(|stream| stream.source == source).and_then(|stream| {
            let at = stream.at as i64 + i64::from(stamp.wrapping_sub(stream.stamp).cast_signed());
            (at >= 0 && (at - end as i64).abs() <= NEAR).then_some(at as usize)
        });
        let at = known.unwrap_or_else(|| {
            self.stream = Some(Stream { source, stamp, at: end });
            end
        });
        self.samples.resize(end.max(at + audio.len()), 0);
        for (sample, byte) in self.samples[at..].iter_mut().zip(audio) {
            *sample = g711::decode(*byte);
        }
    }

    /// The newest of it, so many samples.
    pub fn last(&self, count: usize) -> &[i16] {
        &self.samples[self.samples.len().saturating_sub(count)..]
    }

    /// What was heard until now no longer counts.
    pub fn forget(&mut self) {
        *self = Ear::default();
    }
}
