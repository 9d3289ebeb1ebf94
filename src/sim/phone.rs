//! A simulated telephone: one call over UDP, µ-law audio both ways in real time, keys by RFC 4733.

use super::g711;
use super::message::{self, Received};
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

/// Samples in one packet: 20 ms.
const PACKET: usize = 160;
/// What is kept of the audio heard: 10 s.
const KEPT: usize = 80_000;
/// First retransmission of a request (RFC 3261 T1); doubled each time.
const T1: Duration = Duration::from_millis(500);
/// Packets per pressed key.
const KEY_PACKETS: u32 = 6;

/// Who calls, and as whom they show themselves.
#[derive(Debug, Clone)]
pub struct Line {
    pub name: String,
    pub number: String,
}

/// A telephone in a call. Dropping it hangs up.
pub struct Phone {
    orders: mpsc::Sender<Order>,
    events: mpsc::Receiver<PhoneEvent>,
    /// A wire of its own, so that audio nobody fetches never keeps events back.
    audio: mpsc::Receiver<Vec<i16>>,
    heard: Arc<Mutex<VecDeque<i16>>>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum PhoneEvent {
    Ringing,
    Answered,
    Refused(u16),
    /// The other side hung up.
    HungUp,
    /// 20 ms of audio.
    Audio(Vec<i16>),
}

enum Order {
    /// Speaks these samples after what is still to be spoken.
    Say(Arc<[i16]>),
    /// Keeps sounding a tone, or none.
    Tone(Option<f64>),
    Press(String),
    HangUp,
}

impl Phone {
    /// Dials a number at a SIP address; progress comes as events.
    pub async fn dial(to: SocketAddr, number: &str, line: &Line) -> io::Result<Phone> {
        let any = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        let (sip, rtp) = (UdpSocket::bind(any).await?, UdpSocket::bind(any).await?);
        let (orders, ordered) = mpsc::channel(64);
        let (tell, events) = mpsc::channel(16);
        let (sound, audio) = mpsc::channel(64);
        let heard = Arc::new(Mutex::new(VecDeque::new()));
        let task = Task::new(sip, rtp, to, number, line, ordered, Wires { events: tell, audio: sound, heard: heard.clone() })?;
        tokio::spawn(task.run());
        Ok(Phone { orders, events, audio, heard })
    }

    /// The next event; `None` when the call is over.
    pub async fn recv(&mut self) -> Option<PhoneEvent> {
        tokio::select! {
            biased;
            event = self.events.recv() => event,
            Some(samples) = self.audio.recv() => Some(PhoneEvent::Audio(samples)),
        }
    }

    /// Waits for the answer; `Err` with the status, or 0 when nobody answers at all.
    pub async fn answered(&mut self) -> Result<(), u16> {
        while let Some(event) = self.recv().await {
            match event {
                PhoneEvent::Answered => return Ok(()),
                PhoneEvent::Refused(status) => return Err(status),
                PhoneEvent::Ringing | PhoneEvent::Audio(_) => {}
                PhoneEvent::HungUp => break,
            }
        }
        Err(0)
    }

    pub async fn say(&self, samples: Arc<[i16]>) {
        self.order(Order::Say(samples)).await;
    }

    pub async fn tone(&self, hz: Option<f64>) {
        self.order(Order::Tone(hz)).await;
    }

    pub async fn press(&self, keys: &str) {
        self.order(Order::Press(keys.to_owned())).await;
    }

    pub async fn hang_up(&self) {
        self.order(Order::HangUp).await;
    }

    /// The newest audio, up to this many samples.
    pub fn heard(&self, samples: usize) -> Vec<i16> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.iter().skip(heard.len().saturating_sub(samples)).copied().collect()
    }

    async fn order(&self, order: Order) {
        // A phone whose call is over does nothing, and that is no error.
        let _ = self.orders.send(order).await;
    }
}

/// What the task tells by.
struct Wires {
    events: mpsc::Sender<PhoneEvent>,
    audio: mpsc::Sender<Vec<i16>>,
    heard: Arc<Mutex<VecDeque<i16>>>,
}

struct Task {
    sip: UdpSocket,
    rtp: UdpSocket,
    to: SocketAddr,
    orders: mpsc::Receiver<Order>,
    wires: Wires,
    local: SocketAddr,
    audio_local: SocketAddr,
    uri: String,
    from: String,
    to_header: String,
    call_id: String,
    branch: u32,
    cseq: u32,
    /// Where in-dialog requests go: the peer's contact.
    target: String,
    audio: Option<SocketAddr>,
    speech: VecDeque<i16>,
    tone: Option<f64>,
    keys: VecDeque<char>,
    key_packets: u32,
    sequence: u16,
    timestamp: u32,
    key_started: u32,
    ssrc: u32,
}

