//! A simulated desk phone that logs in, with two lines: its user dials on one while the other is held. It sends its tone on each line that talks
//! and is not held, and listens to each for itself.

use super::digest::Credentials;
use super::ear::Ear;
use super::house::House;
use super::until;
use hubline::sim::message::{Received, description, finish};
use hubline::sim::{g711, tone};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

/// Packets of 20 ms.
const PACKET: usize = 160;
/// Audio that counts for what is heard now: half a second.
const NOW: usize = 4_000;

enum Order {
    /// `more`: headers of the INVITE, whole lines.
    Dial {
        line: usize,
        number: String,
        more: String,
    },
    Hold(usize, bool),
    Refer(usize, String),
    Record(usize, bool),
    HangUp(usize),
}

/// What its user sees and hears of one line.
#[derive(Default)]
struct Seen {
    ringing: bool,
    talking: bool,
    held: bool,
    /// The final answer to what was dialled, where it was none.
    refused: Option<u16>,
    /// What the house said of the last REFER at once, and in the last NOTIFY about it.
    taken: Option<u16>,
    referred: String,
    heard: Ear,
    /// Names this line's dialog: Call-ID, the house's tag, ours.
    dialog: (String, String, String),
}

pub struct Extension {
    house: SocketAddr,
    orders: mpsc::Sender<Order>,
    seen: Arc<Mutex<[Seen; 2]>>,
}

impl Extension {
    /// Logs in; what rings is picked up at once.
    pub async fn registered(house: &House, user: &str, password: &str, hz: f64) -> Extension {
        Extension::at_desk(house, user, password, hz, true).await
    }

    /// Logs in; what rings goes on ringing.
    pub async fn unattended(house: &House, user: &str, password: &str, hz: f64) -> Extension {
        Extension::at_desk(house, user, password, hz, false).await
    }

    async fn at_desk(house: &House, user: &str, password: &str, hz: f64, attended: bool) -> Extension {
        let sip = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let local = sip.local_addr().expect("an address");
        let (orders, ordered) = mpsc::channel(16);
        let seen: Arc<Mutex<[Seen; 2]>> = Arc::default();
        let (registered, done) = tokio::sync::oneshot::channel();
        let lines = [Line::new(0).await, Line::new(1).await];
        let task = Task {
            sip,
            local,
            house: house.sip,
            credentials: Credentials::new(user, password),
            hz,
            seen: seen.clone(),
            lines,
            logging_in: Some(registered),
            attended,
            unanswered: None,
            cseq: 0,
        };
        tokio::spawn(task.run(ordered));
        tokio::time::timeout(super::PATIENCE, done).await.expect("in time").expect("logged in");
        Extension { house: house.sip, orders, seen }
    }

    fn seen<T>(&self, line: usize, look: impl Fn(&Seen) -> T) -> T {
        look(&self.seen.lock().expect("seen")[line])
    }

    pub async fn dial(&self, line: usize, number: &str) {
        self.dial_with(line, number, String::new()).await;
    }

    /// Dials a call that asks for another's place (RFC 3891).
    pub async fn dial_replacing(&self, line: usize, number: &str, replaces: &str) {
        self.dial_with(line, number, format!("Replaces: {replaces}\r\n")).await;
    }

    async fn dial_with(&self, line: usize, number: &str, more: String) {
        self.seen.lock().expect("seen")[line].refused = None;
        self.order(Order::Dial { line, number: number.to_owned(), more }).await;
    }

    /// Takes this line out of hearing, or back, and waits until the house has agreed.
    pub async fn hold(&self, line: usize, on: bool) {
        self.order(Order::Hold(line, on)).await;
        until("the hold is agreed", || self.seen(line, |seen| seen.held == on)).await;
    }

    /// The recording key.
    pub async fn record(&self, line: usize, on: bool) {
        self.order(Order::Record(line, on)).await;
    }

    pub async fn hang_up(&self, line: usize) {
        self.order(Order::HangUp(line)).await;
    }

