//! The messages of RFC 4475 and RFC 5118, each with the answer that the RFC asks of a user agent which is neither a proxy nor (here) a
//! registrar, over UDP and over TCP.

use std::fs;
use std::path::Path;

use bytes::Bytes;

use super::rig::{PEER, addr, core, start};
use crate::sip::core::{Core, Output};
use crate::sip::net::{Flow, Transport};
use crate::sip::{Account, Peer};

/// Section of the RFC, name of the message, answer over UDP, answer over TCP. `-` is silence: to responses, and over TCP to a message that is
/// not complete yet.
pub(super) type Row = (&'static str, &'static str, &'static str, &'static str);

pub(super) const RFC_4475: [Row; 49] = [
    // 3.1.1: valid messages. Those for a registrar are 405 here; a request within a dialog that we do not know is 481.
    ("3.1.1.1", "wsinv", "481", "481"),
    ("3.1.1.2", "intmeth", "501", "501"),
    ("3.1.1.3", "esc01", "100", "100"),
    ("3.1.1.4", "escnull", "405", "405"),
    ("3.1.1.5", "esc02", "501", "501"),
    ("3.1.1.6", "lwsdisp", "200", "200"),
    ("3.1.1.7", "longreq", "100", "100"),
    // Two requests: in a datagram the second is none, in a stream it is.
    ("3.1.1.8", "dblreq", "405", "405 100"),
    ("3.1.1.9", "semiuri", "200", "200"),
    ("3.1.1.10", "transports", "200", "200"),
    ("3.1.1.11", "mpart01", "405", "405"),
    ("3.1.1.12", "unreason", "-", "-"),
    ("3.1.1.13", "noreason", "-", "-"),
    // 3.1.2: invalid messages.
    ("3.1.2.1", "badinv01", "400", "400"),
    ("3.1.2.2", "clerr", "400", "-"),
    ("3.1.2.3", "ncl", "400", "400"),
    ("3.1.2.4", "scalar02", "400", "400"),
    ("3.1.2.5", "scalarlg", "-", "-"),
    ("3.1.2.6", "quotbal", "400", "400"),
    ("3.1.2.7", "ltgtruri", "400", "400"),
    ("3.1.2.8", "lwsruri", "400", "400"),
    ("3.1.2.9", "lwsstart", "400", "400"),
    ("3.1.2.10", "trws", "400", "400"),
    ("3.1.2.11", "escruri", "400", "400"),
    // A date that is none is of no use to us; the RFC lets it be passed over.
    ("3.1.2.12", "baddate", "100", "100"),
    ("3.1.2.13", "regbadct", "405", "405"),
    ("3.1.2.14", "badaspec", "400", "400"),
    // A display name that should have been quoted, which the RFC lets be forgiven.
    // Over TCP the file lacks the empty line that would end it.
    ("3.1.2.15", "baddn", "200", "-"),
    ("3.1.2.16", "badvers", "505", "505"),
    ("3.1.2.17", "mismatch01", "400", "400"),
    ("3.1.2.18", "mismatch02", "400", "400"),
    ("3.1.2.19", "bigcode", "-", "-"),
    // 3.2: a branch that is only the cookie is none.
    ("3.2.1", "badbranch", "200", "200"),
    // 3.3: application layer.
    ("3.3.1", "insuf", "400", "400"),
    ("3.3.2", "unkscm", "416", "416"),
    ("3.3.3", "novelsc", "416", "416"),
    ("3.3.4", "unksm2", "405", "405"),
    ("3.3.5", "bext01", "420", "420"),
    ("3.3.6", "invut", "415", "415"),
    ("3.3.7", "regaut01", "405", "405"),
    ("3.3.8", "multi01", "400", "400"),
    ("3.3.9", "mcl01", "400", "400"),
    ("3.3.10", "bcast", "-", "-"),
    ("3.3.11", "zeromf", "200", "200"),
    ("3.3.12", "cparam01", "405", "405"),
    ("3.3.13", "cparam02", "405", "405"),
    ("3.3.14", "regescrt", "405", "405"),
    ("3.3.15", "sdp01", "406", "406"),
    // 3.4: a user agent of RFC 2543.
    // It names no length, which a stream cannot do without.
    ("3.4.1", "inv2543", "100", "400"),
];

