//! Commands, one function per verb that is more than a line. A command about something that has gone does nothing.

use super::clip::Clip;
use super::command::Command;
use super::events::{LegStats, MediaEvent};
use super::ids::{self, LegId, PeerId, RoomId};
use super::keys::Keys;
use super::leg::{Leg, Path, Play, RtpPath};
use super::ports::Pair;
use super::recording::Timeline;
use super::room::{Remote, Repeat};
use super::shard::{Core, RoomState, Token};
use super::tape::{Tape, View};
use crate::rtp::Law;
use crate::rtp::ntp::NtpTime;
use crate::sound::Improve;
use crate::sound::codec::Encoder;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

impl Core {
    pub fn obey(&mut self, command: Command) {
        match command {
            Command::OpenRoom { room, events } => {
                let at = self.rooms.insert(RoomState { id: room, events, legs: Vec::new(), tape: None });
                self.room_index.insert(room, at);
            }
            Command::CloseRoom { room } => self.with_room(room, Self::close_room),
            Command::AddRtp { room, leg, pair } => self.with_room(room, |core, at| core.add_rtp(at, leg, *pair)),
            Command::JoinPeer { room, leg, peer } => self.with_room(room, |core, at| core.join_peer(at, leg, peer)),
            Command::SetRemote { leg, remote } => self.with_leg(leg, |core, at| core.set_remote(at, remote)),
            Command::Hear { listener, sources } => self.hear(listener, &sources),
            Command::Bridge { a, b } => self.bridge(a, b),
            Command::Unbridge { leg } => self.with_leg(leg, Self::unbridge),
            Command::Play { leg, clip, repeat } => self.with_leg(leg, |core, at| core.play(at, clip, repeat)),
            Command::StopPlay { leg } => self.with_leg(leg, |core, at| core.change(at, |leg| leg.play = None)),
            Command::PlayOver { leg, clip } => self.with_leg(leg, |core, at| core.play_over(at, clip)),
            Command::Improve { leg, improve } => self.with_leg(leg, |core, at| core.improve(at, improve)),
            Command::ListenForKeys { leg, on } => self.with_leg(leg, |core, at| {
                core.change(at, |leg| leg.listen_for_keys(on));
                core.with_room_of(at, Self::rewire);
            }),
            Command::Echo { leg, on } => self.with_leg(leg, |core, at| core.change(at, |leg| leg.echo = on)),
            Command::Digits { leg, digits } => self.with_leg(leg, |core, at| core.press(at, &digits)),
            Command::Record { room, customer, path, law, quiet } => {
                self.with_room(room, |core, at| core.record(at, customer, path, law, quiet));
            }
            Command::RecordAs { customer } => self.with_leg(customer, Self::record_as),
            Command::PauseRecord { room, on } => self.with_room(room, |core, at| core.pause_tape(at, on)),
            Command::StopRecord { room } => self.with_room(room, Self::stop_tape),
            Command::Remove { leg } => self.with_leg(leg, Self::remove_leg),
            Command::AddPeer { peer, body, events } => self.add_peer(peer, body, events),
            Command::TellPeer { peer, command } => {
                if let Some(&at) = self.mux.index.get(&peer) {
                    self.tell_peer(at, command);
                }
            }
            Command::RemovePeer { peer } => {
                if let Some(&at) = self.mux.index.get(&peer) {
                    self.remove_peer(at);
                }
            }
            // Ends the loop before it comes here.
            Command::Shutdown => {}
        }
    }

    fn with_leg(&mut self, leg: LegId, f: impl FnOnce(&mut Self, usize)) {
        if let Some(&at) = self.leg_index.get(&leg) {
            f(self, at);
        }
    }

    fn with_room(&mut self, room: RoomId, f: impl FnOnce(&mut Self, usize)) {
        if let Some(&at) = self.room_index.get(&room) {
            f(self, at);
        }
    }

    pub fn change(&mut self, at: usize, f: impl FnOnce(&mut Leg)) {
        if let Some(leg) = self.legs.get_mut(at) {
            f(leg);
        }
    }

