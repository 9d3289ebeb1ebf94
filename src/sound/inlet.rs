//! One leg's audio as an even stream of frames: jitter buffer, decoder, concealment, comfort noise, improvement.

use super::codec::{self, Decoder};
use super::conceal::Concealer;
use super::improve::{Improve, Improver};
use super::jitter::{Arrival, Jitter, Pace, Pull};
use super::noise::{self, Noise};
use super::resample::{Down, Up};
use super::stretch;
use crate::rtp::{Codec, FRAME, Header};

/// Frames between two changes of pace: a period of 5 to 10 ms in 100 ms is not heard.
const PACE_EVERY: u8 = 5;

pub struct Inlet {
    codec: Codec,
    jitter: Jitter,
    decoder: Decoder,
    concealer: Concealer,
    noise: Noise,
    improver: Option<Improver>,
    /// Decoded and not heard yet, at the codec's rate.
    ahead: Vec<i16>,
    /// Samples of that rate in a sample at 8 kHz.
    scale: usize,
    paced: u8,
    narrow: [i16; FRAME],
    wide: [i16; 2 * FRAME],
    /// Makes the rate that is not the codec's own, where somebody wants it.
    other: Option<Other>,
    room: Vec<i16>,
    sounding: bool,
}

enum Other {
    Wide(Up),
    Narrow(Down),
}

impl Inlet {
    pub fn new(codec: Codec, improve: Improve) -> Inlet {
        let scale = if codec.is_wide() { 2 } else { 1 };
        Inlet {
            codec,
            jitter: Jitter::default(),
            decoder: Decoder::new(codec),
            concealer: Concealer::new(scale),
            noise: Noise::new(),
            improver: improve.any().then(|| Improver::new(improve, scale)),
            ahead: Vec::with_capacity(8 * FRAME * scale),
            scale,
            paced: 0,
            narrow: [0; FRAME],
            wide: [0; 2 * FRAME],
            other: None,
            room: Vec::with_capacity(2 * FRAME),
            sounding: false,
        }
    }

    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// Says which rates the frames are wanted at, beside the codec's own.
    pub fn want(&mut self, narrow: bool, wide: bool) {
        let other = if self.scale == 1 { wide } else { narrow };
        if self.other.is_some() != other {
            self.other = other.then(|| if self.scale == 1 { Other::Wide(Up::new(2)) } else { Other::Narrow(Down::new(2)) });
        }
    }

    /// A packet of audio; `now` in samples at 8 kHz from any origin. A codec of the other rate has no place here.
    pub fn audio(&mut self, now: i64, header: &Header, codec: Codec, payload: &[u8]) {
        if codec != self.codec {
            if codec.is_wide() != self.codec.is_wide() {
                return;
            }
            // What waits would be decoded wrongly.
            self.jitter.empty();
            (self.codec, self.decoder) = (codec, Decoder::new(codec));
        }
        let units = codec::units(codec, payload);
        if units > 0 {
            self.push(now, header, units, codec::pauses(codec, payload), payload);
        }
    }

    /// A comfort noise packet (RFC 3389).
    pub fn comfort(&mut self, now: i64, header: &Header, payload: &[u8]) {
        self.push(now, header, 0, true, payload);
    }

    fn push(&mut self, now: i64, header: &Header, units: u32, rest: bool, payload: &[u8]) {
        let Header { ssrc, seq, timestamp, .. } = *header;
        self.jitter.push(now, &Arrival { ssrc, seq, timestamp, scale: self.codec.scale(), units, rest, payload });
    }

    /// Makes the next frame.
    pub fn pull(&mut self, now: i64) {
        self.sounding = false;
        let frame = FRAME * self.scale;
        self.fill(now, frame);
        self.paced = self.paced.saturating_sub(1);
        if self.paced == 0 {
            match self.jitter.pace(now, (self.ahead.len() / self.scale) as i64) {
                Pace::Keep => {}
                Pace::Faster => {
                    self.fill(now, 2 * frame);
                    stretch::shorten(&mut self.ahead, self.scale);
                    self.paced = PACE_EVERY;
                }
                Pace::Slower => {
                    stretch::lengthen(&mut self.ahead, self.scale);
                    self.paced = PACE_EVERY;
                }
            }
        }
        if let Some(improver) = &mut self.improver {
            improver.frame(&mut self.ahead[..frame]);
        }
        self.give(frame);
        self.ahead.drain(..frame);
    }

    fn give(&mut self, frame: usize) {
        let own = &self.ahead[..frame];
        if self.scale == 1 {
            self.narrow.copy_from_slice(own);
        } else {
            self.wide.copy_from_slice(own);
        }
        self.room.clear();
        match &mut self.other {
            Some(Other::Wide(up)) => {
                up.run(own, &mut self.room);
                self.wide.copy_from_slice(&self.room);
            }
            Some(Other::Narrow(down)) => {
                down.run(own, &mut self.room);
                self.narrow.copy_from_slice(&self.room);
            }
            None => {}
        }
    }

    fn fill(&mut self, now: i64, needed: usize) {
        let scale = self.scale;
        while self.ahead.len() < needed {
            let from = self.ahead.len();
            match self.jitter.pull(now, (from / scale) as i64) {
                Pull::Packet { payload, rest: false } => {
                    self.decoder.decode(payload, &mut self.ahead);
                    self.concealer.good(&mut self.ahead[from..]);
                    self.sounding = true;
                }
                Pull::Packet { payload, rest: true } => {
                    let level = if self.codec == Codec::Opus { None } else { payload.first().copied() };
                    self.noise.set_level(level.unwrap_or(noise::QUIET));
                    self.concealer.rest();
                }
                Pull::Pause { units } => {
                    self.ahead.resize(from + units as usize * scale, 0);
                    self.noise.fill(&mut self.ahead[from..]);
                    self.sounding = true;
                }
                Pull::Lost { units, next } => {
                    let samples = units as usize * scale;
                    if self.decoder.mend(next, samples, &mut self.ahead) {
                        self.concealer.good(&mut self.ahead[from..]);
                    } else {
                        self.conceal(samples);
                    }
                    self.sounding = true;
                }
                Pull::Late => {
                    self.conceal(FRAME * scale);
                    self.sounding |= !self.concealer.faded();
                }
                Pull::Idle => {
                    self.ahead.resize(needed, 0);
                    self.concealer.rest();
                }
            }
        }
    }

    fn conceal(&mut self, samples: usize) {
        let from = self.ahead.len();
        self.ahead.resize(from + samples, 0);
        self.concealer.lost(&mut self.ahead[from..]);
    }

    /// The frame of the last pull, 20 ms at 8 kHz; where it was wanted.
    pub fn narrow(&self) -> &[i16; FRAME] {
        &self.narrow
    }

    /// The same at 16 kHz.
    pub fn wide(&self) -> &[i16; 2 * FRAME] {
        &self.wide
    }

    /// Whether the frame holds more than the silence of a line on which nothing comes.
    pub fn is_sounding(&self) -> bool {
        self.sounding
    }

    pub fn jitter(&self) -> &Jitter {
        &self.jitter
    }
}
