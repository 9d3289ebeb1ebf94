//! The order of RFC 3261 §8.2: who gets which status, and what strangers get.

use super::rig::*;
use crate::sip::call::DialogEvent;
use crate::sip::wire::HeaderName;

fn answer_to(text: &str) -> String {
    let mut rig = Rig::new();
    rig.hear(text);
    rig.starts().pop().unwrap_or_default()
}

#[test]
fn each_mistake_has_its_status() {
    let plain = invite("a");
    let swap = |from: &str, to: &str| {
        assert!(plain.contains(from), "{from}");
        answer_to(&plain.replace(from, to))
    };
    assert_eq!(swap(" SIP/2.0\r\nVia", " SIP/7.0\r\nVia"), "SIP/2.0 505 Version Not Supported");
    assert_eq!(swap("sip:4001@192.0.2.1 SIP", "foo:bar SIP"), "SIP/2.0 416 Unsupported URI Scheme");
    assert_eq!(swap("sip:4001@192.0.2.1 SIP", "<sip:a@b> SIP"), "SIP/2.0 400 Bad Request-URI");
    assert_eq!(swap("sip:4001@192.0.2.1 SIP", "sip:a@b; lr SIP"), "SIP/2.0 400 Malformed Request-Line");
    assert_eq!(swap("CSeq: 1 INVITE", "CSeq: 1 OPTIONS"), "SIP/2.0 400 CSeq Method Mismatch");
    assert_eq!(swap("CSeq: 1 INVITE", "CSeq: 36893488147419103232 INVITE"), "SIP/2.0 400 Bad CSeq");
    assert_eq!(swap("Max-Forwards: 70", "Max-Forwards: 300"), "SIP/2.0 400 Bad Max-Forwards");
    assert_eq!(swap("Contact: <sip:ann@192.0.2.10:5060>", "Contact: \"Ann\" <sip:ann@192.0.2.10>;;;;"), "SIP/2.0 400 Bad Contact");
    assert_eq!(swap("Call-ID: a\r\n", ""), "SIP/2.0 400 Bad Call-ID");
    assert_eq!(swap("Call-ID: a\r\n", "Call-ID: a\r\nCall-ID: b\r\n"), "SIP/2.0 400 Bad Call-ID");
    assert_eq!(swap("Content-Length: ", "Content-Length: 9"), "SIP/2.0 400 Bad Content-Length");
    assert_eq!(swap("Content-Type: application/sdp", "Content-Type: text/plain"), "SIP/2.0 415 Unsupported Media Type");
    assert_eq!(swap("CSeq: 1 INVITE\r\n", "CSeq: 1 INVITE\r\nRequire: nothing, 100rel\r\n"), "SIP/2.0 420 Bad Extension");
    assert_eq!(swap("To: <sip:4001@192.0.2.1>", "To: <sip:4001@192.0.2.1>;tag=gone"), "SIP/2.0 481 Call/Transaction Does Not Exist");
    let method = |name: &str| answer_to(&plain.replace("INVITE", name));
    assert_eq!(method("OPTIONS"), "SIP/2.0 200 OK");
    assert_eq!(method("REGISTER"), "SIP/2.0 405 Method Not Allowed");
    assert_eq!(method("NEWMETHOD"), "SIP/2.0 501 Not Implemented");
    assert_eq!(method("BYE"), "SIP/2.0 481 Call/Transaction Does Not Exist");
    assert_eq!(method("ACK"), "");
    assert_eq!(swap("Max-Forwards: 70", "Max-Forwards: 0"), "SIP/2.0 100 Trying");
}

#[test]
fn merged_requests_and_a_full_house() {
    let mut rig = Rig::new();
    rig.ring("a");
    rig.hear(&invite("a").replace("z9hG4bKa", "z9hG4bKother"));
    assert_eq!(rig.starts(), ["SIP/2.0 482 Loop Detected"]);
    rig.core.max_calls = 1;
    rig.hear(&invite("b"));
    assert!(rig.last().contains("Retry-After: 5\r\n"));
    assert_eq!(rig.starts(), ["SIP/2.0 503 Service Unavailable"]);
    rig.core.max_transactions = 1;
    rig.hear(&invite("c"));
    assert_eq!(rig.starts(), ["SIP/2.0 503 Service Unavailable"]);
}

