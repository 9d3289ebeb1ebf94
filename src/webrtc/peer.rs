//! A browser's connection as the shard drives it: `media::Peer` over the library's pipeline.
//!
//! The library sweeps all eight of its handlers on every poll, so a media packet takes the shortest way through: one
//! read and one take in, one write and one poll out. Events and timers are looked at after STUN, DTLS and RTCP, when
//! the timer runs, and now and then in a stream of audio.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use ::webrtc::peer_connection::RTCPeerConnection;
use ::webrtc::peer_connection::event::RTCPeerConnectionEvent;
use ::webrtc::peer_connection::message::{RTCMessage, TaggedRTCMessage};
use ::webrtc::peer_connection::state::RTCPeerConnectionState;
use ::webrtc::rtp;
use ::webrtc::sansio::Protocol as _;
use ::webrtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};
use bytes::{Bytes, BytesMut};

use super::connection::{Connection, LOCAL_V4, LOCAL_V6};
use super::latch::{Latch, Life};
use super::offer::Offer;
use super::outgoing::Outgoing;
use super::screen::Screen;
use super::streams::Streams;
use super::stun::{Kind, Protocol, Stun, protocol};
use super::tap::Reader;
use crate::media::{AudioIn, AudioOut, Peer, PeerEvent, PeerOut, PeerReport, Picture, Seen};
use crate::rtp::{CLOCK_RATE, DigitDetector, EventPayload, Law};

/// While connected the library has nothing that needs finer time, and its ICE timer alone would fire every 200 ms.
const COARSE: Duration = Duration::from_millis(250);
/// During the handshake its timers are kept, but no finer than this.
const FINE: Duration = Duration::from_millis(20);
/// Audio packets in after which events are swept.
const SWEEP: u8 = 64;
/// Content type of a DTLS alert (RFC 6347 §4.1).
const ALERT: u8 = 21;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Until DTLS is done; a packet written now would only be warned about.
    Connecting,
    Connected,
    /// Connected, but nothing heard for long.
    Silent,
    /// Nothing more is done.
    Over,
}

/// One agent's page.
pub struct BrowserPeer {
    pc: RTCPeerConnection,
    ufrag: String,
    /// The stream we send under.
    ssrc: u32,
    /// Payload type of telephone-event, if negotiated.
    events: Option<u8>,
    state: State,
    latch: Latch,
    /// Whose packets may reach the library.
    streams: Streams,
    reports: Reader,
    outgoing: Outgoing,
    digits: DigitDetector,
    /// Event packets so far: they share the audio's sequence numbers, and left out would look like losses.
    event_packets: u16,
    law: Law,
    next: Instant,
    /// Packets in since the last sweep.
    unswept: u8,
    /// Its picture, and the one it is sent, where that was negotiated.
    screen: Option<Box<Screen>>,
    /// The socket is IPv6 and showed an IPv4 address mapped; we must answer in kind.
    mapped: bool,
}

/// What a datagram was, for judging what the library answers to it.
#[derive(Clone, Copy)]
enum Cause {
    Check { from: SocketAddr, nominates: bool },
    Alert,
    Other,
}

impl BrowserPeer {
    pub(super) fn new(connection: Connection, ufrag: String, offer: &Offer, now: Instant) -> BrowserPeer {
        let Connection { pc, ssrc, picture_ssrc, reports, .. } = connection;
        let events = offer.events;
        let announced = [offer.ssrc, offer.picture.as_ref().and_then(|picture| picture.ssrc)];
        let screen = offer.picture.as_ref().map(|picture| Box::new(Screen::new(picture, picture_ssrc)));
        BrowserPeer {
            pc,
            ufrag,
            ssrc,
            events,
            state: State::Connecting,
            latch: Latch::new(now),
            streams: Streams::new(announced),
            reports,
            outgoing: Outgoing::new(),
            digits: DigitDetector::default(),
            event_packets: 0,
            law: Law::Pcmu,
            next: now,
            unswept: 0,
            mapped: false,
            screen,
        }
    }

