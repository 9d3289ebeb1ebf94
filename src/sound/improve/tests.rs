use super::*;
use crate::sound::tests::Dice;

/// Speech of a prompt, at 8 kHz.
fn speech(name: &str) -> Vec<i16> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("static/sounds/en").join(name);
    let clip = crate::media::Clip::from_wav(&std::fs::read(path).unwrap()).unwrap();
    clip.bytes(crate::rtp::Law::Pcmu).iter().map(|&byte| crate::rtp::Law::Pcmu.decode(byte)).collect()
}

fn power(samples: &[i16]) -> f64 {
    samples.iter().map(|&s| f64::from(s) * f64::from(s)).sum::<f64>() / samples.len().max(1) as f64
}

/// What the noise is beside the speech: the power of loud frames over that of the pauses before and behind, in dB.
fn contrast(samples: &[i16], spoken: &[bool]) -> f64 {
    let mean = |wanted: bool| {
        let frames: Vec<f64> = samples.chunks_exact(160).zip(spoken).filter(|(_, s)| **s == wanted).map(|(f, _)| power(f)).collect();
        frames.iter().sum::<f64>() / frames.len().max(1) as f64
    };
    10.0 * (mean(true) / mean(false).max(1.0)).log10()
}

/// Three prompts in a row with pauses between, and which frames are spoken.
fn talk() -> (Vec<i16>, Vec<bool>) {
    let mut talk = vec![0i16; 16_000];
    for name in ["welcome.wav", "please-hold.wav", "all-busy.wav"] {
        talk.extend(speech(name));
        talk.extend([0; 8000]);
    }
    talk.truncate(talk.len() / 160 * 160);
    let spoken = talk.chunks_exact(160).map(|frame| power(frame) > 40_000.0).collect();
    (talk, spoken)
}

fn improved(samples: &[i16], what: Improve) -> Vec<i16> {
    let mut improver = Improver::new(what, 1);
    let mut out = samples.to_vec();
    out.chunks_exact_mut(160).for_each(|frame| improver.frame(frame));
    out
}

#[test]
fn noise_is_taken_out_and_speech_stays() {
    let (talk, spoken) = talk();
    let mut dice = Dice(31);
    // A fan: low noise, about 10 dB below the speech.
    let (mut last, level) = (0.0, power(&talk).sqrt() * 1.8);
    let noisy: Vec<i16> = talk
        .iter()
        .map(|&sample| {
            last = 0.7 * last + 0.3 * level * (dice.roll() * 2.0 - 1.0);
            (f64::from(sample) + 2.0 * last).clamp(-32_768.0, 32_767.0) as i16
        })
        .collect();
    let quiet = improved(&noisy, Improve { noise: true, gain: false });
    let (before, after) = (contrast(&noisy, &spoken), contrast(&quiet, &spoken));
    println!("speech over noise: {before:.1} dB before, {after:.1} dB after");
    assert!(after > before + 8.0, "{before} to {after} dB");
    // What was clean is not hurt: most of its power is still there.
    let clean = improved(&talk, Improve { noise: true, gain: false });
    let kept = power(&clean) / power(&talk);
    assert!((0.6..1.3).contains(&kept), "{kept}");
}

#[test]
fn soft_and_loud_talkers_come_to_one_loudness() {
    let (talk, spoken) = talk();
    let loudness = |samples: &[i16]| {
        let frames: Vec<f64> =
            samples.chunks_exact(160).zip(&spoken).skip(200).filter(|(_, s)| **s).map(|(frame, _)| power(frame)).collect();
        10.0 * (frames.iter().sum::<f64>() / frames.len() as f64).log10()
    };
    let at = |gain: f64| -> Vec<i16> { talk.iter().map(|&s| (f64::from(s) * gain).clamp(-32_768.0, 32_767.0) as i16).collect() };
    let (soft, loud) = (at(0.2), at(1.6));
    let apart = loudness(&loud) - loudness(&soft);
    let gain = Improve { noise: false, gain: true };
    let (soft, loud) = (improved(&soft, gain), improved(&loud, gain));
    let left = loudness(&loud) - loudness(&soft);
    println!("{apart:.1} dB apart before, {left:.1} dB after");
    assert!(apart > 16.0 && left.abs() < 6.0, "{apart} to {left} dB");
    // Soft for long, then loud all at once: what comes is a louder image of what went in, not one with its tops cut off. The gain stands at its
    // most then, 15 dB, and needs a third of a second to come down by itself.
    let tone = |amplitude: f64, ms: usize| crate::sound::tests::sine(440.0, amplitude, 8 * ms, 8000.0);
    let out = improved(&[tone(500.0, 8000), tone(16_000.0, 500)].concat(), gain);
    let (before, after) = out.split_at(8 * 8000);
    let peak = |samples: &[i16]| samples.iter().map(|s| s.unsigned_abs()).max().unwrap();
    assert!(peak(&before[8 * 7000..]) > 2000, "{} of 500: the soft one is raised", peak(&before[8 * 7000..]));
    // From 4 ms on nothing is bent: below the knee of the limiter.
    assert!(peak(&after[32..]) < 24_000, "{}", peak(&after[32..]));
    let clipped = loud.iter().filter(|s| s.unsigned_abs() > 32_700).count();
    assert!(clipped < 20, "{clipped} samples at full scale");
}
