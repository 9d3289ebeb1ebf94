//! The browser's offer, hostile until proven: only what one audio call needs is read out of it, each value against
//! its grammar, and the library is given a text written afresh from those values. So nothing the page invents ever
//! reaches the library's parser, and codecs, header extensions, candidates and streams that we did not ask for do
//! not exist.

mod picture;

pub use picture::PictureOffer;

use picture::FoundPicture;
use std::fmt::Write;

/// Longest offer looked at. A browser's audio-only offer is under 4 KB.
const MAX_OFFER: usize = 32 * 1024;
/// Most lines looked at.
const MAX_LINES: usize = 1000;
/// RTP/AVP dynamic payload types (RFC 3551 §6), where telephone-event lives.
const DYNAMIC: std::ops::RangeInclusive<u8> = 96..=127;

/// What an offer was refused for. The text is safe to show: it holds nothing of the offer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OfferError {
    #[error("the offer is longer than {MAX_OFFER} bytes or {MAX_LINES} lines")]
    TooLong,
    #[error("the offer must have one audio stream over UDP/TLS/RTP/SAVPF, and behind it one video stream at most")]
    NotOneAudio,
    #[error("the offer's video must be VP8, sent and received in the bundle of its audio")]
    Video,
    #[error("the offer must list PCMU and PCMA")]
    NoG711,
    #[error("the offer has no valid ice-ufrag and ice-pwd")]
    Ice,
    #[error("the offer has no valid sha-256 fingerprint")]
    Fingerprint,
    #[error("the offer has no valid mid")]
    Mid,
    #[error("the offer must send and receive")]
    Direction,
    #[error("the offer must multiplex RTCP")]
    RtcpMux,
    #[error("the offer has no valid setup role")]
    Setup,
}

/// Who begins the DTLS handshake (RFC 4145 §4, RFC 8842 §5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DtlsRole {
    Client,
    Server,
}

/// A proven offer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    pub ufrag: String,
    pub pwd: String,
    /// Upper-case hex pairs with colons, SHA-256.
    pub fingerprint: String,
    pub mid: String,
    /// Our own role: client wherever the offer leaves the choice, which costs a quarter of the server's handshake.
    pub role: DtlsRole,
    /// The payload type of telephone-event at 8,000 Hz, if offered.
    pub events: Option<u8>,
    /// The stream the browser says it will send, if it says so.
    pub ssrc: Option<u32>,
    /// A picture, if it offers one.
    pub picture: Option<PictureOffer>,
}

impl Offer {
    /// Reads the text of an SDP offer.
    pub fn parse(text: &str) -> Result<Offer, OfferError> {
        if text.len() > MAX_OFFER {
            return Err(OfferError::TooLong);
        }
        let mut found = Found::default();
        let mut picture: Option<FoundPicture> = None;
        let mut streams = 0;
        for (number, line) in text.lines().enumerate() {
            if number >= MAX_LINES {
                return Err(OfferError::TooLong);
            }
            if let Some(media) = line.strip_prefix("m=") {
                streams += 1;
                match streams {
                    1 => found.media(media)?,
                    2 => picture = Some(FoundPicture::media(media)?),
                    _ => return Err(OfferError::NotOneAudio),
                }
            } else if let Some(attribute) = line.strip_prefix("a=") {
                // A media-level value replaces the session's (RFC 8839 §5.4, RFC 8122 §5): last one read counts.
                match &mut picture {
                    Some(picture) => picture.attribute(attribute),
                    None => found.attribute(attribute),
                }
            }
        }
        if streams == 0 {
            return Err(OfferError::NotOneAudio);
        }
        let picture = picture.map(FoundPicture::prove).transpose()?;
        let offer = found.prove()?;
        if picture.as_ref().is_some_and(|picture| picture.mid == offer.mid) {
            return Err(OfferError::Mid);
        }
        Ok(Offer { picture, ..offer })
    }

    /// The same offer as our own text, for the library. Trickled candidates are not in it: a lite agent learns the
    /// browser's address from its first authenticated check (RFC 8445 §7.3.1.3).
    pub fn text(&self) -> String {
        let Offer { ufrag, pwd, fingerprint, mid, .. } = self;
        let setup = match self.role {
            DtlsRole::Client => "actpass",
            DtlsRole::Server => "active",
        };
        let mut events = String::new();
        let mut event_lines = String::new();
        if let Some(number) = self.events {
            events = format!(" {number}");
            event_lines = format!("a=rtpmap:{number} telephone-event/8000\r\n");
        }
        let group = self.picture.as_ref().map_or_else(|| mid.clone(), |picture| format!("{mid} {}", picture.mid));
        let mut text = format!(
            "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {group}\r\n\
             m=audio 9 UDP/TLS/RTP/SAVPF 0 8{events}\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n\
             a=ice-ufrag:{ufrag}\r\na=ice-pwd:{pwd}\r\na=ice-options:trickle\r\n\
             a=fingerprint:sha-256 {fingerprint}\r\na=setup:{setup}\r\na=mid:{mid}\r\na=sendrecv\r\na=rtcp-mux\r\n\
             a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n{event_lines}"
        );
        if let Some(ssrc) = self.ssrc {
            // Writing to a String cannot fail.
            let _ = write!(text, "a=ssrc:{ssrc} cname:browser\r\n");
        }
        if let Some(picture) = &self.picture {
            text.push_str(&picture.text(self, setup));
        }
        text
    }
}

