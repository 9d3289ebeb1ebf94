//! Rubbish: the messages of RFC 4475 and ordinary ones, mutated with a fixed seed, through parser and core. No panic, bounded state, no answer to a stranger longer
//! than its question. For long runs by hand see `fuzz_tests`.

use std::fs;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;

use super::rig::{PEER, SDP, addr, cancel, core, invite, respond, udp, with_sdp, within};
use crate::fuzz_tests::{Random, Rounds, fuzz, mutate};
use crate::rtp::Law;
use crate::sip::call::{CallKey, Outgoing, Verb};
use crate::sip::core::{Core, Output};
use crate::sip::net::{Flow, Transport};
use crate::sip::sdp::{Direction, Local, Sdp, Security, accept, answer};
use crate::sip::wire::auth::Challenge;
use crate::sip::wire::digest::Claim;
use crate::sip::wire::{CSeq, NameAddr, Uri, Via, split_list};
use crate::sip::{Account, Credentials, Srtp};

/// In the ordinary test run.
const MUTATIONS: u64 = 200_000;

pub(super) fn torture() -> Vec<(String, Vec<u8>)> {
    // Tests run where the package is.
    let folder = Path::new("tests/data/sip-torture");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the torture messages")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), fs::read(&path).expect("a message")))
        .collect();
    files.sort();
    files
}

/// Lets the core act on what it said, as an owner would; gives what it sent.
fn settle(core: &mut Core, random: &mut Random, keys: &mut Vec<CallKey>, now: std::time::Instant) -> Vec<(Flow, Bytes)> {
    let mut sent = Vec::new();
    while let Some(output) = core.poll_output() {
        match output {
            Output::Send { flow, bytes } => sent.push((flow, bytes)),
            Output::Incoming(call) => keys.push(call.key),
            Output::Event { .. } | Output::Reply { .. } | Output::Phones(_) | Output::Banned(_) => {}
        }
        if sent.len() > 100 {
            panic!("one message makes a hundred");
        }
    }
    if !keys.is_empty() && random.below(3) == 0 {
        let key = keys[random.index(keys.len())];
        match random.below(6) {
            0 => core.end(now, key, None),
            1 => core.handle_verb(now, key, Verb::Answer(SDP.to_owned())),
            2 => core.handle_verb(now, key, Verb::AnswerOffer(SDP.to_owned())),
            3 => core.handle_verb(now, key, Verb::Reinvite(SDP.to_owned())),
            4 => core.handle_verb(now, key, Verb::Ringing(None)),
            _ => core.handle_verb(now, key, Verb::Reject(486, "")),
        }
    }
    if keys.len() > 200 {
        for key in keys.drain(..) {
            core.end(now, key, None);
        }
    }
    sent
}

/// A live call each way, and seeds that lead into them: requests with the right tags, responses with the right branches.
fn deepen(core: &mut Core, keys: &mut Vec<CallKey>, now: std::time::Instant, n: u64) -> Vec<Vec<u8>> {
    let name = format!("m{n}");
    core.receive(now, udp(PEER), &Bytes::from(invite(&name)));
    let mut seeds = Vec::new();
    while let Some(output) = core.poll_output() {
        if let Output::Incoming(call) = output {
            keys.push(call.key);
            core.handle_verb(now, call.key, Verb::Answer(SDP.to_owned()));
            let tag = &call.id.local_tag;
            for (method, cseq, rest) in [
                ("ACK", 1, String::new()),
                ("INVITE", 2, with_sdp()),
                ("ACK", 2, with_sdp()),
                ("UPDATE", 3, with_sdp()),
                ("INFO", 4, "Content-Type: application/dtmf-relay\r\n\r\nSignal=1\r\nDuration=99\r\n".to_owned()),
                ("INVITE", 5, String::new()),
                ("BYE", 6, String::new()),
            ] {
                seeds.push(within(&name, method, cseq, tag, &rest).into_bytes());
            }
        }
    }
    let outgoing = Outgoing {
        to: Uri::parse("sip:bob@192.0.2.10").expect("uri"),
        from: NameAddr::parse("<sip:us@192.0.2.1>").expect("from"),
        transport: Some(Transport::Udp),
        offer: SDP.to_owned(),
        headers: Vec::new(),
        credentials: Some(Credentials { username: "u".to_owned(), password: "p".into() }),
        may_refer: false,
    };
    if let Ok((key, _)) = core.invite(now, udp(PEER), outgoing) {
        keys.push(key);
        while let Some(output) = core.poll_output() {
            let Output::Send { bytes, .. } = output else {
                continue;
            };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let challenge = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"\r\n\r\n";
            for (status, tag, rest) in [
                ("180 Ringing", "b", ""),
                ("200 OK", "b", with_sdp().as_str()),
                ("200 OK", "c", with_sdp().as_str()),
                ("401 Unauthorized", "b", challenge),
                ("486 Busy Here", "b", ""),
            ] {
                seeds.push(respond(&text, status, tag, rest).into_bytes());
            }
        }
    }
    seeds
}

