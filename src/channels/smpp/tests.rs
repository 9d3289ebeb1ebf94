//! The published bytes, hostile ones, sessions by a script, and what is kept between two asks.

use super::coding::{self, Default0};
use super::ledger::{Incoming, Kept, Ledger};
use super::long::{self, Long, PartOf};
use super::pdu::*;
use super::session::{Answered, Event, Rules, Session};
use crate::clock::Clock;
use crate::desk::segments;
use crate::fuzz_tests::{Rounds, fuzz};
use std::time::{Duration, Instant};

const BIND: &str = "0000002000000009000000000000000173696d00736563726574000034000000";
const BIND_RESP: &str = "0000001a800000090000000000000001534d5343000210000134";
const SUBMIT: &str = "0000003600000004000000000000000200050041636d650001013836313338303031333830303000000000000001000800044f60597d";
const SUBMIT_RESP: &str = "000000158000000400000000000000023746334100";
const PART: &str = "0000003a00000004000000000000000300050041636d65000101383631333830303133383030300040000000000100080008050003a702017b2c";
const RECEIPT: &str = "000000a00000000500000000000000070001013836313338303031333830303000050041636d65000400000000000000006069643a37463341207375623a30303120646c7672643a303031207375626d697420646174653a3233313131353030303020646f6e6520646174653a3233313131353030303120737461743a44454c49565244206572723a30303020746578743a001e000537463341000427000102";
const DELIVER_RESP: &str = "0000001180000005000000000000000700";
const ENQUIRE: &str = "00000010000000150000000000000008";
const ENQUIRE_RESP: &str = "00000010800000150000000000000008";
const UNBIND: &str = "00000010000000060000000000000009";

fn hex(text: &str) -> Vec<u8> {
    hex::decode(text).expect("hexadecimal")
}

fn pdu(text: &str) -> Pdu {
    let mut frames = Frames::default();
    frames.push(&hex(text));
    frames.take().expect("a length").expect("a whole command")
}

#[test]
fn the_published_commands_are_written_and_read() {
    let body = bind("sim", "secret", "", &Address::default()).expect("a bind");
    assert_eq!(hex::encode(Pdu::new(command::BIND_TRANSCEIVER, 1, body).bytes()), BIND);
    assert_eq!(first_text(&pdu(BIND_RESP).body).as_deref(), Ok("SMSC"));
    let to = Address { ton: 1, npi: 1, digits: "8613800138000".into() };
    let from = Address { ton: 5, npi: 0, digits: "Acme".into() };
    let text = ShortMessage {
        source: from.clone(),
        destination: to.clone(),
        registered_delivery: 1,
        data_coding: 8,
        text: coding::to_utf16("你好"),
        ..ShortMessage::default()
    };
    assert_eq!(hex::encode(Pdu::new(command::SUBMIT_SM, 2, text.bytes().expect("short")).bytes()), SUBMIT);
    assert_eq!(ShortMessage::read(&pdu(SUBMIT).body), Ok(text.clone()));
    assert_eq!(first_text(&pdu(SUBMIT_RESP).body).as_deref(), Ok("7F3A"));
    let part = ShortMessage { esm_class: UDHI, text: hex("050003a702017b2c"), ..text };
    assert_eq!(hex::encode(Pdu::new(command::SUBMIT_SM, 3, part.bytes().expect("short")).bytes()), PART);
    let content = long::content(&ShortMessage::read(&pdu(PART).body).expect("a message"));
    assert_eq!(content.part, Some(PartOf { reference: 0xa7, total: 2, number: 1 }));
    assert_eq!(coding::from_utf16(&content.bytes), "第");
    let receipt = ShortMessage::read(&pdu(RECEIPT).body).expect("a receipt");
    assert_eq!((receipt.source, receipt.destination), (to, from));
    assert_eq!(receipt.tlvs.len(), 2);
    assert_eq!(hex::encode(Pdu::answer(command::DELIVER_SM, 0, 7, vec![0]).bytes()), DELIVER_RESP);
    assert_eq!(hex::encode(Pdu::answer(command::ENQUIRE_LINK, 0, 8, vec![]).bytes()), ENQUIRE_RESP);
    assert_eq!(hex::encode(Pdu::new(command::UNBIND, 9, vec![]).bytes()), UNBIND);
}