/// Raw values, the last of each kind.
#[derive(Default)]
struct Found<'a> {
    formats: Vec<u8>,
    /// Payload type and encoding of each rtpmap line.
    maps: Vec<(u8, &'a str)>,
    ufrag: Option<&'a str>,
    pwd: Option<&'a str>,
    fingerprint: Option<&'a str>,
    setup: Option<&'a str>,
    mid: Option<&'a str>,
    direction: Option<&'a str>,
    rtcp_mux: bool,
    ssrc: Option<u32>,
}

impl<'a> Found<'a> {
    fn media(&mut self, media: &'a str) -> Result<(), OfferError> {
        let mut words = media.split_ascii_whitespace();
        if words.next() != Some("audio") || words.next().is_none_or(|port| port == "0") {
            return Err(OfferError::NotOneAudio);
        }
        if words.next() != Some("UDP/TLS/RTP/SAVPF") {
            return Err(OfferError::NotOneAudio);
        }
        self.formats = words.filter_map(|word| word.parse().ok()).take(128).collect();
        Ok(())
    }

    fn attribute(&mut self, attribute: &'a str) {
        let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
        match name {
            "ice-ufrag" => self.ufrag = Some(value),
            "ice-pwd" => self.pwd = Some(value),
            // Several hashes may be given (RFC 8122 §5); the one we can check is taken.
            "fingerprint" => {
                if let Some((hash, print)) = value.split_once(' ')
                    && hash.eq_ignore_ascii_case("sha-256")
                {
                    self.fingerprint = Some(print);
                }
            }
            "setup" => self.setup = Some(value),
            "mid" => self.mid = Some(value),
            "sendrecv" | "sendonly" | "recvonly" | "inactive" => self.direction = Some(name),
            "rtcp-mux" => self.rtcp_mux = true,
            "rtpmap" => {
                if let Some((number, encoding)) = value.split_once(' ')
                    && let Ok(number) = number.parse()
                {
                    self.maps.push((number, encoding));
                }
            }
            "ssrc" if self.ssrc.is_none() => {
                self.ssrc = value.split(' ').next().and_then(|number| number.parse().ok()).filter(|&ssrc| ssrc != 0);
            }
            _ => {}
        }
    }

    fn prove(self) -> Result<Offer, OfferError> {
        if !self.speaks(0, "PCMU/8000") || !self.speaks(8, "PCMA/8000") {
            return Err(OfferError::NoG711);
        }
        // Chrome also offers telephone-event/48000 for Opus, and the library would confuse the two: it compares
        // names without clock rates.
        let events = self
            .maps
            .iter()
            .find(|(number, encoding)| {
                self.formats.contains(number) && DYNAMIC.contains(number) && encoding.eq_ignore_ascii_case("telephone-event/8000")
            })
            .map(|&(number, _)| number);
        if !matches!(self.direction, None | Some("sendrecv")) {
            return Err(OfferError::Direction);
        }
        if !self.rtcp_mux {
            return Err(OfferError::RtcpMux);
        }
        // RFC 8839 §5.4: ufrag of 4 to 256 and password of 22 to 256 ice-chars.
        let ufrag = self.ufrag.filter(|text| is_ice(text, 4));
        let pwd = self.pwd.filter(|text| is_ice(text, 22));
        let (Some(ufrag), Some(pwd)) = (ufrag, pwd) else {
            return Err(OfferError::Ice);
        };
        let role = match self.setup {
            Some("actpass" | "passive") => DtlsRole::Client,
            Some("active") => DtlsRole::Server,
            _ => return Err(OfferError::Setup),
        };
        Ok(Offer {
            ufrag: ufrag.to_owned(),
            pwd: pwd.to_owned(),
            fingerprint: self.fingerprint.and_then(fingerprint).ok_or(OfferError::Fingerprint)?,
            mid: self.mid.filter(|text| is_mid(text)).ok_or(OfferError::Mid)?.to_owned(),
            role,
            events,
            ssrc: self.ssrc,
            picture: None,
        })
    }

    /// A static payload type is offered, and not under another name.
    fn speaks(&self, number: u8, encoding: &str) -> bool {
        let same = |named: &str| {
            named.eq_ignore_ascii_case(encoding) || named.strip_suffix("/1").is_some_and(|mono| mono.eq_ignore_ascii_case(encoding))
        };
        self.formats.contains(&number) && self.maps.iter().filter(|(mapped, _)| *mapped == number).all(|(_, named)| same(named))
    }
}

/// RFC 8839 §5.4: ice-char.
fn is_ice(text: &str, least: usize) -> bool {
    (least..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

/// RFC 5888 §4: a token; browsers use a digit or a short word.
fn is_mid(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'{' | b'}'))
}

/// 32 hex pairs separated by colons, in upper case; `None` for anything else.
fn fingerprint(text: &str) -> Option<String> {
    let text = text.trim();
    let pairs = text.split(':');
    let valid = text.len() == 32 * 3 - 1 && pairs.clone().count() == 32;
    let hex = pairs.clone().all(|pair| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit()));
    (valid && hex).then(|| text.to_ascii_uppercase())
}

#[cfg(test)]
#[path = "offer_tests.rs"]
pub mod tests;
