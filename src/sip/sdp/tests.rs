//! Offers as phones write them.

use super::*;
use crate::rtp::Codec;
use crate::sip::Srtp;

fn ours(laws: &[Law]) -> Local {
    Local {
        addr: "192.0.2.1:10000".parse().expect("addr"),
        codecs: laws.iter().map(|&law| law.into()).collect(),
        dtmf: true,
        direction: Direction::SendRecv,
        security: Security::off(),
        session: 1,
        version: 1,
    }
}

fn theirs(lines: &str) -> Sdp {
    Sdp::parse(&format!("v=0\r\no=x 1 1 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n{lines}")).expect("sdp")
}

const BOTH: [Law; 2] = [Law::Pcmu, Law::Pcma];

#[test]
fn an_ordinary_offer_is_answered_with_one_law_and_their_event_number() {
    let offer = theirs("m=audio 4000 RTP/AVP 9 8 0 96\r\na=rtpmap:9 G722/8000\r\na=rtpmap:96 telephone-event/8000\r\na=ptime:30\r\n");
    let (answer, got) = answer(&offer, &ours(&BOTH)).expect("answer");
    assert_eq!(
        got,
        Negotiated {
            remote: "198.51.100.1:4000".parse().expect("addr"),
            codec: Law::Pcma.into(),
            payload_type: 8,
            dtmf: Some(crate::rtp::event::Events { payload_type: 96, clock: 8000 }),
            direction: Direction::SendRecv,
            ptime_ms: 30,
            srtp: None,
        }
    );
    assert_eq!(
        answer.to_string(),
        "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 10000 RTP/AVP 8 96\r\n\
         a=rtpmap:8 PCMA/8000\r\na=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
    );
    assert_eq!(Sdp::parse(&answer.to_string()).expect("own print"), answer);
}

#[test]
fn hold_in_all_its_spellings() {
    for (lines, direction, answered) in [
        ("m=audio 4000 RTP/AVP 0\r\na=sendonly\r\n", Direction::RecvOnly, "recvonly"),
        ("m=audio 4000 RTP/AVP 0\r\na=inactive\r\n", Direction::Inactive, "inactive"),
        ("a=recvonly\r\nm=audio 4000 RTP/AVP 0\r\n", Direction::SendOnly, "sendonly"),
        ("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n", Direction::RecvOnly, "recvonly"),
        ("a=sendonly\r\nm=audio 4000 RTP/AVP 0\r\na=sendrecv\r\n", Direction::SendRecv, "sendrecv"),
    ] {
        let (answer, got) = answer(&theirs(lines), &ours(&BOTH)).expect(lines);
        assert_eq!(got.direction, direction, "{lines}");
        assert_eq!(answer.media[0].direction.map(Direction::as_str), Some(answered));
    }
    let holding = Local { direction: Direction::SendOnly, ..ours(&BOTH) };
    assert_eq!(accept(&holding, &theirs("m=audio 4000 RTP/AVP 0\r\na=recvonly\r\n")).expect("accepted").direction, Direction::SendOnly);
}

