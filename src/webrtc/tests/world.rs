//! Both ends of a connection and the network between them, in memory and in made-up time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ::webrtc::interceptor::{ReceiverReportBuilder, Registry, Slot};
use ::webrtc::media_stream::MediaStreamTrack;
use ::webrtc::peer_connection::configuration::media_engine::MediaEngine;
use ::webrtc::peer_connection::configuration::setting_engine::SettingEngineBuilder;
use ::webrtc::peer_connection::event::RTCPeerConnectionEvent;
use ::webrtc::peer_connection::message::{RTCMessage, TaggedRTCMessage};
use ::webrtc::peer_connection::sdp::RTCSessionDescription;
use ::webrtc::peer_connection::state::RTCPeerConnectionState;
use ::webrtc::peer_connection::transport::RTCIceCandidateInit;
use ::webrtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use ::webrtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use ::webrtc::sansio::Protocol as _;
use ::webrtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};
use bytes::BytesMut;

use super::super::*;
use crate::media::{AudioIn, AudioOut, Peer, PeerEvent, PeerOut, PeerReport};
use crate::rtp::Law;

pub const STEP: Duration = Duration::from_millis(20);
pub const SERVER: &str = "10.0.0.1:3478";
pub const HOME: &str = "10.0.0.9:40000";

pub fn at(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

/// What our side did when it was called.
#[derive(Default)]
pub struct Heard {
    pub sent: Vec<(SocketAddr, Vec<u8>)>,
    pub latched: Vec<SocketAddr>,
    pub audio: Vec<(Law, u16, u32, bool, Vec<u8>)>,
    pub digits: Vec<(char, u32)>,
    pub reports: Vec<PeerReport>,
    pub events: Vec<PeerEvent>,
}

impl PeerOut for Heard {
    fn transmit(&mut self, to: SocketAddr, data: &[u8]) {
        self.sent.push((to, data.to_vec()));
    }
    fn latch(&mut self, from: SocketAddr) {
        if self.latched.last() != Some(&from) {
            self.latched.push(from);
        }
    }
    fn audio(&mut self, packet: AudioIn<'_>) {
        let AudioIn { law, seq, timestamp, marker, payload } = packet;
        self.audio.push((law, seq, timestamp, marker, payload.to_vec()));
    }
    fn digit(&mut self, digit: char, ms: u32) {
        self.digits.push((digit, ms));
    }
    fn rtcp(&mut self, report: PeerReport) {
        self.reports.push(report);
    }
    fn event(&mut self, event: PeerEvent) {
        self.events.push(event);
    }
}

/// Both ends and the network between them.
pub struct World {
    pub now: Instant,
    pub browser: RTCPeerConnection,
    pub connected: bool,
    /// Where the browser's datagrams seem to come from; datagrams to anywhere else are lost.
    pub seen_as: SocketAddr,
    /// Datagrams lost of a hundred, either way.
    pub loses: u32,
    dice: u32,
    pub ssrc: u32,
    pub seq: u16,
    pub timestamp: u32,
    pub received: Vec<(u8, u16, u32, bool, Vec<u8>)>,
    pub peer: Box<BrowserPeer>,
    pub answer: String,
    pub heard: Heard,
}

fn codec(name: &str, payload_type: u8) -> RTCRtpCodecParameters {
    let mime_type = format!("audio/{name}");
    let rtp_codec = RTCRtpCodec { mime_type, clock_rate: 8000, channels: 1, ..RTCRtpCodec::default() };
    RTCRtpCodecParameters { rtp_codec, payload_type }
}

impl World {
    pub fn new() -> World {
        let now = Instant::now();
        let ssrc = 77_001;
        let mut engine = MediaEngine::default();
        for (name, number) in [("PCMU", 0), ("PCMA", 8), ("telephone-event", 126)] {
            engine.register_codec(codec(name, number), RtpCodecKind::Audio).expect("a codec");
        }
        let mut browser = RTCPeerConnectionBuilder::new()
            .with_media_engine(engine)
            .with_setting_engine(SettingEngineBuilder::new().build())
            .with_interceptor_registry(Registry::new().with(Slot::ReceiverReport, ReceiverReportBuilder::new().build()))
            .build(now)
            .expect("a connection");
        let coding = RTCRtpEncodingParameters {
            rtp_coding_parameters: RTCRtpCodingParameters { ssrc: Some(ssrc), ..RTCRtpCodingParameters::default() },
            active: true,
            codec: codec("PCMU", 0).rtp_codec,
            ..RTCRtpEncodingParameters::default()
        };
        let name = || "page".to_owned();
        let track = MediaStreamTrack::new(name(), name(), name(), RtpCodecKind::Audio, vec![coding]);
        browser.add_track(track).expect("a track");
        let host = at(HOME);
        let candidate = format!("candidate:1 1 udp 2130706431 {} {} typ host", host.ip(), host.port());
        browser.add_local_candidate(RTCIceCandidateInit { candidate, ..RTCIceCandidateInit::default() }).expect("a candidate");
        let offer = browser.create_offer(None).expect("an offer");
        browser.set_local_description(now, offer).expect("taken");
        let offer = browser.local_description().expect("an offer").sdp;

        // The library offers only the codec of its track; a browser offers all.
        let offer = offer
            .replace("SAVPF 0\r\n", "SAVPF 0 8 126\r\n")
            .replace("a=rtpmap:0 ", "a=rtpmap:8 PCMA/8000\r\na=rtpmap:126 telephone-event/8000\r\na=rtpmap:0 ");
        let config = WebConfig::new(at("0.0.0.0:3478"), vec![at(SERVER), at("203.0.113.7:3478")]);
        let Answered { peer, answer } = super::super::answer(&config, &offer, now).expect("an answer");
        let description = RTCSessionDescription::answer(answer.clone()).expect("a valid answer");
        browser.set_remote_description(now, description).expect("taken");
        World {
            now,
            browser,
            connected: false,
            seen_as: host,
            loses: 0,
            dice: 1,
            ssrc,
            seq: 65_530,
            timestamp: 1_000_000,
            received: Vec::new(),
            peer,
            answer,
            heard: Heard::default(),
        }
    }

    pub fn connected() -> World {
        let mut world = World::new();
        world.run(Duration::from_secs(3));
        assert!(world.connected, "the browser's side never connected");
        assert_eq!(world.heard.events, [PeerEvent::Connected]);
        world
    }

    /// Lets time pass and everything be delivered.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.now += STEP;
            self.browser.handle_timeout(self.now).expect("a timer");
            if self.peer.next_timeout().is_some_and(|due| due <= self.now) {
                self.peer.timeout(self.now, &mut self.heard);
            }
            // Answers to answers within one step: a handshake takes a few.
            for _ in 0..6 {
                self.deliver();
            }
        }
    }

    fn deliver(&mut self) {
        while let Some(event) = self.browser.poll_event() {
            if let RTCPeerConnectionEvent::OnConnectionStateChangeEvent(state) = event {
                self.connected = state == RTCPeerConnectionState::Connected;
            }
        }
        while let Some(message) = self.browser.poll_read() {
            if let RTCMessage::RtpPacket(_, packet) = message.message {
                let header = packet.header;
                self.received.push((header.payload_type, header.sequence_number, header.timestamp, header.marker, packet.payload.to_vec()));
            }
        }
        while let Some(datagram) = self.browser.poll_write() {
            if datagram.transport.peer_addr == at(SERVER) && !self.lost() {
                let mut data = datagram.message.to_vec();
                self.peer.datagram(self.now, self.seen_as, &mut data, &mut self.heard);
            }
        }
        for (to, data) in std::mem::take(&mut self.heard.sent) {
            if to == self.seen_as && !self.lost() {
                let transport =
                    TransportContext { local_addr: at(HOME), peer_addr: at(SERVER), transport_protocol: TransportProtocol::UDP, ecn: None };
                let message = BytesMut::from(&data[..]);
                // A refusal is the library's to log; what counts is what arrives.
                let _ = self.browser.handle_read(TaggedBytesMut { now: self.now, transport, message });
            }
        }
    }

    fn lost(&mut self) -> bool {
        self.dice = self.dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.dice >> 16) % 100 < self.loses
    }

    pub fn speak(&mut self, payload_type: u8, timestamp: u32, payload: &[u8]) {
        self.seq = self.seq.wrapping_add(1);
        let header = ::webrtc::rtp::Header {
            version: 2,
            payload_type,
            sequence_number: self.seq,
            timestamp,
            ssrc: self.ssrc,
            ..::webrtc::rtp::Header::default()
        };
        let packet = ::webrtc::rtp::Packet { header, payload: payload.to_vec().into() };
        let message = RTCMessage::RtpPacket(String::new(), packet);
        self.browser.handle_write(TaggedRTCMessage { now: self.now, message }).expect("a packet");
        self.run(STEP);
    }

    pub fn voice(&mut self, payload_type: u8, byte: u8) {
        self.timestamp = self.timestamp.wrapping_add(160);
        self.speak(payload_type, self.timestamp, &[byte; 160]);
    }

    pub fn say(&mut self, law: Law, seq: u16, timestamp: u32, byte: u8) {
        let payload = [byte; 160];
        let packet = AudioOut { law, seq, timestamp, marker: false, payload: &payload, event: false };
        self.peer.send(self.now, &packet, &mut self.heard);
        self.run(STEP);
    }
}