/// What phones and carriers add to the plain call.
fn extended() -> [String; 6] {
    let more = |headers: &str| invite("b").replacen("Content-Type:", &format!("{headers}Content-Type:"), 1);
    [
        more("Require: 100rel\r\nSupported: timer, replaces\r\nSession-Expires: 90;refresher=uac\r\nMin-SE: 90\r\n"),
        more("Replaces: a;to-tag=x;from-tag=fa\r\nP-Asserted-Identity: <tel:+4930>\r\nPrivacy: id\r\nAccept: application/sdp\r\n"),
        within("a", "PRACK", 2, "x", "RAck: 1 1 INVITE\r\nContent-Length: 0\r\n\r\n"),
        within("a", "UPDATE", 3, "x", "Session-Expires: 1800;refresher=uas\r\nContent-Length: 0\r\n\r\n"),
        within("a", "REFER", 4, "x", "Refer-To: <sip:b@c?Replaces=a%3Bto-tag%3Dx%3Bfrom-tag%3Dy>\r\nContent-Length: 0\r\n\r\n"),
        "REGISTER sip:hub SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKr;rport\r\nMax-Forwards: 70\r\nFrom: <sip:mara@hub>;tag=1\r\n\
         To: <sip:mara@hub>\r\nCall-ID: r\r\nCSeq: 1 REGISTER\r\nContact: <sip:mara@192.0.2.10>;expires=60;+sip.instance=\"<urn:uuid:1>\"\r\n\
         Authorization: Digest username=\"mara\", realm=\"phones\", nonce=\"00000000000000000000000000000000\", uri=\"sip:hub\", \
         response=\"0\", algorithm=SHA-256, qop=auth, nc=00000001, cnonce=\"c\"\r\nContent-Length: 0\r\n\r\n"
            .to_owned(),
    ]
}

/// Descriptions of all kinds: read, answered or refused, and what we print is read again by ourselves.
#[test]
fn fuzz_sdp_descriptions_are_answered_or_refused() {
    let ours = Local {
        addr: addr("192.0.2.1:10000"),
        codecs: vec![Law::Pcmu.into(), Law::Pcma.into()],
        dtmf: true,
        direction: Direction::SendRecv,
        security: Security::new(Srtp::Accept, |bytes| bytes.fill(7)),
        session: 1,
        version: 1,
    };
    let head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n";
    let seeds = [
        SDP.to_owned(),
        format!(
            "{head}m=audio 4000 RTP/AVP 9 8 0 96\r\na=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-16\r\na=ptime:20\r\na=sendonly\r\n"
        ),
        format!(
            "{head}m=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNk|2^20|1:4 WSH=64\r\n"
        ),
        format!("{head}m=video 5000 RTP/AVP 31\r\nm=audio 4000/2 RTP/AVP 0\r\nc=IN IP6 2001:db8::1/127\r\nm=image 6 udptl t38\r\n"),
    ];
    let seeds: Vec<Vec<u8>> = seeds.into_iter().map(String::into_bytes).collect();
    fuzz(Rounds::new("sdp", MUTATIONS / 4, 8866), &seeds, |message, _| {
        let text = String::from_utf8_lossy(message);
        let Ok(offer) = Sdp::parse(&text) else { return };
        let _ = accept(&ours, &offer);
        if let Ok((answered, _)) = answer(&offer, &ours) {
            assert_eq!(answered.media.len(), offer.media.len(), "{text}");
            let again = Sdp::parse(&answered.to_string()).expect("our own print");
            assert_eq!(again.media.len(), answered.media.len(), "{answered}");
        }
    });
}