impl Task {
    fn new(
        sip: UdpSocket,
        rtp: UdpSocket,
        to: SocketAddr,
        number: &str,
        line: &Line,
        orders: mpsc::Receiver<Order>,
        wires: Wires,
    ) -> io::Result<Task> {
        let (local, audio_local) = (sip.local_addr()?, rtp.local_addr()?);
        let id: u64 = rand::random();
        let uri = format!("sip:{number}@{to}");
        Ok(Task {
            sip,
            rtp,
            to,
            orders,
            wires,
            local,
            audio_local,
            from: format!("\"{}\" <sip:{}@{local}>;tag={:x}", line.name, line.number, id >> 32),
            to_header: format!("<{uri}>"),
            target: uri.clone(),
            uri,
            call_id: format!("{id:x}@{}", local.ip()),
            branch: 0,
            cseq: 1,
            audio: None,
            speech: VecDeque::new(),
            tone: None,
            keys: VecDeque::new(),
            key_packets: 0,
            sequence: id as u16,
            timestamp: id as u32,
            key_started: 0,
            ssrc: (id >> 16) as u32,
        })
    }

    async fn run(mut self) {
        if self.set_up().await {
            self.talk().await;
        }
    }

    fn request(&self, method: &str, target: &str, cseq: u32, body: Option<&str>) -> String {
        let head = format!(
            "{method} {target} SIP/2.0\r\nvia: SIP/2.0/UDP {local};branch=z9hG4bK{call}{branch};rport\r\nmax-forwards: 70\r\nfrom: {from}\r\nto: {to}\r\ncall-id: {call_id}\r\ncseq: {cseq} {method}\r\ncontact: <sip:caller@{local}>\r\n",
            local = self.local,
            call = self.ssrc,
            branch = self.branch,
            from = self.from,
            to = self.to_header,
            call_id = self.call_id,
        );
        message::finish(head, body)
    }

    async fn send(&self, text: &str) {
        // Loopback takes every datagram; one that is lost is sent again like any other.
        let _ = self.sip.send_to(text.as_bytes(), self.to).await;
    }

    async fn tell(&self, event: PhoneEvent) {
        let _ = self.wires.events.send(event).await;
    }

