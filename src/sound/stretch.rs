//! A little faster or slower without another pitch: one period is taken out, or put in twice, with a crossfade.

use super::conceal::likeness;

/// The periods looked for: 5 to 10 ms, in samples at 8 kHz. A frame holds two of the longest.
const LAGS: std::ops::RangeInclusive<usize> = 40..=80;
/// Samples at 8 kHz that must be there.
pub const NEEDED: usize = 160;

/// Takes one period out of the front; says how many samples that was.
pub fn shorten(samples: &mut Vec<i16>, scale: usize) -> usize {
    if samples.len() < NEEDED * scale {
        return 0;
    }
    let lag = period(samples, scale);
    for n in 0..lag {
        samples[n] = crossfade(samples[n], samples[n + lag], n, lag);
    }
    samples.drain(lag..2 * lag);
    lag
}

/// Puts one period in behind the first; says how many samples that was.
pub fn lengthen(samples: &mut Vec<i16>, scale: usize) -> usize {
    if samples.len() < NEEDED * scale {
        return 0;
    }
    let lag = period(samples, scale);
    let length = samples.len();
    samples.resize(length + lag, 0);
    samples.copy_within(lag..length, 2 * lag);
    for n in 0..lag {
        samples[lag + n] = crossfade(samples[2 * lag + n], samples[n], n, lag);
    }
    lag
}

fn crossfade(from: i16, to: i16, n: usize, length: usize) -> i16 {
    let (n, length) = (n as i32, length as i32);
    ((i32::from(from) * (length - n) + i32::from(to) * n) / length) as i16
}

/// The distance at which the front is most like itself.
fn period(samples: &[i16], scale: usize) -> usize {
    let (first, last) = (LAGS.start() * scale, LAGS.end() * scale);
    let alike = |lag: usize| {
        // Equal lengths for all lags, or the longer would win by their length alone.
        likeness(&samples[..first], &samples[lag..lag + first])
    };
    (first..=last).fold((first, f32::MIN), |best, lag| if alike(lag) > best.1 { (lag, alike(lag)) } else { best }).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::tests::{share, sine};

    #[test]
    fn a_tone_stays_a_tone_and_changes_its_length() {
        for scale in [1, 2] {
            let tone = sine(180.0, 4000.0, 960 * scale, 8000.0 * scale as f64);
            let (mut shorter, mut longer) = (tone.clone(), tone.clone());
            let (out, put) = (shorten(&mut shorter, scale), lengthen(&mut longer, scale));
            assert!((40 * scale..=80 * scale).contains(&out) && (40 * scale..=80 * scale).contains(&put));
            assert_eq!((shorter.len(), longer.len()), (tone.len() - out, tone.len() + put));
            for changed in [shorter, longer] {
                assert!(share(&changed, 180.0, 8000.0 * scale as f64) > 0.97);
                let step = changed.windows(2).map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs()).max();
                assert!(step < Some(800), "a click of {step:?}");
            }
        }
        assert_eq!(shorten(&mut vec![0; 100], 1), 0);
    }
}
