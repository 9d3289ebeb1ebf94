//! A simulated desk phone: rings when the house calls it, is picked up when the test says so, sends a tone and listens.

use super::ear::Ear;
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

/// What the test orders.
enum Order {
    PickUp,
    SayBefore,
    Refuse,
    HangUp,
    Press(char),
    Tone(f64),
    Hold(bool),
    Refer(String),
}

#[derive(Default)]
struct Seen {
    ringing: bool,
    talking: bool,
    rings: u32,
    cancelled: u32,
    hung_up_on: u32,
    heard: Ear,
    keys: String,
    from: String,
    referred: String,
    sends_to: Option<SocketAddr>,
}

/// One telephone, for one call after the other.
pub struct DeskPhone {
    pub address: SocketAddr,
    orders: mpsc::Sender<Order>,
    seen: Arc<Mutex<Seen>>,
}

struct Task {
    sip: UdpSocket,
    rtp: UdpSocket,
    hz: f64,
    seen: Arc<Mutex<Seen>>,
    /// Picks up by itself after the first ring.
    at_once: bool,
    invite: Option<(Received, SocketAddr)>,
    audio: Option<SocketAddr>,
    talking: bool,
    /// Is heard though it was not picked up.
    early: bool,
    /// Its user has pressed hold: nothing is said.
    held: bool,
    tag: u32,
    cseq: u32,
    sequence: u16,
    timestamp: u32,
    key: Option<(char, u32, u32)>,
    last_key: Option<u32>,
}

impl DeskPhone {
    /// A telephone that rings until told otherwise; `at_once` picks up by itself.
    pub async fn new(hz: f64, at_once: bool) -> DeskPhone {
        let sip = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let rtp = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let address = sip.local_addr().expect("an address");
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let (orders, ordered) = mpsc::channel(16);
        let task = Task {
            sip,
            rtp,
            hz,
            seen: seen.clone(),
            at_once,
            invite: None,
            audio: None,
            talking: false,
            early: false,
            held: false,
            tag: 0,
            cseq: 1,
            sequence: 1,
            timestamp: 0,
            key: None,
            last_key: None,
        };
        tokio::spawn(task.run(ordered));
        DeskPhone { address, orders, seen }
    }

    /// The address as the configuration wants it.
    pub fn uri(&self) -> String {
        format!("sip:desk@{}", self.address)
    }

    fn seen<T>(&self, look: impl Fn(&Seen) -> T) -> T {
        look(&self.seen.lock().expect("seen"))
    }

    pub async fn rings(&self) {
        until("the desk phone rings", || self.seen(|seen| seen.ringing)).await;
    }

    /// How often it has rung so far.
    pub fn rung(&self) -> u32 {
        self.seen(|seen| seen.rings)
    }

    pub async fn stops_ringing(&self) {
        until("the desk phone stops ringing", || self.seen(|seen| !seen.ringing)).await;
    }

    pub async fn pick_up(&self) {
        self.rings().await;
        self.order(Order::PickUp).await;
        until("the desk phone is in a call", || self.seen(|seen| seen.talking)).await;
    }

    /// Is heard before it is picked up, as a provider's announcement is (RFC 3960).
    pub async fn says_before_answering(&self) {
        self.rings().await;
        self.order(Order::SayBefore).await;
    }

    /// Picks up if it still rings, and does not wait for what becomes of it.
    pub async fn answer(&self) {
        self.order(Order::PickUp).await;
    }

    pub fn is_ringing(&self) -> bool {
        self.seen(|seen| seen.ringing)
    }

    pub fn is_talking(&self) -> bool {
        self.seen(|seen| seen.talking)
    }

    pub async fn refuse(&self) {
        self.rings().await;
        self.order(Order::Refuse).await;
    }

    pub async fn hang_up(&self) {
        self.order(Order::HangUp).await;
    }

    pub async fn press(&self, key: char) {
        self.order(Order::Press(key)).await;
    }