    /// From INVITE to answer; says whether there is a call to talk in.
    async fn set_up(&mut self) -> bool {
        let invite = self.request("INVITE", &self.uri, self.cseq, Some(&message::description(self.audio_local, 1)));
        self.send(&invite).await;
        let (mut wait, mut again) = (T1, Instant::now() + T1);
        let mut provisional = false;
        let mut cancelled = false;
        let mut buffer = [0; 8_192];
        loop {
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(Order::HangUp) | None if cancelled => return false,
                    Some(Order::HangUp) | None => {
                        cancelled = true;
                        let cancel = self.request("CANCEL", &self.uri, self.cseq, None);
                        self.send(&cancel).await;
                    }
                    Some(order) => self.obey(order),
                },
                received = self.sip.recv_from(&mut buffer) => {
                    let Some(message) = received.ok().and_then(|(n, _)| Received::read(&buffer[..n])) else { continue };
                    let Some(status) = message.status().filter(|_| message.header("cseq").is_some_and(|cseq| cseq.ends_with("INVITE"))) else { continue };
                    provisional = true;
                    match status {
                        180..=199 => self.tell(PhoneEvent::Ringing).await,
                        100..=179 => {}
                        200..=299 => {
                            self.confirm(&message).await;
                            if cancelled {
                                self.bye().await;
                                return false;
                            }
                            self.tell(PhoneEvent::Answered).await;
                            return true;
                        }
                        _ => {
                            self.to_header = message.header("to").unwrap_or(&self.to_header).to_owned();
                            let ack = self.request("ACK", &self.uri, self.cseq, None);
                            self.send(&ack).await;
                            self.tell(PhoneEvent::Refused(status)).await;
                            return false;
                        }
                    }
                }
                () = tokio::time::sleep_until(again), if !provisional => {
                    if wait > 16 * T1 {
                        self.tell(PhoneEvent::Refused(408)).await;
                        return false;
                    }
                    self.send(&invite).await;
                    wait *= 2;
                    again = Instant::now() + wait;
                }
            }
        }
    }

    /// Acknowledges a 200 and learns from it where the peer is.
    async fn confirm(&mut self, answer: &Received) {
        self.to_header = answer.header("to").unwrap_or(&self.to_header).to_owned();
        if let Some(contact) = answer.header("contact").and_then(|c| c.split('<').nth(1)?.split('>').next()) {
            self.target = contact.to_owned();
        }
        self.audio = answer.audio().or(self.audio);
        self.branch += 1;
        let ack = self.request("ACK", &self.target, self.cseq, None);
        self.send(&ack).await;
    }

    async fn bye(&mut self) {
        self.branch += 1;
        self.cseq += 1;
        let bye = self.request("BYE", &self.target, self.cseq, None);
        let mut buffer = [0; 8_192];
        for attempt in 0..6 {
            self.send(&bye).await;
            let answered = async {
                while let Ok((n, _)) = self.sip.recv_from(&mut buffer).await {
                    let Some(message) = Received::read(&buffer[..n]) else { continue };
                    if message.header("cseq").is_some_and(|cseq| cseq.ends_with("BYE")) {
                        return;
                    }
                }
            };
            if tokio::time::timeout(T1 * 2u32.pow(attempt), answered).await.is_ok() {
                return;
            }
        }
    }

    async fn talk(&mut self) {
        let mut tick = steady();
        let (mut sip, mut rtp) = ([0; 8_192], [0; 2_048]);
        loop {
            tokio::select! {
                _ = tick.tick() => self.speak().await,
                order = self.orders.recv() => match order {
                    Some(Order::HangUp) | None => return self.bye().await,
                    Some(order) => self.obey(order),
                },
                received = self.rtp.recv_from(&mut rtp) => {
                    if let Ok((n, from)) = received {
                        self.listen(&rtp[..n], from).await;
                    }
                }
                received = self.sip.recv_from(&mut sip) => {
                    let Some(message) = received.ok().and_then(|(n, _)| Received::read(&sip[..n])) else { continue };
                    if self.request_heard(&message).await {
                        return self.tell(PhoneEvent::HungUp).await;
                    }
                }
            }
        }
    }

    /// Answers what the peer asks; says whether it hung up.
    async fn request_heard(&mut self, message: &Received) -> bool {
        let contact = format!("sip:caller@{}", self.local);
        match message.method() {
            Some("BYE") => {
                self.send(&message.answer("200 OK", &contact, None)).await;
                true
            }
            Some("INVITE" | "UPDATE") => {
                self.audio = message.audio().or(self.audio);
                let body = message::description(self.audio_local, 2);
                self.send(&message.answer("200 OK", &contact, Some(&body))).await;
                false
            }
            Some("ACK") => false,
            Some(_) => {
                self.send(&message.answer("200 OK", &contact, None)).await;
                false
            }
            // A repeated 200 wants its ACK again (RFC 3261 §13.2.2.4).
            None if message.status() == Some(200) && message.header("cseq").is_some_and(|cseq| cseq.ends_with("INVITE")) => {
                self.confirm(message).await;
                false
            }
            None => false,
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Say(samples) => self.speech.extend(samples.iter()),
            Order::Tone(hz) => self.tone = hz,
            Order::Press(keys) => self.keys.extend(keys.chars()),
            Order::HangUp => {}
        }
    }

    /// Sends the 20 ms that are due: a key, speech, a tone, or silence.
    async fn speak(&mut self) {
        let Some(audio) = self.audio else { return };
        let packet = match self.keys.front().copied() {
            Some(key) => self.key_packet(key),
            None => self.audio_packet(),
        };
        let _ = self.rtp.send_to(&packet, audio).await;
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(PACKET as u32);
    }

    fn audio_packet(&mut self) -> Vec<u8> {
        let mut packet = self.header(0, false, self.timestamp);
        if self.speech.is_empty()
            && let Some(hz) = self.tone
        {
            packet.extend(super::tone::sine(hz, u64::from(self.timestamp), PACKET).into_iter().map(g711::encode));
        } else {
            packet.extend((0..PACKET).map(|_| g711::encode(self.speech.pop_front().unwrap_or(0))));
        }
        packet
    }

    /// One packet of a key (RFC 4733 §2.3): the last three carry the end mark.
    fn key_packet(&mut self, key: char) -> Vec<u8> {
        let first = self.key_packets == 0;
        if first {
            self.key_started = self.timestamp;
        }
        self.key_packets += 1;
        let end = self.key_packets + 2 >= KEY_PACKETS;
        let duration = (self.key_packets.min(KEY_PACKETS - 2) * PACKET as u32) as u16;
        let event = "0123456789*#ABCD".find(key).unwrap_or(0) as u8;
        let mut packet = self.header(101, first, self.key_started);
        packet.extend([event, if end { 0x8a } else { 0x0a }]);
        packet.extend(duration.to_be_bytes());
        if self.key_packets == KEY_PACKETS {
            self.keys.pop_front();
            self.key_packets = 0;
        }
        packet
    }

    fn header(&self, payload: u8, marker: bool, timestamp: u32) -> Vec<u8> {
        let mut packet = vec![0x80, payload | u8::from(marker) << 7];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(timestamp.to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        packet
    }

    /// Keeps what is heard from the peer, and from nobody else.
    async fn listen(&self, packet: &[u8], from: SocketAddr) {
        if Some(from) != self.audio || packet.len() < 12 || packet[0] >> 6 != 2 || packet[1] & 0x7f != 0 {
            return;
        }
        let samples: Vec<i16> = packet[12..].iter().copied().map(g711::decode).collect();
        {
            let mut heard = self.wires.heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.extend(&samples);
            let surplus = heard.len().saturating_sub(KEPT);
            heard.drain(..surplus);
        }
        // Whoever does not listen to events still hears through `heard`.
        let _ = self.wires.audio.try_send(samples);
    }
}

/// 20 ms, caught up in bursts when the machine was busy, as a sound card does.
fn steady() -> Interval {
    let mut tick = interval(Duration::from_millis(20));
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    tick
}
