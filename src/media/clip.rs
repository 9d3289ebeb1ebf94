//! Audio to be played: prompts and music, read from a WAV once and kept in both laws, so that playing is copying.

use crate::rtp::{CLOCK_RATE, Law};
use std::sync::Arc;
use std::time::Duration;

/// The longest clip taken: an hour, 58 MB in both laws.
const MAX_SAMPLES: usize = 3600 * CLOCK_RATE as usize;

/// Mono audio at 8 kHz in both laws.
pub struct Clip {
    pcmu: Box<[u8]>,
    pcma: Box<[u8]>,
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ClipError {
    #[error("not a WAV file")]
    NotWav,
    #[error("the WAV file ends before its {0} does")]
    Truncated(&'static str),
    #[error("WAV format {tag} with {bits} bits is not supported: use 16-bit PCM, µ-law or A-law")]
    Format { tag: u16, bits: u16 },
    #[error("{0} channels: only mono is supported")]
    Channels(u16),
    #[error("{0} samples a second: G.711 must have 8000, PCM between 4000 and 192000")]
    Rate(u32),
    #[error("no audio in it")]
    Empty,
    #[error("longer than an hour")]
    TooLong,
}

impl Clip {
    /// Reads a mono WAV: 16-bit PCM at any usual rate (resampled here), µ-law or A-law at 8 kHz.
    pub fn from_wav(bytes: &[u8]) -> Result<Arc<Clip>, ClipError> {
        let (format, data) = chunks(bytes)?;
        if format.channels != 1 {
            return Err(ClipError::Channels(format.channels));
        }
        let law = match (format.tag, format.bits) {
            (1, 16) => None,
            (6, 8) => Some(Law::Pcma),
            (7, 8) => Some(Law::Pcmu),
            (tag, bits) => return Err(ClipError::Format { tag, bits }),
        };
        let fits = if law.is_some() { format.rate == CLOCK_RATE } else { (4000..=192_000).contains(&format.rate) };
        if !fits {
            return Err(ClipError::Rate(format.rate));
        }
        if let Some(law) = law {
            return Clip::from_coded(law, data);
        }
        if data.len() as u64 / 2 * u64::from(CLOCK_RATE) / u64::from(format.rate) > MAX_SAMPLES as u64 {
            return Err(ClipError::TooLong);
        }
        let samples: Vec<i16> = data.as_chunks::<2>().0.iter().map(|&pair| i16::from_le_bytes(pair)).collect();
        Clip::from_pcm(&resample(&samples, format.rate))
    }

    /// From linear samples at 8 kHz.
    pub fn from_pcm(samples: &[i16]) -> Result<Arc<Clip>, ClipError> {
        check(samples.len())?;
        let coded = |law: Law| samples.iter().map(|&sample| law.encode(sample)).collect();
        Ok(Arc::new(Clip { pcmu: coded(Law::Pcmu), pcma: coded(Law::Pcma) }))
    }

    /// One after the other, without a gap.
    pub fn join(clips: &[Arc<Clip>]) -> Result<Arc<Clip>, ClipError> {
        if let [clip] = clips {
            return Ok(clip.clone());
        }
        check(clips.iter().map(|clip| clip.pcmu.len()).sum())?;
        let joined = |law: Law| clips.iter().flat_map(|clip| clip.bytes(law)).copied().collect();
        Ok(Arc::new(Clip { pcmu: joined(Law::Pcmu), pcma: joined(Law::Pcma) }))
    }

    fn from_coded(law: Law, data: &[u8]) -> Result<Arc<Clip>, ClipError> {
        check(data.len())?;
        let coded = |to: Law| match law.map_to(to) {
            Some(map) => data.iter().map(|&byte| map[byte as usize]).collect(),
            None => data.into(),
        };
        Ok(Arc::new(Clip { pcmu: coded(Law::Pcmu), pcma: coded(Law::Pcma) }))
    }

    /// The bytes in one law, one per sample; never empty.
    pub fn bytes(&self, law: Law) -> &[u8] {
        match law {
            Law::Pcmu => &self.pcmu,
            Law::Pcma => &self.pcma,
        }
    }

    pub fn duration(&self) -> Duration {
        Duration::from_micros(self.pcmu.len() as u64 * 125)
    }
}

impl std::fmt::Debug for Clip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clip({:?})", self.duration())
    }
}

fn check(samples: usize) -> Result<(), ClipError> {
    match samples {
        0 => Err(ClipError::Empty),
        n if n > MAX_SAMPLES => Err(ClipError::TooLong),
        _ => Ok(()),
    }
}

struct Format {
    tag: u16,
    channels: u16,
    rate: u32,
    bits: u16,
}

/// Walks the RIFF chunks to `fmt ` and `data`; others (LIST, fact) are passed over.
fn chunks(bytes: &[u8]) -> Result<(Format, &[u8]), ClipError> {
    if bytes.len() < 12 || &bytes[..4] != b"RIFF" || &bytes[8..12] != b"WAVE" {
        return Err(ClipError::NotWav);
    }
    let mut rest = &bytes[12..];
    let mut format = None;
    while let Some((head, body)) = rest.split_first_chunk::<8>() {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        match &head[..4] {
            b"fmt " => {
                let f = body.get(..length.min(16)).filter(|f| f.len() == 16).ok_or(ClipError::Truncated("format"))?;
                format = Some(Format {
                    tag: u16::from_le_bytes([f[0], f[1]]),
                    channels: u16::from_le_bytes([f[2], f[3]]),
                    rate: u32::from_le_bytes([f[4], f[5], f[6], f[7]]),
                    bits: u16::from_le_bytes([f[14], f[15]]),
                });
            }
            b"data" => {
                let format = format.ok_or(ClipError::Truncated("format"))?;
                // Streamed files (sox, ffmpeg to a pipe) leave the length open: the file's end is the data's.
                return Ok((format, &body[..length.min(body.len())]));
            }
            _ => {}
        }
        rest = body.get(length.saturating_add(length & 1)..).ok_or(ClipError::Truncated("chunk"))?;
    }
    Err(ClipError::Truncated("data"))
}

/// To 8 kHz: a Hann-windowed sinc, cut off a little below the lower of the two half rates. Done once per file at
/// start, so plainness goes before speed.
fn resample(samples: &[i16], rate: u32) -> Vec<i16> {
    if rate == CLOCK_RATE {
        return samples.to_vec();
    }
    let step = f64::from(rate) / f64::from(CLOCK_RATE);
    let cutoff = 0.95 / step.max(1.0);
    let reach = (16.0 * step.max(1.0)).ceil();
    let length = (samples.len() as f64 / step) as usize;
    (0..length)
        .map(|n| {
            let centre = n as f64 * step;
            let from = (centre - reach).max(0.0).ceil() as usize;
            let to = ((centre + reach) as usize).min(samples.len() - 1);
            let sum: f64 = (from..=to).map(|at| f64::from(samples[at]) * kernel(at as f64 - centre, cutoff, reach)).sum();
            sum.round().clamp(-32768.0, 32767.0) as i16
        })
        .collect()
}

fn kernel(x: f64, cutoff: f64, reach: f64) -> f64 {
    use std::f64::consts::PI;
    let angle = PI * x * cutoff;
    let sinc = if angle.abs() < 1e-9 { 1.0 } else { angle.sin() / angle };
    cutoff * sinc * (0.5 + 0.5 * (PI * x / reach).cos())
}

#[cfg(test)]
mod tests;
