//! The picture of an offer: a second stream, VP8, in the bundle of the first.

use super::{DYNAMIC, Offer, OfferError, is_mid};

/// Dynamic numbers below the usual ones, which browsers use once those are spent (RFC 5761 §4).
const LOW_DYNAMIC: std::ops::RangeInclusive<u8> = 35..=63;

/// A proven picture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PictureOffer {
    pub mid: String,
    /// Of VP8.
    pub payload_type: u8,
    /// The stream the browser says it will send, if it says so.
    pub ssrc: Option<u32>,
}

impl PictureOffer {
    /// Its section of our own text; see [`Offer::text`].
    pub fn text(&self, offer: &Offer, setup: &str) -> String {
        let Offer { ufrag, pwd, fingerprint, .. } = offer;
        let PictureOffer { mid, payload_type: number, ssrc } = self;
        let ssrc = ssrc.map_or_else(String::new, |ssrc| format!("a=ssrc:{ssrc} cname:browser\r\n"));
        format!(
            "m=video 9 UDP/TLS/RTP/SAVPF {number}\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n\
             a=ice-ufrag:{ufrag}\r\na=ice-pwd:{pwd}\r\na=ice-options:trickle\r\n\
             a=fingerprint:sha-256 {fingerprint}\r\na=setup:{setup}\r\na=mid:{mid}\r\na=sendrecv\r\na=rtcp-mux\r\n\
             a=rtpmap:{number} VP8/90000\r\na=rtcp-fb:{number} goog-remb\r\na=rtcp-fb:{number} nack\r\n\
             a=rtcp-fb:{number} nack pli\r\n{ssrc}"
        )
    }
}

/// Raw values, the last of each kind.
#[derive(Default)]
pub struct FoundPicture<'a> {
    formats: Vec<u8>,
    maps: Vec<(u8, &'a str)>,
    mid: Option<&'a str>,
    direction: Option<&'a str>,
    rtcp_mux: bool,
    ssrc: Option<u32>,
}

impl<'a> FoundPicture<'a> {
    pub fn media(media: &'a str) -> Result<FoundPicture<'a>, OfferError> {
        let mut words = media.split_ascii_whitespace();
        if words.next() != Some("video") {
            return Err(OfferError::NotOneAudio);
        }
        // Port 0 with `bundle-only` is a stream like any other (RFC 9143 §7.1).
        let known = words.next().is_some() && words.next() == Some("UDP/TLS/RTP/SAVPF");
        let formats = words.filter_map(|word| word.parse().ok()).take(128).collect();
        if known { Ok(FoundPicture { formats, ..FoundPicture::default() }) } else { Err(OfferError::Video) }
    }

    pub fn attribute(&mut self, attribute: &'a str) {
        let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
        match name {
            "mid" => self.mid = Some(value),
            "sendrecv" | "sendonly" | "recvonly" | "inactive" => self.direction = Some(name),
            "rtcp-mux" => self.rtcp_mux = true,
            "rtpmap" => self.maps.extend(value.split_once(' ').and_then(|(number, name)| Some((number.parse().ok()?, name)))),
            "ssrc" if self.ssrc.is_none() => {
                self.ssrc = value.split(' ').next().and_then(|number| number.parse().ok()).filter(|&ssrc| ssrc != 0);
            }
            _ => {}
        }
    }

    pub fn prove(self) -> Result<PictureOffer, OfferError> {
        let dynamic = |number: &u8| DYNAMIC.contains(number) || LOW_DYNAMIC.contains(number);
        let vp8 = self
            .maps
            .iter()
            .find(|(number, name)| dynamic(number) && self.formats.contains(number) && name.eq_ignore_ascii_case("VP8/90000"));
        let Some(&(payload_type, _)) = vp8 else { return Err(OfferError::Video) };
        if !matches!(self.direction, None | Some("sendrecv")) || !self.rtcp_mux {
            return Err(OfferError::Video);
        }
        let mid = self.mid.filter(|text| is_mid(text)).ok_or(OfferError::Mid)?.to_owned();
        Ok(PictureOffer { mid, payload_type, ssrc: self.ssrc })
    }
}