#[test]
fn requests_within_a_dialog_need_its_tags_its_order_and_its_source() {
    let mut rig = Rig::new();
    let (_, tag) = rig.up("a");
    rig.hear(&within("a", "BYE", 2, "0000000000000000", ""));
    rig.hear(&within("a", "BYE", 2, &tag, "").replace("tag=fa", "tag=forged"));
    rig.hear(&within("a", "INFO", 1, &tag, ""));
    assert_eq!(
        rig.starts(),
        ["SIP/2.0 481 Call/Transaction Does Not Exist", "SIP/2.0 481 Call/Transaction Does Not Exist", "SIP/2.0 500 Server Internal Error"]
    );
    rig.hear_from("203.0.113.5:5060", &within("a", "BYE", 3, &tag, ""));
    assert_eq!(rig.starts(), ["SIP/2.0 403 Forbidden"]);
    assert!(rig.take_events().is_empty());
    let relay = "Content-Type: application/dtmf-relay\r\n\r\nSignal= 5\r\nDuration=100\r\n";
    rig.hear(&within("a", "INFO", 4, &tag, relay));
    rig.hear(&within("a", "INFO", 5, &tag, "Content-Type: application/dtmf\r\n\r\n#"));
    rig.hear(&within("a", "INFO", 6, &tag, "Content-Type: text/plain\r\n\r\nhello"));
    rig.hear(&within("a", "OPTIONS", 7, &tag, ""));
    assert_eq!(rig.starts(), ["SIP/2.0 200 OK", "SIP/2.0 200 OK", "SIP/2.0 415 Unsupported Media Type", "SIP/2.0 200 OK"]);
    assert_eq!(rig.take_events(), [DialogEvent::Dtmf { digit: '5', ms: 100 }, DialogEvent::Dtmf { digit: '#', ms: 160 }]);
}

#[test]
fn strangers_get_a_few_short_refusals_and_then_nothing() {
    let mut rig = Rig::new();
    for user in ["100", "4001"] {
        let text = invite(user).replace("sip:4001@", &format!("sip:{user}@"));
        rig.hear_from("203.0.113.5:5060", &text);
        assert!(rig.last().len() <= text.len(), "an answer is never longer than the question");
    }
    rig.hear_from("203.0.113.5:5060", &invite("x").replace("INVITE", "REGISTER"));
    for n in 0..100 {
        rig.hear_from("203.0.113.5:5060", &invite(&format!("y{n}")));
        rig.hear_from("203.0.113.5:5060", "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKz\r\nCSeq: 1 BYE\r\n\r\n");
    }
    rig.hear_from("203.0.113.6:5060", "OPTIONS sip:a SIP/2.0\r\nv: SIP/2.0/UDP h\r\n\r\n");
    assert_eq!(rig.starts(), vec!["SIP/2.0 403 Forbidden"; 3]);
    let counters = rig.core.counters();
    assert_eq!((counters.banned, counters.transactions, counters.dialogs), (1, 0, 0));
    // A ban of one source is nobody else's; a peer is never banned.
    rig.ring("z");
}

#[test]
fn routes_loose_and_strict() {
    for (record_route, uri, route, hop) in [
        ("<sip:192.0.2.20;lr>, <sip:192.0.2.30;lr>", "BYE sip:ann@192.0.2.10:5060 SIP/2.0", "<sip:192.0.2.20;lr>", "192.0.2.20:5060"),
        ("<sip:192.0.2.20:5080>", "BYE sip:192.0.2.20:5080 SIP/2.0", "<sip:ann@192.0.2.10:5060>", "192.0.2.20:5080"),
    ] {
        let mut rig = Rig::new();
        rig.hear(&invite("a").replace("Contact:", &format!("Record-Route: {record_route}\r\nContact:")));
        let key = rig.calls[0].key;
        rig.act(|core, now| core.answer(now, key, SDP));
        assert_eq!(response(&rig.last()).headers.text(&HeaderName::RecordRoute).as_deref(), Some(record_route));
        let tag = tag_of(&rig.last(), HeaderName::To);
        rig.hear(&within("a", "ACK", 1, &tag, ""));
        rig.core.end(rig.now, key, None);
        let mut to = None;
        while let Some(output) = rig.core.poll_output() {
            if let crate::sip::core::Output::Send { flow, bytes } = output {
                to = Some((flow.addr, String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
        let (addr, bye) = to.expect("a BYE");
        assert_eq!(addr.to_string(), hop);
        assert!(bye.starts_with(uri), "{bye}");
        assert_eq!(request(&bye).headers.text(&HeaderName::Route).as_deref(), Some(route));
    }
}
