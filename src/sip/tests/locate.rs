//! Finding a server (RFC 3263) with a name server of our own: the order of NAPTR and SRV, and failover within the set-up of a call.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::net::UdpSocket;
use tokio::time::timeout;

use super::peer::callee;
use super::registrar::config;
use super::rig::SDP;
use crate::sip::{DialogEvent, Endpoint, EndpointConfig, NameAddr, Outgoing, Uri};

const PATIENCE: Duration = Duration::from_secs(20);
const A: u16 = 1;
const SRV: u16 = 33;
const NAPTR: u16 = 35;

fn name(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in text.trim_end_matches('.').split('.').filter(|label| !label.is_empty()) {
        out.push(label.len() as u8);
        out.extend(label.as_bytes());
    }
    out.push(0);
    out
}

fn srv(priority: u16, weight: u16, port: u16, target: &str) -> Vec<u8> {
    [&priority.to_be_bytes()[..], &weight.to_be_bytes(), &port.to_be_bytes(), &name(target)].concat()
}

fn naptr(order: u16, preference: u16, service: &str, replacement: &str) -> Vec<u8> {
    let text = |text: &str| [&[text.len() as u8][..], text.as_bytes()].concat();
    [&order.to_be_bytes()[..], &preference.to_be_bytes(), &text("s"), &text(service), &text(""), &name(replacement)].concat()
}

type Zone = HashMap<(String, u16), Vec<Vec<u8>>>;

/// A name server that knows this zone and nothing else.
async fn name_server(zone: Zone) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let address = socket.local_addr().expect("an address");
    tokio::spawn(async move {
        let mut buffer = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let query = &buffer[..length];
            let (mut at, mut labels) = (12, Vec::new());
            while query[at] != 0 {
                let end = at + 1 + usize::from(query[at]);
                labels.push(String::from_utf8_lossy(&query[at + 1..end]).to_lowercase());
                at = end;
            }
            let kind = u16::from_be_bytes([query[at + 1], query[at + 2]]);
            let records = zone.get(&(labels.join("."), kind)).cloned().unwrap_or_default();
            let known = zone.keys().any(|(name, _)| *name == labels.join("."));
            let mut answer = query[..2].to_vec();
            answer.extend([0x85, if known { 0x80 } else { 0x83 }, 0, 1, 0, records.len() as u8, 0, 0, 0, 0]);
            answer.extend(&query[12..at + 5]);
            for record in records {
                answer.extend([0xc0, 12]);
                answer.extend(kind.to_be_bytes());
                answer.extend([0, 1, 0, 0, 0, 60]);
                answer.extend((record.len() as u16).to_be_bytes());
                answer.extend(record);
            }
            let _ = socket.send_to(&answer, from).await;
        }
    });
    address
}

fn zone(records: &[(&str, u16, Vec<u8>)]) -> Zone {
    let mut zone = Zone::new();
    for (name, kind, data) in records {
        zone.entry(((*name).to_owned(), *kind)).or_default().push(data.clone());
    }
    zone
}

async fn caller(zone: Zone) -> Endpoint {
    let loopback = Some("127.0.0.1:0".parse().expect("an address"));
    let name_servers = vec![name_server(zone).await];
    Endpoint::bind(EndpointConfig { udp: loopback, tcp: loopback, name_servers, ..config() }).await.expect("an endpoint").0
}

fn to(host: &str) -> Outgoing {
    Outgoing {
        to: Uri::parse(&format!("sip:4001@{host}")).expect("uri"),
        from: NameAddr::parse("<sip:us@127.0.0.1>").expect("from"),
        transport: None,
        offer: SDP.to_owned(),
        headers: Vec::new(),
        credentials: None,
        may_refer: false,
    }
}

/// The call is answered, by whichever server; gives how long that took.
async fn answered(caller: &Endpoint, host: &str) -> Duration {
    let began = Instant::now();
    let mut dialog = timeout(PATIENCE, caller.invite(to(host))).await.expect("in time").expect("sent");
    loop {
        match timeout(PATIENCE, dialog.recv()).await.expect("in time") {
            Some(DialogEvent::Answered { .. }) => break,
            Some(DialogEvent::Progress { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    dialog.end(None);
    while timeout(PATIENCE, dialog.recv()).await.expect("in time").is_some() {}
    began.elapsed()
}

#[tokio::test]
async fn naptr_and_srv_lead_to_the_server_and_its_transport() {
    let (server, seen) = callee().await;
    let (udp, tcp) = (server.local_udp().expect("UDP").port(), server.local_tcp().expect("TCP").port());
    let records = [
        ("carrier.example", NAPTR, naptr(20, 10, "SIP+D2U", "_sip._udp.carrier.example")),
        ("carrier.example", NAPTR, naptr(10, 10, "SIP+D2T", "_sip._tcp.carrier.example")),
        ("_sip._tcp.carrier.example", SRV, srv(10, 1, tcp, "one.carrier.example")),
        ("_sip._udp.carrier.example", SRV, srv(10, 1, udp, "one.carrier.example")),
        ("_sip._udp.plain.example", SRV, srv(10, 1, udp, "one.carrier.example")),
        ("one.carrier.example", A, vec![127, 0, 0, 1]),
    ];
    let caller = caller(zone(&records)).await;
    answered(&caller, "carrier.example").await;
    assert_eq!(caller.counters().connections, 1, "by TCP, as the lower order says");
    answered(&caller, "plain.example").await;
    assert_eq!(seen.confirmed.load(std::sync::atomic::Ordering::SeqCst), 2);
    assert!(caller.invite(to("nowhere.example")).await.is_err());
}

#[tokio::test]
async fn a_dead_server_is_passed_over_within_the_call() {
    let (server, _seen) = callee().await;
    let udp = server.local_udp().expect("UDP").port();
    // One refuses connections, one takes datagrams and says nothing, one is overloaded; the last one lives.
    let silent = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let full = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let (silent_port, full_port) = (silent.local_addr().expect("an address").port(), full.local_addr().expect("an address").port());
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = full.recv_from(&mut buffer).await {
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if text.starts_with("INVITE") {
                let kept = text.lines().filter(|line| ["Via", "From", "To:", "Call", "CSeq"].iter().any(|name| line.starts_with(name)));
                let answer: String = std::iter::once("SIP/2.0 503 Full").chain(kept).map(|line| format!("{line}\r\n")).collect();
                let _ = full.send_to(format!("{answer}Content-Length: 0\r\n\r\n").as_bytes(), from).await;
            }
        }
    });
    let refused = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address").port();
    let records = [
        ("carrier.example", NAPTR, naptr(10, 10, "SIP+D2T", "_sip._tcp.carrier.example")),
        ("carrier.example", NAPTR, naptr(20, 10, "SIP+D2U", "_sip._udp.carrier.example")),
        ("_sip._tcp.carrier.example", SRV, srv(10, 1, refused, "one.carrier.example")),
        ("_sip._udp.carrier.example", SRV, srv(10, 1, full_port, "one.carrier.example")),
        ("_sip._udp.carrier.example", SRV, srv(20, 1, silent_port, "one.carrier.example")),
        ("_sip._udp.carrier.example", SRV, srv(30, 1, udp, "one.carrier.example")),
        ("one.carrier.example", A, vec![127, 0, 0, 1]),
    ];
    let caller = caller(zone(&records)).await;
    let first = answered(&caller, "carrier.example").await;
    assert!(first < Duration::from_secs(8), "{first:?}");
    // The next call does not knock at the dead doors again.
    let second = answered(&caller, "carrier.example").await;
    assert!(second < Duration::from_secs(2), "{second:?}");
    drop(silent);
}
