//! Calls between a browser and a telephone, beside the same between two telephones and the least that any relay of packets costs here. Audio goes
//! over loopback in frames of 20 ms; the browsers are connections of the WebRTC library, and what they cost is not counted.
//!
//! `cargo bench --bench web [CALLS]` (goal: WebRTC to RTP at most four times the floor)

use bytes::BytesMut;
use hubline::media::{Place, Plane, PlaneConfig, Remote, Room};
use hubline::rtp::{Codec, HEADER_LEN, Header, Law};
use hubline::webrtc::{WebConfig, answer};
use rustix::event::epoll;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use webrtc::interceptor::Registry;
use webrtc::media_stream::MediaStreamTrack;
use webrtc::peer_connection::configuration::media_engine::MediaEngine;
use webrtc::peer_connection::configuration::setting_engine::SettingEngineBuilder;
use webrtc::peer_connection::event::RTCPeerConnectionEvent;
use webrtc::peer_connection::message::{RTCMessage, TaggedRTCMessage};
use webrtc::peer_connection::sdp::RTCSessionDescription;
use webrtc::peer_connection::state::RTCPeerConnectionState;
use webrtc::peer_connection::transport::RTCIceCandidateInit;
use webrtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use webrtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use webrtc::sansio::Protocol as _;
use webrtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};

const ULAW: Codec = Codec::Law(Law::Pcmu);
const CALLS: usize = 50;
const WARM_UP: Duration = Duration::from_secs(3);
const MEASURED: Duration = Duration::from_secs(10);
const PAYLOAD: usize = 160;
const PACKET: usize = HEADER_LEN + PAYLOAD;

/// What a kind of call costs.
struct Figures {
    each: f64,
    packet_us: f64,
    lost_percent: f64,
    late: Vec<Duration>,
}

/// What the far ends count: packets that came in the measured time, and how old they were.
#[derive(Default)]
struct Tally {
    measuring: bool,
    sent: u64,
    received: u64,
    late: Vec<Duration>,
}

impl Tally {
    /// The payload begins with the time of its sending, ns since the start.
    fn heard(&mut self, origin: Instant, payload: &[u8]) {
        let Some(sent) = payload.first_chunk::<8>().map(|bytes| Duration::from_nanos(u64::from_be_bytes(*bytes))) else { return };
        if self.measuring {
            self.received += 1;
            self.late.push(origin.elapsed().saturating_sub(sent));
        }
    }
}

/// One end of a call.
enum End {
    Phone { socket: UdpSocket, to: SocketAddr, numbers: (u16, u32, u32) },
    Page(Box<Page>),
}

fn main() {
    let calls = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(CALLS);
    println!(
        "{:<22}{:>6}{:>14}{:>12}{:>10}{:>10}{:>10}{:>10}",
        "", "calls", "% of a core", "µs/packet", "floors", "lost %", "p50 ms", "p99 ms"
    );
    // Twice each and in turns: what else the machine does is the same for all.
    for _ in 0..2 {
        let floor = floor(calls);
        show("floor", calls, &floor, floor.each);
        show("RTP to RTP", calls, &plane(calls, false), floor.each);
        show("WebRTC to RTP", calls, &plane(calls, true), floor.each);
    }
}

