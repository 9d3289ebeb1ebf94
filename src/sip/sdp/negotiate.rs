//! Offer and answer (RFC 3264) for one audio stream with telephone events, plain or encrypted. Further streams are refused with port 0, hold is understood in all its spellings.

use std::net::SocketAddr;

use super::codecs::{self, Format};
use super::crypto::{PLAIN, SECURE};
use super::{Attribute, Direction, Media, Sdp, Security};
use crate::rtp::Codec;
use crate::rtp::event::Events;
use crate::rtp::srtp::SrtpKeys;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    #[error("not a session description")]
    NotSdp,
    #[error("unreadable media line")]
    Media,
    #[error("no audio stream")]
    NoAudio,
    #[error("no codec in common")]
    NoCodec,
    #[error("no address to send to")]
    NoAddress,
    #[error("audio was refused")]
    Refused,
    #[error("audio would not be encrypted")]
    Plain,
    #[error("no way of encryption in common")]
    NoKeys,
}

/// Our side of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// Where we receive RTP.
    pub addr: SocketAddr,
    /// What we take, the preferred one first.
    pub codecs: Vec<Codec>,
    /// Offer and take telephone events (RFC 4733).
    pub dtmf: bool,
    pub direction: Direction,
    pub security: Security,
    /// `o=`: stays for the session; the version grows with every change.
    pub session: u64,
    pub version: u64,
}

/// What both sides agreed on, seen from ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Negotiated {
    pub remote: SocketAddr,
    pub codec: Codec,
    /// The payload type that it is sent with.
    pub payload_type: u8,
    /// Telephone events, both ways.
    pub dtmf: Option<Events>,
    /// What we do: `RecvOnly` while they hold us.
    pub direction: Direction,
    /// What they want to receive, in ms.
    pub ptime_ms: u8,
    /// `None` for plain audio.
    pub srtp: Option<SrtpKeys>,
}

/// Our offer.
pub fn offer(ours: &Local) -> Sdp {
    let formats = codecs::offered(&ours.codecs, ours.dtmf);
    let keys = if ours.security.offers() { ours.security.lines() } else { Vec::new() };
    description(ours, vec![stream(ours, &formats, ours.direction, keys)])
}

/// Our answer to their offer, and what follows from it. A stream that we cannot take is refused within; no audio stream at all is an error (488).
pub fn answer(offer: &Sdp, ours: &Local) -> Result<(Sdp, Negotiated), SdpError> {
    let mut negotiated = None;
    let mut failure = SdpError::NoAudio;
    let mut media = Vec::with_capacity(offer.media.len());
    for theirs in &offer.media {
        let taken = if negotiated.is_none() && is_audio(theirs) {
            read(offer, theirs, ours, false).map_err(|error| failure = error).ok()
        } else {
            None
        };
        match taken {
            Some((result, key)) => {
                let formats = codecs::answered(result.codec, result.payload_type, result.dtmf);
                media.push(stream(ours, &formats, result.direction, key.into_iter().collect()));
                negotiated = Some(result);
            }
            None => media.push(Media { port: 0, connection: None, attributes: Vec::new(), direction: None, ..theirs.clone() }),
        }
    }
    let negotiated = negotiated.ok_or(failure)?;
    Ok((description(ours, media), negotiated))
}

/// Their answer to our offer.
pub fn accept(ours: &Local, theirs: &Sdp) -> Result<Negotiated, SdpError> {
    let media = theirs.media.iter().find(|media| media.kind.eq_ignore_ascii_case("audio")).ok_or(SdpError::NoAudio)?;
    if media.port == 0 {
        return Err(SdpError::Refused);
    }
    // What was offered encrypted is not taken plain, nor the reverse (RFC 4568 §5.1.3).
    if ours.security.offers() != media.protocol.eq_ignore_ascii_case(SECURE) {
        return Err(if ours.security.offers() { SdpError::Plain } else { SdpError::NoKeys });
    }
    read(theirs, media, ours, true).map(|(negotiated, _)| negotiated)
}

fn is_audio(media: &Media) -> bool {
    let spoken = [PLAIN, SECURE].iter().any(|protocol| media.protocol.eq_ignore_ascii_case(protocol));
    media.kind.eq_ignore_ascii_case("audio") && media.port != 0 && spoken
}

/// What a stream comes to, and the line with our key for the answer.
fn read(sdp: &Sdp, media: &Media, ours: &Local, answer: bool) -> Result<(Negotiated, Option<Attribute>), SdpError> {
    if !ours.security.takes(media) {
        return Err(if media.protocol.eq_ignore_ascii_case(SECURE) { SdpError::NoKeys } else { SdpError::Plain });
    }
    let (srtp, line) = ours.security.read(media, answer)?.unzip();
    let ip = media.connection.or(sdp.connection).ok_or(SdpError::NoAddress)?;
    let (codec, payload_type) = codecs::choose(media, &ours.codecs).ok_or(SdpError::NoCodec)?;
    let dtmf = codecs::events(media, codec).filter(|_| ours.dtmf);
    // RFC 2543's hold: an address of zeros means "do not send".
    let theirs = if ip.is_unspecified() { Direction::new(sdp.direction_of(media).sends(), false) } else { sdp.direction_of(media) };
    let direction = Direction::new(theirs.receives() && ours.direction.sends(), theirs.sends() && ours.direction.receives());
    let ptime_ms = media.attribute("ptime").and_then(|value| value.trim().parse().ok()).filter(|ms| (10..=200).contains(ms)).unwrap_or(20);
    Ok((Negotiated { remote: SocketAddr::new(ip, media.port), codec, payload_type, dtmf, direction, ptime_ms, srtp }, line))
}

fn stream(ours: &Local, formats: &[Format], direction: Direction, keys: Vec<Attribute>) -> Media {
    let protocol = if keys.is_empty() { PLAIN } else { SECURE };
    let mut attributes = keys;
    for Format { number, encoding, parameters } in formats {
        attributes.push(("rtpmap".to_owned(), Some(format!("{number} {encoding}"))));
        attributes.extend(parameters.map(|parameters| ("fmtp".to_owned(), Some(format!("{number} {parameters}")))));
    }
    attributes.push(("ptime".to_owned(), Some("20".to_owned())));
    Media {
        kind: "audio".to_owned(),
        port: ours.addr.port(),
        protocol: protocol.to_owned(),
        formats: formats.iter().map(|format| format.number.to_string()).collect(),
        connection: None,
        attributes,
        direction: Some(direction),
    }
}

fn description(ours: &Local, media: Vec<Media>) -> Sdp {
    let ip = ours.addr.ip();
    Sdp { origin: format!("- {} {} {}", ours.session, ours.version, super::address(ip)), connection: Some(ip), direction: None, media }
}
