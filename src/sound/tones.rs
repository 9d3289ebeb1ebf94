//! Keys heard as tones (ITU-T Q.23, Q.24), for legs that send them in no other way.
//!
//! Blocks of 10 ms are looked at for the eight frequencies (Goertzel). A key is two tones of like strength that stand
//! above the six others and hold nearly all of the power, without the harmonics that a voice has; a block that is
//! filled by less than two thirds holds too little. Three blocks in a row make a press, so 40 ms are always found and
//! anything below 23 ms never.

use std::f32::consts::TAU;
use std::time::Duration;

const ROWS: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
const KEYS: [&[u8; 4]; 4] = [b"123A", b"456B", b"789C", b"*0#D"];
const RATE: f32 = 8000.0;
/// Samples in a block.
const BLOCK: usize = 80;
/// Power of one tone at -30 dBm0, where full scale is 3.14 dBm0: half the square of its amplitude.
const LEAST: f32 = 0.5 * 710.0 * 710.0;
/// The higher tone may be 8 dB weaker and 4 dB stronger than the lower (line losses fall on high tones).
const TWIST: f32 = 6.3;
const REVERSE_TWIST: f32 = 2.5;
/// A tone stands 5 dB above the others of its group: so much comes over from the neighbour, if that is off by 1.5 %.
const PEAK: f32 = 3.2;
/// The least share of all power that the two tones hold; one that is off by 1.5 % keeps three quarters in its bin.
const SHARE: f32 = 0.65;
/// The second harmonic of the higher tone may hold so much of its power. Those of the lower lie among the higher tones.
const HARMONIC: f32 = 0.1;
/// Blocks in a row that begin a press, and that end it.
const BEGIN: u32 = 3;
const END: u32 = 3;

/// Rows, columns, and the second harmonics of the columns.
const FILTERS: usize = 12;

pub struct Tones {
    factors: [f32; FILTERS],
    states: [(f32, f32); FILTERS],
    energy: f32,
    filled: usize,
    /// The key of the last blocks, and how many they were.
    run: (Option<u8>, u32),
    /// A press that has begun: its key, its blocks, and blocks without it since.
    press: Option<(u8, u32, u32)>,
}

/// How a key sounds at 8 kHz, -9 dBm0 each of its tones, and the silence behind it; without a key, the silence.
pub fn pressed(key: Option<char>, sound: Duration, silence: Duration) -> Vec<i16> {
    const LEVEL: f32 = 7_940.0;
    let samples = |time: Duration| (time.as_secs_f32() * RATE) as usize;
    let place = key.and_then(|key| (0..16).map(|n| (n / 4, n % 4)).find(|&(row, column)| char::from(KEYS[row][column]) == key));
    let tones = place.map(|(row, column)| [ROWS[row], COLUMNS[column]]).unwrap_or_default();
    let sounding = (0..samples(sound)).map(|n| tones.iter().map(|hertz| LEVEL * (TAU * hertz * n as f32 / RATE).sin()).sum::<f32>() as i16);
    sounding.chain(std::iter::repeat_n(0, samples(silence))).collect()
}

impl Default for Tones {
    fn default() -> Self {
        let frequency = |n: usize| match n {
            0..4 => ROWS[n],
            4..8 => COLUMNS[n - 4],
            _ => 2.0 * COLUMNS[n - 8],
        };
        let factors = std::array::from_fn(|n| 2.0 * (TAU * frequency(n) / RATE).cos());
        Tones { factors, states: [(0.0, 0.0); FILTERS], energy: 0.0, filled: 0, run: (None, 0), press: None }
    }
}

impl Tones {
    /// Takes in audio at 8 kHz; returns the key and its length in ms when a press has ended. Frames of up to 50 ms can
    /// end one press at most.
    pub fn hear(&mut self, samples: impl Iterator<Item = i16>) -> Option<(char, u32)> {
        let mut ended = None;
        for sample in samples {
            let sample = f32::from(sample);
            for ((a, b), factor) in self.states.iter_mut().zip(&self.factors) {
                (*a, *b) = (sample + factor * *a - *b, *a);
            }
            self.energy += sample * sample;
            self.filled += 1;
            if self.filled == BLOCK {
                let key = self.key();
                (self.states, self.energy, self.filled) = ([(0.0, 0.0); FILTERS], 0.0, 0);
                ended = self.block(key).or(ended);
            }
        }
        ended
    }

    /// The key that the block holds.
    fn key(&self) -> Option<u8> {
        // Power of each tone as half the square of its amplitude.
        let powers: [f32; FILTERS] = std::array::from_fn(|n| {
            let (a, b) = self.states[n];
            2.0 * (a * a + b * b - self.factors[n] * a * b) / (BLOCK * BLOCK) as f32
        });
        let strongest = |from: usize| {
            let group = &powers[from..from + 4];
            let best = (0..4).fold(0, |best, n| if group[n] > group[best] { n } else { best });
            let alone = (0..4).all(|n| n == best || group[n] * PEAK < group[best]);
            alone.then_some((best, group[best]))
        };
        let ((row, low), (column, high)) = (strongest(0)?, strongest(4)?);
        let all = self.energy / BLOCK as f32;
        let good = low >= LEAST
            && high >= LEAST
            && low <= high * TWIST
            && high <= low * REVERSE_TWIST
            && low + high >= SHARE * all
            && powers[8 + column] <= HARMONIC * high;
        good.then(|| KEYS[row][column])
    }

    fn block(&mut self, key: Option<u8>) -> Option<(char, u32)> {
        self.run = if self.run.0 == key { (key, self.run.1 + 1) } else { (key, 1) };
        let begun = self.run.0.filter(|_| self.run.1 == BEGIN);
        let Some((pressed, blocks, missed)) = &mut self.press else {
            self.press = begun.map(|key| (key, BEGIN, 0));
            return None;
        };
        if key == Some(*pressed) {
            *blocks += 1 + std::mem::take(missed);
            return None;
        }
        *missed += 1;
        if *missed < END {
            return None;
        }
        let told = (char::from(*pressed), *blocks * BLOCK as u32 / 8);
        self.press = begun.map(|key| (key, BEGIN, 0));
        Some(told)
    }
}

#[cfg(test)]
mod tests;