    fn stun(&mut self, now: Instant, from: SocketAddr, data: &[u8], out: &mut dyn PeerOut) {
        let Some(stun) = Stun::parse(data) else {
            return;
        };
        match stun.kind {
            // The library settles a role conflict before it checks who is asking; a lite agent cannot have one.
            Kind::Request if stun.controlled => return,
            Kind::Request => {}
            _ if self.latch.admits(from) => {}
            _ => return,
        }
        self.feed(now, from, data);
        let cause = match stun.kind {
            Kind::Request => Cause::Check { from, nominates: stun.nominates },
            _ => Cause::Other,
        };
        self.sweep(now, cause, out);
    }

    fn dtls(&mut self, now: Instant, from: SocketAddr, data: &[u8], out: &mut dyn PeerOut) {
        self.feed(now, from, data);
        let alert = self.state != State::Connecting && data.first() == Some(&ALERT);
        self.sweep(now, if alert { Cause::Alert } else { Cause::Other }, out);
    }

    fn rtcp(&mut self, now: Instant, from: SocketAddr, data: &[u8], out: &mut dyn PeerOut) {
        if !sender(data, 4).is_some_and(|ssrc| self.streams.admit(ssrc)) {
            return;
        }
        self.feed(now, from, data);
        self.sweep(now, Cause::Other, out);
        if let Some(screen) = &self.screen {
            for said in self.reports.take_said() {
                screen.said(said, out);
            }
        }
        if let Some(seen) = self.reports.take() {
            self.latch.heard(now, from);
            out.rtcp(PeerReport {
                loss: seen.fraction,
                jitter_ms: seen.jitter as f32 * 1000.0 / CLOCK_RATE as f32,
                rtt_ms: seen.rtt.map(|rtt| rtt.as_secs_f32() * 1000.0),
            });
        }
    }

    fn rtp(&mut self, now: Instant, from: SocketAddr, data: &[u8], out: &mut dyn PeerOut) {
        if !sender(data, 8).is_some_and(|ssrc| self.streams.admit(ssrc)) {
            return;
        }
        self.feed(now, from, data);
        while let Some(message) = self.pc.poll_media_read() {
            if let RTCMessage::RtpPacket(_, packet) = message.message {
                self.latch.heard(now, from);
                self.media(&packet, out);
            }
        }
        self.unswept += 1;
        if self.unswept >= SWEEP {
            self.sweep(now, Cause::Other, out);
        }
    }

    /// A decrypted packet.
    fn media(&mut self, packet: &rtp::Packet, out: &mut dyn PeerOut) {
        let rtp::Header { payload_type, sequence_number, timestamp, marker, .. } = packet.header;
        if let Some(screen) = self.screen.as_mut().filter(|screen| screen.payload_type == payload_type) {
            return screen.packet(packet, out);
        }
        if Some(payload_type) == self.events {
            self.event_packets = self.event_packets.wrapping_add(1);
            let event = EventPayload::parse(&packet.payload);
            if let Some((digit, ms)) = event.and_then(|event| self.digits.packet(timestamp, event)) {
                out.digit(digit, ms);
            }
            return;
        }
        // Comfort noise and whatever else was not negotiated falls out here.
        let Some(law) = Law::from_payload_type(payload_type) else {
            return;
        };
        self.law = law;
        if let Some((digit, ms)) = self.digits.later(timestamp) {
            out.digit(digit, ms);
        }
        let seq = sequence_number.wrapping_sub(self.event_packets);
        out.audio(AudioIn { law, seq, timestamp, marker, payload: &packet.payload });
    }

    fn feed(&mut self, now: Instant, from: SocketAddr, data: &[u8]) {
        let peer_addr = SocketAddr::new(from.ip().to_canonical(), from.port());
        self.mapped = peer_addr.ip() != from.ip();
        let local_addr = if peer_addr.is_ipv4() { LOCAL_V4 } else { LOCAL_V6 };
        let transport = TransportContext { local_addr, peer_addr, transport_protocol: TransportProtocol::UDP, ecn: None };
        let read = self.pc.handle_read(TaggedBytesMut { now, transport, message: BytesMut::from(data) });
        if let Err(error) = read {
            // Anyone may send rubbish; the library logs what it drops further in.
            tracing::debug!(%from, %error, "datagram refused");
        }
    }

