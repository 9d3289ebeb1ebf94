//! Comfort noise (RFC 3389): what tells a listener that the line is alive while nobody speaks.

/// The noise of a quiet room, in dB below full scale, where nobody says how loud it shall be.
pub const QUIET: u8 = 70;

pub struct Noise {
    state: u32,
    /// Peak of the noise, in 1/256.
    peak: i32,
    last: i32,
}

impl Noise {
    pub fn new() -> Noise {
        let mut noise = Noise { state: 0x2545_f491, peak: 0, last: 0 };
        noise.set_level(QUIET);
        noise
    }

    /// The first byte of a comfort noise payload (RFC 3389 §3.1): dB below full scale. The spectrum that may follow it
    /// is not followed.
    pub fn set_level(&mut self, below: u8) {
        let rms = 32_767.0 * 10f32.powf(-f32::from(below.clamp(30, 90)) / 20.0);
        // Uniform numbers through the low pass below: peak over rms is √3 · √3.
        self.peak = (rms * 3.0 * 256.0) as i32;
    }

    pub fn fill(&mut self, samples: &mut [i16]) {
        for sample in samples {
            // Xorshift; soft, because hiss is no comfort.
            self.state ^= self.state << 13;
            self.state ^= self.state >> 17;
            self.state ^= self.state << 5;
            let white = (i64::from(self.state as i32) * i64::from(self.peak) / i64::from(i32::MAX)) as i32;
            self.last = (self.last + white) / 2;
            *sample = (self.last / 256) as i16;
        }
    }
}

impl Default for Noise {
    fn default() -> Self {
        Noise::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_loud_as_was_asked() {
        for below in [40, 50, 60, 70] {
            let mut noise = Noise::new();
            noise.set_level(below);
            let mut samples = [0; 16_000];
            noise.fill(&mut samples);
            let power = samples.iter().map(|&s| f64::from(s) * f64::from(s)).sum::<f64>() / samples.len() as f64;
            let measured = -20.0 * (power.sqrt() / 32_767.0).log10();
            assert!((measured - f64::from(below)).abs() < 1.5, "{below}: {measured}");
        }
    }
}
