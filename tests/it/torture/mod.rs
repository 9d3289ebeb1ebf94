//! Noise of every kind against a Hubline in a process of its own: the messages of RFC 4475, mutations of them, and random packets where
//! audio is expected. It must neither break nor grow, and serve its callers meanwhile.

mod calls;
mod mutate;

use crate::rig::house::machine;
use crate::rig::http::request;
use crate::rig::noise::Noise;
use crate::rig::phone::Caller;
use crate::rig::served::Served;
use crate::rig::stranger::{Stranger, taken};
use crate::rig::{CUSTOMER_HZ, OTHER_AGENT_HZ, PATIENCE, until};
use calls::Calls;
use futures_util::StreamExt;
use hubline::sim::phone::PhoneEvent;
use mutate::mutate;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

/// Mutated messages by UDP: every second one within a call that is up.
const MUTATIONS: usize = 200_000;
/// Calls that are up meanwhile.
const CALLS: usize = 8;
/// Batches between two questions whether they still are.
const QUESTION: usize = 10;
/// Mutated messages by TCP, each on a connection of its own.
const STREAMED: usize = 2_000;
/// Datagrams between two questions to which the answer is awaited: few enough to fit into the house's socket buffer, so that each is read.
const BATCH: usize = 50;
/// Connections at once.
const CONNECTIONS: usize = 100;
/// Packets to each of the media ports.
const PACKETS: usize = 20_000;
/// What the process may grow by, bytes.
const GROWTH: usize = 64 << 20;

const LINES: &str = "[[lines]]\nnumber = \"echo\"\necho = true\n";

/// Where the trouble comes from: an address of loopback on which nobody else listens, so that answers to its port 5060 disturb nobody.
fn source() -> IpAddr {
    let [.., a, b] = std::process::id().to_be_bytes();
    IpAddr::V4(Ipv4Addr::new(127, 77, a, b.clamp(1, 254)))
}

/// The house under torture. All of loopback may call it, again and again: ports of ended calls rest for a while, so it has more than others.
async fn victim() -> Served {
    let mut house = Served::with(|ports| {
        // Each has its own: whether ports are free again is asked of the machine.
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let first = 6_000 + ((std::process::id() + NEXT.fetch_add(1, Ordering::Relaxed)) % 4) as u16 * 1_000;
        ports.rtp = (first, first + 999);
        machine(ports, LINES).replace("sources = [\"127.0.0.1\"]", "sources = [\"127.0.0.0/8\"]")
    });
    house.start().await;
    house
}

/// Datagrams that the kernel threw away because the house did not read its SIP port in time (the last column of `/proc/net/udp`).
fn unread(house: &Served) -> u64 {
    let table = std::fs::read_to_string("/proc/net/udp").expect("a table");
    let local = format!(": 0100007F:{:04X} ", house.sip.port());
    let line = table.lines().find(|line| line.contains(&local)).expect("the SIP port");
    line.split_whitespace().last().and_then(|drops| drops.parse().ok()).expect("a number")
}

/// A caller who hears their own voice, and hangs up: call `number` of this house.
async fn takes_a_call(house: &Served, number: usize) {
    let caller = Caller::dial(house.sip, "echo", "+49301", CUSTOMER_HZ).await;
    caller.hears(CUSTOMER_HZ).await;
    caller.hang_up().await;
    has_ended(house, number).await;
}

/// Waits until so many calls are in the record, all of them over and nothing of them left.
async fn has_ended(house: &Served, calls: usize) {
    let over = vec!["+49301|echo|ended"; calls];
    until("the calls are over", || house.rows("SELECT caller, dialled, state FROM call") == over).await;
    house.shows("SELECT count(*) FROM live WHERE key LIKE 'call%'", &["0"]).await;
    until("the calls' ports are free again", || taken(house.ports.rtp).is_empty()).await;
}

fn messages() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sip-torture");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "dat"));
    files.sort();
    assert_eq!(files.len(), 49, "RFC 4475 has so many");
    files.iter().map(|path| std::fs::read(path).expect("readable")).collect()
}

