//! Noise of every kind against a Hubline in a process of its own: the messages of RFC 4475, mutations of them, and random packets where
//! audio is expected. It must neither break nor grow, and serve its callers meanwhile.

use crate::rig::house::{machine, rows};
use crate::rig::http::request;
use crate::rig::phone::Caller;
use crate::rig::{CUSTOMER_HZ, Ended, OTHER_AGENT_HZ, PATIENCE, free_port, until};
use futures_util::StreamExt;
use hubline::sim::phone::PhoneEvent;
use hubline::sim::{g711, tone};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, UdpSocket};

/// Mutated messages by UDP.
const MUTATIONS: usize = 200_000;
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

/// xorshift64*: the same noise in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 33) as usize % end.max(1)
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() >> 40) as u8).collect()
    }

    fn range(&mut self, length: usize, longest: usize) -> std::ops::Range<usize> {
        let from = self.below(length);
        from..(from + 1 + self.below(longest)).min(length)
    }

    /// A message with one to four things wrong.
    fn mutate(&mut self, messages: &[Vec<u8>]) -> Vec<u8> {
        let mut message = messages[self.below(messages.len())].clone();
        for _ in 0..=self.below(4) {
            let at = self.below(message.len());
            match self.below(9) {
                // A bit, a byte, a few of them, something that means something, or nothing more.
                0 => message.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (at % 8)),
                1 => message.iter_mut().skip(at).take(1).for_each(|byte| *byte = (self.next() >> 40) as u8),
                2 => drop(message.drain(self.range(message.len(), 40))),
                3 => {
                    let again = message[self.range(message.len(), 200)].to_vec();
                    message.splice(at..at, again);
                }
                4 => {
                    let words: [&[u8]; 12] = [
                        b"\r\n",
                        b"\r\n\r\n",
                        b"\0",
                        b"99999999999999999999",
                        b"-1",
                        b"%",
                        b"\"",
                        b"<sip:",
                        b";tag=",
                        b"\xff\xfe",
                        b",",
                        b"Content-Length: 4294967296\r\n",
                    ];
                    message.splice(at..at, words[self.below(words.len())].iter().copied());
                }
                5 => message.truncate(at),
                6 => {
                    let other = &messages[self.below(messages.len())];
                    message.truncate(at);
                    message.extend(&other[self.below(other.len())..]);
                }
                7 => {
                    let lines: Vec<&[u8]> = message.split_inclusive(|byte| *byte == b'\n').collect();
                    let (one, two) = (self.below(lines.len()), self.below(lines.len()));
                    let mut lines = lines;
                    if !lines.is_empty() {
                        lines.swap(one, two);
                    }
                    message = lines.concat();
                }
                _ => {
                    let count = self.below(30);
                    let noise = self.bytes(count);
                    message.splice(at..at, noise);
                }
            }
        }
        message.truncate(8_000);
        message
    }
}

/// The process under torture.
struct Victim {
    process: Ended,
    folder: TempDir,
    web: SocketAddr,
    sip: SocketAddr,
    sip_tcp: SocketAddr,
    /// The browsers' audio.
    media: SocketAddr,
    /// The telephones' audio.
    rtp: (u16, u16),
}

