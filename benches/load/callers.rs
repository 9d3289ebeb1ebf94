//! Callers of the queue at a steady rate: each is answered, stays for a moment and hangs up, or is told to come again.

use super::house::SIP;
use hubline::sim::message::{Received, description, finish};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::{HashMap, VecDeque};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// First repeat of a request (RFC 3261 T1).
const T1: Duration = Duration::from_millis(500);
/// How long the last calls may take to come to their end.
const PATIENCE: Duration = Duration::from_secs(8);

/// What became of them; times are sorted.
#[derive(Default)]
pub struct Outcome {
    pub begun: usize,
    /// INVITE to 200.
    pub set_up: Vec<Duration>,
    /// INVITE to 503.
    pub turned_away: Vec<Duration>,
    pub without_retry_after: usize,
    /// Neither, or no proper end.
    pub failed: usize,
    /// Requests that were sent again.
    pub repeats: usize,
}

struct Call {
    begun: Instant,
    /// What is unanswered, and when it is sent again.
    waiting: Option<(String, Instant)>,
    /// From our 200 on: To with its tag, and where requests go.
    dialog: Option<(String, String)>,
}

pub struct Callers {
    socket: UdpSocket,
    local: SocketAddr,
    body: String,
    run: u32,
    calls: HashMap<u32, Call>,
    /// In the order of their times: all calls last equally long.
    byes: VecDeque<(Instant, u32)>,
    outcome: Outcome,
}

