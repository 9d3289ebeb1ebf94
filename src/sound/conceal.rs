//! What is heard where a packet is missing: the last pitch period again, fading (after the principle of ITU-T G.711
//! Appendix I), for any linear audio.

/// The pitch looked for: 66 to 200 Hz, in samples at 8 kHz.
const LAGS: std::ops::RangeInclusive<usize> = 40..=120;
/// What of the past is compared: 20 ms.
const SPAN: usize = 160;
/// The past kept: three of the longest periods, and some.
const PAST: usize = 400;
/// Full loudness for so long, then down to nothing: 10 and 60 ms.
const FULL: usize = 80;
const GONE: usize = 480;
/// Crossfade into the first packet behind a gap: 4 ms, 10 ms behind a long one.
const FADE: usize = 32;
const LONG_FADE: usize = 80;

pub struct Concealer {
    /// Samples per sample at 8 kHz.
    scale: usize,
    past: Vec<i16>,
    /// Samples filled in since the last packet.
    run: usize,
    pitch: usize,
}

impl Concealer {
    /// `scale`: 1 for 8 kHz, 2 for 16 kHz.
    pub fn new(scale: usize) -> Concealer {
        Concealer { scale, past: vec![0; PAST * scale], run: 0, pitch: LAGS.start() * scale }
    }

    /// A packet was decoded; behind a gap its beginning is joined to what was filled in.
    pub fn good(&mut self, samples: &mut [i16]) {
        if self.run > 0 {
            let longest = if self.run > FULL * self.scale { LONG_FADE } else { FADE };
            let fade = (longest * self.scale).min(samples.len());
            for (n, sample) in samples[..fade].iter_mut().enumerate() {
                let filled = i64::from(self.next_filled());
                let (n, fade) = (n as i64, fade as i64);
                *sample = ((filled * (fade - n) + i64::from(*sample) * n) / fade) as i16;
            }
            self.run = 0;
        }
        self.remember(samples);
    }

    /// Fills in for what is missing.
    pub fn lost(&mut self, samples: &mut [i16]) {
        if self.run == 0 {
            self.pitch = self.find_pitch();
        }
        for sample in samples.iter_mut() {
            *sample = self.next_filled();
        }
    }

    /// Whether so much is missing that nothing is left to be repeated.
    pub fn faded(&self) -> bool {
        self.run >= GONE * self.scale
    }

    /// Noise or silence of the sender's own making: no speech is continued into or out of it.
    pub fn rest(&mut self) {
        self.run = 0;
        self.past.fill(0);
    }

    fn next_filled(&mut self) -> i16 {
        let (full, gone) = (FULL * self.scale, GONE * self.scale);
        // One period sounds like a buzz if it is repeated for long, so later rounds go over three.
        let periods = if self.run < full { 1 } else { 3 };
        let length = self.pitch * periods;
        let sample = self.past[self.past.len() - length + self.run % length];
        let left = gone.saturating_sub(self.run).min(gone - full);
        self.run += 1;
        (i64::from(sample) * left as i64 / (gone - full) as i64) as i16
    }

    fn remember(&mut self, samples: &[i16]) {
        let length = self.past.len();
        if samples.len() >= length {
            self.past.copy_from_slice(&samples[samples.len() - length..]);
        } else {
            self.past.copy_within(samples.len().., 0);
            self.past[length - samples.len()..].copy_from_slice(samples);
        }
    }

    fn find_pitch(&self) -> usize {
        let span = SPAN * self.scale;
        let end = self.past.len();
        let recent = &self.past[end - span..];
        let likeness = |lag: usize| likeness(recent, &self.past[end - span - lag..end - lag]);
        let lags = LAGS.start() * self.scale..=LAGS.end() * self.scale;
        let best = |lags: &mut dyn Iterator<Item = usize>| {
            lags.map(|lag| (lag, likeness(lag)))
                .fold((LAGS.start() * self.scale, f32::MIN), |best, next| if next.1 > best.1 { next } else { best })
                .0
        };
        let near = best(&mut lags.clone().step_by(2));
        best(&mut (near - 1..=near + 1).filter(|lag| lags.contains(lag)))
    }
}

/// Normalised correlation: 1.0 for the same shape.
pub(super) fn likeness(a: &[i16], b: &[i16]) -> f32 {
    let (mut product, mut energy) = (0.0, 1.0);
    for (&a, &b) in a.iter().zip(b) {
        let (a, b) = (f32::from(a), f32::from(b));
        product += a * b;
        energy += b * b;
    }
    product / energy.sqrt()
}

#[cfg(test)]
mod tests;
