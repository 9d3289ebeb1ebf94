//! Calls that are up while they are attacked: set up by hand, so that every message in them can be spoilt. A call may survive that or end by
//! it; what it may not do is neither.

use super::source;
use crate::rig::PATIENCE;
use hubline::sim::message::{Received, description, finish};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;

/// As large as CSeq may be (RFC 3261 §8.1.1.5): later than whatever a spoilt message has claimed.
const LAST_CSEQ: u32 = (1 << 31) - 1;
/// How long one answer is waited for before the question is asked again.
const AGAIN: Duration = Duration::from_millis(500);
const KEYS: &str = "Signal=5\r\nDuration=160\r\n";

/// One call of ours.
struct Attacked {
    name: String,
    /// Their tag and where they want to be told.
    to: String,
    target: String,
    cseq: u32,
}

/// The socket from which everything comes, and the calls that are up.
pub(super) struct Calls {
    pub socket: UdpSocket,
    house: SocketAddr,
    local: SocketAddr,
    up: Vec<Attacked>,
    /// Calls set up so far.
    pub opened: usize,
    /// Of them ended by what they were told.
    pub ended: usize,
    branches: usize,
}

impl Calls {
    pub async fn new(house: SocketAddr) -> Calls {
        let socket = UdpSocket::bind(SocketAddr::new(source(), 0)).await.expect("a port");
        let local = socket.local_addr().expect("an address");
        Calls { socket, house, local, up: Vec::new(), opened: 0, ended: 0, branches: 0 }
    }

    /// Sets up calls until there are so many.
    pub async fn fill(&mut self, count: usize) {
        while self.up.len() < count {
            self.opened += 1;
            let name = format!("attacked{}", self.opened);
            let mut call = Attacked { to: format!("<sip:echo@{}>", self.house), target: format!("sip:echo@{}", self.house), cseq: 1, name };
            let answer = self.ask(&mut call, "INVITE", 1).await;
            let answer = answer.unwrap_or_else(|| panic!("{} is not answered", call.name));
            assert_eq!(answer.status(), Some(200), "{}", call.name);
            call.to = answer.header("to").expect("To").to_owned();
            let contact = answer.header("contact").and_then(|contact| contact.split('<').nth(1)?.split('>').next());
            call.target = contact.expect("Contact").to_owned();
            let ack = self.message(&call, "ACK", 1, "", None);
            self.send(&ack).await;
            self.up.push(call);
        }
    }

    /// What might be said within the calls now, well formed: to be spoilt.
    pub fn seeds(&mut self) -> Vec<Vec<u8>> {
        let mut seeds = Vec::new();
        let audio = SocketAddr::new(self.local.ip(), 9);
        let (talk, hold) = (description(audio, 2), description(audio, 3).replace("sendrecv", "sendonly"));
        for at in 0..self.up.len() {
            self.up[at].cseq += 8;
            let (call, cseq) = (&self.up[at], self.up[at].cseq);
            self.branches += 1;
            let mut seed =
                |method, more: u32, headers, body| seeds.push(self.message(call, method, cseq + more, headers, body).into_bytes());
            seed("INVITE", 0, "", Some(talk.as_str()));
            seed("ACK", 0, "", None);
            seed("INVITE", 1, "", Some(hold.as_str()));
            seed("ACK", 1, "", Some(talk.as_str()));
            seed("INVITE", 2, "", None);
            seed("CANCEL", 2, "", None);
            seed("INFO", 3, "content-type: application/dtmf-relay\r\n", Some(KEYS));
            seed("UPDATE", 4, "", Some(talk.as_str()));
            seed("REFER", 5, "refer-to: <sip:9999@127.0.0.1>\r\n", None);
            // Few, so that the others live long enough to be led astray.
            if at == 0 {
                seed("BYE", 6, "", None);
            }
        }
        seeds
    }

    /// Waits until everything that was sent before has been read: its answers are taken as a telephone would take them.
    pub async fn heard_all(&mut self, number: usize) {
        let local = self.local;
        for again in 0..10 {
            let name = format!("probe{number}x{again}");
            let head = format!(
                "OPTIONS sip:{to} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{name};rport\r\nFrom: <sip:probe@{local}>;tag={name}\r\nTo: <sip:{to}>\r\n\
                 Call-ID: {name}@{local}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n",
                to = self.house
            );
            self.send(&finish(head, None)).await;
            let own = |answer: &Received| answer.status() == Some(200) && answer.header("call-id").is_some_and(|id| id.starts_with(&name));
            if self.receive(Duration::from_secs(2), own).await.is_some() {
                return;
            }
        }
        panic!("no answer to any question after batch {number}");
    }