#[test]
fn commands_are_found_however_the_bytes_arrive() {
    let stream: Vec<u8> = [BIND_RESP, SUBMIT_RESP, RECEIPT, ENQUIRE].iter().flat_map(|text| hex(text)).collect();
    for size in [1, 2, 3, 15, 16, 17, 100, stream.len()] {
        let (mut frames, mut found) = (Frames::default(), Vec::new());
        for piece in stream.chunks(size) {
            frames.push(piece);
            while let Some(pdu) = frames.take().expect("lengths") {
                found.push(pdu.command);
            }
        }
        assert_eq!(found, [0x8000_0009, 0x8000_0004, 5, 0x15], "{size} bytes at a time");
    }
    for length in ["00000000", "0000000f", "ffffffff", "00100000"] {
        let mut frames = Frames::default();
        frames.push(&hex(&format!("{length}{}", &ENQUIRE[8..])));
        assert!(matches!(frames.take(), Err(PduError::Length(_))), "{length}");
    }
}

#[test]
fn what_is_cut_or_too_long_is_no_message() {
    let body = pdu(RECEIPT).body;
    for end in 0..body.len() {
        // Between two tagged values it is a message with fewer of them.
        let read = ShortMessage::read(&body[..end]);
        let whole = [body.len() - 5, body.len() - 14].contains(&end);
        assert_eq!(read.is_ok(), whole, "{end} bytes");
    }
    let long = ShortMessage { source: Address { digits: "1".repeat(21), ..Address::default() }, ..ShortMessage::default() };
    assert_eq!(long.bytes(), Err(PduError::TooLong("source_addr")));
    assert_eq!(ShortMessage { text: vec![0; 255], ..ShortMessage::default() }.bytes(), Err(PduError::TooLong("short_message")));
    assert!(bind("sim", "longer than eight", "", &Address::default()).is_err());
    assert!(first_text(&[b'x'; 65]).is_err(), "an id without an end");
    assert_eq!(first_text(&[]).as_deref(), Ok(""));
}

#[test]
fn characters_are_those_of_the_networks() {
    assert_eq!(hex::encode(coding::pack(&coding::to_gsm7("hellohello").expect("plain"), 0)), "e8329bfd4697d9ec37");
    assert_eq!(coding::from_gsm7(&coding::unpack(&hex("e8329bfd4697d9ec37"), 0)), "hellohello");
    for text in ["", "@", "seven77", "eight888", "àéÄÖß€[]{}~\\^|", "Ω¿¡ñ§\n"] {
        let septets = coding::to_gsm7(text).expect("in the alphabet");
        assert_eq!(coding::from_gsm7(&septets), text);
        for fill in 0..7 {
            // A byte of nothing but zeros: no sign at all, as far as anybody can tell.
            if (text, fill) == ("@", 1) {
                continue;
            }
            let unpacked = coding::unpack(&coding::pack(&septets, fill), fill);
            let unpacked = unpacked.get(..septets.len()).unwrap_or(&unpacked);
            assert_eq!(coding::from_gsm7(unpacked), text, "{fill} bits before it");
        }
    }
    assert_eq!(coding::to_gsm7("你"), None);
    assert_eq!(coding::to_gsm7("\u{1b}"), None, "the escape is no character");
    assert_eq!(coding::from_gsm7(&[0x1b]), "");
    assert_eq!(coding::from_gsm7(&[0x1b, 0x41, 0xff]), "A?");
    assert_eq!(coding::from_utf16(&[0xd8, 0x3d, 0xde, 0x00, 0xd8]), "😀\u{fffd}");
    let decode = |coding, bytes: &[u8]| coding::decode(coding, bytes, Default0::Latin1, 0);
    assert_eq!(decode(0, &[0xe4]).as_deref(), Some("ä"));
    assert_eq!(decode(3, &[0xe4]).as_deref(), Some("ä"));
    assert_eq!(decode(0x18, &[0x4f, 0x60]).as_deref(), Some("你"));
    assert_eq!(decode(4, b"x"), None);
}