#[test]
fn what_we_cannot_take_is_refused_in_its_place() {
    let offer = theirs("m=video 5000 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 0\r\nm=audio 4002 RTP/AVP 0\r\nm=image 6 udptl t38\r\n");
    let (answer, _) = answer(&offer, &ours(&BOTH)).expect("answer");
    let seen: Vec<_> = answer.media.iter().map(|media| (media.kind.as_str(), media.port, media.protocol.as_str())).collect();
    assert_eq!(seen, [("video", 0, "RTP/AVP"), ("audio", 10000, "RTP/AVP"), ("audio", 0, "RTP/AVP"), ("image", 0, "udptl")]);
    let fails = |lines: &str, laws: &[Law]| super::answer(&theirs(lines), &ours(laws)).expect_err(lines);
    assert_eq!(fails("m=audio 4000 RTP/AVP 18\r\n", &BOTH), SdpError::NoCodec);
    assert_eq!(fails("m=audio 4000 RTP/AVP 0\r\n", &[Law::Pcma]), SdpError::NoCodec);
    assert_eq!(fails("m=audio 0 RTP/AVP 0\r\n", &BOTH), SdpError::NoAudio);
    assert_eq!(fails("m=audio 4000 RTP/SAVP 0\r\n", &BOTH), SdpError::NoKeys);
    assert_eq!(accept(&ours(&BOTH), &theirs("m=audio 0 RTP/AVP 0\r\n")), Err(SdpError::Refused));
    assert_eq!(Sdp::parse("hello"), Err(SdpError::NotSdp));
    assert_eq!(Sdp::parse("v=0\r\nm=audio x RTP/AVP 0\r\n"), Err(SdpError::Media));
}

#[test]
fn our_offer_and_a_dynamic_number_for_a_law() {
    let text = offer(&ours(&[Law::Pcma, Law::Pcmu])).to_string();
    assert!(text.contains("m=audio 10000 RTP/AVP 8 0 101\r\n"), "{text}");
    let (answer, got) = answer(&theirs("m=audio 4000 RTP/AVP 97\r\na=rtpmap:97 pcmu/8000/1\r\n"), &ours(&BOTH)).expect("answer");
    assert_eq!((got.codec, got.dtmf), (Law::Pcmu.into(), None));
    assert!(answer.to_string().contains("a=rtpmap:97 PCMU/8000"));
}

#[test]
fn sdp_out_of_a_multipart_body() {
    let body = b"--b1\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b1--\r\n";
    assert_eq!(from_multipart("multipart/mixed;boundary=\"b1\"", body).as_deref(), Some("v=0\r\n"));
    assert_eq!(from_multipart("multipart/mixed", body), None);
}

fn secured(srtp: Srtp) -> Local {
    let mut seed = 0;
    let security = Security::new(srtp, |bytes| {
        seed += 1;
        bytes.fill(seed);
    });
    Local { security, ..ours(&BOTH) }
}

const KEY: &str = "inline:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNk";

#[test]
fn encrypted_audio_is_offered_and_taken_with_fresh_keys() {
    let offered = offer(&secured(Srtp::Required)).to_string();
    assert!(offered.contains("m=audio 10000 RTP/SAVP 0 8 101\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"), "{offered}");
    // Theirs to ours, and back: what one encrypts with, the other decrypts with.
    let (answered, taken) = answer(&Sdp::parse(&offered).expect("sdp"), &secured(Srtp::Accept)).expect("answer");
    let got = accept(&secured(Srtp::Required), &answered).expect("accepted").srtp.expect("keys");
    let taken = taken.srtp.expect("keys");
    assert_eq!((got.ours, got.theirs), (taken.theirs, taken.ours));
    assert!(answered.to_string().contains("RTP/SAVP"));
    // Others by the line that both know, under the tag that it had.
    let theirs = theirs(&format!(
        "m=audio 4000 RTP/SAVP 0\r\na=crypto:7 F8_128_HMAC_SHA1_80 {KEY}\r\na=crypto:9 AES_CM_128_HMAC_SHA1_32 {KEY}|2^20\r\n"
    ));
    let (answered, _) = answer(&theirs, &secured(Srtp::Accept)).expect("answer");
    assert!(answered.to_string().contains("a=crypto:9 AES_CM_128_HMAC_SHA1_32 inline:"), "{answered}");
    assert!(!offer(&secured(Srtp::Accept)).to_string().contains("crypto"), "only what must be is offered encrypted");
}

