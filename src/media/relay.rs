//! The packet path: a datagram comes in, is judged, counted, perhaps recorded, and goes out to the partner with its
//! header rewritten in place.

use super::events::MediaEvent;
use super::learn::Verdict;
use super::leg::{Leg, Path};
use super::peer::AudioOut;
use super::recording::Side;
use super::shard::{Core, DATAGRAM};
use super::tape::Heard;
use crate::rtp::header::is_rtcp;
use crate::rtp::{CLOCK_RATE, Codec, EventPayload, HEADER_LEN, Header, Law};
use std::net::SocketAddr;

/// Comfort noise (RFC 3389) is understood, and not sent on.
const COMFORT_NOISE: u8 = 13;
/// Datagrams read after locking on a source: more than a socket's buffer holds of anything that is audio.
const BACKLOG: usize = 1024;

/// What a packet carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Audio(Codec),
    Event,
    Noise,
}

impl Core {
    pub fn rtp_ready(&mut self, at: usize, datagram: &mut [u8]) {
        let Some(Leg { path: Path::Rtp(path), .. }) = self.legs.get_mut(at) else { return };
        // One receive per readiness: level-triggered, so what remains is told again, and no call only finds nothing.
        if path.connected {
            if let Ok(length) = path.pair.rtp.recv(datagram) {
                self.counters.packets_in.add(1);
                match path.open(datagram, length) {
                    Some(length) => self.rtp(at, &mut datagram[..length]),
                    None => self.forged(at),
                }
            }
        } else if let Ok((length, from)) = path.pair.rtp.recv_from(datagram) {
            self.counters.packets_in.add(1);
            match path.open(datagram, length) {
                Some(length) => self.stranger(at, from, &mut datagram[..length]),
                None => self.forged(at),
            }
            self.lock(at, datagram);
        }
    }

    /// An encrypted leg got what was not encrypted for it, or got it twice.
    fn forged(&mut self, at: usize) {
        if let Some(leg) = self.legs.get_mut(at) {
            leg.refused += 1;
        }
        self.counters.refused.add(1);
    }

    /// A datagram before the source is locked.
    fn stranger(&mut self, at: usize, from: SocketAddr, datagram: &mut [u8]) {
        let now = self.now;
        let Some(leg) = self.legs.get_mut(at) else { return };
        let verdict = match Header::parse(datagram) {
            Ok(header) if leg.receive => {
                let known = leg.kind(header.payload_type).is_some();
                let Path::Rtp(path) = &mut leg.path else { return };
                path.learner.packet(now, from, known, header.ssrc, header.seq)
            }
            _ => Verdict::Refuse,
        };
        match verdict {
            Verdict::Accept | Verdict::Lock => self.rtp(at, datagram),
            Verdict::Hold => self.counters.dropped.add(1),
            Verdict::Refuse => {
                leg.refused += 1;
                self.counters.refused.add(1);
            }
        }
    }

    /// Once a source is learned the socket is connected to it. What strangers had sent before is still queued, so
    /// addresses are looked at until the queue has been emptied once.
    fn lock(&mut self, at: usize, datagram: &mut [u8]) {
        let Some(Leg { path: Path::Rtp(path), .. }) = self.legs.get_mut(at) else { return };
        let Some(source) = path.learner.locked().filter(|source| path.mute != Some(*source)) else { return };
        path.connect(source);
        for _ in 0..BACKLOG {
            let Some(Leg { path: Path::Rtp(path), .. }) = self.legs.get_mut(at) else { return };
            match path.pair.rtp.recv_from(datagram) {
                Ok((length, from)) => {
                    self.counters.packets_in.add(1);
                    match path.open(datagram, length) {
                        Some(length) => self.stranger(at, from, &mut datagram[..length]),
                        None => self.forged(at),
                    }
                }
                Err(_) => return,
            }
        }
    }

    /// A datagram of the learned source.
    fn rtp(&mut self, at: usize, datagram: &mut [u8]) {
        let Ok(header) = Header::parse(datagram) else { return self.counters.dropped.add(1) };
        if is_rtcp(datagram) {
            // RFC 5761: some send reports to the RTP port unasked.
            return self.rtcp(at, datagram);
        }
        let Some(leg) = self.legs.get(at).filter(|leg| leg.receive) else { return self.counters.dropped.add(1) };
        let Some(kind) = leg.kind(header.payload_type) else { return self.counters.dropped.add(1) };
        if kind == Kind::Event
            && let Some(payload) = EventPayload::parse(&datagram[header.start..header.end])
        {
            self.key_packet(at, header.timestamp, payload);
        }
        self.heard(at, &header, kind, datagram);
    }

