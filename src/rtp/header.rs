//! The fixed RTP header (RFC 3550 §5.1), read from a datagram and rewritten in place: a relay changes numbers,
//! never the payload's position.

/// Bytes of a header without CSRCs and extension; what we send always has this form.
pub const HEADER_LEN: usize = 12;

/// What a datagram's header says, and where its payload lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    pub marker: bool,
    pub payload_type: u8,
    pub seq: u16,
    /// In samples; 8,000 a second for everything we carry.
    pub timestamp: u32,
    pub ssrc: u32,
    /// Offset of the payload's first byte.
    pub start: usize,
    /// Offset behind the payload's last byte, padding removed.
    pub end: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HeaderError {
    #[error("shorter than its header")]
    Short,
    #[error("not RTP version 2")]
    Version,
    #[error("padding longer than the payload")]
    Padding,
}

impl Header {
    /// Reads the header of an untrusted datagram; skips CSRCs and one extension, removes padding.
    pub fn parse(data: &[u8]) -> Result<Header, HeaderError> {
        let fixed: &[u8; HEADER_LEN] = data.first_chunk().ok_or(HeaderError::Short)?;
        if fixed[0] >> 6 != 2 {
            return Err(HeaderError::Version);
        }
        let mut start = HEADER_LEN + 4 * (fixed[0] & 15) as usize;
        if fixed[0] & 0x10 != 0 {
            // RFC 3550 §5.3.1: 16 bits of profile, 16 bits of length in words.
            let length = data.get(start + 2..start + 4).ok_or(HeaderError::Short)?;
            start += 4 + 4 * u16::from_be_bytes([length[0], length[1]]) as usize;
        }
        let mut end = data.len();
        if start > end {
            return Err(HeaderError::Short);
        }
        if fixed[0] & 0x20 != 0 {
            let padding = data[end - 1] as usize;
            if padding == 0 || padding > end - start {
                return Err(HeaderError::Padding);
            }
            end -= padding;
        }
        Ok(Header {
            marker: fixed[1] & 0x80 != 0,
            payload_type: fixed[1] & 0x7f,
            seq: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
            start,
            end,
        })
    }

    /// Writes a 12-byte header (no padding, extension or CSRC) to the front of `out`, which must hold it.
    pub fn write(out: &mut [u8], marker: bool, payload_type: u8, seq: u16, timestamp: u32, ssrc: u32) {
        out[0] = 0x80;
        out[1] = u8::from(marker) << 7 | payload_type & 0x7f;
        out[2..4].copy_from_slice(&seq.to_be_bytes());
        out[4..8].copy_from_slice(&timestamp.to_be_bytes());
        out[8..12].copy_from_slice(&ssrc.to_be_bytes());
    }
}

/// Whether a datagram on an RTP port is RTCP (RFC 5761 §4: packet types 192–223 are never RTP payload types here).
pub fn is_rtcp(data: &[u8]) -> bool {
    data.len() >= 8 && data[0] >> 6 == 2 && (192..=223).contains(&data[1])
}

#[cfg(test)]
mod tests;
