//! A simulated telephone: one call over UDP, dialled or taken, µ-law audio both ways in real time, keys by RFC 4733.

mod rung;
mod sound;

use super::message::{self, Received};
use rung::Ringing;
use sound::Sound;
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

/// First retransmission of a request (RFC 3261 T1); doubled each time.
const T1: Duration = Duration::from_millis(500);

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
    PickUp,
    HangUp,
    /// Whoever rings us gives up.
    Cancelled,
}

impl Phone {
    /// Dials a number at a SIP address; progress comes as events.
    pub async fn dial(to: SocketAddr, number: &str, line: &Line) -> io::Result<Phone> {
        Phone::dials(to, number, line, true).await
    }

    /// The same from an old telephone: its keys are heard and nothing else.
    pub async fn dial_without_events(to: SocketAddr, number: &str, line: &Line) -> io::Result<Phone> {
        Phone::dials(to, number, line, false).await
    }

    async fn dials(to: SocketAddr, number: &str, line: &Line, events: bool) -> io::Result<Phone> {
        let (phone, wires) = Phone::new();
        let task = Task { has_events: events, ..Task::dialling(wires, to, number, line).await? };
        tokio::spawn(task.run());
        Ok(phone)
    }

    /// The telephone that this INVITE rings; `door` is the socket on which it came, from `from`.
    pub async fn rung(invite: Received, door: Arc<UdpSocket>, from: SocketAddr) -> io::Result<Phone> {
        let (phone, wires) = Phone::new();
        let task = Task::rung(wires, &invite, from).await?;
        tokio::spawn(task.run_rung(Ringing { invite, door, from }));
        Ok(phone)
    }

    fn new() -> (Phone, Wires) {
        let (order, orders) = mpsc::channel(64);
        let (tell, events) = mpsc::channel(16);
        let (sound, audio) = mpsc::channel(64);
        let heard = Arc::new(Mutex::new(VecDeque::new()));
        (Phone { orders: order, events, audio, heard: heard.clone() }, Wires { orders, events: tell, audio: sound, heard })
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

    /// Takes the call that rings.
    pub async fn pick_up(&self) {
        self.order(Order::PickUp).await;
    }

    /// Hangs up, refuses, or gives up dialling.
    pub async fn hang_up(&self) {
        self.order(Order::HangUp).await;
    }

    /// The newest audio, up to this many samples.
    pub fn heard(&self, samples: usize) -> Vec<i16> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.iter().skip(heard.len().saturating_sub(samples)).copied().collect()
    }

    /// By which the exchange tells that the caller has given up.
    pub(super) fn ringer(&self) -> Ringer {
        Ringer(self.orders.clone())
    }

    async fn order(&self, order: Order) {
        // A phone whose call is over does nothing, and that is no error.
        let _ = self.orders.send(order).await;
    }
}

/// Reaches a telephone that somebody else holds.
pub(super) struct Ringer(mpsc::Sender<Order>);

impl Ringer {
    pub(super) async fn cancel(&self) {
        // It may have been picked up and put down already.
        let _ = self.0.send(Order::Cancelled).await;
    }
}

/// The task's ends of its wires.
struct Wires {
    orders: mpsc::Receiver<Order>,
    events: mpsc::Sender<PhoneEvent>,
    audio: mpsc::Sender<Vec<i16>>,
    heard: Arc<Mutex<VecDeque<i16>>>,
}

struct Task {
    sip: UdpSocket,
    sound: Sound,
    to: SocketAddr,
    orders: mpsc::Receiver<Order>,
    events: mpsc::Sender<PhoneEvent>,
    local: SocketAddr,
    uri: String,
    from: String,
    to_header: String,
    call_id: String,
    branch: u32,
    cseq: u32,
    /// Where in-dialog requests go: the peer's contact.
    target: String,
    /// It tells its keys as events (RFC 4733).
    has_events: bool,
}

impl Task {
    async fn new(wires: Wires, to: SocketAddr) -> io::Result<Task> {
        let any = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        let sip = UdpSocket::bind(any).await?;
        let Wires { orders, events, audio, heard } = wires;
        Ok(Task {
            local: sip.local_addr()?,
            sip,
            sound: Sound::new(UdpSocket::bind(any).await?, audio, heard)?,
            to,
            orders,
            events,
            uri: String::new(),
            from: String::new(),
            to_header: String::new(),
            call_id: String::new(),
            branch: 0,
            cseq: 1,
            target: String::new(),
            has_events: true,
        })
    }

    async fn dialling(wires: Wires, to: SocketAddr, number: &str, line: &Line) -> io::Result<Task> {
        let mut task = Task::new(wires, to).await?;
        let id: u64 = rand::random();
        task.uri = format!("sip:{number}@{to}");
        task.target = task.uri.clone();
        task.to_header = format!("<{}>", task.uri);
        task.from = format!("\"{}\" <sip:{}@{}>;tag={:x}", line.name, line.number, task.local, id >> 32);
        task.call_id = format!("{id:x}@{}", task.local.ip());
        Ok(task)
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
            call = self.sound.ssrc,
            branch = self.branch,
            from = self.from,
            to = self.to_header,
            call_id = self.call_id,
        );
        message::finish(head, body)
    }

    fn description(&self, version: u32) -> String {
        let whole = message::description(self.sound.local, version);
        if self.has_events { whole } else { message::without_events(&whole) }
    }

    async fn send(&self, text: &str) {
        // Loopback takes every datagram; one that is lost is sent again like any other.
        let _ = self.sip.send_to(text.as_bytes(), self.to).await;
    }

    async fn tell(&self, event: PhoneEvent) {
        let _ = self.events.send(event).await;
    }

    /// From INVITE to answer; says whether there is a call to talk in.
    async fn set_up(&mut self) -> bool {
        let invite = self.request("INVITE", &self.uri, self.cseq, Some(&self.description(1)));
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

    /// Requests of the dialog go to the peer's contact, past whoever set it up.
    fn learn_target(&mut self, message: &Received) {
        let Some(contact) = message.contact() else { return };
        self.target = contact.to_owned();
        let address = contact.split(';').next().and_then(|uri| uri.trim_start_matches("sip:").rsplit('@').next()?.parse().ok());
        self.to = address.unwrap_or(self.to);
    }

    /// Acknowledges a 200 and learns from it where the peer is.
    async fn confirm(&mut self, answer: &Received) {
        self.to_header = answer.header("to").unwrap_or(&self.to_header).to_owned();
        self.learn_target(answer);
        self.sound.peer = answer.audio().or(self.sound.peer);
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
                _ = tick.tick() => self.sound.speak().await,
                order = self.orders.recv() => match order {
                    Some(Order::HangUp) | None => return self.bye().await,
                    Some(order) => self.obey(order),
                },
                received = self.sound.rtp.recv_from(&mut rtp) => {
                    if let Ok((n, from)) = received {
                        self.sound.listen(&rtp[..n], from);
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
                self.sound.peer = message.audio().or(self.sound.peer);
                let body = self.description(2);
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
            Order::Say(samples) => self.sound.speech.extend(samples.iter()),
            Order::Tone(hz) => self.sound.tone = hz,
            Order::Press(keys) => self.sound.keys.extend(keys.chars()),
            Order::PickUp | Order::HangUp | Order::Cancelled => {}
        }
    }
}

/// 20 ms, caught up in bursts when the machine was busy, as a sound card does.
fn steady() -> Interval {
    let mut tick = interval(Duration::from_millis(20));
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    tick
}
