//! A browser leg as the shard sees it: the sans-IO side that `webrtc/` implements, and what it may do while called.
//!
//! All calls come from one shard thread. A panic inside costs that peer alone ([`PeerEvent::Failed`]).

use super::events::PeerEvent;
use crate::rtp::Law;
use std::any::Any;
use std::net::SocketAddr;
use std::time::Instant;

/// A browser leg; long-lived, in one room at a time or in none.
pub trait Peer: Send {
    /// Our ICE user fragment: STUN requests find their peer by USERNAME `ours:theirs` (RFC 8445 §7.2.2). Read again
    /// after each [`Peer::command`]; the one before stays known, because an ICE restart overlaps.
    fn ufrag(&self) -> &str;

    /// A datagram: STUN for our ufrag from anywhere, everything else only from latched addresses.
    fn datagram(&mut self, now: Instant, from: SocketAddr, data: &mut [u8], out: &mut dyn PeerOut);

    /// A deadline of [`Peer::next_timeout`] has passed, at most some 100 ms ago.
    fn timeout(&mut self, now: Instant, out: &mut dyn PeerOut);

    /// Asked after every STUN or DTLS datagram, timeout and command, and after some of the audio packets.
    fn next_timeout(&self) -> Option<Instant>;

    /// Audio for the browser; sequence and timestamp are continuous whatever the source.
    fn send(&mut self, now: Instant, packet: &AudioOut<'_>, out: &mut dyn PeerOut);

    /// A packet of the picture of somebody whom this browser sees.
    fn send_picture(&mut self, now: Instant, packet: &Picture<'_>, out: &mut dyn PeerOut) {
        let _ = (now, packet, out);
    }

    /// What somebody says who sees this browser's picture, in this browser's numbers.
    fn picture_seen(&mut self, now: Instant, seen: &Seen, out: &mut dyn PeerOut) {
        let _ = (now, seen, out);
    }

    /// The law this peer sends; both are negotiated, so [`Peer::send`] may be given either.
    fn law(&self) -> Law;

    /// The peer is being removed; last chance to say goodbye.
    fn close(&mut self, now: Instant, out: &mut dyn PeerOut);

    /// Something of the implementor's own, passed by [`super::Plane::tell_peer`] (a renegotiation, say).
    fn command(&mut self, now: Instant, command: Box<dyn Any + Send>, out: &mut dyn PeerOut) {
        let _ = (now, command, out);
    }
}

/// What a peer may do while it is called.
pub trait PeerOut {
    /// Sends a datagram from the web socket.
    fn transmit(&mut self, to: SocketAddr, data: &[u8]);
    /// Admits non-STUN datagrams from this address from now on: STUN has authenticated it.
    fn latch(&mut self, from: SocketAddr);
    /// Audio from the browser, in order of arrival.
    fn audio(&mut self, packet: AudioIn<'_>);
    /// A key press is complete; telephone-event packets are not to be given to [`PeerOut::audio`].
    fn digit(&mut self, digit: char, ms: u32);
    /// The browser's own view of what it receives.
    fn rtcp(&mut self, report: PeerReport);
    fn event(&mut self, event: PeerEvent);
    /// A packet of this browser's picture, for whoever hears it.
    fn picture(&mut self, packet: Picture<'_>) {
        let _ = packet;
    }
    /// What this browser says of the picture that it is sent, in its source's numbers.
    fn seen(&mut self, seen: Seen) {
        let _ = seen;
    }
}

/// One packet of a picture, VP8 (RFC 7741). Whoever is sent it sees one source at a time.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// Tells sources apart.
    pub source: u64,
    pub seq: u16,
    pub timestamp: u32,
    pub marker: bool,
    pub payload: &'a [u8],
}

/// What is said of a picture to its source.
#[derive(Clone, PartialEq, Debug)]
pub enum Seen {
    /// A whole picture is wanted (PLI).
    Whole,
    /// These packets have not come.
    Lost(Vec<u16>),
    /// Bits a second that the way takes (REMB).
    Bitrate(f32),
}

/// One packet for a browser.
#[derive(Clone, Copy, Debug)]
pub struct AudioOut<'a> {
    pub law: Law,
    pub seq: u16,
    pub timestamp: u32,
    pub marker: bool,
    pub payload: &'a [u8],
    /// The payload is a telephone event (RFC 4733), to be sent with that payload type.
    pub event: bool,
}

/// One packet from a browser.
#[derive(Clone, Copy, Debug)]
pub struct AudioIn<'a> {
    pub law: Law,
    pub seq: u16,
    pub timestamp: u32,
    pub marker: bool,
    pub payload: &'a [u8],
}

/// A receiver report of the browser.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct PeerReport {
    /// Fraction of our packets lost since its last report, 0.0 to 1.0.
    pub loss: f32,
    pub jitter_ms: f32,
    pub rtt_ms: Option<f32>,
}