/// What we cut, we can put together, in every way in which it can be written; and it takes the parts that the desk counted.
#[test]
fn long_texts_are_cut_and_joined() {
    let texts = ["a".repeat(161), "€".repeat(81), "您".repeat(71), format!("{}😀{}", "您".repeat(66), "您".repeat(66)), "ä".repeat(500)];
    for text in &texts {
        for long in [Long::Udh, Long::Udh16, Long::Sar] {
            for default in [Default0::Gsm7, Default0::Gsm7Packed] {
                let parts = long::cut(text, default, long, 0xbeef).expect("few parts");
                if long != Long::Udh16 {
                    assert_eq!(parts.len(), segments::measure(text).1, "{long:?}");
                }
                let mut joined = String::new();
                for (nth, part) in parts.iter().enumerate() {
                    let esm_class = if part.has_header { UDHI } else { 0 };
                    let message = ShortMessage { esm_class, text: part.text.clone(), tlvs: part.tlvs.clone(), ..ShortMessage::default() };
                    assert!(part.text.len() <= if default == Default0::Gsm7Packed || part.data_coding == 8 { 140 } else { 160 });
                    let content = long::content(&message);
                    let reference = if long == Long::Udh { 0xef } else { 0xbeef };
                    let of = PartOf { reference, total: parts.len() as u8, number: nth as u8 + 1 };
                    assert_eq!(content.part, Some(of), "{long:?}");
                    joined += &coding::decode(part.data_coding, &content.bytes, default, content.fill).expect("a text");
                }
                assert_eq!(&joined, text, "{long:?} {default:?}");
            }
        }
        let payload = long::cut(text, Default0::Gsm7, Long::Payload, 1).expect("one");
        assert_eq!((payload.len(), payload[0].text.len(), payload[0].tlvs[0].tag), (1, 0, tag::MESSAGE_PAYLOAD));
    }
    assert_eq!(long::cut(&"a".repeat(153 * 256), Default0::Gsm7, Long::Udh, 1), None);
    // Headers that lie are ignored.
    for header in ["050003a70203", "050003a70200", "050003a70101", "0500", "0500ff0102", "ff00", ""] {
        let message = ShortMessage { esm_class: UDHI, text: hex(header), ..ShortMessage::default() };
        assert_eq!(long::content(&message).part, None, "{header}");
    }
}

/// A message centre by hand.
struct Peer {
    session: Session,
    now: Instant,
    frames: Frames,
}

impl Peer {
    fn open(window: usize) -> Peer {
        let now = Clock::system().instant();
        let rules = Rules { bind: Vec::new(), window, enquire: Duration::from_secs(30), answer: Duration::from_secs(10) };
        Peer { session: Session::open(rules, now), now, frames: Frames::default() }
    }

    fn bound(window: usize) -> Peer {
        let mut peer = Peer::open(window);
        assert_eq!(peer.heard(), [(command::BIND_TRANSCEIVER, 0, 1)]);
        peer.says(&Pdu { command: 0x8000_0009, status: 0, sequence: 1, body: b"SMSC\0".to_vec() });
        assert_eq!(peer.event(), Some(Event::Bound("SMSC".into())));
        peer
    }

    fn heard(&mut self) -> Vec<(u32, u32, u32)> {
        self.frames.push(&self.session.output());
        std::iter::from_fn(|| self.frames.take().expect("lengths")).map(|pdu| (pdu.command, pdu.status, pdu.sequence)).collect()
    }

    fn says(&mut self, pdu: &Pdu) {
        self.session.input(&pdu.bytes(), self.now);
    }

    fn event(&mut self) -> Option<Event> {
        self.session.event()
    }

    fn wait(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
        self.session.tick(self.now);
    }
}

#[test]
fn messages_go_out_as_the_window_allows() {
    let mut peer = Peer::bound(2);
    for ticket in 1..=3 {
        peer.session.submit(ticket, vec![], peer.now);
    }
    assert_eq!(peer.heard(), [(4, 0, 2), (4, 0, 3)]);
    // Answered out of order; the third has room.
    peer.says(&Pdu { command: 0x8000_0004, status: 0, sequence: 3, body: b"B\0".to_vec() });
    assert_eq!(peer.event(), Some(Event::Submitted { ticket: 2, answer: Answered::Taken("B".into()) }));
    assert_eq!(peer.heard(), [(4, 0, 4)]);
    peer.says(&Pdu { command: 0x8000_0004, status: 0x58, sequence: 2, body: vec![] });
    assert_eq!(peer.event(), Some(Event::Submitted { ticket: 1, answer: Answered::Refused(0x58) }));
    peer.says(&Pdu { command: command::GENERIC_NACK, status: 3, sequence: 4, body: vec![] });
    assert_eq!(peer.event(), Some(Event::Submitted { ticket: 3, answer: Answered::Refused(3) }));
    // An answer to nothing is nothing.
    peer.says(&Pdu { command: 0x8000_0004, status: 0, sequence: 77, body: vec![] });
    assert_eq!(peer.event(), None);
}

