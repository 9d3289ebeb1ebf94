//! Phones for the plane's tests: each sends a tone over loopback, hears what comes back and can say which tone it was.

use crate::media::{LegId, MediaEvent, Place, Plane, PlaneConfig, Remote, Room};
use crate::rtp::event::Events;
use crate::rtp::{Codec, FRAME, HEADER_LEN, Header, Law};
use crate::sound::codec::{Decoder, Encoder, LONGEST};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The longest any test waits for something; machines are slow at times.
pub const PATIENCE: Duration = Duration::from_secs(20);
pub const DTMF: u8 = 101;

pub fn plane() -> Plane {
    plane_with(|_| {})
}

pub fn plane_with(change: impl FnOnce(&mut PlaneConfig)) -> Plane {
    let mut config = PlaneConfig {
        threads: 1,
        rtp_ports: 30_000..=39_999,
        bind: Ipv4Addr::LOCALHOST.into(),
        web: Some((Ipv4Addr::LOCALHOST, 0).into()),
        silence_after: Duration::from_millis(500),
        rtp_silence_after: Duration::from_secs(30),
        clock: Instant::now,
    };
    change(&mut config);
    Plane::start(config).unwrap()
}

pub fn room(plane: &Plane) -> Room {
    plane.room(Place::Web)
}

/// One received packet.
#[derive(Clone, Debug)]
pub struct Packet {
    pub header: Header,
    pub payload: Vec<u8>,
}

/// What a phone says, and over which line.
struct Voice {
    hertz: f64,
    amplitude: f64,
    bad_line: bool,
}

