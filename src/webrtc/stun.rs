//! The few bytes of a STUN message that the address latch and the demultiplexer need (RFC 8489 §5). Whether a
//! message is authentic is the library's business; this only reads what it claims.

/// RFC 8489 §5.
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const HEADER: usize = 20;
/// RFC 8445 §16.1.
const USE_CANDIDATE: u16 = 0x0025;
const ICE_CONTROLLED: u16 = 0x8029;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Request,
    Success,
    Other,
}

/// A datagram that has the form of a STUN message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stun {
    pub kind: Kind,
    /// The sender asks for this address pair to be the one (RFC 8445 §8.1.1).
    pub nominates: bool,
    /// The sender believes that we are the controlling side.
    pub controlled: bool,
}

impl Stun {
    pub fn parse(data: &[u8]) -> Option<Stun> {
        let header = data.get(..HEADER)?;
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        if header[0] & 0xc0 != 0 || header[4..8] != MAGIC_COOKIE || HEADER + length != data.len() {
            return None;
        }
        let kind = match [header[0], header[1]] {
            [0x00, 0x01] => Kind::Request,
            [0x01, 0x01] => Kind::Success,
            _ => Kind::Other,
        };
        let mut stun = Stun { kind, nominates: false, controlled: false };
        let mut rest = &data[HEADER..];
        while let [t0, t1, l0, l1, tail @ ..] = rest {
            match u16::from_be_bytes([*t0, *t1]) {
                USE_CANDIDATE => stun.nominates = true,
                ICE_CONTROLLED => stun.controlled = true,
                _ => {}
            }
            // Attributes are padded to four bytes (RFC 8489 §14).
            let padded = usize::from(u16::from_be_bytes([*l0, *l1])).next_multiple_of(4);
            rest = tail.get(padded..)?;
        }
        Some(stun)
    }
}

/// The first byte tells STUN, DTLS and RTP apart on one port (RFC 7983 §7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    Stun,
    Dtls,
    Rtp,
    Rtcp,
    Unknown,
}

pub fn protocol(data: &[u8]) -> Protocol {
    match data {
        [0..=3, ..] => Protocol::Stun,
        [20..=63, ..] => Protocol::Dtls,
        // RFC 5761 §4: the second byte of RTCP is 192 to 223.
        [128..=191, 192..=223, ..] => Protocol::Rtcp,
        [128..=191, _, ..] => Protocol::Rtp,
        _ => Protocol::Unknown,
    }
}