/// What a stranger writes into the headers that are read closest.
#[test]
fn fuzz_digest_and_other_headers() {
    let seeds: Vec<Vec<u8>> = [
        "Digest username=\"mara\", realm=\"phones\", nonce=\"0f0f\", uri=\"sip:hub\", response=\"6629fae49393a05397450978507c4ef1\", \
         algorithm=SHA-256, qop=auth, nc=00000001, cnonce=\"c\\\"q\", opaque=\"\"",
        "Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess, qop=\"auth,auth-int\", stale=true",
        "\"A \\\"B\\\" \u{e9}\" <sips:a%20b:p@[2001:db8::1]:5061;transport=tls;lr?X=1&Y=2>;tag=x;expires=60;+sip.instance=\"<urn:uuid:1>\"",
        "<tel:+4930123;phone-context=+49>, sip:x@y.example;user=phone",
        "SIP/2.0/UDP [2001:db8::9:1]:5060;branch=z9hG4bKa;rport=1;received=192.0.2.1, SIP / 2.0 / TCP host;branch=x",
        "4294967295 INVITE",
        "1800;refresher=uac",
        "776656 1 INVITE",
        "a%3Bto-tag%3Dx%3Bfrom-tag%3Dy;early-only",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    let password = "s3cret".into();
    fuzz(Rounds::new("digest and headers", MUTATIONS / 4, 7616), &seeds, |input, _| {
        let text = String::from_utf8_lossy(input);
        if let Some(claim) = Claim::parse(&text) {
            assert!(!claim.holds("REGISTER", &password), "nobody guesses a digest");
            let _ = claim.count();
        }
        let _ = (Challenge::parse(&text, false), Challenge::parse(&text, true), CSeq::parse(&text));
        for part in split_list(&text) {
            // What was read and is written again is read as the same.
            if let Ok(name) = NameAddr::parse(part) {
                let (tag, written) = (name.tag().map(|tag| tag.into_owned()), name.to_string());
                let again = NameAddr::parse(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
                assert_eq!((again.uri.to_string(), again.tag().map(|tag| tag.into_owned())), (name.uri.to_string(), tag), "{written}");
            }
            if let Ok(uri) = Uri::parse(part) {
                let (_, written) = (uri.user(), uri.to_string());
                let again = Uri::parse(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
                assert_eq!(again.to_string(), written);
            }
            if let Ok(mut via) = Via::parse(part) {
                via.mark_received(addr("[2001:db8::7]:7"));
                let written = via.to_string();
                let again = Via::parse(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
                assert_eq!(again.to_string(), written);
            }
        }
    });
}

#[test]
fn fuzz_sip_messages_neither_crash_nor_pile_up() {
    let rounds = Rounds::new("sip", MUTATIONS, 4475);
    let mut seeds: Vec<Vec<u8>> = torture().into_iter().map(|(_, message)| message).collect();
    assert_eq!(seeds.len(), 49);
    seeds.extend(
        [invite("a"), cancel("a"), within("a", "BYE", 2, "x", ""), within("a", "INVITE", 3, "x", &with_sdp())].map(String::into_bytes),
    );
    seeds.extend(extended().map(String::into_bytes));
    let mut random = Random::new(rounds.seed);
    let mut core = core("192.0.2.1:5060", 1);
    core.set_accounts(
        super::origin(),
        vec![Account { agent: "mara".into(), username: "mara".to_owned(), password: "s3cret".into(), tls_only: false }],
    );
    core.max_calls = 500;
    core.max_transactions = 5000;
    let (mut now, mut keys) = (super::origin(), Vec::new());
    let flows = [
        udp(PEER),
        udp("203.0.113.5:5060"),
        Flow { transport: Transport::Tcp, addr: addr("192.0.2.10:40000"), connection: Some(addr("192.0.2.10:40000")) },
    ];
    // What the core says is mutated too: its tags and branches lead deeper in.
    let base = seeds.len();
    let deep = base + 64;
    for n in rounds {
        if n % 64 == 0 {
            seeds.resize(deep, b"OPTIONS sip:a SIP/2.0\r\n\r\n".to_vec());
            seeds.extend(deepen(&mut core, &mut keys, now, n));
        }
        let message = Bytes::from(mutate(&mut random, &seeds));
        let flow = flows[random.index(flows.len())];
        core.receive(now, flow, &message);
        let sent = settle(&mut core, &mut random, &mut keys, now);
        // A response under one of our unguessable branches is no stranger's.
        if flow == flows[1] && !message.starts_with(b"SIP") {
            // A challenge needs its room; how many of them one source gets is bounded.
            let room = |bytes: &[u8]| if bytes.starts_with(b"SIP/2.0 401 ") { message.len() + 400 } else { message.len() };
            let amplified = sent.iter().any(|(to, bytes)| to.addr.ip() == flow.addr.ip() && bytes.len() > room(bytes));
            assert!(!amplified, "amplified: {}", String::from_utf8_lossy(&message));
        }
        for (_, bytes) in sent {
            let text = String::from_utf8_lossy(&bytes);
            assert!(text.ends_with("\r\n\r\n") || text.contains("\r\n\r\n"), "{text}");
            if n % 16 == 0 {
                let at = base + random.index(64);
                seeds[at] = bytes.to_vec();
            }
        }
        if let Ok(text) = std::str::from_utf8(&message) {
            // Errors are fine, panics are not.
            let _ = Sdp::parse(text);
            let _ = Challenge::parse(text, false);
        }
        now += Duration::from_millis(random.below(40));
        core.handle_timeout(now);
        // What timers and verbs led to is no answer to the next message.
        while core.poll_output().is_some() {}
        if n % 5000 == 0 {
            let counters = core.counters();
            assert!(counters.dialogs <= 500 && counters.transactions <= 7000, "{counters:?}");
            assert!(core.table.is_consistent());
        }
    }
    for key in keys {
        core.end(now, key, None);
    }
    core.end_all(now);
    for _ in 0..100_000 {
        while core.poll_output().is_some() {}
        let Some(at) = core.next_deadline() else {
            break;
        };
        now = now.max(at);
        core.handle_timeout(now);
    }
    let counters = core.counters();
    assert_eq!(counters.dialogs, 0, "{counters:?}");
    assert_eq!(counters.transactions, 0, "{counters:?}");
}
