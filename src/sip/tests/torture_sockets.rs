//! The tables of `torture` once more over real sockets: an endpoint on loopback, asked by datagrams and over connections.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::registrar::config;
use super::torture::{RFC_4475, RFC_5118, Row, message};
use crate::sip::{Endpoint, EndpointConfig, Incoming, Peer};

/// The ports that the messages name in their topmost Via: where they want their answers (RFC 3261 §18.2.2). The first is the one they come from.
const PORTS: [u16; 4] = [5060, 5050, 6050, 19_823];

/// What has not come by then does not come.
const PATIENCE: Duration = Duration::from_secs(10);

/// An address of loopback that nobody else uses.
fn v4() -> IpAddr {
    let [.., a, b] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, 78, a, b.clamp(1, 254)).into()
}

/// A house for which everybody on loopback is a trunk.
async fn house(at: IpAddr) -> (Endpoint, tokio::sync::mpsc::Receiver<Incoming>) {
    let at = Some(SocketAddr::new(at, 0));
    let (endpoint, incoming) = Endpoint::bind(EndpointConfig { udp: at, tcp: at, ..config() }).await.expect("an endpoint");
    let sources = ["127.0.0.0/8", "::1/128"].map(|net| net.parse().expect("a network")).to_vec();
    endpoint.set_peers(vec![Peer { name: "trunk".into(), sources, transport: None, asserts: true }]).await;
    (endpoint, incoming)
}

/// A question whose answer says that all before it has been read.
fn question(transport: &str, at: SocketAddr) -> String {
    format!(
        "OPTIONS sip:there@hub SIP/2.0\r\nVia: SIP/2.0/{transport} {at};branch=z9hG4bKquestion;rport\r\nMax-Forwards: 70\r\n\
         From: <sip:a@b>;tag=q\r\nTo: <sip:there@hub>\r\nCall-ID: question\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    )
}

fn is_answer(text: &str) -> bool {
    text.contains("Call-ID: question")
}

/// The status, for responses.
fn status(text: &str) -> Option<String> {
    text.strip_prefix("SIP/2.0 ")?.get(..3).map(str::to_owned)
}

fn joined(said: &[String]) -> String {
    if said.is_empty() { "-".to_owned() } else { said.join(" ") }
}

/// What comes back for one datagram, wherever its Via asked for it.
async fn over_udp(message: &[u8], sockets: &[UdpSocket], house: SocketAddr) -> String {
    let [first, ..] = sockets else { return String::new() };
    first.send_to(message, house).await.expect("sent");
    let asked = question("UDP", first.local_addr().expect("an address"));
    first.send_to(asked.as_bytes(), house).await.expect("sent");
    let (mut said, mut buffer) = (Vec::new(), [0; 4_096]);
    loop {
        let Ok(received) = timeout(PATIENCE, first.recv_from(&mut buffer)).await else {
            return format!("{} and then nothing", joined(&said));
        };
        let (length, _) = received.expect("a datagram");
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if is_answer(&text) {
            break;
        }
        said.extend(status(&text));
    }
    // Answers that went elsewhere were sent before.
    for socket in &sockets[1..] {
        while let Ok(length) = socket.try_recv(&mut buffer) {
            said.extend(status(&String::from_utf8_lossy(&buffer[..length])));
        }
    }
    joined(&said)
}

/// Responses from a connection, as they come.
struct Answers {
    stream: TcpStream,
    text: String,
    whole: VecDeque<String>,
}

impl Answers {
    async fn connect(house: SocketAddr) -> Answers {
        Answers { stream: TcpStream::connect(house).await.expect("a connection"), text: String::new(), whole: VecDeque::new() }
    }

    /// `None` when nothing comes within this time, or ever again. Our answers to these have no body.
    async fn next(&mut self, patience: Duration) -> Option<String> {
        let mut buffer = [0; 4_096];
        while self.whole.is_empty() {
            let length = timeout(patience, self.stream.read(&mut buffer)).await.ok()?.ok().filter(|length| *length > 0)?;
            self.text.push_str(&String::from_utf8_lossy(&buffer[..length]));
            while let Some(end) = self.text.find("\r\n\r\n") {
                self.whole.push_back(self.text.drain(..end + 4).collect());
            }
        }
        self.whole.pop_front()
    }
}

/// What comes back over the connection. Silence is looked for after the house has answered somebody else.
async fn over_tcp(message: &[u8], house: SocketAddr, expected: &str) -> String {
    let mut answers = Answers::connect(house).await;
    answers.stream.write_all(message).await.expect("sent");
    let mut said = Vec::new();
    let count = expected.split(' ').filter(|status| *status != "-").count();
    while said.len() < count {
        let Some(text) = answers.next(PATIENCE).await else { return joined(&said) };
        said.extend(status(&text));
    }
    let mut other = Answers::connect(house).await;
    let asked = question("TCP", other.stream.local_addr().expect("an address"));
    other.stream.write_all(asked.as_bytes()).await.expect("sent");
    assert!(other.next(PATIENCE).await.is_some_and(|text| is_answer(&text)), "the house still answers");
    while let Some(text) = answers.next(Duration::from_millis(20)).await {
        said.extend(status(&text));
    }
    joined(&said)
}

/// False where this machine has no such address, which is said aloud, and fails where `CI` is set.
fn has(at: IpAddr) -> bool {
    let found = std::net::UdpSocket::bind((at, 0)).is_ok();
    if !found {
        assert!(std::env::var_os("CI").is_none(), "{at} must be there in CI");
        eprintln!("SKIPPED: this machine has no {at}");
    }
    found
}

async fn check(folder: &str, table: &[Row], at: IpAddr) {
    if !has(at) {
        return;
    }
    let sockets: Vec<UdpSocket> = PORTS
        .iter()
        .map(|port| {
            let socket = std::net::UdpSocket::bind((at, *port)).unwrap_or_else(|error| panic!("{at} port {port}: {error}"));
            socket.set_nonblocking(true).expect("not blocking");
            UdpSocket::from_std(socket).expect("a socket")
        })
        .collect();
    let mut wrong = Vec::new();
    for (section, name, udp, tcp) in table {
        // Messages of the RFC share branches and dialogs: each has houses of its own.
        let local = if at.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { at };
        let ((datagrams, _first), (streams, _second)) = (house(local).await, house(local).await);
        let message = message(folder, name);
        let by_udp = over_udp(&message, &sockets, datagrams.local_udp().expect("UDP")).await;
        let by_tcp = over_tcp(&message, streams.local_tcp().expect("TCP"), tcp).await;
        // What the house still says as it closes is no answer.
        datagrams.shutdown().await;
        sockets.iter().for_each(|socket| while socket.try_recv(&mut [0; 4_096]).is_ok() {});
        if by_udp != *udp || by_tcp != *tcp {
            wrong.push(format!("{section} {name}: UDP {by_udp}, TCP {by_tcp}; should be {udp}, {tcp}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn the_torture_messages_over_sockets() {
    check("sip-torture", &RFC_4475, v4()).await;
}

#[tokio::test]
async fn the_torture_messages_of_ipv6_over_sockets() {
    check("sip-torture-v6", &RFC_5118, Ipv6Addr::LOCALHOST.into()).await;
}
