//! The tones that a trial plays, and whether they came back: a little tune of four notes that no exchange plays by itself. Pure.

use crate::rtp::Law;
use std::f64::consts::TAU;

const RATE: usize = 8_000;
/// The notes, Hz: in the telephone's band, in no simple ratio, none of DTMF's.
const NOTES: [f64; 4] = [620.0, 1_130.0, 1_730.0, 890.0];
/// Each lasts so long, samples: 300 ms.
const NOTE: usize = 2_400;
/// Silence before the tune, so that its beginning is heard as one: 200 ms.
const LEAD: usize = 1_600;
/// Samples looked at in one step: 20 ms.
const STEP: usize = 160;
const AMPLITUDE: f64 = 8_000.0;
/// Root mean square below which a step is silence.
const QUIET: f64 = 60.0;

/// The header of a recording (`media::recording`): its format tag, and where its pairs of bytes begin.
const TAG_AT: usize = 20;
const HEADER: usize = 58;

/// What was heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Heard {
    /// Nothing above the noise.
    Silence,
    /// Something, but not the tune.
    Other,
    /// The tune, this long after it was played, ms.
    Tune { after_ms: u32 },
}

/// The tune, with a moment of silence before it.
pub(super) fn tune() -> Vec<i16> {
    let note = |hz: f64| (0..NOTE).map(move |n| (f64::sin(TAU * hz * n as f64 / RATE as f64) * AMPLITUDE) as i16);
    std::iter::repeat_n(0, LEAD).chain(NOTES.into_iter().flat_map(note)).collect()
}

/// The far side's audio of a recording: its left channel.
pub(super) fn left(file: &[u8]) -> Vec<i16> {
    let law = match file.get(TAG_AT..TAG_AT + 2) {
        Some([6, 0]) => Law::Pcma,
        _ => Law::Pcmu,
    };
    let pairs = file.get(HEADER..).unwrap_or_default().as_chunks::<2>().0;
    pairs.iter().map(|[left, _]| law.decode(*left)).collect()
}

/// Looks for the tune in what was recorded from the moment on in which it was played.
pub(super) fn listen(samples: &[i16]) -> Heard {
    let steps: Vec<Option<usize>> = samples.chunks(STEP).map(note_of).collect();
    let loud = samples.chunks(STEP).filter(|step| level(step) > QUIET).count();
    let needed = NOTE / STEP / 2;
    for (start, _) in steps.iter().enumerate().filter(|(at, step)| **step == Some(0) && (*at == 0 || steps[at - 1] != Some(0))) {
        // Half of each note is enough: networks cut beginnings and ends.
        let hits = |note: usize| {
            let from = start + note * NOTE / STEP;
            steps.iter().skip(from).take(NOTE / STEP).filter(|step| **step == Some(note)).count()
        };
        if (0..NOTES.len()).all(|note| hits(note) >= needed) {
            let after = (start * STEP).saturating_sub(LEAD);
            return Heard::Tune { after_ms: (after * 1_000 / RATE) as u32 };
        }
    }
    if loud > 2 { Heard::Other } else { Heard::Silence }
}

/// Which note a step is, if it is one.
fn note_of(step: &[i16]) -> Option<usize> {
    if level(step) <= QUIET {
        return None;
    }
    NOTES.iter().position(|hz| share(step, *hz) > 0.6)
}

fn level(step: &[i16]) -> f64 {
    let energy: f64 = step.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    (energy / step.len().max(1) as f64).sqrt()
}

/// The share of a frequency in the energy of a step, 0 to 1 (Goertzel).
fn share(step: &[i16], hz: f64) -> f64 {
    let energy: f64 = step.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    let turn = 2.0 * f64::cos(TAU * hz / RATE as f64);
    let (mut one, mut two) = (0.0, 0.0);
    for sample in step {
        (one, two) = (f64::from(*sample) + turn * one - two, one);
    }
    let power = one * one + two * two - turn * one * two;
    2.0 * power / (energy * step.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delayed(ms: usize, gain: f64) -> Vec<i16> {
        let quiet = std::iter::repeat_n(0, ms * RATE / 1_000);
        quiet.chain(tune().into_iter().map(|sample| (f64::from(sample) * gain) as i16)).chain(std::iter::repeat_n(0, 4_000)).collect()
    }

    #[test]
    fn the_tune_is_found_with_its_delay() {
        for (ms, gain) in [(0, 1.0), (40, 0.5), (180, 0.1), (900, 2.0)] {
            match listen(&delayed(ms, gain)) {
                Heard::Tune { after_ms } => assert!(after_ms.abs_diff(ms as u32) <= 20, "{after_ms} for {ms}"),
                other => panic!("{other:?} for {ms} ms"),
            }
        }
    }

    #[test]
    fn it_survives_lost_packets_and_the_other_law() {
        let mut heard = delayed(100, 0.7);
        for (at, step) in heard.chunks_mut(STEP).enumerate() {
            if at % 9 == 4 {
                step.fill(0);
            }
            step.iter_mut().for_each(|sample| *sample = Law::Pcma.decode(Law::Pcma.encode(*sample)));
        }
        assert!(matches!(listen(&heard), Heard::Tune { .. }));
    }

    #[test]
    fn other_sounds_are_not_the_tune() {
        let tone: Vec<i16> = (0..16_000).map(|n| (f64::sin(TAU * 425.0 * f64::from(n) / 8_000.0) * 6_000.0) as i16).collect();
        assert_eq!(listen(&tone), Heard::Other);
        let noise: Vec<i16> = (0..16_000i64).map(|n| ((n * 7_919 % 12_007) - 6_000) as i16).collect();
        assert_eq!(listen(&noise), Heard::Other);
        assert_eq!(listen(&vec![3; 16_000]), Heard::Silence);
        assert_eq!(listen(&[]), Heard::Silence);
        // One note alone, or the notes in another order.
        let backwards: Vec<i16> = delayed(0, 1.0).into_iter().rev().collect();
        assert_eq!(listen(&backwards), Heard::Other);
    }
}