    fn add_rtp(&mut self, room: usize, id: LegId, pair: Pair) {
        let due = self.now + Duration::from_secs(5).mul_f64(0.5 + rand::random::<f64>());
        let at = self.legs.insert(Leg::new(id, room, Path::Rtp(Box::new(RtpPath::new(pair, due))), self.now));
        self.settle(room, id, at);
        let Some(Leg { path: Path::Rtp(path), .. }) = self.legs.get(at) else { return };
        let watched = self.watch(&path.pair.rtp, Token::Rtp(at)).and_then(|()| self.watch(&path.pair.rtcp, Token::Rtcp(at)));
        if let Err(error) = watched {
            tracing::error!(leg = %id, %error, "media.leg cannot be watched");
            self.remove_leg(at);
        }
    }

    fn join_peer(&mut self, room: usize, id: LegId, peer: PeerId) {
        let Some(&peer_at) = self.mux.index.get(&peer) else {
            // Gone, or a room on another shard: the owner learns that there is no such leg.
            tracing::warn!(leg = %id, %peer, "media.peer is not here");
            return self.tell(room, MediaEvent::LegClosed { leg: id, stats: LegStats::default() });
        };
        self.leave_room(peer_at);
        let law = self.peer_law(peer_at);
        let mut leg = Leg::new(id, room, Path::Peer(peer_at), self.now);
        (leg.send, leg.receive) = (true, true);
        let law = law.unwrap_or(Law::Pcmu);
        leg.codec = law.into();
        leg.payload_type = law.payload_type();
        leg.encoder = Encoder::Law(law);
        let at = self.legs.insert(leg);
        if let Some(state) = self.mux.peers.get_mut(peer_at) {
            state.leg = Some(at);
        }
        self.settle(room, id, at);
    }

    /// Enters a new leg everywhere.
    fn settle(&mut self, room: usize, id: LegId, at: usize) {
        self.leg_index.insert(id, at);
        if let Some(room) = self.rooms.get_mut(room) {
            room.legs.push(at);
            let taped = room.tape.is_some();
            self.change(at, |leg| leg.taped = taped);
        }
        self.counters.legs.set(self.legs.len() as u64);
        self.open_house();
    }

    fn set_remote(&mut self, at: usize, remote: Remote) {
        let now = self.now;
        let Some(leg) = self.legs.get_mut(at) else { return };
        if leg.set_remote(now, remote)
            && let Path::Rtp(path) = &mut leg.path
        {
            path.rtcp_from = None;
            path.disconnect();
        }
        self.with_room_of(at, Self::rewire);
    }

    fn with_room_of(&mut self, at: usize, f: impl FnOnce(&mut Self, usize)) {
        if let Some(room) = self.legs.get(at).map(|leg| leg.room) {
            f(self, room);
        }
    }

    fn improve(&mut self, at: usize, improve: Improve) {
        self.change(at, |leg| {
            // Made anew with it.
            leg.inlet = leg.inlet.take().filter(|_| leg.improve == improve);
            leg.improve = improve;
        });
        self.inlets.retain(|inlet| *inlet != at);
        self.with_room_of(at, Self::rewire);
    }

    fn play(&mut self, at: usize, clip: Arc<Clip>, repeat: Repeat) {
        self.change(at, |leg| leg.play = Some(Play { clip, repeat, at: 0 }));
        self.start_tick(at);
    }

    fn play_over(&mut self, at: usize, clip: Arc<Clip>) {
        let Some(leg) = self.legs.get_mut(at) else { return };
        leg.over = Some(Play { clip, repeat: Repeat::Once, at: 0 });
        let room = leg.room;
        self.rewire(room);
    }