    /// A packet of a leg: counted, and passed to whom it is for. The payload lies in `datagram` as `header` says, with
    /// at least [`HEADER_LEN`] bytes before it.
    pub fn heard(&mut self, at: usize, header: &Header, kind: Kind, datagram: &mut [u8]) {
        let now = self.now;
        // 8 samples a millisecond; wraps as timestamps do.
        let arrival = (now.duration_since(self.start).as_micros() / 125) as u32;
        let Some(leg) = self.legs.get_mut(at) else { return };
        leg.received.packet(arrival, header, kind == Kind::Event);
        let news = leg.liveness.packet(now);
        let lost_end = if kind == Kind::Event { None } else { leg.keys_in.later(header.timestamp) };
        let (id, room, taped, decoded, listened) = (leg.id, leg.room, leg.taped, leg.inlet.is_some(), leg.tones.is_some());
        // The leg itself, where it hears its echo.
        let first = if leg.echo { Some(at) } else { leg.relays.first().copied() };
        let more = if leg.echo { 1 } else { leg.relays.len() };
        if news {
            self.tell(room, MediaEvent::Heard { leg: id });
        }
        if let Some((digit, ms)) = lost_end {
            self.key(at, digit, ms, true);
        }
        if kind == Kind::Noise {
            self.pauses(at);
        }
        if listened && let Kind::Audio(Codec::Law(law)) = kind {
            self.listen(at, law, &datagram[header.start..header.end]);
        }
        if taped && let Kind::Audio(Codec::Law(law)) = kind {
            self.tape_from(at, header, law, &datagram[header.start..header.end]);
        }
        if decoded {
            self.decode_from(at, header, kind, &datagram[header.start..header.end]);
        }
        match first {
            // Each writes its own numbers and law over the packet.
            Some(_) if more > 1 => self.deliver_to_all(at, header, kind, datagram),
            Some(to) => self.deliver(at, to, header, kind, datagram),
            None if decoded => {}
            None => self.counters.dropped.add(1),
        }
    }

    fn decode_from(&mut self, at: usize, header: &Header, kind: Kind, payload: &[u8]) {
        match kind {
            Kind::Audio(codec) => self.take_in(at, header, Some(codec), payload),
            Kind::Noise => self.take_in(at, header, None, payload),
            Kind::Event => {}
        }
    }

    /// Looks for keys in a packet's audio.
    fn listen(&mut self, at: usize, law: Law, payload: &[u8]) {
        let Some(leg) = self.legs.get_mut(at) else { return };
        let Some(tones) = &mut leg.tones else { return };
        if let Some((digit, ms)) = tones.hear(payload.iter().map(|&byte| law.decode(byte))) {
            let (room, leg) = (leg.room, leg.id);
            self.tell(room, MediaEvent::Digit { leg, digit, ms, tone: true });
        }
    }

    fn deliver_to_all(&mut self, at: usize, header: &Header, kind: Kind, datagram: &[u8]) {
        let mut copy = [0; DATAGRAM];
        let length = datagram.len().min(DATAGRAM);
        for n in 0.. {
            let Some(&to) = self.legs.get(at).and_then(|leg| leg.relays.get(n)) else { return };
            copy[..length].copy_from_slice(&datagram[..length]);
            self.deliver(at, to, header, kind, &mut copy[..length]);
        }
    }

    fn key_packet(&mut self, at: usize, timestamp: u32, payload: EventPayload) {
        let Some(leg) = self.legs.get_mut(at) else { return };
        let clock = leg.dtmf.map_or(1, |events| (events.clock / CLOCK_RATE).max(1));
        if let Some((digit, ms)) = leg.keys_in.packet(timestamp, payload) {
            let ms = ms / clock;
            self.key(at, digit, ms, true);
        }
    }

