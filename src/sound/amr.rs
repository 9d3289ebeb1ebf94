//! AMR and AMR-WB (3GPP TS 26.071 and 26.171, files of RFC 4867 §5): as what messengers keep what somebody has spoken. No browser plays it,
//! so it is made linear when it is played. The file is a stranger's: it is decoded so far and no further, and nothing of it is believed but
//! the lengths that the standard gives.

use codec_core::codecs::amr::AmrCodec;
use codec_core::types::{CodecConfig, CodecType, CodedFrame, FrameKind, VariableRateCodec};

/// Longest speech that is decoded, frames of 20 ms: five minutes. Messengers end after one.
const MOST: usize = 5 * 60 * 50;

/// Bytes of a frame by its type (RFC 4867 §5.3), after its head.
const NARROW: [usize; 9] = [12, 13, 15, 17, 19, 20, 26, 31, 5];
const WIDE: [usize; 10] = [17, 23, 32, 36, 40, 46, 50, 58, 60, 5];
const LOST: u8 = 14;
const NOTHING: u8 = 15;

/// One channel of linear samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speech {
    /// Per second: 8,000 or 16,000.
    pub rate: u32,
    pub samples: Vec<i16>,
}

/// What the file says; `None`: it is no such file, or one that is broken from its beginning. What follows a broken frame is left out.
pub fn decode(file: &[u8]) -> Option<Speech> {
    let (kind, rate, sizes, mut rest) = match (file.strip_prefix(b"#!AMR\n"), file.strip_prefix(b"#!AMR-WB\n")) {
        (Some(rest), _) => (CodecType::AmrNb, 8_000, &NARROW[..], rest),
        (_, Some(rest)) => (CodecType::AmrWb, 16_000, &WIDE[..], rest),
        _ => return None,
    };
    let mut codec = AmrCodec::new(&CodecConfig::new(kind)).ok()?;
    let (mut samples, mut mode) = (Vec::new(), 0);
    for _ in 0..MOST {
        let Some((head, after)) = rest.split_first() else { break };
        let (kind, good) = (head >> 3 & 15, head & 4 != 0);
        let length = match kind {
            LOST | NOTHING => 0,
            kind => match sizes.get(usize::from(kind)) {
                Some(length) => *length,
                None => break,
            },
        };
        let Some((data, after)) = after.split_at_checked(length) else { break };
        let silence = usize::from(kind) == sizes.len() - 1;
        let what = match kind {
            LOST => FrameKind::Lost,
            NOTHING => FrameKind::NoData,
            _ if silence => FrameKind::ComfortNoise,
            speech => {
                mode = speech;
                FrameKind::Speech
            }
        };
        let frame = CodedFrame { kind: what, mode, quality_ok: good, data: data.to_vec() };
        let Ok(decoded) = codec.decode_frame(&frame) else { break };
        samples.extend(decoded);
        rest = after;
    }
    (!samples.is_empty()).then_some(Speech { rate, samples })
}