    /// Looks at all that the library has to say: events first, because they install keys and begin the handshake,
    /// then datagrams.
    fn sweep(&mut self, now: Instant, cause: Cause, out: &mut dyn PeerOut) {
        self.unswept = 0;
        while let Some(event) = self.pc.poll_event() {
            self.event(event, out);
        }
        // Nothing of these is wanted, but undrained they would pile up.
        while self.pc.poll_data_read().is_some() || self.pc.poll_media_read().is_some() {}
        while let Some(datagram) = self.pc.poll_write() {
            self.transmit(now, &datagram, cause, out);
        }
        self.schedule(now);
    }

    fn transmit(&mut self, now: Instant, datagram: &TaggedBytesMut, cause: Cause, out: &mut dyn PeerOut) {
        let data = &datagram.message[..];
        let to = self.seen_as(datagram.transport.peer_addr);
        match (protocol(data), cause) {
            (Protocol::Stun, Cause::Check { from, nominates }) if to == from => {
                // An answer or a check of our own goes out only to who held our password. An error response says
                // nothing about that.
                if Stun::parse(data).is_some_and(|stun| matches!(stun.kind, Kind::Success | Kind::Request)) {
                    if let Err(error) = self.latch.authenticated(now, from, nominates) {
                        tracing::warn!(%from, %error, "browser peer ended");
                        return self.end(PeerEvent::Failed, out);
                    }
                    // Said each time: the shard may have given the address to another peer behind the same NAT.
                    out.latch(from);
                }
                out.transmit(to, data);
            }
            (Protocol::Stun, _) => out.transmit(to, data),
            (protocol, cause) => {
                out.transmit(self.latch.target().unwrap_or(to), data);
                // RFC 5246 §7.2.1: close_notify is answered in kind. The library shows a closed transport in no
                // other way.
                if protocol == Protocol::Dtls && matches!(cause, Cause::Alert) && data.first() == Some(&ALERT) {
                    self.end(PeerEvent::Closed, out);
                }
            }
        }
    }

    fn event(&mut self, event: RTCPeerConnectionEvent, out: &mut dyn PeerOut) {
        let RTCPeerConnectionEvent::OnConnectionStateChangeEvent(state) = event else {
            return;
        };
        match state {
            RTCPeerConnectionState::Connected if self.state == State::Connecting => {
                self.state = State::Connected;
                self.latch.connected();
                out.event(PeerEvent::Connected);
            }
            RTCPeerConnectionState::Failed => self.end(PeerEvent::Failed, out),
            _ => {}
        }
    }

    fn end(&mut self, event: PeerEvent, out: &mut dyn PeerOut) {
        if self.state != State::Over {
            self.state = State::Over;
            out.event(event);
        }
    }

    fn live(&mut self, now: Instant, out: &mut dyn PeerOut) {
        match (self.latch.life(now), self.state) {
            (Life::Gone, _) => self.end(PeerEvent::Failed, out),
            (Life::Silent, State::Connected) => {
                self.state = State::Silent;
                out.event(PeerEvent::Disconnected);
            }
            (Life::Alive, State::Silent) => {
                self.state = State::Connected;
                out.event(PeerEvent::Connected);
            }
            _ => {}
        }
    }

    fn schedule(&mut self, now: Instant) {
        self.next = match self.state {
            State::Connecting => {
                let wish = self.pc.poll_timeout().unwrap_or(now + COARSE);
                wish.clamp(now + FINE, now + COARSE)
            }
            _ => now + COARSE,
        };
    }

    /// An address as the socket knows it.
    fn seen_as(&self, address: SocketAddr) -> SocketAddr {
        match address.ip() {
            IpAddr::V4(ip) if self.mapped => SocketAddr::new(IpAddr::V6(ip.to_ipv6_mapped()), address.port()),
            _ => address,
        }
    }
}

impl Peer for BrowserPeer {
    fn ufrag(&self) -> &str {
        &self.ufrag
    }

