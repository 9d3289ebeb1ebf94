//! What can be done for a leg that is hard to listen to: noise taken out (RNNoise, at 48 kHz), and speech brought to
//! one loudness.

use super::mix;
use super::resample::{Down, Up};
use nnnoiseless::DenoiseState;

/// What is done for a leg.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Improve {
    pub noise: bool,
    pub gain: bool,
}

impl Improve {
    pub fn any(self) -> bool {
        self.noise || self.gain
    }
}

pub struct Improver {
    denoiser: Option<Denoiser>,
    gain: Option<Gain>,
}

impl Improver {
    /// `scale`: 1 for frames at 8 kHz, 2 for 16 kHz.
    pub fn new(what: Improve, scale: usize) -> Improver {
        Improver { denoiser: what.noise.then(|| Denoiser::new(6 / scale)), gain: what.gain.then(Gain::default) }
    }

    /// Improves a frame of 20 ms in place.
    pub fn frame(&mut self, samples: &mut [i16]) {
        if let Some(denoiser) = &mut self.denoiser {
            denoiser.frame(samples);
        }
        if let Some(gain) = &mut self.gain {
            gain.frame(samples);
        }
    }
}

struct Denoiser {
    state: Box<DenoiseState<'static>>,
    up: Up,
    down: Down,
    high: Vec<i16>,
    low: Vec<i16>,
}

impl Denoiser {
    fn new(factor: usize) -> Denoiser {
        let room = || Vec::with_capacity(960);
        Denoiser { state: DenoiseState::new(), up: Up::new(factor), down: Down::new(factor), high: room(), low: room() }
    }

    fn frame(&mut self, samples: &mut [i16]) {
        self.high.clear();
        self.low.clear();
        self.up.run(samples, &mut self.high);
        for part in self.high.chunks_exact_mut(DenoiseState::FRAME_SIZE) {
            let (mut noisy, mut clean) = ([0.0; DenoiseState::FRAME_SIZE], [0.0; DenoiseState::FRAME_SIZE]);
            for (to, &sample) in noisy.iter_mut().zip(part.iter()) {
                *to = f32::from(sample);
            }
            self.state.process_frame(&mut clean, &noisy);
            for (sample, &from) in part.iter_mut().zip(&clean) {
                *sample = from as i16;
            }
        }
        self.down.run(&self.high, &mut self.low);
        let length = self.low.len().min(samples.len());
        samples[..length].copy_from_slice(&self.low[..length]);
    }
}

/// Speech is brought here: 22 dB below full scale, as rms while somebody speaks.
const TARGET: f32 = 32_767.0 * 0.079;
/// Bounds of the gain: 12 dB down, 15 dB up.
const LEAST_GAIN: f32 = 0.25;
const MOST_GAIN: f32 = 5.6;
/// Steps of the gain in a frame: 6 dB a second up, 40 dB a second down.
const RISE: f32 = 1.0139;
const FALL: f32 = 0.912;
/// No sample is raised beyond this, 3 dB below full scale.
const LOUDEST: f32 = 32_767.0 * 0.7;
/// Speech stands so far above the noise, 9 dB, and above 54 dB below full scale.
const ABOVE_NOISE: f32 = 2.8;
const QUIETEST: f32 = 65.0;

/// Automatic gain: follows the loudness of speech, and leaves the pauses between as quiet as they are.
struct Gain {
    speech: f32,
    floor: f32,
    gain: f32,
}

impl Default for Gain {
    fn default() -> Self {
        Gain { speech: TARGET, floor: QUIETEST, gain: 1.0 }
    }
}

impl Gain {
    fn frame(&mut self, samples: &mut [i16]) {
        let power: f32 = samples.iter().map(|&sample| f32::from(sample) * f32::from(sample)).sum();
        let loudness = (power / samples.len().max(1) as f32).sqrt();
        // The floor falls at once and rises by 3 dB a second.
        self.floor = if loudness < self.floor { loudness.max(1.0) } else { self.floor * 1.007 };
        if loudness > QUIETEST && loudness > self.floor * ABOVE_NOISE {
            let weight = if loudness > self.speech { 0.1 } else { 0.03 };
            self.speech += weight * (loudness - self.speech);
        }
        let wanted = (TARGET / self.speech).clamp(LEAST_GAIN, MOST_GAIN);
        // Who becomes loud all at once is not sent through the roof until the gain has followed: it falls within a moment.
        let peak = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or_default();
        let roof = (LOUDEST / f32::from(peak.max(1))).max(LEAST_GAIN);
        let (from, to) = (self.gain, wanted.clamp(self.gain * FALL, self.gain * RISE).min(roof));
        self.gain = to;
        let slope = if from > roof { samples.len() / 8 } else { samples.len() }.max(1);
        let step = (to - from) / slope as f32;
        for (n, sample) in samples.iter_mut().enumerate() {
            *sample = mix::limit((f32::from(*sample) * (from + step * n.min(slope) as f32)) as i32);
        }
    }
}

#[cfg(test)]
mod tests;
