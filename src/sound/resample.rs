//! Between 8, 16 and 48 kHz: a windowed sinc of whole factors, split into its phases so that no zero is ever multiplied.

use std::f32::consts::PI;

/// Samples of the lower rate that one output looks at.
const REACH: usize = 16;

/// To a rate so many times as high.
pub struct Up {
    factor: usize,
    /// `REACH` coefficients for each of the phases.
    phases: Vec<f32>,
    past: Vec<f32>,
}

/// To a rate so many times as low.
pub struct Down {
    factor: usize,
    taps: Vec<f32>,
    past: Vec<f32>,
}

impl Up {
    pub fn new(factor: usize) -> Up {
        let taps = taps(factor, factor as f32);
        let phases = (0..factor).flat_map(|phase| (0..REACH).map(move |n| n * factor + phase)).map(|at| taps[at]).collect();
        Up { factor, phases, past: vec![0.0; REACH - 1] }
    }

    /// Appends `factor` samples for each.
    pub fn run(&mut self, samples: &[i16], out: &mut Vec<i16>) {
        for &sample in samples {
            self.past.push(f32::from(sample));
            for phase in self.phases.chunks_exact(REACH).take(self.factor) {
                let sum: f32 = phase.iter().zip(self.past.iter().rev()).map(|(tap, sample)| tap * sample).sum();
                out.push(sum as i16);
            }
            if self.past.len() >= 4 * REACH {
                self.past.drain(..self.past.len() - (REACH - 1));
            }
        }
    }
}

impl Down {
    pub fn new(factor: usize) -> Down {
        Down { factor, taps: taps(factor, 1.0), past: vec![0.0; REACH * factor - 1] }
    }

    /// Appends one sample for each `factor`, of which `samples` must be a multiple.
    pub fn run(&mut self, samples: &[i16], out: &mut Vec<i16>) {
        for group in samples.chunks_exact(self.factor) {
            self.past.extend(group.iter().map(|&sample| f32::from(sample)));
            let sum: f32 = self.taps.iter().zip(self.past.iter().rev()).map(|(tap, sample)| tap * sample).sum();
            out.push(sum as i16);
            if self.past.len() >= 4 * REACH * self.factor {
                self.past.drain(..self.past.len() - (REACH * self.factor - 1));
            }
        }
    }
}

/// A low pass at nine tenths of the lower rate's half, at the higher rate; its gain is `gain`.
fn taps(factor: usize, gain: f32) -> Vec<f32> {
    let length = REACH * factor;
    let middle = (length - 1) as f32 / 2.0;
    let cutoff = 0.9 / factor as f32;
    let mut taps: Vec<f32> = (0..length)
        .map(|n| {
            let x = n as f32 - middle;
            let angle = PI * x * cutoff;
            let sinc = if angle.abs() < 1e-6 { 1.0 } else { angle.sin() / angle };
            sinc * (0.54 + 0.46 * (PI * x / (middle + 0.5)).cos())
        })
        .collect();
    let sum: f32 = taps.iter().sum();
    for tap in &mut taps {
        *tap *= gain / sum;
    }
    taps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::tests::{share, sine};

    #[test]
    fn speech_passes_and_nothing_is_added() {
        for factor in [2, 3, 6] {
            let low = 8000.0 * if factor == 3 { 2.0 } else { 1.0 };
            for hertz in [200.0, 1000.0, 3000.0] {
                let tone = sine(hertz, 8000.0, 3200, low);
                let (mut higher, mut back) = (Vec::new(), Vec::new());
                let (mut up, mut down) = (Up::new(factor), Down::new(factor));
                for part in tone.chunks(160) {
                    up.run(part, &mut higher);
                }
                assert!(share(&higher[1000..], hertz, low * factor as f64) > 0.999);
                down.run(&higher, &mut back);
                assert_eq!(back.len(), tone.len());
                let peak = back[500..].iter().map(|s| s.abs()).max().unwrap();
                assert!(share(&back[500..], hertz, low) > 0.999 && (7000..8300).contains(&peak), "{factor} {hertz}: {peak}");
            }
            // What the lower rate cannot hold does not come back as something else.
            let mut low_out = Vec::new();
            Down::new(factor).run(&sine(low * 0.7, 8000.0, 4800, low * factor as f64), &mut low_out);
            assert!(low_out[100..].iter().all(|s| s.abs() < 400), "{factor}: {:?}", low_out.iter().max());
        }
    }
}
