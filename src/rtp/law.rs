//! G.711: the two companding laws, linear conversion and the law-to-law map that a bridge between a µ-law and an
//! A-law leg applies byte by byte (ITU-T G.711; bit layout as in its tables 1a and 2a).

use std::fmt;

/// A companding law of G.711; 8 kHz, one byte per sample.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Law {
    /// µ-law, static payload type 0 (RFC 3551 §6).
    Pcmu,
    /// A-law, static payload type 8.
    Pcma,
}

static DECODE_PCMU: [i16; 256] = table(Law::Pcmu);
static DECODE_PCMA: [i16; 256] = table(Law::Pcma);
static PCMU_TO_PCMA: [u8; 256] = map(Law::Pcmu, Law::Pcma);
static PCMA_TO_PCMU: [u8; 256] = map(Law::Pcma, Law::Pcmu);

impl Law {
    /// The static RTP payload type.
    pub const fn payload_type(self) -> u8 {
        match self {
            Law::Pcmu => 0,
            Law::Pcma => 8,
        }
    }

    pub const fn from_payload_type(number: u8) -> Option<Law> {
        match number {
            0 => Some(Law::Pcmu),
            8 => Some(Law::Pcma),
            _ => None,
        }
    }

    /// The byte that stands for digital silence.
    pub const fn silence(self) -> u8 {
        match self {
            Law::Pcmu => 0xff,
            Law::Pcma => 0xd5,
        }
    }

    /// The WAVE format tag: 7 for µ-law, 6 for A-law.
    pub const fn wave_tag(self) -> u16 {
        match self {
            Law::Pcmu => 7,
            Law::Pcma => 6,
        }
    }

    /// Linear 16-bit value of a coded byte.
    pub fn decode(self, byte: u8) -> i16 {
        match self {
            Law::Pcmu => DECODE_PCMU[byte as usize],
            Law::Pcma => DECODE_PCMA[byte as usize],
        }
    }

    /// The coded byte nearest to a linear 16-bit value.
    pub const fn encode(self, sample: i16) -> u8 {
        match self {
            Law::Pcmu => encode_pcmu(sample),
            Law::Pcma => encode_pcma(sample),
        }
    }

    /// The byte map from this law to another; `None` where nothing changes.
    pub fn map_to(self, other: Law) -> Option<&'static [u8; 256]> {
        match (self, other) {
            (Law::Pcmu, Law::Pcma) => Some(&PCMU_TO_PCMA),
            (Law::Pcma, Law::Pcmu) => Some(&PCMA_TO_PCMU),
            _ => None,
        }
    }
}

/// The encoding name of SDP's rtpmap.
impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Law::Pcmu => "PCMU",
            Law::Pcma => "PCMA",
        })
    }
}

const fn table(law: Law) -> [i16; 256] {
    let mut out = [0; 256];
    let mut i = 0;
    while i < 256 {
        out[i] = match law {
            Law::Pcmu => decode_pcmu(i as u8),
            Law::Pcma => decode_pcma(i as u8),
        };
        i += 1;
    }
    out
}

const fn map(from: Law, to: Law) -> [u8; 256] {
    let linear = table(from);
    let mut out = [0; 256];
    let mut i = 0;
    while i < 256 {
        out[i] = to.encode(linear[i]);
        i += 1;
    }
    out
}

/// The bias that makes µ-law segments start at powers of two.
const BIAS: i32 = 0x84;
const CLIP: i32 = 32635;

const fn decode_pcmu(byte: u8) -> i16 {
    let byte = !byte;
    let segment = (byte >> 4) & 7;
    let magnitude = ((((byte & 15) as i32) << 3) + BIAS) << segment;
    let value = magnitude - BIAS;
    if byte & 0x80 != 0 { -value as i16 } else { value as i16 }
}

const fn encode_pcmu(sample: i16) -> u8 {
    let (sign, mut magnitude) = if sample < 0 { (0x80, -(sample as i32)) } else { (0, sample as i32) };
    if magnitude > CLIP {
        magnitude = CLIP;
    }
    magnitude += BIAS;
    let segment = 24 - magnitude.leading_zeros();
    let mantissa = (magnitude >> (segment + 3)) & 15;
    !(sign | ((segment as u8) << 4) | mantissa as u8)
}

const fn decode_pcma(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let segment = (byte >> 4) & 7;
    let mantissa = ((byte & 15) as i32) << 4;
    let magnitude = if segment == 0 { mantissa + 8 } else { (mantissa + 0x108) << (segment - 1) };
    if byte & 0x80 != 0 { magnitude as i16 } else { -magnitude as i16 }
}

const fn encode_pcma(sample: i16) -> u8 {
    // A-law works on 13 bits; the ones' complement of a negative value gives its magnitude without a double zero.
    let (sign, magnitude) = if sample < 0 { (0, (!sample) as i32) } else { (0x80, sample as i32) };
    let coded = if magnitude < 256 {
        magnitude >> 4
    } else {
        let segment = 24 - magnitude.leading_zeros();
        ((segment as i32) << 4) | ((magnitude >> (segment + 3)) & 15)
    };
    (coded as u8 | sign) ^ 0x55
}

#[cfg(test)]
mod tests;