    /// Asks on this line for somebody else (RFC 3515), by this user part and what stands behind the host.
    pub async fn refer(&self, line: usize, to: &str, behind: &str) {
        self.seen.lock().expect("seen")[line].taken = None;
        self.seen.lock().expect("seen")[line].referred.clear();
        self.order(Order::Refer(line, format!("<sip:{to}@{}{behind}>", self.house))).await;
    }

    /// Its transfer key with both lines in use: whoever is at one takes the place of this phone at the other (RFC 5589 §7).
    pub async fn transfer(&self, line: usize, to: &str, onto: usize) {
        let escaped = self.replaces(onto).replace(';', "%3B").replace('=', "%3D").replace('@', "%40");
        self.refer(line, to, &format!("?Replaces={escaped}")).await;
    }

    /// The name of a line's dialog, as a Replaces has it that somebody sends to the house.
    pub fn replaces(&self, line: usize) -> String {
        let (call_id, theirs, ours) = self.seen(line, |seen| seen.dialog.clone());
        format!("{call_id};to-tag={theirs};from-tag={ours}")
    }

    /// What became of the last REFER of this line, as the house tells it.
    pub fn referred(&self, line: usize) -> String {
        self.seen(line, |seen| seen.referred.clone())
    }

    /// How the last REFER of this line was answered at once.
    pub fn taken(&self, line: usize) -> Option<u16> {
        self.seen(line, |seen| seen.taken)
    }

    pub async fn talks(&self, line: usize) {
        until("the line is in a call", || self.seen(line, |seen| seen.talking)).await;
    }

    pub async fn rings(&self, line: usize) {
        until("the line rings", || self.seen(line, |seen| seen.ringing)).await;
    }

    pub async fn is_idle(&self, line: usize) {
        until("the line is on hook", || self.seen(line, |seen| !seen.talking && !seen.ringing)).await;
    }

    pub async fn refused(&self, line: usize) -> u16 {
        until("the line is refused", || self.seen(line, |seen| seen.refused.is_some())).await;
        self.seen(line, |seen| seen.refused.unwrap_or_default())
    }

    pub fn share(&self, line: usize, hz: f64) -> f64 {
        self.seen(line, |seen| tone::share(seen.heard.last(NOW), hz))
    }

    /// What was heard until now no longer counts.
    pub fn forget(&self, line: usize) {
        self.seen.lock().expect("seen")[line].heard.forget();
    }

    pub async fn hears(&self, line: usize, hz: f64) {
        until(&format!("line {line} hears {hz} Hz"), || self.share(line, hz) > 0.5).await;
    }

    /// Waits until each of these tones has its share of what is heard: a talk of more than two.
    pub async fn hears_all(&self, line: usize, tones: &[f64]) {
        until(&format!("line {line} hears {tones:?}"), || tones.iter().all(|hz| self.share(line, *hz) > 0.2)).await;
    }

    /// Waits until something is heard that is none of these tones: the ring-back tone, or music.
    pub async fn hears_music(&self, line: usize, tones: &[f64]) {
        until(&format!("line {line} hears music"), || {
            let loud = self.seen(line, |seen| {
                let last = seen.heard.last(NOW);
                last.len() == NOW && last.iter().filter(|sample| sample.unsigned_abs() > 300).count() > NOW / 4
            });
            loud && tones.iter().all(|hz| self.share(line, *hz) < 0.2)
        })
        .await;
    }

    async fn order(&self, order: Order) {
        assert!(self.orders.send(order).await.is_ok(), "a telephone that obeys");
    }
}

struct Line {
    rtp: UdpSocket,
    number: usize,
    call_id: String,
    /// How often it was used: part of what names a call.
    uses: u32,
    /// Our From and their To, tags included.
    local: String,
    remote: String,
    target: String,
    more: String,
    audio: Option<SocketAddr>,
    busy: bool,
    talking: bool,
    /// What our last offer says.
    holding: bool,
    cseq: u32,
    version: u32,
    sequence: u16,
    timestamp: u32,
}

