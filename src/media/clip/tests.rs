//! Clips from WAV bytes of each kind, and broken ones.

use super::*;
use proptest::prelude::*;

fn wav(tag: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    let mut out = b"RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x10\0\0\0".to_vec();
    out.extend(tag.to_le_bytes());
    out.extend(channels.to_le_bytes());
    out.extend(rate.to_le_bytes());
    out.extend([0; 6]);
    out.extend(bits.to_le_bytes());
    out.extend(b"data");
    out.extend((data.len() as u32).to_le_bytes());
    out.extend(data);
    out
}

fn sine(rate: u32, hertz: f64, seconds: f64) -> Vec<u8> {
    let sample = |n: usize| (10_000.0 * (std::f64::consts::TAU * hertz * n as f64 / f64::from(rate)).sin()) as i16;
    (0..(f64::from(rate) * seconds) as usize).flat_map(|n| sample(n).to_le_bytes()).collect()
}

#[test]
fn pcm_is_coded_in_both_laws() {
    let clip = Clip::from_wav(&wav(1, 1, 8000, 16, &sine(8000, 440.0, 0.5))).unwrap();
    assert_eq!(clip.duration(), Duration::from_millis(500));
    for law in [Law::Pcmu, Law::Pcma] {
        let peak = clip.bytes(law).iter().map(|&byte| law.decode(byte)).max().unwrap();
        assert!((9500..10500).contains(&peak), "{peak}");
    }
}

#[test]
fn other_rates_keep_pitch_and_loudness() {
    for rate in [16_000, 22_050, 44_100, 48_000, 6000] {
        let clip = Clip::from_wav(&wav(1, 1, rate, 16, &sine(rate, 1000.0, 1.0))).unwrap();
        let samples: Vec<f64> = clip.bytes(Law::Pcma).iter().map(|&byte| f64::from(Law::Pcma.decode(byte))).collect();
        let middle = &samples[1000..7000];
        let crossings = middle.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        assert!((748..=752).contains(&crossings), "{rate}: {crossings}");
        let power = (middle.iter().map(|s| s * s).sum::<f64>() / middle.len() as f64).sqrt();
        assert!((6700.0..7400.0).contains(&power), "{rate}: {power}");
    }
}

#[test]
fn what_would_alias_is_removed() {
    let clip = Clip::from_wav(&wav(1, 1, 48_000, 16, &sine(48_000, 6000.0, 0.5))).unwrap();
    let peak = clip.bytes(Law::Pcmu)[400..3600].iter().map(|&byte| Law::Pcmu.decode(byte).abs()).max().unwrap();
    assert!(peak < 100, "{peak}");
}

#[test]
fn coded_files_are_taken_as_they_are() {
    let clip = Clip::from_wav(&wav(7, 1, 8000, 8, &[0x12, 0xff])).unwrap();
    assert_eq!(clip.bytes(Law::Pcmu), [0x12, 0xff]);
    assert_eq!(clip.bytes(Law::Pcma)[1], Law::Pcma.encode(0));
}

#[test]
fn clips_are_joined_without_a_gap() {
    let tone = |hertz| Clip::from_wav(&wav(1, 1, 8000, 16, &sine(8000, hertz, 0.2))).unwrap();
    let (a, b) = (tone(440.0), tone(880.0));
    let joined = Clip::join(&[a.clone(), b.clone()]).unwrap();
    assert_eq!(joined.duration(), Duration::from_millis(400));
    for law in [Law::Pcmu, Law::Pcma] {
        assert_eq!(joined.bytes(law), [a.bytes(law), b.bytes(law)].concat());
    }
    assert_eq!(Clip::join(&[]).unwrap_err(), ClipError::Empty);
    assert!(Arc::ptr_eq(&Clip::join(std::slice::from_ref(&a)).unwrap(), &a));
}

#[test]
fn unsupported_files_say_why() {
    let error = |bytes: Vec<u8>| Clip::from_wav(&bytes).unwrap_err();
    assert_eq!(error(b"ID3 something else".to_vec()), ClipError::NotWav);
    assert_eq!(error(wav(1, 2, 8000, 16, &[0; 8])), ClipError::Channels(2));
    assert_eq!(error(wav(3, 1, 8000, 32, &[0; 8])), ClipError::Format { tag: 3, bits: 32 });
    assert_eq!(error(wav(7, 1, 16_000, 8, &[0; 8])), ClipError::Rate(16_000));
    assert_eq!(error(wav(1, 1, 8000, 16, &[])), ClipError::Empty);
    assert_eq!(error(wav(1, 1, 8000, 16, &[0; 8])[..51].to_vec()), ClipError::Truncated("data"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(junk in proptest::collection::vec(any::<u8>(), 0..100), at in 0usize..60) {
        let mut bytes = wav(1, 1, 8000, 16, &[1; 40]);
        let end = (at + junk.len()).min(bytes.len());
        bytes[at..end].copy_from_slice(&junk[..end - at]);
        let _ = Clip::from_wav(&bytes);
    }
}
