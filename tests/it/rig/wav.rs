//! Reads recordings and writes tones, by the format's own rules and none of the product's code.

use hubline::sim::{g711, tone};
use std::path::Path;

/// A stereo recording: left the customer, right the agents; 8 kHz.
pub struct Recording {
    pub left: Vec<i16>,
    pub right: Vec<i16>,
}

/// G.711 A-law (ITU-T G.711 table 1a): even bits inverted, 13 bits.
fn a_law(byte: u8) -> i16 {
    let code = byte ^ 0x55;
    let (exponent, mantissa) = (i16::from(code >> 4 & 7), i16::from(code & 15));
    let magnitude = match exponent {
        0 => (mantissa << 4) + 8,
        _ => ((mantissa << 4) + 0x108) << (exponent - 1),
    };
    if code & 0x80 == 0 { -magnitude } else { magnitude }
}

impl Recording {
    /// Reads a file.
    pub fn read(path: &Path) -> Recording {
        Recording::parse(&std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    }

    /// Reads a WAV of G.711 with two channels; its chunks must add up.
    pub fn parse(bytes: &[u8]) -> Recording {
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize;
        assert_eq!((&bytes[..4], &bytes[8..12]), (&b"RIFF"[..], &b"WAVE"[..]));
        assert_eq!(word(4) + 8, bytes.len(), "the header tells the file's length");
        let (mut at, mut law, mut data) = (12, 0, None);
        while at + 8 <= bytes.len() {
            let (name, length) = (&bytes[at..at + 4], word(at + 4));
            match name {
                b"fmt " => {
                    law = u16::from_le_bytes([bytes[at + 8], bytes[at + 9]]);
                    assert_eq!((bytes[at + 10], word(at + 12)), (2, 8_000), "stereo, 8 kHz");
                }
                b"data" => data = Some(&bytes[at + 8..at + 8 + length]),
                _ => {}
            }
            at += 8 + length + length % 2;
        }
        let decode = match law {
            6 => a_law,
            7 => g711::decode,
            other => panic!("G.711, not format {other}"),
        };
        let data = data.expect("audio");
        let side = |n: usize| data.iter().skip(n).step_by(2).copied().map(decode).collect();
        Recording { left: side(0), right: side(1) }
    }

    pub fn millis(&self) -> usize {
        self.left.len() / 8
    }

    /// The longest stretch in which this tone rules a side, in windows of 100 ms: its begin and end, ms.
    pub fn stretch(side: &[i16], hz: f64) -> (usize, usize) {
        let (mut best, mut begin) = ((0, 0), None);
        let windows: Vec<bool> = side.chunks_exact(800).map(|window| tone::share(window, hz) > 0.5).collect();
        for (n, has) in windows.iter().copied().chain([false]).enumerate() {
            match (has, begin) {
                (true, None) => begin = Some(n),
                (false, Some(from)) => {
                    if n - from > best.1 - best.0 {
                        best = (from, n);
                    }
                    begin = None;
                }
                _ => {}
            }
        }
        (best.0 * 100, best.1 * 100)
    }

    /// How long a tone is heard on a side altogether, ms.
    pub fn heard(side: &[i16], hz: f64) -> usize {
        side.chunks_exact(800).filter(|window| tone::share(window, hz) > 0.5).count() * 100
    }
}

/// A WAV file of 16-bit PCM with one tone: a microphone, or what a telephone plays.
pub fn write_tone(path: &Path, hz: f64, rate: u32, seconds: u32) {
    let sine = (0..rate * seconds).map(|n| (f64::sin(std::f64::consts::TAU * hz * f64::from(n) / f64::from(rate)) * 8_000.0) as i16);
    let data: Vec<u8> = sine.flat_map(i16::to_le_bytes).collect();
    let mut file = Vec::with_capacity(data.len() + 44);
    file.extend(b"RIFF");
    file.extend((data.len() as u32 + 36).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16u32.to_le_bytes());
    file.extend([1, 0, 1, 0]);
    file.extend(rate.to_le_bytes());
    file.extend((rate * 2).to_le_bytes());
    file.extend([2, 0, 16, 0]);
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    std::fs::write(path, file).expect("written");
}

/// A mono WAV of 16-bit PCM as samples at 8 kHz (8 kHz or a multiple of it).
pub fn read_pcm(path: &Path) -> Vec<i16> {
    let bytes = std::fs::read(path).unwrap_or_default();
    let Some(at) = bytes.windows(4).position(|four| four == b"data") else { return Vec::new() };
    let rate = u32::from_le_bytes(bytes[24..28].try_into().expect("four bytes"));
    let channels = usize::from(bytes[22]);
    let skip = (rate / 8_000).max(1) as usize * channels;
    bytes[at + 8..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).step_by(skip).collect()
}