    /// Left is what the customer says; right what is said to the customer, and only while it reaches them. What reaches
    /// them as a mix is recorded where it is made.
    fn tape_from(&mut self, at: usize, header: &Header, law: Law, payload: &[u8]) {
        let Some(leg) = self.legs.get(at) else { return };
        let room = leg.room;
        let Some(customer) = self.rooms.get(room).and_then(|room| room.tape.as_ref()?.customer) else { return };
        let side = if customer == at {
            if leg.is_taped_decoded() {
                return;
            }
            Side::Customer
        } else if leg.relays.contains(&customer) && self.legs.get(customer).is_some_and(Leg::open) {
            Side::Others
        } else {
            return;
        };
        let source = header.ssrc ^ (leg.id.0 as u32).wrapping_mul(0x9e37_79b1);
        self.tape(room, side, &Heard { source, timestamp: header.timestamp, law, payload });
    }

    /// Sends a packet of leg `from` on to leg `to`.
    fn deliver(&mut self, from: usize, to: usize, header: &Header, kind: Kind, datagram: &mut [u8]) {
        let now = self.now;
        let Some(source) = self.legs.get(from).map(|leg| leg.id.0) else { return };
        let Some(leg) = self.legs.get_mut(to) else { return };
        if !leg.open() {
            return self.counters.dropped.add(1);
        }
        let payload_type = match kind {
            Kind::Audio(_) => Some(leg.payload_type),
            Kind::Event => leg.dtmf.map(|events| events.payload_type),
            Kind::Noise => None,
        };
        let Some(payload_type) = payload_type else {
            leg.out.skip(source, header);
            return self.counters.dropped.add(1);
        };
        let Some(stamp) = leg.out.relay(now, source, header) else { return self.counters.dropped.add(1) };
        match &leg.path {
            Path::Rtp(path) => {
                if let (Kind::Audio(Codec::Law(law)), Codec::Law(theirs)) = (kind, leg.codec)
                    && let Some(map) = law.map_to(theirs)
                {
                    for byte in &mut datagram[header.start..header.end] {
                        *byte = map[*byte as usize];
                    }
                }
                let packet = &mut datagram[header.start - HEADER_LEN..header.end];
                Header::write(packet, stamp.marker, payload_type, stamp.seq, stamp.timestamp, leg.out.ssrc);
                let sent = path.send(packet);
                leg.sent(header.end - header.start, sent);
                self.count_sent(sent);
            }
            Path::Peer(peer) => {
                let peer = *peer;
                leg.sent(header.end - header.start, true);
                let law = if let Kind::Audio(Codec::Law(law)) = kind { law } else { leg.codec.law().unwrap_or(Law::Pcmu) };
                let packet = AudioOut {
                    law,
                    seq: stamp.seq,
                    timestamp: stamp.timestamp,
                    marker: stamp.marker,
                    payload: &datagram[header.start..header.end],
                    event: kind == Kind::Event,
                };
                self.send_peer(peer, &packet);
            }
        }
    }

    pub fn count_sent(&self, sent: bool) {
        if sent { self.counters.packets_out.add(1) } else { self.counters.dropped.add(1) }
    }
}

impl Leg {
    /// What a payload type means on this leg. Both laws are taken, whichever was preferred; what is not G.711 excludes it,
    /// so that a stream never changes its clock.
    fn kind(&self, payload_type: u8) -> Option<Kind> {
        let codec = self.codec;
        match Law::from_payload_type(payload_type) {
            Some(law) if codec.law().is_some() => Some(Kind::Audio(Codec::Law(law))),
            None if self.dtmf.is_some_and(|events| events.payload_type == payload_type) => Some(Kind::Event),
            // RFC 3264 §5.1: some send with the number that we offered, though they answered with another.
            None if payload_type == self.payload_type || payload_type == codec.offered_type() => Some(Kind::Audio(codec)),
            None if payload_type == COMFORT_NOISE && codec.law().is_some() => Some(Kind::Noise),
            _ => None,
        }
    }

    /// Whether relayed audio may go to it: nothing else is being sent.
    pub fn open(&self) -> bool {
        self.send && self.play.is_none() && self.keys.is_none()
    }

    pub fn sent(&mut self, octets: usize, sent: bool) {
        if sent {
            self.packets_out += 1;
            self.out.packets = self.out.packets.wrapping_add(1);
            self.out.octets = self.out.octets.wrapping_add(octets as u32);
        }
    }
}