#[test]
fn nothing_falls_back_to_plain_audio() {
    let plain = theirs("m=audio 4000 RTP/AVP 0\r\n");
    let (with, without) =
        (format!("m=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 {KEY}\r\n"), "m=audio 4000 RTP/SAVP 0\r\n");
    assert_eq!(answer(&plain, &secured(Srtp::Required)).expect_err("488"), SdpError::Plain);
    assert_eq!(accept(&secured(Srtp::Required), &plain).expect_err("ended"), SdpError::Plain);
    assert_eq!(accept(&secured(Srtp::Accept), &theirs(&with)).expect_err("not offered"), SdpError::NoKeys);
    assert_eq!(answer(&theirs(&with), &secured(Srtp::Off)).expect_err("488"), SdpError::NoKeys);
    assert_eq!(answer(&theirs(without), &secured(Srtp::Accept)).expect_err("488"), SdpError::NoKeys);
    // What would be unsafe, or not understood, is as if it were not there.
    for rest in [
        &format!("{KEY} UNENCRYPTED_SRTP"),
        &format!("{KEY}|2^20|1:4"),
        "inline:c2hvcnQ=",
        "inline:%%%",
        "prompt:abc",
        &format!("{KEY} KDR=5"),
    ] {
        let offer = format!("m=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 {rest}\r\n");
        assert_eq!(answer(&theirs(&offer), &secured(Srtp::Required)).expect_err(rest), SdpError::NoKeys);
    }
    let answered = theirs(&format!("m=audio 4000 RTP/SAVP 0\r\na=crypto:2 AES_CM_128_HMAC_SHA1_80 {KEY}\r\n"));
    assert_eq!(accept(&secured(Srtp::Required), &answered).expect_err("another tag"), SdpError::NoKeys);
}

#[test]
fn opus_and_g722_are_spoken_where_they_are_asked_for() {
    let wide = |codecs: &[Codec]| Local { codecs: codecs.to_vec(), ..ours(&BOTH) };
    let offered = offer(&wide(&[Codec::G722, Codec::Opus, Codec::Law(Law::Pcmu)])).to_string();
    assert!(offered.contains(
        "m=audio 10000 RTP/AVP 9 107 0 101 102\r\na=rtpmap:9 G722/8000\r\na=rtpmap:107 opus/48000/2\r\n\
         a=fmtp:107 stereo=0;maxplaybackrate=16000;useinbandfec=1\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n\
         a=fmtp:101 0-16\r\na=rtpmap:102 telephone-event/48000\r\na=fmtp:102 0-16\r\na=ptime:20\r\n"
    ));
    // Our order counts, their numbers are taken, and events run at the audio's clock where they can.
    let lines = "m=audio 4000 RTP/AVP 96 9 8 97 98\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:97 telephone-event/48000\r\na=rtpmap:98 telephone-event/8000\r\n";
    let said =
        |codecs: &[Codec]| answer(&theirs(lines), &wide(codecs)).map(|(_, got)| (got.codec, got.payload_type, got.dtmf.expect("events")));
    let events = |payload_type: u8, clock: u32| crate::rtp::event::Events { payload_type, clock };
    assert_eq!(said(&Codec::ALL), Ok((Codec::Law(Law::Pcma), 8, events(98, 8000))));
    assert_eq!(said(&[Codec::Opus, Codec::G722]), Ok((Codec::Opus, 96, events(97, 48_000))));
    assert_eq!(said(&[Codec::G722]), Ok((Codec::G722, 9, events(98, 8000))));
    assert_eq!(answer(&theirs(lines), &wide(&[Codec::Law(Law::Pcmu)])).expect_err("none in common"), SdpError::NoCodec);
    // Browsers and some phones offer nothing that G.711 is; a static number needs no map.
    let (told, got) = answer(&theirs("m=audio 4000 RTP/AVP 9\r\n"), &wide(&Codec::ALL)).expect("answer");
    assert_eq!((got.codec, got.dtmf), (Codec::G722, None));
    assert!(told.to_string().contains("m=audio 10000 RTP/AVP 9\r\na=rtpmap:9 G722/8000\r\na=ptime:20\r\n"));
}
