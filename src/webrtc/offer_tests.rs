//! Offers as browsers make them, offers that must be refused, and 20,000 broken ones.

use std::time::Instant;

use super::*;

/// Chromium 156, audio only, no preferences set.
pub const CHROME: &str = "v=0\r\no=- 7908742636852668431 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
a=extmap-allow-mixed\r\na=msid-semantic: WMS\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\n\
c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:JJWW\r\na=ice-pwd:ePx4y3MJtekbKOoPY9y9EtQf\r\n\
a=ice-options:trickle\r\na=fingerprint:sha-256 DC:27:57:33:C6:78:D0:03:47:4E:CE:D1:7C:AE:1A:EF:85:69:56:88:FC:E8:87:\
77:80:57:54:E6:73:4D:E4:68\r\na=setup:actpass\r\na=mid:0\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n\
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n\
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=sendrecv\r\na=msid:- 1b226714-da74-4be6-995c-dadd95fdd5de\r\n\
a=rtcp-mux\r\na=rtcp-rsize\r\na=rtcp-xr:rcvr-rtt=all\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n\
a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:9 G722/8000\r\n\
a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:13 CN/8000\r\na=rtpmap:110 telephone-event/48000\r\n\
a=rtpmap:126 telephone-event/8000\r\na=ssrc:2655060980 cname:v35SsZVyU/pfLAP0\r\n\
a=ssrc:2655060980 msid:- 1b226714-da74-4be6-995c-dadd95fdd5de\r\n";

#[test]
fn reads_what_one_call_needs() {
    let offer = Offer::parse(CHROME).expect("Chrome's offer");
    assert_eq!(
        offer,
        Offer {
            ufrag: "JJWW".to_owned(),
            pwd: "ePx4y3MJtekbKOoPY9y9EtQf".to_owned(),
            fingerprint: "DC:27:57:33:C6:78:D0:03:47:4E:CE:D1:7C:AE:1A:EF:85:69:56:88:FC:E8:87:77:80:57:54:E6:73:4D:\
                          E4:68"
                .to_owned(),
            mid: "0".to_owned(),
            role: DtlsRole::Client,
            events: Some(126),
            ssrc: Some(2_655_060_980),
            picture: None,
        }
    );
}

#[test]
fn the_library_sees_only_our_codecs() {
    let text = Offer::parse(CHROME).expect("Chrome's offer").text();
    assert!(text.contains("m=audio 9 UDP/TLS/RTP/SAVPF 0 8 126\r\n"), "{text}");
    for gone in ["opus", "G722", "CN/8000", "48000", "extmap", "candidate", "rtcp-xr"] {
        assert!(!text.contains(gone), "{gone} in {text}");
    }
    // Our text is itself an offer, and says the same.
    assert_eq!(Offer::parse(&text), Offer::parse(CHROME));
}

#[test]
fn the_48_khz_event_alone_is_no_event() {
    let text = CHROME.replace("a=rtpmap:126 telephone-event/8000\r\n", "");
    assert_eq!(Offer::parse(&text).expect("still an offer").events, None);
}

#[test]
fn firefox_names_its_role_and_fingerprint_for_the_session() {
    let print = CHROME.lines().find(|line| line.starts_with("a=fingerprint")).expect("a fingerprint");
    let text = CHROME
        .replace(&format!("{print}\r\n"), "")
        .replace("t=0 0\r\n", &format!("t=0 0\r\n{print}\r\n"))
        .replace("a=setup:actpass", "a=setup:active");
    assert_eq!(Offer::parse(&text).expect("an offer").role, DtlsRole::Server);
}

#[test]
fn refuses_by_name() {
    let without = |gone: &str| {
        let kept: Vec<_> = CHROME.lines().filter(|line| !line.starts_with(gone)).collect();
        kept.join("\r\n")
    };
    let second = format!("{CHROME}m=audio 9 UDP/TLS/RTP/SAVPF 0 8\r\n");
    let cases = [
        (String::new(), OfferError::NotOneAudio),
        (second, OfferError::NotOneAudio),
        (CHROME.replace("m=audio 9", "m=audio 0"), OfferError::NotOneAudio),
        (CHROME.replace("m=audio", "m=video"), OfferError::NotOneAudio),
        (CHROME.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"), OfferError::NotOneAudio),
        (CHROME.replace("PCMA/8000", "L16/8000"), OfferError::NoG711),
        (CHROME.replace("SAVPF 111 63 9 0 8", "SAVPF 111 63 9 0"), OfferError::NoG711),
        (without("a=ice-ufrag"), OfferError::Ice),
        (CHROME.replace("JJWW", "J J W W"), OfferError::Ice),
        (CHROME.replace("ePx4y3MJtekbKOoPY9y9EtQf", "short"), OfferError::Ice),
        (without("a=fingerprint"), OfferError::Fingerprint),
        (CHROME.replace("sha-256", "md5"), OfferError::Fingerprint),
        (CHROME.replace("DC:27", "DC:2g"), OfferError::Fingerprint),
        (without("a=mid"), OfferError::Mid),
        (CHROME.replace("a=mid:0", "a=mid:0 a=x"), OfferError::Mid),
        (CHROME.replace("a=sendrecv", "a=recvonly"), OfferError::Direction),
        (without("a=rtcp-mux"), OfferError::RtcpMux),
        (without("a=setup"), OfferError::Setup),
        (CHROME.replace("actpass", "holdconn"), OfferError::Setup),
        (CHROME.repeat(40), OfferError::TooLong),
        (format!("{CHROME}{}", "a=x\r\n".repeat(1000)), OfferError::TooLong),
    ];
    for (text, error) in cases {
        assert_eq!(Offer::parse(&text), Err(error), "{text}");
    }
}

/// xorshift64*: enough for mutations, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }
}