    /// Asks every call whether it is up. One that was ended says so; one that was led astray is ended by us, and must agree.
    pub async fn question(&mut self) {
        for mut call in std::mem::take(&mut self.up) {
            call.cseq += 8;
            let cseq = call.cseq;
            match self.ask(&mut call, "INVITE", cseq).await.and_then(|answer| answer.status()) {
                Some(200) => {
                    let ack = self.message(&call, "ACK", cseq, "", None);
                    self.send(&ack).await;
                    self.up.push(call);
                }
                Some(481) => self.ended += 1,
                // It may still wait for the end of a spoilt change, or have been told of a later CSeq.
                Some(400..=599) => {
                    self.end(call).await;
                    self.ended += 1;
                }
                other => panic!("{} is neither up nor ended: {other:?}", call.name),
            }
        }
    }

    /// Hangs up on all that are left.
    pub async fn hang_up(&mut self) {
        for call in std::mem::take(&mut self.up) {
            self.end(call).await;
        }
    }

    async fn end(&mut self, mut call: Attacked) {
        let answer = self.ask(&mut call, "BYE", LAST_CSEQ).await.and_then(|answer| answer.status());
        assert!(matches!(answer, Some(200 | 481)), "{} does not end: {answer:?}", call.name);
    }

    /// One request and its final answer, asked again while there is none.
    async fn ask(&mut self, call: &mut Attacked, method: &str, cseq: u32) -> Option<Received> {
        self.branches += 1;
        let body = (method == "INVITE").then(|| description(SocketAddr::new(self.local.ip(), 9), 4));
        let text = self.message(call, method, cseq, "", body.as_deref());
        let (name, wanted) = (call.name.clone(), format!("{cseq} {method}"));
        let start = std::time::Instant::now();
        while start.elapsed() < PATIENCE {
            self.send(&text).await;
            let own = |answer: &Received| {
                answer.header("call-id") == Some(name.as_str())
                    && answer.header("cseq") == Some(wanted.as_str())
                    && answer.status().is_some_and(|status| status >= 200)
            };
            if let Some(answer) = self.receive(AGAIN, own).await {
                return Some(answer);
            }
        }
        None
    }

    /// Takes what comes for so long, or until an answer is the wanted one.
    async fn receive(&mut self, time: Duration, wanted: impl Fn(&Received) -> bool) -> Option<Received> {
        let mut buffer = vec![0; 65_536];
        let end = tokio::time::Instant::now() + time;
        loop {
            let received = tokio::time::timeout_at(end, self.socket.recv_from(&mut buffer)).await.ok()?;
            // An ICMP error tells of an answer to an earlier message that had nowhere to go.
            let Some(message) = received.ok().and_then(|(n, _)| Received::read(&buffer[..n])) else { continue };
            if wanted(&message) {
                return Some(message);
            }
            self.politely(&message).await;
        }
    }

    /// A 200 of a changed call wants its ACK, a request wants its answer.
    async fn politely(&mut self, message: &Received) {
        if message.method().is_some_and(|method| method != "ACK") {
            let body = (message.method() == Some("INVITE")).then(|| description(SocketAddr::new(self.local.ip(), 9), 5));
            let answer = message.answer("200 OK", &format!("sip:attacked@{}", self.local), body.as_deref());
            return self.send(&answer).await;
        }
        let cseq = message.header("cseq").filter(|cseq| message.status() == Some(200) && cseq.ends_with("INVITE"));
        let cseq = cseq.and_then(|cseq| cseq.split(' ').next()?.parse().ok());
        let call = self.up.iter().position(|call| message.header("call-id") == Some(call.name.as_str()));
        if let (Some(cseq), Some(call)) = (cseq, call) {
            self.branches += 1;
            let ack = self.message(&self.up[call], "ACK", cseq, "", None);
            self.send(&ack).await;
        }
    }

    fn message(&self, call: &Attacked, method: &str, cseq: u32, headers: &str, body: Option<&str>) -> String {
        let Attacked { name, to, target, .. } = call;
        let (local, branch) = (self.local, self.branches);
        let kind = if headers.starts_with("content-type") { "" } else { "content-type: application/sdp\r\n" };
        let kind = if body.is_some() { kind } else { "" };
        format!(
            "{method} {target} SIP/2.0\r\nvia: SIP/2.0/UDP {local};branch=z9hG4bKa{branch}c{cseq}{method};rport\r\nmax-forwards: 70\r\n\
             from: <sip:+49301@{local}>;tag=t{name}\r\nto: {to}\r\ncall-id: {name}\r\ncseq: {cseq} {method}\r\ncontact: <sip:attacked@{local}>\r\n\
             {headers}{kind}content-length: {}\r\n\r\n{}",
            body.map_or(0, str::len),
            body.unwrap_or_default()
        )
    }

    async fn send(&self, text: &str) {
        self.socket.send_to(text.as_bytes(), self.house).await.expect("sent");
    }
}
