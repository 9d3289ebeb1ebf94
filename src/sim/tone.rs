//! Tones that say who was heard: each party sends its own, and is recognised by it at the other end.

use std::f64::consts::TAU;

/// Samples per second of telephone audio.
pub const RATE: u32 = 8_000;

/// A sine of this frequency, from this sample on.
pub fn sine(hz: f64, from: u64, samples: usize) -> Vec<i16> {
    (0..samples as u64).map(|n| (f64::sin(TAU * hz * ((from + n) % u64::from(RATE)) as f64 / f64::from(RATE)) * 8_000.0) as i16).collect()
}

/// The share of a frequency in the signal's energy, 0 to 1 (Goertzel). Silence has none of anything.
pub fn share(samples: &[i16], hz: f64) -> f64 {
    let energy: f64 = samples.iter().map(|s| f64::from(*s).powi(2)).sum();
    // Quieter than a whisper on the line is no tone, whatever its shape.
    if samples.is_empty() || energy / (samples.len() as f64) < 50.0 * 50.0 {
        return 0.0;
    }
    let turn = 2.0 * f64::cos(TAU * hz / f64::from(RATE));
    let (mut one, mut two) = (0.0, 0.0);
    for sample in samples {
        let now = f64::from(*sample) + turn * one - two;
        two = one;
        one = now;
    }
    let power = one * one + two * two - turn * one * two;
    (2.0 * power / (energy * samples.len() as f64)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_found_and_others_are_not() {
        let signal = sine(440.0, 0, 4_000);
        assert!(share(&signal, 440.0) > 0.95);
        assert!(share(&signal, 660.0) < 0.05);
        assert!(share(&[0; 4_000], 440.0) < 0.01);
        let both: Vec<i16> = signal.iter().zip(sine(1_000.0, 0, 4_000)).map(|(a, b)| a / 2 + b / 2).collect();
        assert!((share(&both, 440.0) - 0.5).abs() < 0.05);
    }
}