impl Callers {
    pub fn new() -> anyhow::Result<Callers> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket2::SockRef::from(&socket).set_recv_buffer_size(8 << 20)?;
        socket.set_nonblocking(true)?;
        let local = socket.local_addr()?;
        // Nobody listens there: the turnover is about the set-up.
        let body = description(SocketAddr::new(local.ip(), 9), 1);
        let run = std::process::id().wrapping_mul(1_000).wrapping_add(u32::from(local.port()));
        Ok(Callers { socket, local, body, run, calls: HashMap::new(), byes: VecDeque::new(), outcome: Outcome::default() })
    }

    /// Calls at this rate for so long; each call that is answered lasts for `hold`.
    pub fn call(mut self, rate: u32, time: Duration, hold: Duration) -> anyhow::Result<Outcome> {
        let began = Instant::now();
        let all = (f64::from(rate) * time.as_secs_f64()) as u32;
        let due = |n: u32| began + Duration::from_secs_f64(f64::from(n) / f64::from(rate.max(1)));
        let mut next = 0;
        let mut last_look = began;
        while next < all || (!self.calls.is_empty() && began.elapsed() < time + PATIENCE) {
            let now = Instant::now();
            while next < all && due(next) <= now {
                self.invite(next);
                next += 1;
            }
            while self.byes.front().is_some_and(|(at, _)| *at <= now) {
                if let Some((_, n)) = self.byes.pop_front() {
                    self.bye(n);
                }
            }
            if now - last_look > Duration::from_millis(50) {
                last_look = now;
                self.repeat(now);
            }
            self.hear(hold);
            let until = [(next < all).then(|| due(next)), self.byes.front().map(|(at, _)| *at)].into_iter().flatten().min();
            let wait = until.map_or(Duration::from_millis(50), |at| at.saturating_duration_since(Instant::now()));
            let wait = Timespec::try_from(wait.min(Duration::from_millis(50)))?;
            // A signal is as good as a packet.
            let _ = poll(&mut [PollFd::new(&self.socket, PollFlags::IN)], Some(&wait));
        }
        self.outcome.failed += self.calls.len();
        self.outcome.set_up.sort();
        self.outcome.turned_away.sort();
        Ok(self.outcome)
    }

    fn head(&self, method: &str, target: &str, n: u32, cseq: u32, to: &str) -> String {
        let (local, run) = (self.local, self.run);
        format!(
            "{method} {target} SIP/2.0\r\nvia: SIP/2.0/UDP {local};branch=z9hG4bK{run}x{n}{}\r\nmax-forwards: 70\r\nfrom: <sip:+4930{:07}@{local}>;tag=c{n}\r\n\
             to: {to}\r\ncall-id: {run}x{n}\r\ncseq: {cseq} {method}\r\ncontact: <sip:c@{local}>\r\n",
            // The ACK of a refusal belongs to its INVITE; all others are requests of their own.
            if method == "INVITE" || (method == "ACK" && target.contains("queue")) { String::new() } else { method.to_lowercase() },
            n % 5_000,
        )
    }

    fn send(&self, text: &str) {
        // What does not fit into the house's buffer is lost, and repeated like any other.
        let _ = self.socket.send_to(text.as_bytes(), SIP);
    }

    fn invite(&mut self, n: u32) {
        let text = finish(self.head("INVITE", &format!("sip:queue@{SIP}"), n, 1, &format!("<sip:queue@{SIP}>")), Some(&self.body));
        self.send(&text);
        let now = Instant::now();
        self.outcome.begun += 1;
        self.calls.insert(n, Call { begun: now, waiting: Some((text, now + T1)), dialog: None });
    }

    fn bye(&mut self, n: u32) {
        let Some((to, target)) = self.calls.get(&n).and_then(|call| call.dialog.clone()) else { return };
        let text = finish(self.head("BYE", &target, n, 2, &to), None);
        self.send(&text);
        if let Some(call) = self.calls.get_mut(&n) {
            call.waiting = Some((text, Instant::now() + T1));
        }
    }

    fn repeat(&mut self, now: Instant) {
        let mut again = Vec::new();
        for call in self.calls.values_mut() {
            if let Some((text, at)) = &mut call.waiting
                && *at <= now
            {
                *at = now + T1;
                again.push(text.clone());
            }
        }
        self.outcome.repeats += again.len();
        again.iter().for_each(|text| self.send(text));
    }

    fn hear(&mut self, hold: Duration) {
        let mut buffer = [0; 8_192];
        while let Ok(length) = self.socket.recv(&mut buffer) {
            let now = Instant::now();
            let Some(answer) = Received::read(&buffer[..length]) else { continue };
            let Some(status) = answer.status() else {
                // The house hangs up, which it should not.
                let text = answer.answer("200 OK", &format!("sip:c@{}", self.local), None);
                self.send(&text);
                continue;
            };
            let number = answer.header("call-id").and_then(|id| id.strip_prefix(&format!("{}x", self.run))?.parse::<u32>().ok());
            let Some(n) = number else { continue };
            let invite = answer.header("cseq").is_some_and(|cseq| cseq.ends_with("INVITE"));
            if invite {
                self.invited(n, status, &answer, now, hold);
            } else if status >= 200 && self.calls.remove(&n).is_some() && status != 200 {
                self.outcome.failed += 1;
            }
        }
    }

    fn invited(&mut self, n: u32, status: u16, answer: &Received, now: Instant, hold: Duration) {
        let to = answer.header("to").unwrap_or_default().to_owned();
        if status >= 300 {
            self.send(&finish(self.head("ACK", &format!("sip:queue@{SIP}"), n, 1, &to), None));
            let Some(call) = self.calls.remove(&n) else { return };
            if status == 503 {
                self.outcome.turned_away.push(now - call.begun);
                self.outcome.without_retry_after += usize::from(answer.header("retry-after").is_none());
            } else {
                self.outcome.failed += 1;
            }
        } else if let Some(call) = self.calls.get_mut(&n) {
            let first = status >= 200 && call.dialog.is_none();
            if call.dialog.is_none() {
                call.waiting = None;
            }
            if status < 200 {
                return;
            }
            let target = answer.contact().unwrap_or_default().to_owned();
            let (begun, ack) = (call.begun, finish(self.head("ACK", &target, n, 1, &to), None));
            self.send(&ack);
            if first && let Some(call) = self.calls.get_mut(&n) {
                call.dialog = Some((to, target));
                self.outcome.set_up.push(now - begun);
                self.byes.push_back((now + hold, n));
            }
        }
    }
}