fn mutate(dice: &mut Dice) -> String {
    const SPICE: [&str; 14] = [
        "\r\n",
        "\0",
        ":",
        " ",
        "a=",
        "m=audio 9 UDP/TLS/RTP/SAVPF 0 8\r\n",
        "a=mid:\u{202e}",
        "-1",
        "4294967296",
        "99999999999999999999",
        "a=rtpmap:0 X/1\r\n",
        "a=setup:active\r\n",
        "a=ssrc:0\r\n",
        "啊",
    ];
    let mut bytes = CHROME.as_bytes().to_vec();
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len().max(1)).min(bytes.len());
        match dice.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..(at + dice.below(40)).min(bytes.len()))),
            3 => drop(bytes.splice(at..at, SPICE[dice.below(SPICE.len())].bytes())),
            4 => {
                let piece = bytes[at..(at + dice.below(90)).min(bytes.len())].to_vec();
                let to = dice.below(bytes.len().max(1)).min(bytes.len());
                bytes.splice(to..to, piece);
            }
            _ => bytes.extend_from_slice(SPICE[dice.below(SPICE.len())].as_bytes()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn twenty_thousand_broken_offers() {
    let mut dice = Dice(0x0b5e_55ed_c0ff_ee11);
    let (mut taken, mut answered) = (0, 0);
    let now = Instant::now();
    for round in 0..20_000 {
        let Ok(offer) = Offer::parse(&mutate(&mut dice)) else {
            continue;
        };
        taken += 1;
        // What passed is clean: it reads back as itself.
        assert_eq!(Offer::parse(&offer.text()).as_ref(), Ok(&offer), "round {round}");
        // The library takes whatever passed; a key pair each, so not for all.
        if taken % 50 == 0 {
            super::super::connection::accept(&offer, now).expect("a proven offer");
            answered += 1;
        }
    }
    // The mutations neither all fail nor all pass, or they would show nothing.
    assert!((2_000..18_000).contains(&taken), "{taken} of 20,000 taken");
    assert!(answered >= 40, "{answered} answered");
}

/// What Chromium adds for a picture, before any preference.
const PICTURE: &str = "m=video 9 UDP/TLS/RTP/SAVPF 97 96 39\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:JJWW\r\n\
a=ice-pwd:ePx4y3MJtekbKOoPY9y9EtQf\r\na=setup:actpass\r\na=mid:1\r\n\
a=extmap:14 urn:ietf:params:rtp-hdrext:toffset\r\na=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\na=sendrecv\r\n\
a=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 goog-remb\r\na=rtcp-fb:96 transport-cc\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n\
a=rtpmap:39 H264/90000\r\na=fmtp:39 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n\
a=ssrc-group:FID 11 12\r\na=ssrc:11 cname:x\r\na=ssrc:12 cname:x\r\n";

#[test]
fn a_picture_is_vp8_and_nothing_else_of_what_was_offered() {
    let offer = Offer::parse(&format!("{CHROME}{PICTURE}")).expect("an offer");
    let picture = offer.picture.clone().expect("a picture");
    assert_eq!((picture.mid.as_str(), picture.payload_type, picture.ssrc), ("1", 96, Some(11)));
    let text = offer.text();
    assert!(text.contains("a=group:BUNDLE 0 1\r\n"), "{text}");
    for gone in ["rtx", "extmap", "H264", "transport-cc"] {
        assert!(!text.contains(gone), "{gone} in {text}");
    }
    assert_eq!(Offer::parse(&text).as_ref(), Ok(&offer), "our text is itself an offer, and says the same");
    for (bad, why) in [
        (PICTURE.replace("VP8", "VP9"), OfferError::Video),
        (PICTURE.replace("96 VP8", "200 VP8"), OfferError::Video),
        (PICTURE.replace("a=sendrecv", "a=recvonly"), OfferError::Video),
        (PICTURE.replace("a=rtcp-mux\r\n", ""), OfferError::Video),
        (PICTURE.replace("a=mid:1", "a=mid:0"), OfferError::Mid),
        (format!("{PICTURE}{PICTURE}"), OfferError::NotOneAudio),
    ] {
        assert_eq!(Offer::parse(&format!("{CHROME}{bad}")), Err(why), "{bad}");
    }
}
