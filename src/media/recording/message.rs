//! What a caller has said after the tone, as a file that every browser plays: the customer's channel alone, 16-bit PCM, without the silence
//! before and behind.

use super::quiet::is_loud;
use super::wav::{HEADER, WavError, law_of};
use std::path::Path;

/// Samples looked at together: 20 ms.
const FRAME: usize = 160;
/// Frames kept around what was said, so that no word is clipped: 200 ms.
const MARGIN: usize = 10;
/// Fewer loud frames are a cough or the handset going down: 240 ms.
const WORDS: usize = 12;
const RATE: u32 = 8_000;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// A whole WAV file.
    pub wav: Vec<u8>,
    pub millis: u64,
}

/// Reads a recording; `None` where nothing was said. Reads the whole file: not for an async thread.
pub fn said(path: &Path) -> Result<Option<Said>, WavError> {
    let bytes = std::fs::read(path)?;
    let (head, pairs) = bytes.split_first_chunk::<HEADER>().ok_or(WavError::Foreign("it is shorter than the header"))?;
    let law = law_of(head)?;
    let customer: Vec<u8> = pairs.as_chunks::<2>().0.iter().map(|pair| pair[0]).collect();
    let loud: Vec<bool> = customer.chunks(FRAME).map(|frame| is_loud(law, frame)).collect();
    if loud.iter().filter(|loud| **loud).count() < WORDS {
        return Ok(None);
    }
    let (Some(first), Some(last)) = (loud.iter().position(|loud| *loud), loud.iter().rposition(|loud| *loud)) else { return Ok(None) };
    let from = first.saturating_sub(MARGIN) * FRAME;
    let to = ((last + 1 + MARGIN) * FRAME).min(customer.len());
    let samples = customer.get(from..to).unwrap_or_default();
    let mut wav = pcm_header(samples.len() as u32 * 2).to_vec();
    wav.extend(samples.iter().flat_map(|&byte| law.decode(byte).to_le_bytes()));
    Ok(Some(Said { wav, millis: samples.len() as u64 / 8 }))
}

fn pcm_header(data: u32) -> [u8; 44] {
    let mut out = [0; 44];
    out[..4].copy_from_slice(b"RIFF");
    out[4..8].copy_from_slice(&(data + 36).to_le_bytes());
    out[8..16].copy_from_slice(b"WAVEfmt ");
    out[16..20].copy_from_slice(&16u32.to_le_bytes());
    out[20..22].copy_from_slice(&1u16.to_le_bytes());
    out[22..24].copy_from_slice(&1u16.to_le_bytes());
    out[24..28].copy_from_slice(&RATE.to_le_bytes());
    out[28..32].copy_from_slice(&(RATE * 2).to_le_bytes());
    out[32..34].copy_from_slice(&2u16.to_le_bytes());
    out[34..36].copy_from_slice(&16u16.to_le_bytes());
    out[36..40].copy_from_slice(b"data");
    out[40..44].copy_from_slice(&data.to_le_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::super::wav::header;
    use super::*;
    use crate::rtp::Law;

    fn recording(seconds_of_tone: usize) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let quiet = Law::Pcma.silence();
        let tone = |n: usize| Law::Pcma.encode(if n % 8 < 4 { 9_000 } else { -9_000 });
        let mut left = vec![quiet; 8_000];
        left.extend((0..seconds_of_tone * 8_000).map(tone));
        left.extend([quiet; 24_000]);
        let mut bytes = header(Law::Pcma, left.len() as u64).to_vec();
        // The house's own side is loud all the while.
        bytes.extend(left.iter().enumerate().flat_map(|(n, &byte)| [byte, tone(n)]));
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    #[test]
    fn a_message_is_what_the_customer_said_without_the_silence_around() {
        let file = recording(2);
        let said = said(file.path()).unwrap().unwrap();
        assert_eq!(said.millis, 2_400);
        assert_eq!(said.wav.len(), 44 + 2_400 * 16);
        assert_eq!(&said.wav[..4], b"RIFF");
        let loudest = said.wav[44..].as_chunks::<2>().0.iter().map(|s| i16::from_le_bytes(*s).unsigned_abs()).max().unwrap();
        assert!((8_000..10_000).contains(&loudest), "{loudest}");
    }

    #[test]
    fn silence_is_no_message_and_a_foreign_file_no_recording() {
        let file = recording(0);
        assert_eq!(said(file.path()).unwrap(), None);
        std::fs::write(file.path(), b"RIFF").unwrap();
        assert!(said(file.path()).is_err());
    }
}
