//! Coded audio to linear and back. Linear audio has the codec's own rate: 8 kHz for G.711, 16 kHz for the others.

use super::{g722, opus};
use crate::rtp::{Codec, FRAME, Law};

/// The longest frame of 20 ms that any of our encoders makes, in bytes.
pub const LONGEST: usize = 400;

/// Length of a payload in samples at 8 kHz; 0 for what cannot be decoded.
pub fn units(codec: Codec, payload: &[u8]) -> u32 {
    match codec {
        Codec::Law(_) | Codec::G722 => payload.len() as u32,
        Codec::Opus => opus::units(payload).unwrap_or(0),
    }
}

/// Whether the sender pauses after this payload.
pub fn pauses(codec: Codec, payload: &[u8]) -> bool {
    codec == Codec::Opus && opus::pauses(payload)
}

pub enum Decoder {
    Law(Law),
    G722(Box<g722::Decoder>),
    Opus(Box<opus::Decoder>),
}

impl Decoder {
    pub fn new(codec: Codec) -> Decoder {
        match codec {
            Codec::Law(law) => Decoder::Law(law),
            Codec::G722 => Decoder::G722(Box::default()),
            // Without memory for it there is silence.
            Codec::Opus => opus::Decoder::new().map_or(Decoder::Law(Law::Pcmu), |decoder| Decoder::Opus(Box::new(decoder))),
        }
    }

    /// Appends what a payload holds.
    pub fn decode(&mut self, payload: &[u8], out: &mut Vec<i16>) {
        match self {
            Decoder::Law(law) => out.extend(payload.iter().map(|&byte| law.decode(byte))),
            Decoder::G722(decoder) => decoder.decode(payload, out),
            Decoder::Opus(decoder) => {
                decoder.decode(payload, out);
            }
        }
    }

    /// Appends what a missing packet held, where the one behind it says so.
    pub fn mend(&mut self, next: Option<&[u8]>, samples: usize, out: &mut Vec<i16>) -> bool {
        match self {
            Decoder::Opus(decoder) => next.is_some_and(|next| decoder.mend(next, samples, out)),
            Decoder::Law(_) | Decoder::G722(_) => false,
        }
    }
}

pub enum Encoder {
    Law(Law),
    G722(Box<g722::Encoder>),
    Opus(Box<opus::Encoder>),
}

impl Encoder {
    pub fn new(codec: Codec) -> Encoder {
        match codec {
            Codec::Law(law) => Encoder::Law(law),
            Codec::G722 => Encoder::G722(Box::default()),
            Codec::Opus => opus::Encoder::new().map_or(Encoder::Law(Law::Pcmu), |encoder| Encoder::Opus(Box::new(encoder))),
        }
    }

    /// Codes 20 ms of 8 kHz audio; bytes written to `out`, which has room for [`LONGEST`]. Nothing (0) if this encoder
    /// takes 16 kHz.
    pub fn narrow(&mut self, samples: &[i16; FRAME], out: &mut [u8]) -> usize {
        let Encoder::Law(law) = self else { return 0 };
        for (byte, &sample) in out.iter_mut().zip(samples) {
            *byte = law.encode(sample);
        }
        FRAME.min(out.len())
    }

    /// Codes 20 ms of 16 kHz audio; nothing (0) if this encoder takes 8 kHz.
    pub fn wide(&mut self, samples: &[i16; 2 * FRAME], out: &mut [u8]) -> usize {
        match self {
            Encoder::Law(_) => 0,
            Encoder::G722(encoder) => encoder.encode(samples, &mut out[..FRAME]),
            Encoder::Opus(encoder) => encoder.encode(samples, out),
        }
    }
}
