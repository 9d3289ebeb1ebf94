//! All browser legs on one UDP socket. STUN finds its peer by our user fragment; everything else only by an address
//! that the peer has admitted after STUN authenticated it, so a stranger's packet never reaches a peer's SRTP state.
//! Every call into a peer is guarded: a panic costs that peer alone.

use super::events::PeerEvent;
use super::ids::PeerId;
use super::leg::{Leg, Path};
use super::peer::{AudioIn, AudioOut, Peer, PeerOut, PeerReport, Picture, Seen};
use super::relay::Kind;
use super::shard::Core;
use super::slab::Slab;
use super::stun::{self, Stun};
use crate::rtp::{HEADER_LEN, Header, Law};
use std::collections::{BTreeSet, HashMap};
use std::net::{SocketAddr, UdpSocket};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Datagrams taken per readiness before the other sockets have their turn.
const BURST: usize = 32;
/// Addresses admitted per peer; the oldest is forgotten (each network change brings a new one).
const ADDRESSES: usize = 8;
/// The least time between two timer calls of a peer.
const COARSE: Duration = Duration::from_millis(100);
/// Audio packets between two looks at a peer's timer, which costs a sweep through its layers.
const LOOK_EVERY: u32 = 64;
/// Words about pictures kept until they can be told.
const MOST_SEEN: usize = 64;
/// The longest payload taken from a browser: 80 ms.
const PAYLOAD: usize = 640;

pub(super) struct Mux {
    pub socket: Option<UdpSocket>,
    pub peers: Slab<PeerState>,
    pub index: HashMap<PeerId, usize>,
    by_ufrag: HashMap<String, usize>,
    by_addr: HashMap<SocketAddr, usize>,
    timers: BTreeSet<(Instant, usize)>,
    /// An echo: audio for the very peer that is being called; sent when it has returned.
    echoes: Vec<Echo>,
    /// What was said of pictures to peers that were being called; told when those calls have returned.
    seen: Vec<(usize, Seen)>,
}

struct Echo {
    law: Law,
    seq: u16,
    timestamp: u32,
    marker: bool,
    event: bool,
    payload: Vec<u8>,
}

pub(super) struct PeerState {
    pub id: PeerId,
    /// Taken out while it is called.
    body: Option<Box<dyn Peer>>,
    events: mpsc::Sender<PeerEvent>,
    /// Index of its leg, while in a room.
    pub leg: Option<usize>,
    /// The present user fragment and, over an ICE restart, the one before.
    ufrags: Vec<String>,
    addrs: Vec<SocketAddr>,
    timer: Option<Instant>,
    timed: Instant,
    packets: u32,
    pub report: PeerReport,
}

impl Mux {
    pub fn new(socket: Option<UdpSocket>) -> Mux {
        Mux {
            socket,
            peers: Slab::default(),
            index: HashMap::new(),
            by_ufrag: HashMap::new(),
            by_addr: HashMap::new(),
            timers: BTreeSet::new(),
            echoes: Vec::new(),
            seen: Vec::new(),
        }
    }

    pub fn deadline(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _)| *at)
    }

    fn latch(&mut self, peer: usize, from: SocketAddr) {
        let Some(state) = self.peers.get_mut(peer) else { return };
        if self.by_addr.insert(from, peer) == Some(peer) {
            return;
        }
        state.addrs.retain(|addr| *addr != from);
        if state.addrs.len() == ADDRESSES {
            let oldest = state.addrs.remove(0);
            if self.by_addr.get(&oldest) == Some(&peer) {
                self.by_addr.remove(&oldest);
            }
        }
        state.addrs.push(from);
    }

    fn name(&mut self, peer: usize, ufrag: String) {
        let Some(state) = self.peers.get_mut(peer) else { return };
        if state.ufrags.last() == Some(&ufrag) {
            return;
        }
        if state.ufrags.len() == 2 {
            self.by_ufrag.remove(&state.ufrags.remove(0));
        }
        state.ufrags.push(ufrag.clone());
        self.by_ufrag.insert(ufrag, peer);
    }

    fn schedule(&mut self, peer: usize, at: Option<Instant>) {
        let Some(state) = self.peers.get_mut(peer) else { return };
        let at = at.map(|at| at.max(state.timed + COARSE));
        if at == state.timer {
            return;
        }
        if let Some(old) = std::mem::replace(&mut state.timer, at) {
            self.timers.remove(&(old, peer));
        }
        if let Some(at) = at {
            self.timers.insert((at, peer));
        }
    }

    fn forget(&mut self, peer: usize) -> Option<PeerState> {
        self.schedule(peer, None);
        let state = self.peers.remove(peer)?;
        self.index.remove(&state.id);
        for ufrag in &state.ufrags {
            if self.by_ufrag.get(ufrag) == Some(&peer) {
                self.by_ufrag.remove(ufrag);
            }
        }
        for addr in &state.addrs {
            if self.by_addr.get(addr) == Some(&peer) {
                self.by_addr.remove(addr);
            }
        }
        Some(state)
    }
}

