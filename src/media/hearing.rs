//! Whom each leg hears, and what follows for its audio. A leg that hears exactly one other is passed that one's packets
//! as they come. A leg that hears several, or something mixed over them, is sent a frame at every tick, made of what
//! the inlets of those others give. Worked out anew whenever something changes, so that a packet finds it settled.

use super::command::Hearing;
use super::events::MediaEvent;
use super::ids::LegId;
use super::leg::{Leg, Path};
use super::recording::Side;
use super::shard::Core;
use super::tape::Heard;
use crate::rtp::{FRAME, HEADER_LEN, Header};
use crate::sound::{Inlet, mix};
use std::time::Instant;

/// What is mixed over a conversation is half as loud as it was recorded.
const OVER_GAIN: i32 = 128;
const FULL_GAIN: i32 = 256;
/// The source of a recording's right side while it is a mix; no leg's own, whose numbers are scattered.
const MIX_SOURCE: u32 = 0;

impl Core {
    /// Sets whom a leg hears; legs of other rooms, and the leg itself, are left out.
    pub fn hear(&mut self, listener: LegId, sources: &Hearing) {
        let Some(&at) = self.leg_index.get(&listener) else { return };
        let Some(room) = self.legs.get(at).map(|leg| leg.room) else { return };
        let mut found = Vec::with_capacity(sources.len());
        for id in sources {
            let Some(&source) = self.leg_index.get(id) else { continue };
            if source != at && !found.contains(&source) && self.legs.get(source).is_some_and(|leg| leg.room == room) {
                found.push(source);
            }
        }
        let now = self.now;
        for &source in &found {
            self.begin_to_listen(now, source);
        }
        self.begin_to_listen(now, at);
        if let Some(leg) = self.legs.get_mut(at) {
            leg.company = found.len() > 1;
            leg.sources = found;
        }
        self.rewire(room);
    }

    /// Silence counts from when somebody listens.
    fn begin_to_listen(&mut self, now: Instant, at: usize) {
        if let Some(leg) = self.legs.get_mut(at).filter(|leg| !leg.heard) {
            leg.liveness.from = now;
        }
    }

    pub fn bridge(&mut self, a: LegId, b: LegId) {
        let (Some(&at_a), Some(&at_b)) = (self.leg_index.get(&a), self.leg_index.get(&b)) else { return };
        let same = self.legs.get(at_a).map(|leg| leg.room) == self.legs.get(at_b).map(|leg| leg.room);
        if a == b || !same {
            return;
        }
        self.unbridge(at_a);
        self.unbridge(at_b);
        self.hear(a, &vec![b]);
        self.hear(b, &vec![a]);
    }

    /// It hears nobody, and nobody hears it.
    pub fn unbridge(&mut self, at: usize) {
        let Some(leg) = self.legs.get_mut(at) else { return };
        let room = leg.room;
        leg.sources.clear();
        leg.company = false;
        self.be_unheard(at);
        self.rewire(room);
    }

    /// Nobody hears a leg any more. Whoever had a mix goes on with what is left of it, if only the noise of the line.
    pub fn be_unheard(&mut self, at: usize) {
        let Some(room) = self.legs.get(at).map(|leg| leg.room) else { return };
        for other in self.room_legs(room) {
            if let Some(leg) = self.legs.get_mut(other) {
                leg.sources.retain(|source| *source != at);
            }
        }
    }

    pub fn room_legs(&self, room: usize) -> Vec<usize> {
        self.rooms.get(room).map(|room| room.legs.clone()).unwrap_or_default()
    }

    /// Settles for every leg of a room who is passed its packets, who is mixed to, and who must be decoded for that.
    pub fn rewire(&mut self, room: usize) {
        let legs = self.room_legs(room);
        for &at in &legs {
            if let Some(leg) = self.legs.get_mut(at) {
                leg.relays.clear();
                leg.heard = false;
            }
        }
        let mut decoded = Vec::new();
        for &at in &legs {
            let Some(leg) = self.legs.get(at) else { continue };
            let sources = leg.sources.clone();
            let direct = match sources[..] {
                [source] => leg.over.is_none() && self.legs.get(source).is_some_and(|source| source.passes_to(leg)),
                _ => false,
            };
            let mixed = leg.over.is_some() || (!direct && (leg.company || !sources.is_empty()));
            for &source in &sources {
                let Some(source_leg) = self.legs.get_mut(source) else { continue };
                source_leg.heard = true;
                if direct {
                    source_leg.relays.push(at);
                } else if !decoded.contains(&source) {
                    decoded.push(source);
                }
            }
            if let Some(leg) = self.legs.get_mut(at) {
                leg.mixed = mixed;
            }
            if mixed {
                self.start_tick(at);
            }
        }
        for at in legs {
            self.decode(at, decoded.contains(&at));
        }
    }

    fn decode(&mut self, at: usize, on: bool) {
        let Some(leg) = self.legs.get_mut(at) else { return };
        if leg.inlet.is_some() == on {
            return;
        }
        leg.inlet = on.then(|| Box::new(Inlet::new()));
        if on {
            self.inlets.push(at);
            self.tick_at.get_or_insert(self.now);
        } else {
            self.inlets.retain(|inlet| *inlet != at);
        }
    }