#[test]
fn a_connection_that_ends_says_of_each_message_what_is_known() {
    let mut peer = Peer::bound(1);
    peer.session.submit(1, vec![], peer.now);
    peer.session.submit(2, vec![], peer.now);
    peer.session.lost("gone");
    assert_eq!(peer.event(), Some(Event::Submitted { ticket: 1, answer: Answered::Uncertain }));
    assert_eq!(peer.event(), Some(Event::Submitted { ticket: 2, answer: Answered::NotSent }));
    assert_eq!(peer.event(), Some(Event::Over("gone")));
    peer.session.submit(3, vec![], peer.now);
    assert_eq!(peer.event(), Some(Event::Submitted { ticket: 3, answer: Answered::NotSent }));
}

#[test]
fn silence_is_asked_about_and_ends_the_connection() {
    let mut peer = Peer::bound(1);
    peer.wait(29);
    assert_eq!(peer.heard(), []);
    peer.wait(1);
    assert_eq!(peer.heard(), [(command::ENQUIRE_LINK, 0, 2)]);
    peer.says(&Pdu::answer(command::ENQUIRE_LINK, 0, 2, vec![]));
    peer.wait(30);
    assert_eq!(peer.heard(), [(command::ENQUIRE_LINK, 0, 3)]);
    peer.wait(10);
    assert_eq!(peer.event(), Some(Event::Over("no answer")));
    // Theirs are answered.
    let mut peer = Peer::bound(1);
    peer.says(&Pdu::new(command::ENQUIRE_LINK, 9, vec![]));
    assert_eq!(peer.heard(), [(0x8000_0015, 0, 9)]);
}

#[test]
fn what_is_received_is_answered_when_it_is_kept() {
    let mut peer = Peer::bound(1);
    peer.says(&Pdu::new(command::DELIVER_SM, 7, vec![1]));
    assert_eq!(peer.event(), Some(Event::Delivered { sequence: 7, command: 5, body: vec![1] }));
    assert_eq!(peer.heard(), [], "not yet");
    peer.session.acknowledge(7, command::DELIVER_SM, 0);
    peer.session.confirm(42, peer.now);
    assert_eq!(peer.heard(), [(0x8000_0005, 0, 7), (command::ENQUIRE_LINK, 0, 2)]);
    peer.says(&Pdu::answer(command::ENQUIRE_LINK, 0, 2, vec![]));
    assert_eq!(peer.event(), Some(Event::Heard(42)));
    // Unknown commands are refused, nonsense ends it.
    peer.says(&Pdu::new(0x21, 8, vec![]));
    assert_eq!(peer.heard(), [(command::GENERIC_NACK, 3, 8)]);
    peer.session.input(&[0; 16], peer.now);
    assert_eq!(peer.heard(), [(command::GENERIC_NACK, 2, 0)]);
    assert_eq!(peer.event(), Some(Event::Over("a command of impossible length")));
}

#[test]
fn a_bind_is_refused_and_a_session_closed() {
    let mut peer = Peer::open(1);
    peer.heard();
    peer.says(&Pdu { command: 0x8000_0009, status: 0x0e, sequence: 1, body: vec![] });
    assert_eq!(peer.event(), Some(Event::BindRefused(0x0e)));
    assert!(peer.session.is_over());
    let mut peer = Peer::bound(1);
    peer.session.close(peer.now);
    assert_eq!(peer.heard(), [(command::UNBIND, 0, 2)]);
    peer.says(&Pdu::answer(command::UNBIND, 0, 2, vec![]));
    assert_eq!(peer.event(), Some(Event::Over("closed")));
    let mut peer = Peer::bound(1);
    peer.says(&Pdu::new(command::UNBIND, 5, vec![]));
    assert_eq!(peer.heard(), [(0x8000_0006, 0, 5)]);
    let mut peer = Peer::open(1);
    peer.wait(10);
    assert_eq!(peer.event(), Some(Event::Over("no answer")), "a bind that nobody answers");
}

fn incoming(nth: u64, session: u64, text: &[u8], esm_class: u8) -> Incoming {
    let source = Address { ton: 1, npi: 1, digits: "4915100138193".into() };
    let body = ShortMessage { source, esm_class, text: text.to_vec(), ..ShortMessage::default() }.bytes().expect("short");
    Incoming { nth, session, sequence: nth as u32, command: command::DELIVER_SM, body, at: 1_000 + nth as i64 }
}

/// The ledger as it is after a kill: from its cursor.
fn again(ledger: &Ledger) -> Ledger {
    Ledger::load(Some(&ledger.cursor()))
}