pub(super) const RFC_5118: [Row; 12] = [
    ("4.1", "ipv6-good", "405", "405"),
    ("4.2", "ipv6-bad", "400", "400"),
    ("4.3", "port-ambiguous", "405", "405"),
    ("4.4", "port-unambiguous", "405", "405"),
    ("4.5", "via-received-param-with-delim", "200", "200"),
    ("4.5", "via-received-param-no-delim", "200", "200"),
    ("4.6", "ipv6-in-sdp", "100", "100"),
    ("4.7", "mult-ip-in-header", "481", "481"),
    ("4.8", "mult-ip-in-sdp", "100", "100"),
    ("4.9", "ipv4-mapped-ipv6", "100", "100"),
    ("4.10", "ipv6-bug-abnf-3-colons", "400", "400"),
    ("4.10", "ipv6-correct-abnf-2-colons", "200", "200"),
];

pub(super) fn message(folder: &str, name: &str) -> Vec<u8> {
    // Tests run where the package is.
    fs::read(Path::new("tests/data").join(folder).join(format!("{name}.dat"))).expect("the message")
}

fn count(folder: &str) -> usize {
    fs::read_dir(Path::new("tests/data").join(folder)).expect("the messages").count()
}

/// The statuses of what a core sends, in order; `-` for none.
fn answers(core: &mut Core) -> String {
    let mut said = Vec::new();
    while let Some(output) = core.poll_output() {
        if let Output::Send { bytes, .. } = output {
            said.push(start(&String::from_utf8_lossy(&bytes)).split(' ').nth(1).unwrap_or("?").to_owned());
        }
    }
    if said.is_empty() { "-".to_owned() } else { said.join(" ") }
}

fn house(v6: bool) -> (Core, Flow) {
    let (us, peer) = if v6 { ("[2001:db8::10]:5060", "[2001:db8::9:1]:5060") } else { ("192.0.2.1:5060", PEER) };
    let mut core = core(us, 1);
    let sources = ["192.0.2.0/24", "2001:db8::/32"].map(|net| net.parse().expect("a network")).to_vec();
    core.set_peers(vec![Peer { name: "trunk".into(), sources, transport: None, asserts: true }]);
    (core, Flow { transport: Transport::Udp, addr: addr(peer), connection: None })
}

fn over_udp(message: &[u8], v6: bool) -> String {
    let (mut core, flow) = house(v6);
    core.receive(super::origin(), flow, &Bytes::copy_from_slice(message));
    answers(&mut core)
}

fn over_tcp(message: &[u8], v6: bool) -> String {
    let (mut core, flow) = house(v6);
    let flow = Flow { transport: Transport::Tcp, connection: Some(flow.addr), ..flow };
    for message in crate::sip::endpoint::cut_for_tests(message) {
        core.receive(super::origin(), flow, &message);
    }
    answers(&mut core)
}

fn check(folder: &str, table: &[Row], v6: bool) {
    assert_eq!(count(folder), table.len(), "every message is in the table");
    let mut wrong = Vec::new();
    for (section, name, udp, tcp) in table {
        let message = message(folder, name);
        let (by_udp, by_tcp) = (over_udp(&message, v6), over_tcp(&message, v6));
        if by_udp != *udp || by_tcp != *tcp {
            wrong.push(format!("{section} {name}: UDP {by_udp}, TCP {by_tcp}; should be {udp}, {tcp}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_torture_messages_are_answered_as_the_rfc_says() {
    check("sip-torture", &RFC_4475, false);
}

#[test]
fn the_torture_messages_of_ipv6_are_answered_as_the_rfc_says() {
    check("sip-torture-v6", &RFC_5118, true);
}

/// RFC 3261 §21.5.7: what is longer than anything we take.
#[test]
fn a_body_that_is_too_long_is_told_so() {
    let head = "OPTIONS sip:a@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.10;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\n\
                Call-ID: long\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 70000\r\n\r\n";
    assert_eq!(over_tcp(head.as_bytes(), false), "513");
    assert_eq!(over_udp(head.as_bytes(), false), "513");
}

/// Where phones register, their messages are answered alike whatever is wrong with them, until somebody has logged in.
#[test]
fn a_registrar_tells_strangers_nothing_of_what_is_wrong() {
    for name in ["escnull", "regbadct", "unksm2", "regaut01", "cparam01", "cparam02", "regescrt"] {
        let mut core = core("192.0.2.1:5060", 1);
        let account = Account { agent: "mara".into(), username: "mara".to_owned(), password: "s3cret".into(), tls_only: false };
        core.set_accounts(super::origin(), vec![account]);
        let flow = Flow { transport: Transport::Udp, addr: addr("203.0.113.5:5060"), connection: None };
        core.receive(super::origin(), flow, &Bytes::from(message("sip-torture", name)));
        let said = answers(&mut core);
        // An address of record that cannot be read is no REGISTER at all, and gets what every stranger gets.
        assert!(said == "401" || said == "403" || said == "-", "{name}: {said}");
    }
}