impl Line {
    async fn new(number: usize) -> Line {
        Line {
            rtp: UdpSocket::bind("127.0.0.1:0").await.expect("a port"),
            number,
            call_id: String::new(),
            uses: 0,
            local: String::new(),
            remote: String::new(),
            target: String::new(),
            more: String::new(),
            audio: None,
            busy: false,
            talking: false,
            holding: false,
            cseq: 0,
            version: 0,
            sequence: 0,
            timestamp: 0,
        }
    }

    fn description(&mut self) -> String {
        self.version += 1;
        let text = description(self.rtp.local_addr().expect("an address"), self.version);
        if self.holding { text.replace("sendrecv", "sendonly") } else { text }
    }

    fn speech(&mut self, hz: f64) -> Option<(Vec<u8>, SocketAddr)> {
        let to = self.audio.filter(|_| self.talking && !self.holding)?;
        let mut packet = vec![0x80, 0];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.timestamp.to_be_bytes());
        packet.extend((0x0e87_0000 + self.number as u32).to_be_bytes());
        packet.extend(tone::sine(hz, u64::from(self.timestamp), PACKET).into_iter().map(g711::encode));
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(PACKET as u32);
        Some((packet, to))
    }

    fn over(&mut self) {
        (self.audio, self.busy, self.talking, self.holding) = (None, false, false, false);
    }
}

fn tag_of(value: &str) -> String {
    value.split(";tag=").nth(1).and_then(|rest| rest.split(';').next()).unwrap_or_default().to_owned()
}

struct Task {
    sip: UdpSocket,
    local: SocketAddr,
    house: SocketAddr,
    credentials: Credentials,
    hz: f64,
    seen: Arc<Mutex<[Seen; 2]>>,
    lines: [Line; 2],
    /// Until the house has taken our registration.
    logging_in: Option<tokio::sync::oneshot::Sender<()>>,
    /// Somebody picks up.
    attended: bool,
    /// What rings.
    unanswered: Option<Received>,
    cseq: u32,
}