    /// Sounds this tone from now on; 0 is silence.
    pub async fn tone(&self, hz: f64) {
        self.order(Order::Tone(hz)).await;
    }

    /// Its own hold key: takes the other side out of hearing, or back (RFC 3264 §8.4).
    pub async fn hold(&self, on: bool) {
        self.order(Order::Hold(on)).await;
    }

    /// Its own transfer key: asks for somebody else (RFC 3515).
    pub async fn refer(&self, to: &str) {
        self.order(Order::Refer(to.to_owned())).await;
    }

    /// What became of that, as the house says it.
    pub fn referred(&self) -> String {
        self.seen(|seen| seen.referred.clone())
    }

    /// Forgets what became of the last one.
    pub fn forget_referred(&self) {
        self.seen.lock().expect("seen").referred.clear();
    }

    pub async fn is_idle(&self) {
        until("the desk phone is on hook", || self.seen(|seen| !seen.talking && !seen.ringing)).await;
    }

    pub fn share(&self, hz: f64) -> f64 {
        self.seen(|seen| tone::share(seen.heard.last(NOW), hz))
    }

    /// What was heard until now no longer counts.
    pub fn forget(&self) {
        self.seen.lock().expect("seen").heard.forget();
    }

    /// All that was heard since then.
    pub fn everything(&self) -> Vec<i16> {
        self.seen(|seen| seen.heard.last(usize::MAX).to_vec())
    }

    pub async fn hears(&self, hz: f64) {
        until(&format!("the desk phone hears {hz} Hz"), || self.share(hz) > 0.5).await;
    }

    /// Waits until each of these tones has its share of what is heard: a talk of more than two.
    pub async fn hears_all(&self, tones: &[f64]) {
        until(&format!("the desk phone hears {tones:?}"), || tones.iter().all(|hz| self.share(*hz) > 0.2)).await;
    }

    /// Waits until something is heard that is none of these tones: music, or the ring-back tone.
    pub async fn hears_music(&self, tones: &[f64]) {
        until("the desk phone hears music", || {
            let loud = self.seen(|seen| {
                let last = seen.heard.last(NOW);
                last.len() == NOW && last.iter().filter(|sample| sample.unsigned_abs() > 300).count() > NOW / 4
            });
            loud && tones.iter().all(|hz| self.share(*hz) < 0.2)
        })
        .await;
    }

    /// Packets of nothing within the last of what was heard.
    pub fn holes(&self, within: Duration) -> usize {
        let samples = within.as_millis() as usize * 8;
        self.seen(|seen| {
            seen.heard.last(samples).chunks_exact(PACKET).filter(|packet| packet.iter().all(|s| s.unsigned_abs() < 50)).count()
        })
    }

    /// Keys that were pressed at the other end.
    pub fn keys(&self) -> String {
        self.seen(|seen| seen.keys.clone())
    }

    /// Where its audio goes, by the other side's last description.
    pub fn sends_to(&self) -> Option<SocketAddr> {
        self.seen(|seen| seen.sends_to)
    }

    /// Whom it shows as calling.
    pub fn shows(&self) -> String {
        self.seen(|seen| seen.from.clone())
    }

    async fn order(&self, order: Order) {
        assert!(self.orders.send(order).await.is_ok(), "a telephone that obeys");
    }
}

