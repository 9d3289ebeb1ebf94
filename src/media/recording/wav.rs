//! The recording's file: a WAV of G.711, two channels at 8 kHz, left the customer, right the others. A fixed header of
//! 58 bytes (`fmt ` with its extension size and `fact`, as the format asks of anything but PCM), then pairs of bytes.

use crate::rtp::Law;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

pub(super) const HEADER: usize = 58;

/// Mean height of a sample above which a line carries speech: about -45 dBFS.
pub(super) const LOUD: u64 = 180;

/// Where a WAV cannot be read as one of our recordings.
#[derive(Debug, thiserror::Error)]
pub enum WavError {
    #[error("not a recording of ours: {0}")]
    Foreign(&'static str),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What `repair` found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Repaired {
    pub millis: u64,
    /// Of the whole file.
    pub bytes: u64,
    /// Whether the header had to be changed.
    pub changed: bool,
}

/// The header of a recording of so many sample pairs.
pub(super) fn header(law: Law, pairs: u64) -> [u8; HEADER] {
    let data = (pairs * 2).min(u64::from(u32::MAX) - HEADER as u64) as u32;
    let mut out = [0; HEADER];
    out[..4].copy_from_slice(b"RIFF");
    out[4..8].copy_from_slice(&(data + HEADER as u32 - 8).to_le_bytes());
    out[8..16].copy_from_slice(b"WAVEfmt ");
    out[16..20].copy_from_slice(&18u32.to_le_bytes());
    out[20..22].copy_from_slice(&law.wave_tag().to_le_bytes());
    out[22..24].copy_from_slice(&2u16.to_le_bytes());
    out[24..28].copy_from_slice(&8000u32.to_le_bytes());
    out[28..32].copy_from_slice(&16_000u32.to_le_bytes());
    out[32..34].copy_from_slice(&2u16.to_le_bytes());
    out[34..36].copy_from_slice(&8u16.to_le_bytes());
    out[38..42].copy_from_slice(b"fact");
    out[42..46].copy_from_slice(&4u32.to_le_bytes());
    out[46..50].copy_from_slice(&(data / 2).to_le_bytes());
    out[50..54].copy_from_slice(b"data");
    out[54..58].copy_from_slice(&data.to_le_bytes());
    out
}

/// The law of a header of ours.
pub(super) fn law_of(head: &[u8; HEADER]) -> Result<Law, WavError> {
    let law = match u16::from_le_bytes([head[20], head[21]]) {
        7 => Law::Pcmu,
        6 => Law::Pcma,
        _ => return Err(WavError::Foreign("its format is not G.711")),
    };
    let ours = header(law, 0);
    // Everything but the three lengths must be as we write it.
    let same = |range: std::ops::Range<usize>| head[range.clone()] == ours[range];
    if same(0..4) && same(8..46) && same(50..54) { Ok(law) } else { Err(WavError::Foreign("its header is different")) }
}

/// Makes the header say what the file holds, after a process was killed while it wrote. Idempotent.
pub fn repair(path: &Path) -> Result<Repaired, WavError> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let length = file.metadata()?.len();
    let mut head = [0; HEADER];
    if length < HEADER as u64 {
        return Err(WavError::Foreign("it is shorter than the header"));
    }
    file.read_exact_at(&mut head, 0)?;
    let pairs = (length - HEADER as u64) / 2;
    let whole = header(law_of(&head)?, pairs);
    let bytes = HEADER as u64 + pairs * 2;
    let changed = head != whole || bytes != length;
    if changed {
        file.set_len(bytes)?;
        file.write_all_at(&whole, 0)?;
        file.sync_data()?;
    }
    Ok(Repaired { millis: pairs / 8, bytes, changed })
}

/// Peaks of both channels for a two-sided picture: `buckets` pairs of left and right, 0 to 255 on a square-root scale
/// (speech is quiet beside its peaks). An empty recording gives zeros. Reads the whole file: not for an async thread.
pub fn waveform(path: &Path, buckets: usize) -> Result<Vec<(u8, u8)>, WavError> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut head = [0; HEADER];
    reader.read_exact(&mut head).map_err(|_| WavError::Foreign("it is shorter than the header"))?;
    let law = law_of(&head)?;
    let pairs = length.saturating_sub(HEADER as u64) / 2;
    let mut peaks = vec![(0u16, 0u16); buckets];
    let mut block = [0; 4096];
    let mut at = 0u64;
    while at < pairs && buckets > 0 {
        let want = block.len().min((pairs - at) as usize * 2);
        reader.read_exact(&mut block[..want])?;
        for pair in block[..want].as_chunks::<2>().0 {
            let peak = &mut peaks[(at * buckets as u64 / pairs) as usize];
            peak.0 = peak.0.max(law.decode(pair[0]).unsigned_abs());
            peak.1 = peak.1.max(law.decode(pair[1]).unsigned_abs());
            at += 1;
        }
    }
    let scale = |peak: u16| ((f32::from(peak.saturating_sub(8)) / 32_768.0).sqrt() * 255.0) as u8;
    Ok(peaks.into_iter().map(|(left, right)| (scale(left), scale(right))).collect())
}

#[cfg(test)]
mod tests;
