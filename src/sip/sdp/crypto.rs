//! Keys in the description (SDES, RFC 4568): `a=crypto` lines of ours and theirs, and whether a stream may be plain.

use super::{Attribute, Media, SdpError};
use crate::rtp::srtp::{MasterKey, SrtpKeys, Suite};
use crate::sip::Srtp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub(super) const PLAIN: &str = "RTP/AVP";
pub(super) const SECURE: &str = "RTP/SAVP";
/// Lines looked at in one offer.
const MAX_LINES: usize = 16;

/// Our side: what we insist on, and a key of ours for each suite that we offer or take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Security {
    pub srtp: Srtp,
    /// In the order of preference; the tag in our offers is the place, from 1.
    pub keys: Vec<MasterKey>,
}

impl Security {
    /// No keys, and none taken.
    pub fn off() -> Security {
        Security { srtp: Srtp::Off, keys: Vec::new() }
    }

    /// With fresh keys for every suite, unless encryption is off.
    pub fn new(srtp: Srtp, mut fill: impl FnMut(&mut [u8])) -> Security {
        let keys = match srtp {
            Srtp::Off => Vec::new(),
            Srtp::Accept | Srtp::Required => Suite::ALL.into_iter().map(|suite| MasterKey::generate(suite, &mut fill)).collect(),
        };
        Security { srtp, keys }
    }

    /// What our offers say.
    pub(super) fn offers(&self) -> bool {
        self.srtp == Srtp::Required
    }

    pub(super) fn takes(&self, media: &Media) -> bool {
        if media.protocol.eq_ignore_ascii_case(SECURE) {
            self.srtp != Srtp::Off
        } else {
            media.protocol.eq_ignore_ascii_case(PLAIN) && self.srtp != Srtp::Required
        }
    }

    /// The lines of our offer.
    pub(super) fn lines(&self) -> Vec<Attribute> {
        self.keys.iter().enumerate().map(|(at, key)| line(at as u32 + 1, key)).collect()
    }

    /// The keys that follow from their stream: the first line of an offer that we can use, or in an answer the one that we had offered
    /// under its tag. Gives the line of our answer too. `Ok(None)` for a plain stream.
    pub(super) fn read(&self, media: &Media, answer: bool) -> Result<Option<(SrtpKeys, Attribute)>, SdpError> {
        if !media.protocol.eq_ignore_ascii_case(SECURE) {
            return if self.srtp == Srtp::Required { Err(SdpError::Plain) } else { Ok(None) };
        }
        let lines = media.attributes.iter().filter(|(name, _)| name == "crypto").filter_map(|(_, value)| value.as_deref());
        let found = lines.take(MAX_LINES).filter_map(parse).find_map(|(tag, theirs)| {
            let (at, ours) = self.keys.iter().enumerate().find(|(_, ours)| ours.suite() == theirs.suite())?;
            (!answer || tag == at as u32 + 1).then(|| (SrtpKeys { ours: *ours, theirs }, line(tag, ours)))
        });
        found.map(Some).ok_or(SdpError::NoKeys)
    }
}

fn line(tag: u32, key: &MasterKey) -> Attribute {
    let inline = STANDARD.encode([key.key(), key.salt()].concat());
    ("crypto".to_owned(), Some(format!("{tag} {} inline:{inline}", key.suite().name())))
}

/// `1 AES_CM_128_HMAC_SHA1_80 inline:BASE64|2^31|1:4 WSH=64`. `None` for a suite or a parameter that we do not speak, and for a key that is
/// identified in each packet (MKI): none of it may be left out silently (RFC 4568 §5.1.2, §6.3).
fn parse(value: &str) -> Option<(u32, MasterKey)> {
    let mut parts = value.split_ascii_whitespace();
    let tag: u32 = parts.next()?.parse().ok().filter(|tag| *tag <= 999_999_999)?;
    let suite = Suite::parse(parts.next()?)?;
    let method = parts.next()?;
    // A window that the sender would like is a hint; a parameter with a dash may be left out.
    if parts.any(|parameter| !parameter.starts_with('-') && !parameter.starts_with("WSH=")) {
        return None;
    }
    let mut keying = method.strip_prefix("inline:")?.split('|');
    let keying_material = STANDARD.decode(keying.next()?).ok()?;
    if keying.any(|parameter| parameter.contains(':')) {
        return None;
    }
    Some((tag, MasterKey::new(suite, &keying_material)?))
}