impl Task {
    async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        let (mut sip, mut rtp) = ([0; 8_192], [0; 2_048]);
        loop {
            tokio::select! {
                _ = tick.tick() => self.speak().await,
                order = orders.recv() => match order {
                    Some(order) => self.obey(order).await,
                    None => return,
                },
                Ok((n, _)) = self.rtp.recv_from(&mut rtp) => self.listen(&rtp[..n]),
                Ok((n, from)) = self.sip.recv_from(&mut sip) => {
                    if let Some(message) = Received::read(&sip[..n]) {
                        self.hear(message, from).await;
                    }
                }
            }
        }
    }

    fn note(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.seen.lock().expect("seen"));
    }

    async fn answer(&self, request: &Received, to: SocketAddr, status: &str, body: Option<&str>) {
        let contact = format!("sip:desk@{}", self.sip.local_addr().expect("an address"));
        let text = request.answer(status, &contact, body);
        // The dialog's tag is ours to add (RFC 3261 §12.1.1).
        let text = text
            .lines()
            .map(|line| {
                if line.starts_with("to:") && !line.contains("tag=") {
                    format!("{line};tag=d{}\r\n", self.tag)
                } else {
                    format!("{line}\r\n")
                }
            })
            .collect::<String>();
        let _ = self.sip.send_to(text.as_bytes(), to).await;
    }

    async fn hear(&mut self, message: Received, from: SocketAddr) {
        let ours = |invite: &Option<(Received, SocketAddr)>| {
            invite.as_ref().is_some_and(|(i, _)| i.header("call-id") == message.header("call-id"))
        };
        match message.method() {
            Some("INVITE") if !self.talking && !ours(&self.invite) && self.invite.is_none() => {
                self.tag += 1;
                self.audio = message.audio();
                self.note(|seen| seen.sends_to = message.audio());
                self.answer(&message, from, "180 Ringing", None).await;
                let caller = message.header("from").unwrap_or_default().to_owned();
                self.invite = Some((message, from));
                self.note(|seen| {
                    (seen.ringing, seen.from) = (true, caller);
                    seen.rings += 1;
                });
                if self.at_once {
                    self.pick_up().await;
                }
            }
            Some("INVITE") if ours(&self.invite) => {
                if self.talking {
                    self.audio = message.audio().or(self.audio);
                    self.note(|seen| seen.sends_to = self.audio);
                    self.answer(&message, from, "200 OK", Some(&self.description())).await;
                } else {
                    self.answer(&message, from, "180 Ringing", None).await;
                }
            }
            Some("INVITE") => self.answer(&message, from, "486 Busy Here", None).await,
            Some("ACK") => {}
            Some("CANCEL") => {
                self.answer(&message, from, "200 OK", None).await;
                if let Some((invite, to)) = self.invite.take_if(|_| !self.talking) {
                    self.answer(&invite, to, "487 Request Terminated", None).await;
                    self.note(|seen| {
                        seen.ringing = false;
                        seen.cancelled += 1;
                    });
                }
            }
            Some("BYE") => {
                self.answer(&message, from, "200 OK", None).await;
                self.over();
                self.note(|seen| seen.hung_up_on += 1);
            }
            Some(_) => {
                if let Some(result) = message.body.lines().find_map(|line| line.strip_prefix("SIP/2.0 ")) {
                    self.note(|seen| seen.referred = result.to_owned());
                }
                self.answer(&message, from, "200 OK", None).await;
            }
            // Our hold was taken.
            None if message.status() == Some(200) && message.header("cseq").is_some_and(|cseq| cseq.ends_with("INVITE")) => {
                self.within("ACK", None).await;
            }
            None => {}
        }
    }

    fn over(&mut self) {
        (self.invite, self.audio, self.talking, self.early, self.held) = (None, None, false, false, false);
        self.note(|seen| (seen.ringing, seen.talking) = (false, false));
    }

    fn description(&self) -> String {
        description(self.rtp.local_addr().expect("an address"), 1)
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::PickUp => self.pick_up().await,
            Order::SayBefore => {
                if let Some((invite, to)) = &self.invite {
                    self.answer(invite, *to, "183 Session Progress", Some(&self.description())).await;
                    self.early = true;
                }
            }
            Order::Refuse => {
                if let Some((invite, to)) = self.invite.take() {
                    self.answer(&invite, to, "486 Busy Here", None).await;
                    self.over();
                }
            }
            Order::HangUp => self.bye().await,
            Order::Press(key) => self.key = Some((key, 0, self.timestamp)),
            Order::Tone(hz) => self.hz = hz,
            Order::Refer(to) => self.within(&format!("REFER\nrefer-to: <sip:{to}@house>"), None).await,
            Order::Hold(on) => {
                self.held = on;
                let body = self.description().replace("sendrecv", if on { "sendonly" } else { "sendrecv" });
                self.within("INVITE", Some(&body)).await;
            }
        }
    }

    async fn pick_up(&mut self) {
        if let Some((invite, to)) = &self.invite {
            self.answer(invite, *to, "200 OK", Some(&self.description())).await;
            self.talking = true;
            self.note(|seen| {
                (seen.ringing, seen.talking) = (false, true);
                seen.heard.forget();
            });
        }
    }

    async fn bye(&mut self) {
        self.within("BYE", None).await;
        self.over();
    }

    /// A request of ours in the call, if there is one.
    async fn within(&mut self, method: &str, body: Option<&str>) {
        // A header more may stand behind the method.
        let (method, more) = method.split_once('\n').map_or((method, String::new()), |(method, more)| (method, format!("{more}\r\n")));
        let Some((invite, to)) = &self.invite else { return };
        // The ACK goes by the number of its INVITE.
        self.cseq += u32::from(method != "ACK");
        let target = invite.header("contact").and_then(|c| c.split('<').nth(1)?.split('>').next()).unwrap_or_default().to_owned();
        let local = self.sip.local_addr().expect("an address");
        let head = format!(
            "{method} {target} SIP/2.0\r\nvia: SIP/2.0/UDP {local};branch=z9hG4bKd{tag}x{cseq}{method};rport\r\nmax-forwards: 70\r\nfrom: {};tag=d{tag}\r\nto: {}\r\n\
             call-id: {}\r\ncseq: {cseq} {method}\r\ncontact: <sip:desk@{local}>\r\n{more}",
            invite.header("to").unwrap_or_default(),
            invite.header("from").unwrap_or_default(),
            invite.header("call-id").unwrap_or_default(),
            tag = self.tag,
            cseq = self.cseq,
        );
        let _ = self.sip.send_to(finish(head, body).as_bytes(), *to).await;
    }

    async fn speak(&mut self) {
        let Some(to) = self.audio.filter(|_| (self.talking || self.early) && !self.held) else { return };
        let mut packet = match self.key {
            Some((_, 0, _)) => vec![0x80, 0x80 | 101],
            Some(_) => vec![0x80, 101],
            None => vec![0x80, 0],
        };
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.key.map_or(self.timestamp, |(_, _, at)| at).to_be_bytes());
        packet.extend(0x0de5_c0de_u32.to_be_bytes());
        match &mut self.key {
            Some((key, sent, _)) => {
                *sent += 1;
                let end = if *sent >= 4 { 0x8a } else { 0x0a };
                packet.extend(["0123456789*#".find(*key).unwrap_or(0) as u8, end]);
                packet.extend(((*sent).min(4) as u16 * PACKET as u16).to_be_bytes());
                if *sent == 6 {
                    self.key = None;
                }
            }
            None => packet.extend(tone::sine(self.hz, u64::from(self.timestamp), PACKET).into_iter().map(g711::encode)),
        }
        let _ = self.rtp.send_to(&packet, to).await;
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(PACKET as u32);
    }

    fn listen(&mut self, packet: &[u8]) {
        if packet.len() < 16 || packet[0] >> 6 != 2 {
            return;
        }
        match packet[1] & 0x7f {
            0 => self.note(|seen| seen.heard.hear(packet)),
            101 => {
                let at = u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]);
                if self.last_key.replace(at) != Some(at) {
                    let key = "0123456789*#ABCD".chars().nth(usize::from(packet[12])).unwrap_or('?');
                    self.note(|seen| seen.keys.push(key));
                }
            }
            _ => {}
        }
    }
}
