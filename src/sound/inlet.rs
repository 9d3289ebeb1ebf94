//! One leg's audio as an even stream of frames: jitter buffer, decoder, concealment, comfort noise.

use super::conceal::Concealer;
use super::jitter::{Arrival, Jitter, Pace, Pull};
use super::noise::Noise;
use super::stretch;
use crate::rtp::{FRAME, Header, Law};

/// Frames between two changes of pace: a period of 5 to 10 ms in 100 ms is not heard.
const PACE_EVERY: u8 = 5;

pub struct Inlet {
    jitter: Jitter,
    concealer: Concealer,
    noise: Noise,
    /// The law of the packet taken last.
    law: Law,
    /// Decoded and not heard yet.
    ahead: Vec<i16>,
    paced: u8,
    frame: [i16; FRAME],
    /// Whether the frame holds more than the silence of a line on which nothing comes.
    sounding: bool,
}

impl Default for Inlet {
    fn default() -> Self {
        Inlet::new()
    }
}

impl Inlet {
    pub fn new() -> Inlet {
        Inlet {
            jitter: Jitter::default(),
            concealer: Concealer::new(1),
            noise: Noise::new(),
            law: Law::Pcmu,
            ahead: Vec::with_capacity(4 * FRAME),
            paced: 0,
            frame: [0; FRAME],
            sounding: false,
        }
    }

    /// A packet of audio; `now` in samples at 8 kHz from any origin.
    pub fn audio(&mut self, now: i64, header: &Header, law: Law, payload: &[u8]) {
        self.law = law;
        self.push(now, header, payload.len() as u32, false, payload);
    }

    /// A comfort noise packet (RFC 3389).
    pub fn comfort(&mut self, now: i64, header: &Header, payload: &[u8]) {
        self.push(now, header, 0, true, payload);
    }

    fn push(&mut self, now: i64, header: &Header, units: u32, rest: bool, payload: &[u8]) {
        let Header { ssrc, seq, timestamp, .. } = *header;
        self.jitter.push(now, &Arrival { ssrc, seq, timestamp, scale: 1, units, rest, payload });
    }

    /// Makes the next frame.
    pub fn pull(&mut self, now: i64) {
        self.sounding = false;
        self.fill(now, FRAME);
        self.paced = self.paced.saturating_sub(1);
        if self.paced == 0 {
            match self.jitter.pace(now, self.ahead.len() as i64) {
                Pace::Keep => {}
                Pace::Faster => {
                    self.fill(now, 2 * FRAME);
                    stretch::shorten(&mut self.ahead, 1);
                    self.paced = PACE_EVERY;
                }
                Pace::Slower => {
                    stretch::lengthen(&mut self.ahead, 1);
                    self.paced = PACE_EVERY;
                }
            }
        }
        self.frame.copy_from_slice(&self.ahead[..FRAME]);
        self.ahead.drain(..FRAME);
    }

    fn fill(&mut self, now: i64, needed: usize) {
        while self.ahead.len() < needed {
            let from = self.ahead.len();
            match self.jitter.pull(now, from as i64) {
                Pull::Packet { payload, rest: false } => {
                    let law = self.law;
                    self.ahead.extend(payload.iter().map(|&byte| law.decode(byte)));
                    self.concealer.good(&mut self.ahead[from..]);
                    self.sounding = true;
                }
                Pull::Packet { payload, rest: true } => {
                    self.noise.set_level(payload.first().copied().unwrap_or(super::noise::QUIET));
                    self.concealer.rest();
                }
                Pull::Pause { units } => {
                    self.ahead.resize(from + units as usize, 0);
                    self.noise.fill(&mut self.ahead[from..]);
                    self.sounding = true;
                }
                Pull::Lost { units, .. } => self.conceal(from, units as usize),
                Pull::Late => self.conceal(from, FRAME),
                Pull::Idle => {
                    self.ahead.resize(needed, 0);
                    self.concealer.rest();
                }
            }
        }
    }

    fn conceal(&mut self, from: usize, samples: usize) {
        self.ahead.resize(from + samples, 0);
        self.concealer.lost(&mut self.ahead[from..]);
        self.sounding |= !self.concealer.faded();
    }

    /// The frame of the last pull: 20 ms at 8 kHz.
    pub fn frame(&self) -> &[i16; FRAME] {
        &self.frame
    }

    pub fn is_sounding(&self) -> bool {
        self.sounding
    }

    pub fn jitter(&self) -> &Jitter {
        &self.jitter
    }
}