/// One message on a connection of its own, read and answered as far as it deserves, until the house has seen its end.
async fn stream(to: SocketAddr, message: &[u8]) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::new(source(), 0)).expect("a port");
    let mut stream = socket.connect(to).await.expect("connected");
    let talk = async {
        // The house may close a connection on which it reads no SIP while we are still writing.
        if stream.write_all(message).await.is_ok() && stream.shutdown().await.is_ok() {
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, talk).await.is_ok(), "the connection stays open: {}", String::from_utf8_lossy(message));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_breaks_it_or_makes_it_grow() {
    let messages = messages();
    let mut house = victim().await;
    let mut calls = Calls::new(house.sip).await;
    takes_a_call(&house, 1).await;
    for (n, message) in messages.iter().enumerate() {
        calls.socket.send_to(message, house.sip).await.expect("sent");
        calls.heard_all(n).await;
        stream(house.ports.sip_tcp, message).await;
        house.lives();
    }
    let bystander = Caller::dial(house.sip, "echo", "+49301", CUSTOMER_HZ).await;
    bystander.hears(CUSTOMER_HZ).await;
    calls.fill(CALLS).await;
    let before = house.resident();

    let mut noise = Noise::new(0x4475_2006_0501);
    let (mut number, mut reached) = (messages.len(), 0);
    for round in 0..MUTATIONS / BATCH / QUESTION {
        for _ in 0..QUESTION {
            let seeds = calls.seeds();
            for n in 0..BATCH {
                let of = if n % 2 == 0 { &messages } else { &seeds };
                calls.socket.send_to(&mutate(&mut noise, of), house.sip).await.expect("sent");
            }
            calls.heard_all(number).await;
            number += 1;
        }
        calls.question().await;
        reached += 1;
        calls.fill(CALLS).await;
        if round % 20 == 0 {
            house.lives();
        }
    }
    let streamed: Vec<Vec<u8>> = (0..STREAMED).map(|_| mutate(&mut noise, &messages)).collect();
    let sip_tcp = house.ports.sip_tcp;
    futures_util::stream::iter(&streamed).for_each_concurrent(CONNECTIONS, |message| stream(sip_tcp, message)).await;

    assert_eq!(unread(&house), 0, "every message was read");
    assert!(calls.ended > 0 && calls.ended < reached * CALLS, "{} of {} calls ended in {reached} rounds", calls.ended, calls.opened);
    bystander.hears(CUSTOMER_HZ).await;
    assert!(!bystander.told(&PhoneEvent::HungUp), "nobody else's call has suffered");
    bystander.hang_up().await;
    calls.hang_up().await;
    house.lives();
    has_ended(&house, 2 + calls.opened).await;
    takes_a_call(&house, 3 + calls.opened).await;
    let after = house.resident();
    assert!(after < before + GROWTH, "grown from {before} to {after} bytes");
    house.shows("SELECT count(*) FROM person", &["1"]).await;
    house.lives();
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_at_the_media_ports_is_not_heard() {
    let mut house = victim().await;
    let caller = Caller::dial(house.sip, "echo", "+49301", CUSTOMER_HZ).await;
    caller.hears(CUSTOMER_HZ).await;
    let call = taken(house.ports.rtp);
    assert!(!call.is_empty(), "the call has a port");
    let before = house.resident();
    let mut noise = Noise::new(0x52_454c_4159);
    let IpAddr::V4(elsewhere) = source() else { unreachable!("it is one of loopback") };
    let (mut stranger, mut injector) = (Stranger::at(elsewhere.octets()).await, Stranger::at([127, 0, 0, 1]).await);
    let mut heard = caller.samples();
    for burst in 0..PACKETS / BATCH {
        for _ in 0..BATCH {
            let size = 1 + noise.below(1_400);
            let packet = noise.bytes(size);
            stranger.throws(house.ports.media, &packet).await;
            for port in &call {
                injector.throws(*port, &packet).await;
                injector.sings(*port, OTHER_AGENT_HZ).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(8)).await;
        if burst % 50 == 49 {
            let (own, strange) = (caller.share(CUSTOMER_HZ), caller.share(OTHER_AGENT_HZ));
            assert!(own > 0.5 && strange < 0.05, "burst {burst}: {own:.2} of the own tone, {strange:.2} of the stranger's");
            let now = caller.samples();
            assert!(now > heard, "the tone goes on");
            heard = now;
        }
    }
    assert!(!caller.told(&PhoneEvent::HungUp));
    assert_eq!((stranger.got_back(), injector.got_back()), (0, 0), "nothing is sent back to whom nobody called");
    house.lives();
    let after = house.resident();
    assert!(after < before + GROWTH, "grown from {before} to {after} bytes");
    assert_eq!(request(house.web, "GET", "/login", &[], "").await.status, 200);
    caller.hang_up().await;
    has_ended(&house, 1).await;
    takes_a_call(&house, 2).await;
    house.lives();
}