    /// Presses keys towards a leg, behind those that are still being pressed.
    pub fn press(&mut self, at: usize, digits: &str) {
        let Some(leg) = self.legs.get_mut(at) else { return };
        leg.keys.get_or_insert_with(|| Box::new(Keys::default())).push(digits);
        // A peer is sent events as such; an RTP leg that has not negotiated them hears tones, as it would from a telephone on its line.
        if leg.dtmf.is_some() || matches!(leg.path, Path::Peer(_)) {
            self.start_tick(at);
        } else if leg.tone.is_none() {
            self.next_tone(at);
        }
    }

    /// The next of the keys that are pressed as tones, or what the leg hears otherwise.
    pub fn next_tone(&mut self, at: usize) {
        let Some(leg) = self.legs.get_mut(at) else { return };
        let clip = leg.keys.as_mut().and_then(|keys| keys.tone());
        leg.tone = clip.map(|clip| Play { clip, repeat: Repeat::Once, at: 0 });
        if leg.tone.is_none() {
            leg.keys = None;
        }
        let room = leg.room;
        self.rewire(room);
    }

    fn record(&mut self, room: usize, customer: LegId, path: PathBuf, law: Law, quiet: Option<Duration>) {
        self.stop_tape(room);
        let customer = self.leg_index.get(&customer).copied();
        let Some(state) = self.rooms.get_mut(room) else { return };
        let id = ids::next();
        let lines = [Timeline::default(), Timeline::default()];
        state.tape = Some(Tape { id, customer, law, began: self.now, paused: false, lines, views: Default::default() });
        self.feed.begin(id, path, law, quiet, state.events.clone());
        for at in state.legs.clone() {
            self.change(at, |leg| leg.taped = true);
        }
        self.rewire(room);
        self.open_house();
    }

    fn record_as(&mut self, customer: usize) {
        let Some(room) = self.legs.get(customer).map(|leg| leg.room) else { return };
        if let Some(tape) = self.rooms.get_mut(room).and_then(|room| room.tape.as_mut()) {
            tape.customer = Some(customer);
            self.rewire(room);
        }
    }

    fn pause_tape(&mut self, room: usize, on: bool) {
        if let Some(tape) = self.rooms.get_mut(room).and_then(|room| room.tape.as_mut()) {
            tape.paused = on;
            tape.views.iter_mut().for_each(View::pause);
        }
    }

    /// A leg's figures, with what its browser reports.
    pub fn leg_stats(&self, at: usize) -> Option<LegStats> {
        let leg = self.legs.get(at)?;
        let report = match leg.path {
            Path::Peer(peer) => self.mux.peers.get(peer).map(|state| state.report),
            Path::Rtp(_) => None,
        };
        Some(leg.stats(report))
    }

    pub fn remove_leg(&mut self, at: usize) {
        self.be_unheard(at);
        let Some(stats) = self.leg_stats(at) else { return };
        let Some(mut leg) = self.legs.remove(at) else { return };
        leg.report(self.now, NtpTime::since_start(self.now.duration_since(self.start)), true);
        self.leg_index.remove(&leg.id);
        self.ticking.retain(|ticking| *ticking != at);
        self.inlets.retain(|inlet| *inlet != at);
        if let Path::Peer(peer) = leg.path
            && let Some(state) = self.mux.peers.get_mut(peer)
        {
            state.leg = None;
        }
        if let Some(room) = self.rooms.get_mut(leg.room) {
            room.legs.retain(|other| *other != at);
            if let Some(tape) = room.tape.as_mut().filter(|tape| tape.customer == Some(at)) {
                tape.customer = None;
            }
        }
        self.rewire(leg.room);
        self.counters.legs.set(self.legs.len() as u64);
        self.tell(leg.room, MediaEvent::LegClosed { leg: leg.id, stats });
    }

    /// Finishes the recording, closes every leg and lets go of the owner's queue, which then ends.
    pub fn close_room(&mut self, at: usize) {
        self.stop_tape(at);
        for leg in self.rooms.get(at).map(|room| room.legs.clone()).unwrap_or_default() {
            self.remove_leg(leg);
        }
        if let Some(room) = self.rooms.remove(at) {
            self.room_index.remove(&room.id);
        }
    }
}