impl Victim {
    async fn open() -> Victim {
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let tcp = || TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
        let (web, sip, sip_tcp, media) = (tcp(), local(free_port()), tcp(), local(free_port()));
        let text = machine(LINES)
            .replace("listen = \"127.0.0.1:0\"", &format!("listen = \"{web}\""))
            .replace("udp = \"127.0.0.1:0\"", &format!("udp = \"{sip}\""))
            .replace("tcp = \"127.0.0.1:0\"", &format!("tcp = \"{sip_tcp}\""))
            .replace("web_port = 0", &format!("web_port = {}", media.port()))
            .replace("sources = [\"127.0.0.1\"]", "sources = [\"127.0.0.0/8\"]");
        let ports = text.split("rtp_ports = \"").nth(1).and_then(|rest| rest.split('"').next()?.split_once('-')).expect("ports");
        let rtp = (ports.0.parse().expect("a port"), ports.1.parse().expect("a port"));
        let folder = tempfile::tempdir().expect("a folder");
        let (config, log) = (folder.path().join("hubline.toml"), folder.path().join("log.txt"));
        std::fs::write(&config, text).expect("written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_hubline"));
        command.arg("serve").arg("--config").arg(&config).stdin(Stdio::null()).stdout(Stdio::null());
        let process = Ended(command.stderr(std::fs::File::create(log).expect("a log")).spawn().expect("the program starts"));
        let mut victim = Victim { process, folder, web, sip, sip_tcp, media, rtp };
        let pid = victim.folder.path().join("data/hubline.pid");
        until("the house is up", || {
            victim.lives();
            pid.exists()
        })
        .await;
        victim
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log.txt")).unwrap_or_default()
    }

    /// Fails when the process has ended, or anything in it has panicked.
    fn lives(&mut self) {
        let ended = self.process.0.try_wait().expect("it ran");
        assert!(ended.is_none(), "it ended with {ended:?}\n{}", self.log());
        let log = self.log();
        assert!(!log.contains("panicked"), "{log}");
    }

    /// Memory in use, bytes (proc(5): `VmRSS` in `status`, KB).
    fn resident(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.0.id())).expect("a running process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.split_whitespace().next().and_then(|kb| kb.parse::<usize>().ok()).expect("a number") * 1_024
    }

    /// Datagrams that the kernel threw away because the house did not read its SIP port in time (the last column of `/proc/net/udp`).
    fn unread(&self) -> u64 {
        let table = std::fs::read_to_string("/proc/net/udp").expect("a table");
        let local = format!(": 0100007F:{:04X} ", self.sip.port());
        let line = table.lines().find(|line| line.contains(&local)).expect("the SIP port");
        line.split_whitespace().last().and_then(|drops| drops.parse().ok()).expect("a number")
    }

    fn rows(&self, sql: &str) -> Vec<String> {
        rows(&self.folder.path().join("data"), sql)
    }

    /// A caller who hears their own voice, and hangs up: call `number` of this house.
    async fn takes_a_call(&self, number: usize) {
        let caller = Caller::dial(self.sip, "echo", "+49301", CUSTOMER_HZ).await;
        caller.hears(CUSTOMER_HZ).await;
        caller.hang_up().await;
        self.has_ended(number).await;
    }

    /// Waits until so many calls are in the record, all of them over.
    async fn has_ended(&self, calls: usize) {
        let over = vec!["+49301|echo|ended"; calls];
        until("the call is over", || self.rows("SELECT caller, dialled, state FROM call") == over).await;
    }
}

fn messages() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sip-torture");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "dat"));
    files.sort();
    assert_eq!(files.len(), 49, "RFC 4475 has so many");
    files.iter().map(|path| std::fs::read(path).expect("readable")).collect()
}

