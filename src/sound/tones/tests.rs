use super::*;
use crate::sound::tests::Dice;

/// How a press sounds.
#[derive(Clone, Copy)]
struct Press {
    ms: usize,
    gap_ms: usize,
    /// Amplitudes of the lower and the higher tone.
    levels: (f64, f64),
    /// Factor of both frequencies.
    off: f64,
    noise: f64,
}

const GOOD: Press = Press { ms: 60, gap_ms: 60, levels: (6000.0, 6000.0), off: 1.0, noise: 0.0 };

fn pressed(keys: &str, press: Press) -> String {
    let mut dice = Dice(21);
    let mut samples = vec![0i16; 37];
    for key in keys.bytes() {
        let (row, column) = (0..16).map(|n| (n / 4, n % 4)).find(|&(row, column)| KEYS[row][column] == key).unwrap();
        let (low, high) = (f64::from(ROWS[row]) * press.off, f64::from(COLUMNS[column]) * press.off);
        for n in 0..8 * (press.ms + press.gap_ms) {
            let t = n as f64 / 8000.0;
            let tone = |hertz: f64, level: f64| level * (std::f64::consts::TAU * hertz * t).sin();
            let sound = if n < 8 * press.ms { tone(low, press.levels.0) + tone(high, press.levels.1) } else { 0.0 };
            samples.push((sound + press.noise * (dice.roll() * 2.0 - 1.0)).clamp(-32_768.0, 32_767.0) as i16);
        }
    }
    samples.extend([0; 800]);
    let mut tones = Tones::default();
    samples.chunks(160).filter_map(|frame| tones.hear(frame.iter().copied())).map(|(key, _)| key).collect()
}

const ALL: &str = "0123456789*#ABCD1122";

#[test]
fn every_key_is_told_once_at_every_level_and_twist_that_q24_asks_for() {
    for press in [
        GOOD,
        Press { ms: 40, gap_ms: 40, ..GOOD },
        Press { ms: 1000, ..GOOD },
        Press { levels: (16_000.0, 16_000.0), ..GOOD },
        Press { levels: (1000.0, 1000.0), ..GOOD },
        // 6 dB of twist, 3 dB of reverse twist.
        Press { levels: (6000.0, 3000.0), ..GOOD },
        Press { levels: (4200.0, 6000.0), ..GOOD },
        Press { off: 1.015, ..GOOD },
        Press { off: 0.985, ..GOOD },
        // Noise 18 dB below.
        Press { noise: 1300.0, ..GOOD },
    ] {
        let Press { ms, levels, off, noise, .. } = press;
        assert_eq!(pressed(ALL, press), ALL, "{ms} ms {levels:?} {off} {noise}");
    }
}

#[test]
fn what_is_too_short_too_weak_or_off_is_none() {
    for press in [
        Press { ms: 20, ..GOOD },
        Press { levels: (300.0, 300.0), ..GOOD },
        Press { levels: (6000.0, 1000.0), ..GOOD },
        Press { levels: (2000.0, 6000.0), ..GOOD },
        Press { off: 1.05, ..GOOD },
        Press { noise: 12_000.0, ..GOOD },
    ] {
        let Press { ms, levels, off, noise, .. } = press;
        assert_eq!(pressed(ALL, press), "", "{ms} ms {levels:?} {off} {noise}");
    }
}

#[test]
fn a_short_break_in_a_press_is_no_second_press() {
    let mut tones = Tones::default();
    let tone = |n: usize| {
        let t = n as f64 / 8000.0;
        (5000.0 * ((std::f64::consts::TAU * 770.0 * t).sin() + (std::f64::consts::TAU * 1336.0 * t).sin())) as i16
    };
    // 10 ms are gone in the middle of 200.
    let samples: Vec<i16> = (0..1600).map(|n| if (800..880).contains(&n) { 0 } else { tone(n) }).chain([0; 800]).collect();
    let told: Vec<(char, u32)> = samples.chunks(160).filter_map(|frame| tones.hear(frame.iter().copied())).collect();
    assert!(matches!(told[..], [('5', 170..=230)]), "{told:?}");
}

/// Every prompt and the music that come with the program, loud and soft, slower and faster: no key is in any of them.
#[test]
fn speech_and_music_press_no_keys() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("static/sounds");
    let (mut seconds, mut heard) = (0.0, Vec::new());
    for file in ["en", "zh", "."].iter().flat_map(|part| std::fs::read_dir(folder.join(part)).into_iter().flatten().flatten()) {
        let path = file.path();
        if path.extension().is_none_or(|extension| extension != "wav") {
            continue;
        }
        let clip = crate::media::Clip::from_wav(&std::fs::read(&path).unwrap()).unwrap();
        let samples: Vec<i16> = clip.bytes(crate::rtp::Law::Pcmu).iter().map(|&byte| crate::rtp::Law::Pcmu.decode(byte)).collect();
        for speed in [80, 90, 100, 110, 125] {
            for gain in [0.3, 1.0, 3.0] {
                let at = |n: usize| (f64::from(samples[n * speed / 100]) * gain).clamp(-32_768.0, 32_767.0) as i16;
                let mut tones = Tones::default();
                let changed: Vec<i16> = (0..samples.len() * 100 / speed).map(at).collect();
                heard.extend(changed.chunks(160).filter_map(|frame| tones.hear(frame.iter().copied())));
                seconds += changed.len() as f64 / 8000.0;
            }
        }
    }
    assert!(seconds > 600.0, "too little speech: {seconds} s");
    assert!(heard.is_empty(), "{heard:?} in {seconds} s");
}