impl Speech {
    /// As a WAV file of 16 bits, which every browser plays.
    pub fn wav(&self) -> Vec<u8> {
        let bytes = u32::try_from(self.samples.len() * 2).unwrap_or(u32::MAX - 36);
        let mut wav = Vec::with_capacity(44 + self.samples.len() * 2);
        wav.extend_from_slice(b"RIFF");
        wav.extend_from_slice(&(bytes + 36).to_le_bytes());
        wav.extend_from_slice(b"WAVEfmt ");
        wav.extend_from_slice(&16_u32.to_le_bytes());
        // Linear, one channel.
        wav.extend_from_slice(&[1, 0, 1, 0]);
        wav.extend_from_slice(&self.rate.to_le_bytes());
        wav.extend_from_slice(&(self.rate * 2).to_le_bytes());
        wav.extend_from_slice(&[2, 0, 16, 0]);
        wav.extend_from_slice(b"data");
        wav.extend_from_slice(&bytes.to_le_bytes());
        wav.extend(self.samples.iter().flat_map(|sample| sample.to_le_bytes()));
        wav
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz_tests::{Rounds, fuzz};

    const SLOW: &[u8] = include_bytes!("../../tests/data/amr/475.amr");
    const FAST: &[u8] = include_bytes!("../../tests/data/amr/122.amr");
    const WIDE_SLOW: &[u8] = include_bytes!("../../tests/data/amr/660.awb");
    const WIDE_FAST: &[u8] = include_bytes!("../../tests/data/amr/2385.awb");

    fn loudness(samples: &[i16]) -> f64 {
        (samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len() as f64).sqrt()
    }

    /// How much of it is this tone, 0 to 1 (Goertzel).
    fn tone(samples: &[i16], rate: u32, hertz: f64) -> f64 {
        let turn = std::f64::consts::TAU * hertz / f64::from(rate);
        let (mut a, mut b, mut power) = (0.0, 0.0, 0.0);
        for sample in samples {
            let sample = f64::from(*sample);
            (a, b) = (sample + 2.0 * turn.cos() * a - b, a);
            power += sample * sample;
        }
        (a * a + b * b - 2.0 * turn.cos() * a * b) * 2.0 / (power * samples.len() as f64)
    }

    /// One and a half seconds of a tone of 440 Hz, as another maker's encoder has written it at the lowest and at the highest rate.
    #[test]
    fn a_tone_is_heard() {
        for (file, rate) in [(SLOW, 8_000), (FAST, 8_000), (WIDE_SLOW, 16_000), (WIDE_FAST, 16_000)] {
            let speech = decode(file).expect("speech");
            assert_eq!(speech.rate, rate);
            let a_frame = rate as usize / 50;
            assert_eq!(speech.samples.len() % a_frame, 0, "whole frames");
            assert!((70..=80).contains(&(speech.samples.len() / a_frame)), "{} samples", speech.samples.len());
            assert!((5_000.0..16_000.0).contains(&loudness(&speech.samples)), "{}", loudness(&speech.samples));
            let after_the_attack = &speech.samples[rate as usize / 5..];
            assert!(tone(after_the_attack, rate, 440.0) > 0.8, "{}", tone(after_the_attack, rate, 440.0));
            assert!(tone(after_the_attack, rate, 1_000.0) < 0.05);
            let wav = speech.wav();
            assert_eq!(wav.len(), 44 + 2 * speech.samples.len());
        }
    }

    #[test]
    fn a_broken_file_is_heard_up_to_where_it_breaks() {
        assert_eq!(decode(b"#!AMR\n"), None);
        assert_eq!(decode(b"RIFF"), None);
        let half = decode(&FAST[..FAST.len() / 2]).expect("speech");
        let whole = decode(FAST).expect("speech");
        assert_eq!(half.samples[..], whole.samples[..half.samples.len()]);
        // A reserved kind of frame ends it.
        let mut broken = FAST[..6 + 32 * 10].to_vec();
        broken.push(9 << 3);
        assert_eq!(decode(&broken).expect("speech").samples.len(), 10 * 160);
        // Nothing said for an hour is not an hour of samples.
        let silence = [b"#!AMR\n".to_vec(), vec![0x7c; 200_000]].concat();
        assert!(decode(&silence).is_none_or(|speech| speech.samples.len() <= MOST * 160));
    }

    #[test]
    fn fuzz_amr_files() {
        let wide = [b"#!AMR-WB\n".to_vec(), vec![0x44; 200]].concat();
        let seeds = vec![SLOW.to_vec(), FAST[..400].to_vec(), wide, b"#!AMR\n\x7c\x7c".to_vec()];
        fuzz(Rounds::new("amr", 600, 4867), &seeds, |input, _| {
            if let Some(speech) = decode(input) {
                assert!(speech.samples.len() <= input.len() * 320, "{} samples of {} bytes", speech.samples.len(), input.len());
            }
        });
    }
}