impl Core {
    pub fn web_ready(&mut self, datagram: &mut [u8]) {
        for _ in 0..BURST {
            let Some(socket) = &self.mux.socket else { return };
            match socket.recv_from(datagram) {
                Ok((length, from)) => self.web(from, &mut datagram[..length]),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return,
                // An ICMP error about some browser that has gone.
                Err(_) => {}
            }
        }
    }

    fn web(&mut self, from: SocketAddr, datagram: &mut [u8]) {
        self.counters.packets_in.add(1);
        let peer = match stun::read(datagram) {
            Some(Stun::Request(ufrag)) => self.mux.by_ufrag.get(ufrag),
            Some(Stun::Refused) => None,
            Some(Stun::Other) | None => self.mux.by_addr.get(&from),
        };
        let Some(&peer) = peer else { return self.counters.refused.add(1) };
        // RFC 7983 §7: 128–191 is RTP or RTCP; the rest moves the peer's state and so its timer.
        let audio = datagram.first().is_some_and(|first| (128..192).contains(first));
        self.call(peer, |body, now, out| body.datagram(now, from, datagram, out));
        for echo in std::mem::take(&mut self.mux.echoes) {
            let Echo { law, seq, timestamp, marker, event, payload } = &echo;
            let (law, seq, timestamp, marker, event) = (*law, *seq, *timestamp, *marker, *event);
            self.send_peer(peer, &AudioOut { law, seq, timestamp, marker, payload, event });
        }
        self.tell_seen();
        let Some(state) = self.mux.peers.get_mut(peer) else { return };
        state.packets = state.packets.wrapping_add(1);
        if !audio || state.packets.is_multiple_of(LOOK_EVERY) {
            self.look_at_timer(peer);
        }
    }

    pub fn peer_timers(&mut self) {
        while let Some(&(at, peer)) = self.mux.timers.first() {
            if at > self.now {
                return;
            }
            self.mux.schedule(peer, None);
            if let Some(state) = self.mux.peers.get_mut(peer) {
                state.timed = self.now;
            }
            self.call(peer, |body, now, out| body.timeout(now, out));
            self.look_at_timer(peer);
        }
    }

    /// Tells the sources of pictures what was said of them.
    fn tell_seen(&mut self) {
        for (peer, seen) in std::mem::take(&mut self.mux.seen) {
            self.call(peer, |body, now, out| body.picture_seen(now, &seen, out));
        }
    }

    /// The peers that are shown what this leg shows: those that hear it.
    fn viewers(&self, at: usize) -> impl Iterator<Item = usize> {
        let legs = self.legs.get(at).map(|leg| self.room_legs(leg.room)).unwrap_or_default();
        legs.into_iter().filter_map(move |other| match self.legs.get(other) {
            Some(Leg { path: Path::Peer(peer), sources, send: true, .. }) if sources.contains(&at) => Some(*peer),
            _ => None,
        })
    }

    fn look_at_timer(&mut self, peer: usize) {
        let mut next = None;
        self.call(peer, |body, _, _| next = body.next_timeout());
        self.mux.schedule(peer, next);
    }

    /// Calls into a peer; nothing happens while it is being called already.
    fn call(&mut self, peer: usize, f: impl FnOnce(&mut dyn Peer, Instant, &mut dyn PeerOut)) {
        let Some(mut body) = self.mux.peers.get_mut(peer).and_then(|state| state.body.take()) else { return };
        let now = self.now;
        let mut outlet = Outlet { core: self, peer };
        if catch_unwind(AssertUnwindSafe(|| f(&mut *body, now, &mut outlet))).is_ok() {
            if let Some(state) = self.mux.peers.get_mut(peer) {
                state.body = Some(body);
            }
            return;
        }
        // A value that panicked once may panic when it is dropped.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(body)));
        let id = self.mux.peers.get(peer).map(|state| state.id);
        tracing::error!(peer = ?id, "media.peer panicked");
        self.peer_event(peer, PeerEvent::Failed);
        self.leave_room(peer);
        self.mux.forget(peer);
        self.count_peers();
    }

    pub fn send_peer(&mut self, peer: usize, packet: &AudioOut<'_>) {
        if self.mux.peers.get(peer).is_some_and(|state| state.body.is_none()) {
            let AudioOut { law, seq, timestamp, marker, payload, event } = *packet;
            let payload = payload.to_vec();
            return self.mux.echoes.push(Echo { law, seq, timestamp, marker, event, payload });
        }
        self.call(peer, |body, now, out| body.send(now, packet, out));
    }

    pub fn add_peer(&mut self, id: PeerId, body: Box<dyn Peer>, events: mpsc::Sender<PeerEvent>) {
        let state = PeerState {
            id,
            body: Some(body),
            events,
            leg: None,
            ufrags: Vec::new(),
            addrs: Vec::new(),
            timer: None,
            timed: self.now,
            packets: 0,
            report: PeerReport::default(),
        };
        let peer = self.mux.peers.insert(state);
        self.mux.index.insert(id, peer);
        self.count_peers();
        self.name_peer(peer);
        self.look_at_timer(peer);
    }