/// Asks and waits for the answer, which comes after everything that was sent before has been read.
async fn heard_all(socket: &UdpSocket, to: SocketAddr, number: usize) {
    let local = socket.local_addr().expect("an address");
    let mut buffer = vec![0; 65_536];
    for again in 0..10 {
        let name = format!("probe{number}x{again}");
        let question = format!(
            "OPTIONS sip:{to} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{name};rport\r\nFrom: <sip:probe@{local}>;tag={name}\r\nTo: <sip:{to}>\r\n\
             Call-ID: {name}@{local}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        );
        socket.send_to(question.as_bytes(), to).await.expect("sent");
        let answered = async {
            loop {
                // An ICMP error tells of an answer to an earlier message that had nowhere to go.
                let Ok((n, _)) = socket.recv_from(&mut buffer).await else { continue };
                if buffer[..n].starts_with(b"SIP/2.0 200") && String::from_utf8_lossy(&buffer[..n]).contains(&name) {
                    return;
                }
            }
        };
        if tokio::time::timeout(Duration::from_secs(2), answered).await.is_ok() {
            return;
        }
    }
    panic!("no answer to any question after batch {number}");
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
    let mut house = Victim::open().await;
    let socket = UdpSocket::bind(SocketAddr::new(source(), 0)).await.expect("a port");
    house.takes_a_call(1).await;
    for (n, message) in messages.iter().enumerate() {
        socket.send_to(message, house.sip).await.expect("sent");
        heard_all(&socket, house.sip, n).await;
        stream(house.sip_tcp, message).await;
        house.lives();
    }
    let before = house.resident();

    let mut noise = Noise(0x4475_2006_0501);
    for batch in 0..MUTATIONS / BATCH {
        for _ in 0..BATCH {
            let message = noise.mutate(&messages);
            socket.send_to(&message, house.sip).await.expect("sent");
        }
        heard_all(&socket, house.sip, messages.len() + batch).await;
    }
    let streamed: Vec<Vec<u8>> = (0..STREAMED).map(|_| noise.mutate(&messages)).collect();
    futures_util::stream::iter(&streamed).for_each_concurrent(CONNECTIONS, |message| stream(house.sip_tcp, message)).await;

    assert_eq!(house.unread(), 0, "every message was read");
    house.lives();
    house.takes_a_call(2).await;
    let after = house.resident();
    assert!(after < before + GROWTH, "grown from {before} to {after} bytes");
    house.has_ended(2).await;
    assert_eq!(house.rows("SELECT count(*) FROM person"), ["1"]);
    house.lives();
}

/// The ports on which a telephone's audio is awaited now: those that are taken.
fn taken((first, last): (u16, u16)) -> Vec<SocketAddr> {
    let even = (first..=last).filter(|port| port % 2 == 0).map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    even.filter(|address| std::net::UdpSocket::bind(address).is_err()).collect()
}

/// A stranger's packet `number`: proper µ-law audio of a tone, as one would inject it.
fn injected(number: usize) -> Vec<u8> {
    let mut packet = vec![0x80, 0];
    packet.extend((number as u16).to_be_bytes());
    packet.extend((number as u32 * 160).to_be_bytes());
    packet.extend(0x0bad_cafe_u32.to_be_bytes());
    packet.extend(tone::sine(OTHER_AGENT_HZ, number as u64 * 160, 160).into_iter().map(g711::encode));
    packet
}

#[tokio::test(flavor = "multi_thread")]
async fn noise_at_the_media_ports_is_not_heard() {
    let mut house = Victim::open().await;
    let caller = Caller::dial(house.sip, "echo", "+49301", CUSTOMER_HZ).await;
    caller.hears(CUSTOMER_HZ).await;
    let call = taken(house.rtp);
    assert!(!call.is_empty(), "the call has a port");
    let before = house.resident();
    let mut noise = Noise(0x52_454c_4159);
    let (stranger, injector) =
        (UdpSocket::bind(SocketAddr::new(source(), 0)).await.expect("a port"), UdpSocket::bind("127.0.0.1:0").await.expect("a port"));
    let mut heard = caller.samples();
    for burst in 0..PACKETS / BATCH {
        for n in 0..BATCH {
            let size = 1 + noise.below(1_400);
            let packet = noise.bytes(size);
            // A closed port answers with an ICMP error, which the next send tells; nothing here depends on it.
            let _ = stranger.send_to(&packet, house.media).await;
            for port in &call {
                let _ = injector.send_to(&packet, port).await;
                let _ = injector.send_to(&injected(burst * BATCH + n), port).await;
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
    house.lives();
    let after = house.resident();
    assert!(after < before + GROWTH, "grown from {before} to {after} bytes");
    assert_eq!(request(house.web, "GET", "/login", &[], "").await.status, 200);
    caller.hang_up().await;
    house.has_ended(1).await;
    house.takes_a_call(2).await;
    house.lives();
}