fn show(what: &str, calls: usize, figures: &Figures, floor: f64) {
    let late = |share: f64| {
        let at = ((figures.late.len() as f64 * share) as usize).min(figures.late.len().saturating_sub(1));
        figures.late.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    println!(
        "{what:<22}{calls:>6}{:>14.4}{:>12.2}{:>10.2}{:>10.3}{:>10.3}{:>10.3}",
        100.0 * figures.each,
        figures.packet_us,
        figures.each / floor,
        figures.lost_percent,
        late(0.5),
        late(0.99),
    );
}

/// One receive and one send for each packet, and nothing else.
fn floor(calls: usize) -> Figures {
    let bound = || {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
        socket.set_nonblocking(true).expect("a socket");
        socket
    };
    let (mut ends, mut relay) = (Vec::new(), Vec::new());
    for n in 0..2 * calls {
        let (outer, inner) = (bound(), bound());
        let to = inner.local_addr().expect("an address");
        inner.connect(outer.local_addr().expect("an address")).expect("connected");
        ends.push(End::Phone { socket: outer, to, numbers: (0, 0, n as u32 + 1) });
        relay.push(inner);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let relaying = std::thread::Builder::new().name("media-floor".into()).spawn(move || {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).expect("epoll");
        for (n, socket) in relay.iter().enumerate() {
            epoll::add(&epoll, socket, epoll::EventData::new_u64(n as u64), epoll::EventFlags::IN).expect("watched");
        }
        let (mut ready, mut packet) = (Vec::with_capacity(256), [0; 2_048]);
        let wait = rustix::event::Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        while !stopped.load(Ordering::Relaxed) {
            ready.clear();
            let _ = epoll::wait(&epoll, rustix::buffer::spare_capacity(&mut ready), Some(&wait));
            for event in &ready {
                let n = event.data.u64() as usize;
                if let Ok(length) = relay[n].recv(&mut packet) {
                    let _ = relay[n ^ 1].send(&packet[..length]);
                }
            }
        }
    });
    let relaying = relaying.expect("a thread");
    let figures = measured(ends, calls);
    stop.store(true, Ordering::Relaxed);
    let _ = relaying.join();
    figures
}

fn plane(calls: usize, pages: bool) -> Figures {
    let plane = Plane::start(PlaneConfig {
        threads: 1,
        rtp_ports: 30_000..=49_999,
        bind: Ipv4Addr::LOCALHOST.into(),
        web: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        silence_after: Duration::from_millis(500),
        rtp_silence_after: Duration::from_secs(30),
        clock: Instant::now,
    })
    .expect("a plane");
    let (mut rooms, mut ends, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..calls {
        let mut room = plane.room(Place::Web);
        let first = if pages {
            let (page, peer) = Page::open(&plane);
            let (events, heard) = tokio::sync::mpsc::channel(16);
            kept.push(heard);
            ends.push(End::Page(Box::new(page)));
            room.add_peer(plane.add_peer(peer, events))
        } else {
            phone(&mut room, &mut ends)
        };
        let second = phone(&mut room, &mut ends);
        room.hear(first, &[second]);
        room.hear(second, &[first]);
        rooms.push(room);
    }
    let figures = measured(ends, calls);
    drop(rooms);
    plane.shutdown();
    figures
}

fn phone(room: &mut Room, ends: &mut Vec<End>) -> hubline::media::LegId {
    let (leg, to) = room.add_rtp().expect("ports");
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    socket.set_nonblocking(true).expect("a socket");
    let addr = socket.local_addr().expect("an address");
    room.set_remote(leg, Remote { addr, codec: ULAW, payload_type: 0, dtmf: None, send: true, receive: true, srtp: None });
    ends.push(End::Phone { socket, to, numbers: (0, 0, ends.len() as u32 + 1) });
    leg
}

/// Lets all ends talk, and takes the figures of the media threads in the middle of it.
fn measured(mut ends: Vec<End>, calls: usize) -> Figures {
    let origin = Instant::now();
    let mut tally = Tally::default();
    for end in &mut ends {
        if let End::Page(page) = end {
            page.connect(origin);
        }
    }
    let (mut frame, mut spent, mut begun) = (0u32, Duration::ZERO, Instant::now());
    let began = Instant::now();
    loop {
        if !tally.measuring && began.elapsed() >= WARM_UP {
            (tally.measuring, spent, begun) = (true, media_time(), Instant::now());
        }
        if tally.measuring && begun.elapsed() >= MEASURED {
            break;
        }
        let count = ends.len();
        for (n, end) in ends.iter_mut().enumerate() {
            if n % 8 == 0 {
                let due = Duration::from_millis(20) * frame + Duration::from_millis(20).mul_f64(n as f64 / count as f64);
                std::thread::sleep(due.saturating_sub(began.elapsed()));
            }
            end.speak(origin);
            tally.sent += u64::from(tally.measuring);
            end.listen(origin, &mut tally);
        }
        frame += 1;
    }
    let (spent, wall) = (media_time().saturating_sub(spent), begun.elapsed());
    tally.late.sort();
    let each = spent.as_secs_f64() / wall.as_secs_f64() / calls as f64;
    Figures {
        each,
        packet_us: spent.as_secs_f64() * 1e6 / tally.sent.max(1) as f64,
        lost_percent: 100.0 * (1.0 - tally.received as f64 / tally.sent.max(1) as f64).max(0.0),
        late: tally.late,
    }
}

impl End {
    fn speak(&mut self, origin: Instant) {
        let mut payload = [0xd5; PAYLOAD];
        payload[..8].copy_from_slice(&(origin.elapsed().as_nanos() as u64).to_be_bytes());
        match self {
            End::Phone { socket, to, numbers: (seq, timestamp, ssrc) } => {
                let mut packet = [0; PACKET];
                Header::write(&mut packet, false, 0, *seq, *timestamp, *ssrc);
                packet[HEADER_LEN..].copy_from_slice(&payload);
                let _ = socket.send_to(&packet, *to);
                (*seq, *timestamp) = (seq.wrapping_add(1), timestamp.wrapping_add(160));
            }
            End::Page(page) => page.speak(&payload),
        }
    }

    fn listen(&mut self, origin: Instant, tally: &mut Tally) {
        match self {
            End::Phone { socket, .. } => {
                let mut packet = [0; 2_048];
                while let Ok(length) = socket.recv(&mut packet) {
                    tally.heard(origin, packet[..length].get(HEADER_LEN..).unwrap_or_default());
                }
            }
            End::Page(page) => page.pump(|payload| tally.heard(origin, payload)),
        }
    }
}

/// A browser's connection.
struct Page {
    connection: RTCPeerConnection,
    connected: bool,
    socket: UdpSocket,
    local: SocketAddr,
    server: SocketAddr,
    seq: u16,
    timestamp: u32,
}

/// Its stream.
const SSRC: u32 = 77_001;

fn codec(name: &str, payload_type: u8) -> RTCRtpCodecParameters {
    let rtp_codec = RTCRtpCodec { mime_type: format!("audio/{name}"), clock_rate: 8_000, channels: 1, ..RTCRtpCodec::default() };
    RTCRtpCodecParameters { rtp_codec, payload_type }
}

impl Page {
    /// Its offer and the house's answer.
    fn open(plane: &Plane) -> (Page, Box<hubline::webrtc::BrowserPeer>) {
        let (now, server) = (Instant::now(), plane.web_addr().expect("a port"));
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
        socket.set_nonblocking(true).expect("a socket");
        let local = socket.local_addr().expect("an address");
        let mut engine = MediaEngine::default();
        for (name, number) in [("PCMU", 0), ("PCMA", 8), ("telephone-event", 126)] {
            engine.register_codec(codec(name, number), RtpCodecKind::Audio).expect("a codec");
        }
        let builder = RTCPeerConnectionBuilder::new().with_media_engine(engine).with_setting_engine(SettingEngineBuilder::new().build());
        let mut connection = builder.with_interceptor_registry(Registry::new()).build(now).expect("a connection");
        let coding = RTCRtpEncodingParameters {
            rtp_coding_parameters: RTCRtpCodingParameters { ssrc: Some(SSRC), ..RTCRtpCodingParameters::default() },
            active: true,
            codec: codec("PCMU", 0).rtp_codec,
            ..RTCRtpEncodingParameters::default()
        };
        let name = || "page".to_owned();
        connection.add_track(MediaStreamTrack::new(name(), name(), name(), RtpCodecKind::Audio, vec![coding])).expect("a track");
        let candidate = format!("candidate:1 1 udp 2130706431 {} {} typ host", local.ip(), local.port());
        connection.add_local_candidate(RTCIceCandidateInit { candidate, ..RTCIceCandidateInit::default() }).expect("a candidate");
        let offer = connection.create_offer(None).expect("an offer");
        connection.set_local_description(now, offer).expect("taken");
        // The library offers only the codec of its track; a browser offers all.
        let offer = connection.local_description().expect("an offer").sdp;
        let offer = offer
            .replace("SAVPF 0\r\n", "SAVPF 0 8 126\r\n")
            .replace("a=rtpmap:0 ", "a=rtpmap:8 PCMA/8000\r\na=rtpmap:126 telephone-event/8000\r\na=rtpmap:0 ");
        let answered = answer(&WebConfig::new(server, Vec::new()), &offer, now).expect("an answer");
        let description = RTCSessionDescription::answer(answered.answer).expect("a valid answer");
        connection.set_remote_description(now, description).expect("taken");
        (Page { connection, connected: false, socket, local, server, seq: 1, timestamp: 0 }, answered.peer)
    }

    fn connect(&mut self, origin: Instant) {
        while !self.connected {
            assert!(origin.elapsed() < Duration::from_secs(60), "a page does not connect");
            self.pump(|_| {});
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn pump(&mut self, mut heard: impl FnMut(&[u8])) {
        let (now, mut buffer) = (Instant::now(), [0; 2_048]);
        while let Ok(length) = self.socket.recv(&mut buffer) {
            let transport =
                TransportContext { local_addr: self.local, peer_addr: self.server, transport_protocol: TransportProtocol::UDP, ecn: None };
            // What the library refuses does not arrive, and is counted as lost.
            let _ = self.connection.handle_read(TaggedBytesMut { now, transport, message: BytesMut::from(&buffer[..length]) });
        }
        let _ = self.connection.handle_timeout(now);
        while let Some(event) = self.connection.poll_event() {
            if let RTCPeerConnectionEvent::OnConnectionStateChangeEvent(state) = event {
                self.connected = state == RTCPeerConnectionState::Connected;
            }
        }
        while let Some(message) = self.connection.poll_read() {
            if let RTCMessage::RtpPacket(_, packet) = message.message {
                heard(&packet.payload);
            }
        }
        while let Some(datagram) = self.connection.poll_write() {
            let _ = self.socket.send_to(&datagram.message, datagram.transport.peer_addr);
        }
    }

    fn speak(&mut self, payload: &[u8]) {
        let header = webrtc::rtp::Header {
            version: 2,
            payload_type: 0,
            sequence_number: self.seq,
            timestamp: self.timestamp,
            ssrc: SSRC,
            ..webrtc::rtp::Header::default()
        };
        (self.seq, self.timestamp) = (self.seq.wrapping_add(1), self.timestamp.wrapping_add(160));
        let packet = webrtc::rtp::Packet { header, payload: payload.to_vec().into() };
        let message = RTCMessage::RtpPacket(String::new(), packet);
        self.connection.handle_write(TaggedRTCMessage { now: Instant::now(), message }).expect("a packet");
        while let Some(datagram) = self.connection.poll_write() {
            let _ = self.socket.send_to(&datagram.message, datagram.transport.peer_addr);
        }
    }
}

/// Time that the media threads have run.
fn media_time() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let ours = tasks.filter(|task| std::fs::read_to_string(task.path().join("comm")).unwrap_or_default().starts_with("media-"));
    let spent = ours.filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok()?.split(' ').next()?.parse::<u64>().ok());
    Duration::from_nanos(spent.sum())
}
