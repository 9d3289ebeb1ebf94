//! Whom each leg hears, and what follows for its audio. A leg that hears exactly one other is passed that one's packets
//! as they come. A leg that hears several, or something mixed over them, is sent a frame at every tick, made of what
//! the inlets of those others give. Worked out anew whenever something changes, so that a packet finds it settled.

use super::command::Hearing;
use super::events::MediaEvent;
use super::ids::LegId;
use super::leg::{Leg, Path};
use super::shard::Core;
use crate::rtp::Codec;
use crate::sound::Inlet;
use std::time::Instant;

/// What a leg's inlet is wanted for.
#[derive(Clone, Copy, Default)]
struct Wanted {
    narrow: bool,
    wide: bool,
}

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
        let customer = self.rooms.get(room).and_then(|room| room.tape.as_ref()?.customer);
        let mut wanted: Vec<(usize, Wanted)> = Vec::new();
        for &at in &legs {
            let Some(leg) = self.legs.get_mut(at) else { continue };
            leg.relays.clear();
            leg.heard = false;
            // Recordings are made of G.711: what comes as anything else is recorded as it is decoded, and what is improved as it is heard.
            let taped = customer == Some(at) && leg.is_taped_decoded();
            if taped || (leg.codec.is_wide() && leg.tones.is_some()) {
                wanted.push((at, Wanted { narrow: true, wide: false }));
            }
        }
        for &at in &legs {
            let Some(leg) = self.legs.get(at) else { continue };
            let (sources, wide) = (leg.sources.clone(), leg.codec.is_wide());
            let recorded = customer == Some(at) && wide;
            let direct = match sources[..] {
                [source] => {
                    leg.over.is_none()
                        && leg.tone.is_none()
                        && !recorded
                        && self.legs.get(source).is_some_and(|source| source.passes_to(leg))
                }
                _ => false,
            };
            let mixed = leg.over.is_some() || leg.tone.is_some() || (!direct && (leg.company || !sources.is_empty()));
            for &source in &sources {
                let Some(source_leg) = self.legs.get_mut(source) else { continue };
                source_leg.heard = true;
                if direct {
                    source_leg.relays.push(at);
                } else {
                    want(&mut wanted, source, Wanted { narrow: !wide || recorded, wide });
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
            self.decode(at, wanted.iter().find(|(leg, _)| *leg == at).map(|(_, wanted)| *wanted));
        }
    }

    /// Gives a leg an inlet, or takes it away.
    fn decode(&mut self, at: usize, wanted: Option<Wanted>) {
        let Some(leg) = self.legs.get_mut(at) else { return };
        let Some(Wanted { narrow, wide }) = wanted else {
            if leg.inlet.take().is_some() {
                self.inlets.retain(|inlet| *inlet != at);
            }
            return;
        };
        let (codec, improve) = (leg.codec, leg.improve);
        let fresh = || Box::new(Inlet::new(codec, improve));
        // Laws may change from packet to packet; another rate needs another inlet.
        let inlet = match leg.inlet.take() {
            Some(inlet) if inlet.codec().is_wide() == codec.is_wide() && (codec.law().is_some() || inlet.codec() == codec) => inlet,
            _ => fresh(),
        };
        leg.inlet.insert(inlet).want(narrow, wide);
        if !self.inlets.contains(&at) {
            self.inlets.push(at);
            self.tick_at.get_or_insert(self.now);
        }
    }

    /// A key of a leg for those who hear it. Whoever takes events and is passed the leg's packets has had it already,
    /// unless there were none (`relayed`).
    pub fn pass_key(&mut self, at: usize, digit: char, relayed: bool) {
        let Some(leg) = self.legs.get(at) else { return };
        for other in self.room_legs(leg.room) {
            let Some(source) = self.legs.get(at) else { return };
            let Some(listener) = self.legs.get(other) else { continue };
            let for_it = listener.sources.contains(&at) && matches!(listener.path, Path::Rtp(_));
            if for_it && !(relayed && listener.dtmf.is_some() && source.relays.contains(&other)) {
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
        self.tell(leg.room, MediaEvent::Digit { leg: leg.id, digit, ms, tone: false });
        self.pass_key(at, digit, relayed);
    }
}

fn want(wanted: &mut Vec<(usize, Wanted)>, at: usize, more: Wanted) {
    match wanted.iter_mut().find(|(leg, _)| *leg == at) {
        Some((_, wanted)) => *wanted = Wanted { narrow: wanted.narrow || more.narrow, wide: wanted.wide || more.wide },
        None => wanted.push((at, more)),
    }
}

impl Leg {
    /// Whether a recording takes what is decoded of it, and not its packets.
    pub fn is_taped_decoded(&self) -> bool {
        self.codec.is_wide() || self.improve.any()
    }

    /// Whether its packets can go to another leg as they are, but for the law.
    fn passes_to(&self, listener: &Leg) -> bool {
        let same = match (self.codec, listener.codec) {
            (Codec::Law(_), Codec::Law(_)) => true,
            (ours, theirs) => ours == theirs,
        };
        same && !self.pauses && !self.improve.any()
    }
}