    /// A packet for the leg's inlet, if it has one.
    pub fn take_in(&mut self, at: usize, header: &Header, law: Option<crate::rtp::Law>, payload: &[u8]) {
        let now = self.samples(self.now);
        let Some(inlet) = self.legs.get_mut(at).and_then(|leg| leg.inlet.as_mut()) else { return };
        match law {
            Some(law) => inlet.audio(now, header, law, payload),
            None => inlet.comfort(now, header, payload),
        }
    }

    /// Samples at 8 kHz from the shard's start to a time.
    pub fn samples(&self, at: Instant) -> i64 {
        (at.duration_since(self.start).as_micros() / 125) as i64
    }

    /// Every inlet makes its frame of this tick.
    pub fn pull_inlets(&mut self, tick: Instant) {
        let now = self.samples(tick);
        for n in 0..self.inlets.len() {
            if let Some(inlet) = self.legs.get_mut(self.inlets[n]).and_then(|leg| leg.inlet.as_mut()) {
                inlet.pull(now);
            }
        }
    }

    /// Makes the frame that a mixed leg is sent; `packet` has its payload behind the header's place.
    pub fn mix(&mut self, at: usize, packet: &mut [u8; HEADER_LEN + FRAME]) {
        let now = self.now;
        let (mut sum, mut sounding) = ([0; FRAME], false);
        let Some(leg) = self.legs.get(at) else { return };
        for source in &leg.sources {
            let Some(inlet) = self.legs.get(*source).and_then(|leg| leg.inlet.as_ref()) else { continue };
            if inlet.is_sounding() {
                mix::add(&mut sum, inlet.frame(), FULL_GAIN);
                sounding = true;
            }
        }
        let Some(leg) = self.legs.get_mut(at) else { return };
        let ended = leg.add_over(&mut sum);
        let sounding = sounding || ended.is_some();
        let mut samples = sum.map(mix::limit);
        if !sounding {
            leg.noise.fill(&mut samples);
        }
        let (room, law, stamp) = (leg.room, leg.law, leg.out.frame(now));
        let taped = leg.taped && sounding && leg.send;
        for (byte, &sample) in packet[HEADER_LEN..].iter_mut().zip(&samples) {
            *byte = law.encode(sample);
        }
        if taped && self.rooms.get(room).and_then(|room| room.tape.as_ref()?.customer) == Some(at) {
            let heard = Heard { source: MIX_SOURCE, timestamp: stamp.timestamp, law, payload: &packet[HEADER_LEN..] };
            self.tape(room, Side::Others, &heard);
        }
        self.emit(at, stamp, law.payload_type(), law, false, packet);
        if ended == Some(true) {
            self.change(at, |leg| leg.over = None);
            self.rewire(room);
        }
    }

    /// A key of a leg for those who hear it: phones are sent it as an event. Whoever is passed the leg's packets has
    /// had it already, unless there were none (`relayed`).
    pub fn pass_key(&mut self, at: usize, digit: char, relayed: bool) {
        let Some(leg) = self.legs.get(at) else { return };
        for other in self.room_legs(leg.room) {
            let Some(source) = self.legs.get(at) else { return };
            let for_it = self.legs.get(other).is_some_and(|leg| leg.sources.contains(&at) && matches!(leg.path, Path::Rtp(_)));
            if for_it && !(relayed && source.relays.contains(&other)) {
                self.press(other, digit.encode_utf8(&mut [0; 4]));
            }
        }
    }

    /// A packet of comfort noise came: the leg's sender pauses, so from now on it is decoded for whoever hears it.
    pub fn pauses(&mut self, at: usize) {
        let Some(leg) = self.legs.get_mut(at) else { return };
        if !std::mem::replace(&mut leg.pauses, true) {
            let room = leg.room;
            self.rewire(room);
        }
    }

    /// A key is complete.
    pub fn key(&mut self, at: usize, digit: char, ms: u32, relayed: bool) {
        let Some(leg) = self.legs.get(at) else { return };
        self.tell(leg.room, MediaEvent::Digit { leg: leg.id, digit, ms });
        self.pass_key(at, digit, relayed);
    }
}

impl Leg {
    /// Whether its packets can go to another leg as they are, but for the law.
    fn passes_to(&self, _listener: &Leg) -> bool {
        !self.pauses
    }

    /// Adds what is mixed over everything; `Some(true)` if that was the last of it.
    fn add_over(&mut self, sum: &mut [i32; FRAME]) -> Option<bool> {
        let over = self.over.as_mut()?;
        let (mut coded, mut samples) = ([0; FRAME], [0; FRAME]);
        let ended = over.fill(self.law, &mut coded);
        for (sample, &byte) in samples.iter_mut().zip(&coded) {
            *sample = self.law.decode(byte);
        }
        mix::add(sum, &samples, OVER_GAIN);
        Some(ended)
    }
}