    fn datagram(&mut self, now: Instant, from: SocketAddr, data: &mut [u8], out: &mut dyn PeerOut) {
        if self.state == State::Over {
            return;
        }
        match protocol(data) {
            Protocol::Stun => self.stun(now, from, data, out),
            // The shard admits by the same rule; here it holds whoever drives us.
            _ if !self.latch.admits(from) => {}
            Protocol::Dtls => self.dtls(now, from, data, out),
            Protocol::Rtcp if self.state != State::Connecting => self.rtcp(now, from, data, out),
            Protocol::Rtp if self.state != State::Connecting => self.rtp(now, from, data, out),
            _ => {}
        }
    }

    fn timeout(&mut self, now: Instant, out: &mut dyn PeerOut) {
        if self.state == State::Over || now < self.next {
            return;
        }
        if let Err(error) = self.pc.handle_timeout(now) {
            tracing::debug!(%error, "timer refused");
        }
        self.sweep(now, Cause::Other, out);
        self.live(now, out);
    }

    fn next_timeout(&self) -> Option<Instant> {
        (self.state != State::Over).then_some(self.next)
    }

    fn send(&mut self, now: Instant, packet: &AudioOut<'_>, out: &mut dyn PeerOut) {
        if !matches!(self.state, State::Connected | State::Silent) {
            return;
        }
        let Some(to) = self.latch.target() else {
            return;
        };
        let payload_type = match (packet.event, self.events) {
            (false, _) => packet.law.payload_type(),
            (true, Some(events)) => events,
            (true, None) => return,
        };
        let numbers = self.outgoing.map(now, packet.seq, packet.timestamp);
        let header = rtp::Header {
            version: 2,
            marker: packet.marker || numbers.spliced,
            payload_type,
            sequence_number: numbers.seq,
            timestamp: numbers.timestamp,
            ssrc: self.ssrc,
            ..rtp::Header::default()
        };
        let packet = rtp::Packet { header, payload: Bytes::copy_from_slice(packet.payload) };
        // The track's name is not looked at, so none is made.
        let message = RTCMessage::RtpPacket(String::new(), packet);
        if let Err(error) = self.pc.handle_write(TaggedRTCMessage { now, message }) {
            tracing::debug!(%error, "packet refused");
        }
        // Exactly one: what else is due leaves with the next sweep.
        if let Some(datagram) = self.pc.poll_write() {
            out.transmit(to, &datagram.message);
        }
    }

    fn send_picture(&mut self, now: Instant, packet: &Picture<'_>, out: &mut dyn PeerOut) {
        let State::Connected = self.state else { return };
        let (Some(to), Some(screen)) = (self.latch.target(), &mut self.screen) else { return };
        let Some(packet) = screen.stamped(now, packet, out) else { return };
        let message = RTCMessage::RtpPacket(String::new(), packet);
        if let Err(error) = self.pc.handle_write(TaggedRTCMessage { now, message }) {
            tracing::debug!(%error, "packet refused");
        }
        if let Some(datagram) = self.pc.poll_write() {
            out.transmit(to, &datagram.message);
        }
    }

    fn picture_seen(&mut self, now: Instant, seen: &Seen, out: &mut dyn PeerOut) {
        let State::Connected = self.state else { return };
        let (Some(to), Some(screen)) = (self.latch.target(), &mut self.screen) else { return };
        let Some(packet) = screen.feedback(now, seen) else { return };
        let message = RTCMessage::RtcpPacket(String::new(), vec![packet]);
        if let Err(error) = self.pc.handle_write(TaggedRTCMessage { now, message }) {
            tracing::debug!(%error, "feedback refused");
        }
        if let Some(datagram) = self.pc.poll_write() {
            out.transmit(to, &datagram.message);
        }
    }

    fn law(&self) -> Law {
        self.law
    }

    fn close(&mut self, _now: Instant, out: &mut dyn PeerOut) {
        if let Err(error) = self.pc.close() {
            tracing::debug!(%error, "not closed cleanly");
        }
        // DTLS says goodbye, so that the page notices at once and not when its checks go unanswered.
        while let Some(datagram) = self.pc.poll_write() {
            let to = self.latch.target().unwrap_or_else(|| self.seen_as(datagram.transport.peer_addr));
            out.transmit(to, &datagram.message);
        }
        self.end(PeerEvent::Closed, out);
    }
}

/// The synchronization source at this offset: 8 in RTP, 4 in RTCP. Neither is encrypted.
fn sender(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}