pub struct Phone {
    pub addr: SocketAddr,
    pub codec: Codec,
    socket: UdpSocket,
    to: Arc<Mutex<Option<SocketAddr>>>,
    heard: Arc<Mutex<Vec<Packet>>>,
    /// Sequence number, timestamp and SSRC of the last packet.
    sent: Arc<Mutex<(u16, u32, u32)>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Phone {
    /// Listens on an address of loopback; sends its tone once told where.
    pub fn new(ip: [u8; 4], law: Law, hertz: f64) -> Phone {
        Phone::with(ip, law.into(), Voice { hertz, amplitude: 8000.0, bad_line: false })
    }

    /// One that speaks anything.
    pub fn speaking(codec: Codec, hertz: f64) -> Phone {
        Phone::with([127, 0, 0, 1], codec, Voice { hertz, amplitude: 8000.0, bad_line: false })
    }

    /// So quiet that ten of them together stay below full scale.
    pub fn quiet(ip: [u8; 4], law: Law, hertz: f64) -> Phone {
        Phone::with(ip, law.into(), Voice { hertz, amplitude: 2500.0, bad_line: false })
    }

    /// Behind a line that loses one packet in twenty and lets others wait for up to 40 ms, so that some overtake.
    pub fn bad(ip: [u8; 4], law: Law, hertz: f64) -> Phone {
        Phone::with(ip, law.into(), Voice { hertz, amplitude: 8000.0, bad_line: true })
    }

    fn with(ip: [u8; 4], codec: Codec, voice: Voice) -> Phone {
        let socket = UdpSocket::bind((Ipv4Addr::from(ip), 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        let (to, heard, stop, sent) = (Arc::default(), Arc::default(), Arc::default(), Arc::default());
        let mut phone = Phone { addr: socket.local_addr().unwrap(), codec, socket, to, heard, sent, stop, thread: None };
        phone.thread = Some(phone.spawn(voice));
        phone
    }

    fn spawn(&self, voice: Voice) -> JoinHandle<()> {
        let Voice { hertz, amplitude, bad_line } = voice;
        let (socket, codec) = (self.socket.try_clone().unwrap(), self.codec);
        let rate = if codec.is_wide() { 2 } else { 1 };
        let mut encoder = Encoder::new(codec);
        let (to, heard, stop, sent) = (self.to.clone(), self.heard.clone(), self.stop.clone(), self.sent.clone());
        let ssrc = rand::random();
        let mut waiting: Vec<(Instant, Vec<u8>, SocketAddr)> = Vec::new();
        std::thread::spawn(move || {
            let (mut seq, mut timestamp) = (rand::random::<u16>(), rand::random::<u32>());
            let (mut due, mut n, mut buffer) = (Instant::now(), 0u64, [0; 2048]);
            while !stop.load(Ordering::Relaxed) {
                if Instant::now() >= due {
                    due += Duration::from_millis(20);
                    (seq, timestamp) = (seq.wrapping_add(1), timestamp.wrapping_add(FRAME as u32 * codec.scale()));
                    if let Some(to) = *to.lock().unwrap() {
                        let mut packet = [0; HEADER_LEN + LONGEST];
                        Header::write(&mut packet, false, codec.offered_type(), seq, timestamp, ssrc);
                        let sample = |at: usize| {
                            let t = (n * (rate * FRAME) as u64 + at as u64) as f64 / (8000 * rate) as f64;
                            (amplitude * (std::f64::consts::TAU * hertz * t).sin()) as i16
                        };
                        let payload = &mut packet[HEADER_LEN..];
                        let length = match rate {
                            1 => encoder.narrow(&std::array::from_fn(sample), payload),
                            _ => encoder.wide(&std::array::from_fn(sample), payload),
                        };
                        let packet = &packet[..HEADER_LEN + length];
                        *sent.lock().unwrap() = (seq, timestamp, ssrc);
                        let delay = if bad_line { Duration::from_millis(rand::random_range(0..40)) } else { Duration::ZERO };
                        if !bad_line || rand::random_range(0..20) > 0 {
                            waiting.push((Instant::now() + delay, packet.to_vec(), to));
                        }
                        n += 1;
                    }
                }
                waiting.retain(|(at, packet, to)| {
                    let wait = *at > Instant::now();
                    if !wait {
                        let _ = socket.send_to(packet, *to);
                    }
                    wait
                });
                if let Ok(length) = socket.recv(&mut buffer)
                    && let Ok(header) = Header::parse(&buffer[..length])
                {
                    let payload = buffer[header.start..header.end].to_vec();
                    heard.lock().unwrap().push(Packet { header, payload });
                }
            }
        })
    }

    pub fn talk(&self, to: Option<SocketAddr>) {
        *self.to.lock().unwrap() = to;
    }

    pub fn destination(&self) -> Option<SocketAddr> {
        *self.to.lock().unwrap()
    }

    pub fn last_sent(&self) -> (u16, u32, u32) {
        *self.sent.lock().unwrap()
    }

    /// Sends a packet of one's own making.
    pub fn send(&self, to: SocketAddr, packet: &[u8]) {
        self.socket.send_to(packet, to).unwrap();
    }

    pub fn packets(&self) -> Vec<Packet> {
        self.heard.lock().unwrap().clone()
    }

    pub fn forget(&self) {
        self.heard.lock().unwrap().clear();
    }

    /// Waits until the last third of a second heard is this tone.
    pub fn hears(&self, hertz: f64) {
        wait(&format!("{hertz} Hz at {}", self.addr), || {
            let samples = self.samples();
            samples.len() >= 2560 && is_tone(&samples[samples.len() - 2560..], hertz)
        });
    }

    /// What was heard, at 8 kHz.
    pub fn samples(&self) -> Vec<i16> {
        let mut decoder = Decoder::new(self.codec);
        let mut samples = Vec::new();
        for packet in self.packets() {
            match Law::from_payload_type(packet.header.payload_type) {
                Some(law) => samples.extend(packet.payload.iter().map(|&byte| law.decode(byte))),
                None if packet.header.payload_type == self.codec.offered_type() => {
                    let mut wide = Vec::new();
                    decoder.decode(&packet.payload, &mut wide);
                    samples.extend(wide.iter().step_by(2));
                }
                None => {}
            }
        }
        samples
    }

    pub fn remote(&self) -> Remote {
        let dtmf = Some(Events { payload_type: DTMF, clock: 8000 });
        Remote { addr: self.addr, codec: self.codec, payload_type: self.codec.offered_type(), dtmf, send: true, receive: true, srtp: None }
    }

    /// Enters a room: its leg, ready, and where it sends to.
    pub fn join(&self, room: &mut Room) -> (LegId, SocketAddr) {
        let (leg, addr) = room.add_rtp().unwrap();
        room.set_remote(leg, self.remote());
        self.talk(Some(addr));
        (leg, addr)
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Left and right of a recording, linear.
pub fn sides(path: &Path, law: Law) -> (Vec<i16>, Vec<i16>) {
    let bytes = std::fs::read(path).unwrap();
    let side = |n: usize| bytes[58 + n..].iter().step_by(2).map(|&byte| law.decode(byte)).collect();
    (side(0), side(1))
}

/// Share of the power that lies at a frequency (Goertzel); 1.0 for that sine alone.
pub fn share(samples: &[i16], hertz: f64) -> f64 {
    let factor = 2.0 * (std::f64::consts::TAU * hertz / 8000.0).cos();
    let (mut a, mut b, mut total) = (0.0, 0.0, 0.0);
    for &sample in samples {
        let sample = f64::from(sample);
        (a, b) = (sample + factor * a - b, a);
        total += sample * sample;
    }
    let power = a * a + b * b - factor * a * b;
    if total == 0.0 { 0.0 } else { 2.0 * power / (total * samples.len() as f64) }
}

pub fn is_tone(samples: &[i16], hertz: f64) -> bool {
    let loud = samples.iter().any(|sample| sample.unsigned_abs() > 4000);
    loud && share(samples, hertz) > 0.8
}

/// Waits for a condition, generously.
pub fn wait(what: &str, mut condition: impl FnMut() -> bool) {
    let since = Instant::now();
    while !condition() {
        assert!(since.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The next event that a test is interested in; figures and first packets are passed over.
pub async fn event(room: &mut Room) -> MediaEvent {
    loop {
        let event = tokio::time::timeout(PATIENCE, room.recv()).await.expect("an event").expect("an open room");
        if !matches!(event, MediaEvent::Quality { .. } | MediaEvent::Heard { .. }) {
            return event;
        }
    }
}

/// Waits for the first event that fits.
pub async fn until(room: &mut Room, fits: impl Fn(&MediaEvent) -> bool) -> MediaEvent {
    loop {
        let event = tokio::time::timeout(PATIENCE, room.recv()).await.expect("an event").expect("an open room");
        if fits(&event) {
            return event;
        }
    }
}

/// Asserts one SSRC, sequence numbers without a gap and timestamps that only rise.
pub fn assert_continuous(packets: &[Packet]) {
    for pair in packets.windows(2) {
        let (a, b) = (pair[0].header, pair[1].header);
        assert_eq!(a.ssrc, b.ssrc);
        assert_eq!(b.seq, a.seq.wrapping_add(1), "{a:?} {b:?}");
        assert!((b.timestamp.wrapping_sub(a.timestamp) as i32) > 0, "{a:?} {b:?}");
    }
}