    pub fn tell_peer(&mut self, peer: usize, command: Box<dyn std::any::Any + Send>) {
        self.call(peer, |body, now, out| body.command(now, command, out));
        self.name_peer(peer);
        self.look_at_timer(peer);
    }

    fn name_peer(&mut self, peer: usize) {
        let mut ufrag = None;
        self.call(peer, |body, _, _| ufrag = Some(body.ufrag().to_owned()));
        if let Some(ufrag) = ufrag {
            self.mux.name(peer, ufrag);
        }
    }

    pub fn peer_law(&mut self, peer: usize) -> Option<Law> {
        let mut law = None;
        self.call(peer, |body, _, _| law = Some(body.law()));
        law
    }

    pub fn remove_peer(&mut self, peer: usize) {
        self.call(peer, |body, now, out| body.close(now, out));
        self.leave_room(peer);
        if let Some(state) = self.mux.forget(peer) {
            let _ = catch_unwind(AssertUnwindSafe(|| drop(state)));
        }
        self.count_peers();
    }

    /// Closes the leg that a peer has in a room.
    pub fn leave_room(&mut self, peer: usize) {
        if let Some(leg) = self.mux.peers.get_mut(peer).and_then(|state| state.leg.take()) {
            self.remove_leg(leg);
        }
    }

    pub fn close_peers(&mut self) {
        for peer in 0..self.mux.peers.bound() {
            if self.mux.peers.get(peer).is_some() {
                self.remove_peer(peer);
            }
        }
    }

    fn peer_event(&mut self, peer: usize, event: PeerEvent) {
        if let Some(state) = self.mux.peers.get(peer)
            && state.events.try_send(event).is_err()
        {
            self.counters.untold.add(1);
        }
    }

    fn count_peers(&self) {
        self.counters.peers.set(self.mux.peers.len() as u64);
    }
}

/// The shard, as a peer sees it.
struct Outlet<'a> {
    core: &'a mut Core,
    peer: usize,
}

impl Outlet<'_> {
    fn leg(&mut self) -> Option<(usize, &mut Leg)> {
        let at = self.core.mux.peers.get(self.peer)?.leg?;
        self.core.legs.get_mut(at).map(|leg| (at, leg))
    }
}

impl PeerOut for Outlet<'_> {
    fn transmit(&mut self, to: SocketAddr, data: &[u8]) {
        let Some(socket) = &self.core.mux.socket else { return };
        let sent = socket.send_to(data, to).is_ok();
        self.core.count_sent(sent);
    }

    fn latch(&mut self, from: SocketAddr) {
        self.core.mux.latch(self.peer, from);
    }

    fn audio(&mut self, packet: AudioIn<'_>) {
        let Some((at, leg)) = self.leg() else { return };
        if packet.payload.len() > PAYLOAD || !leg.receive {
            return self.core.counters.dropped.add(1);
        }
        let mut datagram = [0; HEADER_LEN + PAYLOAD];
        let end = HEADER_LEN + packet.payload.len();
        datagram[HEADER_LEN..end].copy_from_slice(packet.payload);
        let header = Header {
            marker: packet.marker,
            payload_type: packet.law.payload_type(),
            seq: packet.seq,
            timestamp: packet.timestamp,
            ssrc: 0,
            start: HEADER_LEN,
            end,
        };
        self.core.heard(at, &header, Kind::Audio(packet.law.into()), &mut datagram[..end]);
    }

    fn digit(&mut self, digit: char, ms: u32) {
        if let Some((at, _)) = self.leg() {
            self.core.key(at, digit, ms, false);
        }
    }

    fn rtcp(&mut self, report: PeerReport) {
        if let Some(state) = self.core.mux.peers.get_mut(self.peer) {
            state.report = report;
        }
    }

    fn event(&mut self, event: PeerEvent) {
        self.core.peer_event(self.peer, event);
    }

    fn picture(&mut self, packet: Picture<'_>) {
        let Some((at, leg)) = self.leg() else { return };
        if !leg.receive {
            return;
        }
        let packet = Picture { source: leg.id.0, ..packet };
        if let Some(wanted) = self.core.tape_picture(at, &packet) {
            self.core.mux.seen.push((self.peer, wanted));
        }
        let viewers: Vec<usize> = self.core.viewers(at).collect();
        for viewer in viewers {
            self.core.call(viewer, |body, now, out| body.send_picture(now, &packet, out));
        }
    }

    fn seen(&mut self, seen: Seen) {
        let Some((_, leg)) = self.leg() else { return };
        let sources = leg.sources.clone();
        for source in sources {
            if let Some(Leg { path: Path::Peer(peer), .. }) = self.core.legs.get(source)
                && self.core.mux.seen.len() < MOST_SEEN
            {
                self.core.mux.seen.push((*peer, seen.clone()));
            }
        }
    }
}