#[test]
fn parts_wait_for_each_other_in_any_order_across_a_restart() {
    let part = |number: u8, text: &str| [&[5, 0, 3, 9, 3, number], text.as_bytes()].concat();
    let mut ledger = Ledger::default();
    assert_eq!(ledger.hear(&incoming(1, 1, &part(3, "three"), UDHI)), None);
    assert_eq!(ledger.hear(&incoming(2, 1, &part(1, "one "), UDHI)), None);
    assert_eq!(ledger.hear(&incoming(3, 1, &part(1, "one again "), UDHI)), None, "a part told twice");
    let mut ledger = again(&ledger);
    let other = ledger.hear(&incoming(4, 1, b"between", 0)).expect("a message of its own");
    assert!(other.key.contains('-'));
    let whole = ledger.hear(&incoming(5, 1, &part(2, "two "), UDHI)).expect("the last part");
    let kept: Kept = serde_json::from_slice(&whole.body).expect("JSON");
    assert_eq!((kept.total, kept.pdus.len(), kept.at), (3, 3, 1_001));
    assert_eq!(ledger.next_expiry(10), None);
}

#[test]
fn what_is_missing_is_waited_for_and_then_told_of() {
    let mut ledger = Ledger::default();
    ledger.hear(&incoming(1, 1, &[5, 0, 3, 9, 3, 2, b'x'], UDHI));
    assert_eq!((ledger.next_expiry(100), ledger.expired(1_100, 100).len()), (Some(1_101), 0));
    let late = ledger.expired(1_101, 100);
    let kept: Kept = serde_json::from_slice(&late[0].body).expect("JSON");
    assert_eq!((late.len(), kept.total, kept.pdus.len()), (1, 3, 1));
}

#[test]
fn told_again_counts_once_and_said_twice_counts_twice() {
    let mut ledger = Ledger::default();
    assert!(ledger.hear(&incoming(1, 1, b"yes", 0)).is_some());
    assert!(ledger.hear(&incoming(2, 1, b"yes", 0)).is_some(), "the same connection: said twice");
    // The connection breaks before our answers are known to have arrived, once even the process.
    let mut ledger = again(&ledger);
    assert!(ledger.hear(&incoming(1, 1, b"yes", 0)).is_none());
    assert!(ledger.hear(&incoming(2, 1, b"yes", 0)).is_none());
    assert!(ledger.hear(&incoming(3, 1, b"yes", 0)).is_some(), "the third");
    // Known to have arrived: whatever comes on the next connection is new.
    assert!(ledger.confirmed(1, 3));
    assert!(ledger.hear(&incoming(4, 2, b"yes", 0)).is_some());
    // Not known, but long ago.
    assert!(ledger.settle(3));
    assert!(ledger.hear(&incoming(5, 3, b"yes", 0)).is_some());
    assert_eq!(Ledger::load(Some("rubbish")).batch, 0);
}

#[test]
fn fuzz_smpp() {
    let seeds: Vec<Vec<u8>> = [BIND_RESP, SUBMIT, SUBMIT_RESP, PART, RECEIPT, DELIVER_RESP, ENQUIRE, UNBIND].map(hex).to_vec();
    let section = "server = \"x\"\nuser = \"x\"\npassword = \"x\"\nfrom = \"x\"";
    let section: super::config::SmppSection = toml::from_str(section).expect("a section");
    fuzz(Rounds::new("smpp", 20_000, 34), &seeds, |input, random| {
        let mut frames = Frames::default();
        frames.push(input);
        let mut ledger = Ledger::default();
        while let Ok(Some(pdu)) = frames.take() {
            if let Ok(message) = ShortMessage::read(&pdu.body) {
                // 255 bytes of text are read, though nobody may write them.
                if message.text.len() < 255 {
                    assert_eq!(message.bytes().map(|bytes| bytes == pdu.body), Ok(true), "what is read can be written");
                }
                let content = long::content(&message);
                assert!(content.bytes.len() <= pdu.body.len());
            }
            let heard = Incoming { nth: 1, session: 1, sequence: pdu.sequence, command: pdu.command, body: pdu.body, at: 0 };
            for raw in ledger.hear(&heard).into_iter().chain(ledger.expired(i64::MAX, 0)) {
                let _ = super::read::read(&"texts".into(), &section, &raw.body);
            }
        }
        let mut peer = Peer::bound(2);
        peer.session.submit(1, vec![], peer.now);
        let cut = random.index(input.len().max(1)).min(input.len());
        peer.session.input(&input[..cut], peer.now);
        peer.session.input(&input[cut..], peer.now);
        while peer.session.event().is_some() {}
    });
}
