//! Rubbish: the messages of RFC 4475 and ordinary ones, mutated with a fixed seed, through parser and core. No panic, bounded state, no answer to a stranger longer
//! than its question. `HUBLINE_MUTATIONS` sets the number for long runs by hand.

use std::fs;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;

use super::rig::{PEER, SDP, addr, cancel, core, invite, respond, start, udp, with_sdp, within};
use crate::sip::Credentials;
use crate::sip::call::{CallKey, Outgoing, Verb};
use crate::sip::core::{Core, Output};
use crate::sip::net::{Flow, Transport};
use crate::sip::sdp::Sdp;
use crate::sip::wire::auth::Challenge;
use crate::sip::wire::{NameAddr, Uri};

/// In the ordinary test run.
const MUTATIONS: u64 = 200_000;

/// xorshift64*: the same sequence on every machine.
pub(super) struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % limit.max(1)
    }

    fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }
}

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
            Output::Event { .. } | Output::Reply { .. } => {}
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

fn mutate(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut message = seeds[random.index(seeds.len())].clone();
    for _ in 0..=random.below(4) {
        if message.is_empty() {
            break;
        }
        let at = random.index(message.len());
        match random.below(9) {
            0 => message[at] = random.below(256) as u8,
            1 => message[at] ^= 1 << random.below(8),
            2 => {
                message.remove(at);
            }
            3 => message.insert(at, b"\r\n \t:;,<>\"\\@%=?\0\xff\xd50-9"[random.index(21)]),
            4 => message.truncate(at),
            5 => {
                let end = (at + random.index(40)).min(message.len());
                let piece = message[at..end].to_vec();
                let to = random.index(message.len());
                message.splice(to..to, piece);
            }
            6 => {
                let end = (at + random.index(40)).min(message.len());
                message.drain(at..end);
            }
            7 => {
                let other = &seeds[random.index(seeds.len())];
                let from = random.index(other.len());
                let end = (from + random.index(200)).min(other.len());
                message.splice(at..at, other[from..end].iter().copied());
            }
            _ => {
                let numbers: [&[u8]; 5] = [b"4294967296", b"-1", b"18446744073709551615", b"2147483648", b"65536"];
                let number = numbers[random.index(5)];
                if let Some(digit) = message[at..].iter().position(u8::is_ascii_digit) {
                    message.splice(at + digit..=at + digit, number.iter().copied());
                }
            }
        }
        message.truncate(60_000);
    }
    message
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
        transport: Transport::Udp,
        offer: SDP.to_owned(),
        headers: Vec::new(),
        credentials: Some(Credentials { username: "u".to_owned(), password: "p".into() }),
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

#[test]
fn mutated_messages_neither_crash_nor_pile_up() {
    let count = std::env::var("HUBLINE_MUTATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(MUTATIONS);
    let mut seeds: Vec<Vec<u8>> = torture().into_iter().map(|(_, message)| message).collect();
    assert_eq!(seeds.len(), 49);
    seeds.extend(
        [invite("a"), cancel("a"), within("a", "BYE", 2, "x", ""), within("a", "INVITE", 3, "x", &with_sdp())].map(String::into_bytes),
    );
    let mut random = Random::new(4475);
    let mut core = core("192.0.2.1:5060", 1);
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
    for n in 0..count {
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
            let amplified = sent.iter().any(|(to, bytes)| to.addr.ip() == flow.addr.ip() && bytes.len() > message.len());
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
    eprintln!("{count} mutations: {counters:?}");
}

#[test]
fn the_torture_messages_are_answered_sensibly() {
    // What RFC 4475 asks or allows (`baddn`) of an element that is no proxy and no registrar; "-" where silence is right (responses, strangers to SIP).
    let expected = [
        ("badaspec", "400"),
        ("baddn", "200"),
        ("badvers", "505"),
        ("bext01", "420"),
        ("clerr", "400"),
        ("dblreq", "405"),
        ("inv2543", "100"),
        ("lwsruri", "400"),
        ("lwsstart", "400"),
        ("ltgtruri", "400"),
        ("mismatch01", "400"),
        ("mismatch02", "400"),
        ("multi01", "400"),
        ("ncl", "400"),
        ("quotbal", "400"),
        ("scalar02", "400"),
        ("semiuri", "200"),
        ("unkscm", "416"),
        ("bcast", "-"),
        ("bigcode", "-"),
        ("noreason", "-"),
        ("unreason", "-"),
        ("zeromf", "200"),
        ("wsinv", "481"),
        ("esc01", "100"),
        ("longreq", "100"),
        ("trws", "400"),
        ("intmeth", "501"),
        ("sdp01", "100"),
    ];
    let mut wrong = Vec::new();
    for (name, message) in torture() {
        let mut core = core("192.0.2.1:5060", 1);
        core.receive(super::origin(), udp(PEER), &Bytes::from(message));
        let mut answer = "-".to_owned();
        while let Some(output) = core.poll_output() {
            if let Output::Send { bytes, .. } = output {
                answer = start(&String::from_utf8_lossy(&bytes)).split(' ').nth(1).unwrap_or("?").to_owned();
            }
        }
        let fine = match expected.iter().find(|(known, _)| *known == name) {
            Some((_, wanted)) => answer == *wanted,
            None => ["-", "100", "200", "400", "405", "415", "416", "420", "481", "501"].contains(&answer.as_str()),
        };
        if !fine {
            wrong.push((name, answer));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