impl Task {
    async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        let (mut sip, mut first, mut second) = ([0; 8_192], [0; 2_048], [0; 2_048]);
        self.register().await;
        loop {
            tokio::select! {
                _ = tick.tick() => {
                    for line in &mut self.lines {
                        if let Some((packet, to)) = line.speech(self.hz) {
                            let _ = line.rtp.send_to(&packet, to).await;
                        }
                    }
                }
                order = orders.recv() => match order {
                    Some(order) => self.obey(order).await,
                    None => return,
                },
                Ok((n, _)) = self.lines[0].rtp.recv_from(&mut first) => self.listen(0, &first[..n]),
                Ok((n, _)) = self.lines[1].rtp.recv_from(&mut second) => self.listen(1, &second[..n]),
                Ok((n, from)) = self.sip.recv_from(&mut sip) => match Received::read(&sip[..n]) {
                    Some(message) if message.status().is_some() => self.answered(message).await,
                    Some(message) => self.asked(message, from).await,
                    None => {}
                }
            }
        }
    }

    fn note(&self, line: usize, change: impl FnOnce(&mut Seen)) {
        change(&mut self.seen.lock().expect("seen")[line]);
    }

    fn listen(&self, line: usize, packet: &[u8]) {
        if packet.len() > 12 && packet[0] >> 6 == 2 && packet[1] & 0x7f == 0 {
            self.note(line, |seen| seen.heard.hear(packet));
        }
    }

    async fn register(&mut self) {
        self.cseq += 1;
        let (uri, user, local) = (format!("sip:{}", self.house), self.credentials.user.clone(), self.local);
        let authorization = self.credentials.header("REGISTER", &uri);
        let text = format!(
            "REGISTER {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bKr{}x{};rport\r\nMax-Forwards: 70\r\nFrom: <sip:{user}@{}>;tag=r\r\n\
             To: <sip:{user}@{}>\r\nCall-ID: register{}\r\nCSeq: {} REGISTER\r\nContact: <sip:{user}@{local}>\r\nExpires: 300\r\n{authorization}\
             Content-Length: 0\r\n\r\n",
            local.port(),
            self.cseq,
            self.house,
            self.house,
            local.port(),
            self.cseq
        );
        let _ = self.sip.send_to(text.as_bytes(), self.house).await;
    }

    /// A request of a line's dialog, or the INVITE that begins it.
    async fn request(&mut self, at: usize, method: &str, more: &str, body: Option<&str>) {
        let user = self.credentials.user.clone();
        let (local, house) = (self.local, self.house);
        let line = &mut self.lines[at];
        // The ACK goes by the number of its INVITE.
        line.cseq += u32::from(method != "ACK");
        let authorization = if method == "INVITE" { self.credentials.header(method, &line.target) } else { String::new() };
        let head = format!(
            "{method} {} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bKe{}x{}{method};rport\r\nMax-Forwards: 70\r\nFrom: {}\r\nTo: {}\r\n\
             Call-ID: {}\r\nCSeq: {} {method}\r\nContact: <sip:{user}@{local}>\r\n{authorization}{more}",
            line.target, line.call_id, line.cseq, line.local, line.remote, line.call_id, line.cseq
        );
        let _ = self.sip.send_to(finish(head, body).as_bytes(), house).await;
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Dial { line: at, number, more } => {
                let line = &mut self.lines[at];
                line.over();
                line.uses += 1;
                line.busy = true;
                line.call_id = format!("e{}l{at}n{}", self.local.port(), line.uses);
                line.local = format!("<sip:{}@{}>;tag=e{at}n{}", self.credentials.user, self.house, line.uses);
                line.target = format!("sip:{number}@{}", self.house);
                line.remote = format!("<{}>", line.target);
                line.more = more;
                self.note(at, |seen| seen.ringing = true);
                self.invite(at).await;
            }
            Order::Hold(line, on) => {
                self.lines[line].holding = on;
                self.invite(line).await;
            }
            Order::Refer(line, to) => self.request(line, "REFER", &format!("Refer-To: {to}\r\n"), None).await,
            Order::Record(line, on) => {
                let asked = if on { "on" } else { "off" };
                self.request(line, "INFO", &format!("Record: {asked}\r\n"), None).await;
            }
            Order::HangUp(line) => {
                self.request(line, "BYE", "", None).await;
                self.over(line);
            }
        }
    }

    async fn invite(&mut self, line: usize) {
        let (more, body) = (self.lines[line].more.clone(), self.lines[line].description());
        self.request(line, "INVITE", &more, Some(&body)).await;
    }

    fn over(&mut self, line: usize) {
        self.lines[line].over();
        self.note(line, |seen| (seen.ringing, seen.talking, seen.held) = (false, false, false));
    }

    async fn answered(&mut self, answer: Received) {
        let (status, cseq) = (answer.status().unwrap_or_default(), answer.header("cseq").unwrap_or_default().to_owned());
        if cseq.ends_with("REGISTER") {
            if status == 401 {
                self.credentials.take(&answer);
                self.register().await;
            } else if let Some(logging_in) = self.logging_in.take() {
                assert_eq!(status, 200, "the registration is taken");
                let _ = logging_in.send(());
            }
            return;
        }
        let Some(at) = self.lines.iter().position(|line| Some(line.call_id.as_str()) == answer.header("call-id")) else { return };
        if cseq.ends_with("REFER") {
            return self.note(at, |seen| seen.taken = Some(status));
        }
        if !cseq.ends_with("INVITE") || status < 200 || !cseq.starts_with(&format!("{} ", self.lines[at].cseq)) {
            return;
        }
        if status >= 300 {
            self.acknowledge_refusal(at, &answer).await;
            if status == 401 {
                self.credentials.take(&answer);
                self.invite(at).await;
            } else if !self.lines[at].talking {
                self.over(at);
                self.note(at, |seen| seen.refused = Some(status));
            }
            return;
        }
        let line = &mut self.lines[at];
        line.remote = answer.header("to").unwrap_or_default().to_owned();
        line.target = answer.contact().unwrap_or(&line.target).to_owned();
        line.audio = answer.audio().or(line.audio);
        let first = !std::mem::replace(&mut line.talking, true);
        line.more.clear();
        let (held, dialog) = (line.holding, (line.call_id.clone(), tag_of(&line.remote), tag_of(&line.local)));
        self.request(at, "ACK", "", None).await;
        self.note(at, |seen| {
            (seen.ringing, seen.talking, seen.held, seen.dialog) = (false, true, held, dialog);
            if first {
                seen.heard.forget();
            }
        });
    }

    /// Hop by hop (RFC 3261 §17.1.1.3): by the branch of the INVITE.
    async fn acknowledge_refusal(&mut self, at: usize, answer: &Received) {
        let line = &self.lines[at];
        let header = |name: &str| answer.header(name).unwrap_or_default().to_owned();
        let ack = format!(
            "ACK {} SIP/2.0\r\nVia: {}\r\nMax-Forwards: 70\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {} ACK\r\nContent-Length: 0\r\n\r\n",
            line.target,
            header("via"),
            header("from"),
            header("to"),
            header("call-id"),
            line.cseq
        );
        let _ = self.sip.send_to(ack.as_bytes(), self.house).await;
    }

    async fn answer(&self, request: &Received, to: SocketAddr, status: &str, body: Option<&str>) {
        let contact = format!("sip:{}@{}", self.credentials.user, self.local);
        let _ = self.sip.send_to(request.answer(status, &contact, body).as_bytes(), to).await;
    }

    async fn asked(&mut self, mut request: Received, from: SocketAddr) {
        let at = self.lines.iter().position(|line| line.busy && Some(line.call_id.as_str()) == request.header("call-id"));
        match (request.method().unwrap_or_default(), at) {
            ("ACK", _) => {}
            ("INVITE", Some(at)) => {
                self.lines[at].audio = request.audio().or(self.lines[at].audio);
                let body = self.lines[at].description();
                self.answer(&request, from, "200 OK", Some(&body)).await;
            }
            ("INVITE", None) => {
                let Some(at) = self.lines.iter().position(|line| !line.busy) else {
                    return self.answer(&request, from, "486 Busy Here", None).await;
                };
                let line = &mut self.lines[at];
                line.uses += 1;
                request.tag(&format!("i{at}n{}", line.uses));
                line.call_id = request.header("call-id").unwrap_or_default().to_owned();
                line.local = request.header("to").unwrap_or_default().to_owned();
                line.remote = request.header("from").unwrap_or_default().to_owned();
                line.target = request.contact().unwrap_or_default().to_owned();
                (line.busy, line.talking, line.audio, line.cseq) = (true, self.attended, request.audio(), 0);
                let dialog = (line.call_id.clone(), tag_of(&line.remote), tag_of(&line.local));
                if !self.attended {
                    self.answer(&request, from, "180 Ringing", None).await;
                    self.unanswered = Some(request);
                    return self.note(at, |seen| (seen.ringing, seen.dialog) = (true, dialog));
                }
                let body = line.description();
                self.answer(&request, from, "200 OK", Some(&body)).await;
                self.note(at, |seen| {
                    (seen.talking, seen.dialog) = (true, dialog);
                    seen.heard.forget();
                });
            }
            ("CANCEL", Some(at)) => {
                self.answer(&request, from, "200 OK", None).await;
                if let Some(invite) = self.unanswered.take() {
                    self.answer(&invite, from, "487 Request Terminated", None).await;
                }
                self.over(at);
            }
            ("BYE", Some(at)) => {
                self.answer(&request, from, "200 OK", None).await;
                self.over(at);
            }
            ("NOTIFY", Some(at)) => {
                if let Some(result) = request.body.lines().find_map(|line| line.strip_prefix("SIP/2.0 ")) {
                    self.note(at, |seen| seen.referred = result.to_owned());
                }
                self.answer(&request, from, "200 OK", None).await;
            }
            _ => self.answer(&request, from, "200 OK", None).await,
        }
    }
}
