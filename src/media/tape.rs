//! A room's recording as the shard holds it: two timelines and the way to the writer.

use super::peer::{Picture, Seen};
use super::recording::{Pictured, Side, Timeline, samples_in};
use super::shard::Core;
use crate::rtp::Law;
use std::time::{Duration, Instant};

/// How often a whole picture is asked for: players jump to these, and what was lost costs no more.
const WHOLE_EVERY: Duration = Duration::from_secs(10);
/// Nothing was shown for so long: what comes then must begin with a whole picture.
const ANEW: Duration = Duration::from_secs(2);

pub(super) struct Tape {
    pub id: u64,
    /// Index of the customer's leg; `None` once it has gone.
    pub customer: Option<usize>,
    pub law: Law,
    pub began: Instant,
    pub paused: bool,
    pub lines: [Timeline; 2],
    pub views: [View; 2],
}

/// The picture of one side.
#[derive(Default)]
pub(super) struct View {
    source: u64,
    last: Option<Instant>,
    /// When a whole one was asked for.
    asked: Option<Instant>,
    /// How often it began anew: what came before and what comes then is not one stream.
    times: u32,
}

impl View {
    /// Nothing of it is recorded for a while.
    pub fn pause(&mut self) {
        self.last = None;
    }

    /// A packet comes; whether a whole picture is to be asked for.
    fn packet(&mut self, now: Instant, source: u64) -> bool {
        let anew = self.source != source || self.last.is_none_or(|last| now.duration_since(last) >= ANEW);
        (self.source, self.last) = (source, Some(now));
        self.times = self.times.wrapping_add(u32::from(anew));
        let ask = anew || self.asked.is_none_or(|asked| now.duration_since(asked) >= WHOLE_EVERY);
        if ask {
            self.asked = Some(now);
        }
        ask
    }
}

/// A payload and where it comes from, as the recording sees it.
pub(super) struct Heard<'a> {
    /// Tells sources apart: leg and SSRC.
    pub source: u32,
    pub timestamp: u32,
    pub law: Law,
    pub payload: &'a [u8],
}

impl Tape {
    pub fn elapsed(&self, now: Instant) -> u64 {
        samples_in(now.duration_since(self.began))
    }
}

impl Core {
    pub fn tape(&mut self, room: usize, side: Side, heard: &Heard<'_>) {
        let now = self.now;
        let Some(tape) = self.rooms.get_mut(room).and_then(|room| room.tape.as_mut()).filter(|tape| !tape.paused) else {
            return;
        };
        let elapsed = now.duration_since(tape.began);
        let at = tape.lines[side as usize].place(now, elapsed, heard.source, heard.timestamp, heard.payload.len());
        let map = heard.law.map_to(tape.law);
        if !self.feed.audio(tape.id, side, at, heard.payload, map) {
            self.counters.unrecorded.add(1);
        }
    }

    /// Takes up what a leg shows, and only while somebody sees it: the customer's picture, and what the customer is shown. What its source must be
    /// told is the answer.
    pub fn tape_picture(&mut self, leg: usize, packet: &Picture<'_>) -> Option<Seen> {
        let (now, from) = (self.now, self.legs.get(leg)?);
        let room = from.room;
        let tape = self.rooms.get(room)?.tape.as_ref().filter(|tape| !tape.paused)?;
        let (id, customer, elapsed) = (tape.id, tape.customer?, tape.elapsed(now));
        let shows = |from: usize, to: usize| self.legs.get(to).is_some_and(|to| to.send && to.sources.contains(&from));
        let side = if leg == customer {
            let seen = self.rooms.get(room)?.legs.iter().any(|other| shows(leg, *other));
            seen.then_some(Side::Customer)?
        } else {
            shows(leg, customer).then_some(Side::Others)?
        };
        let view = self.rooms.get_mut(room)?.tape.as_mut()?.views.get_mut(side as usize)?;
        let ask = view.packet(now, packet.source);
        let source = (packet.source as u32).rotate_left(16) ^ view.times;
        let pictured = Pictured { source, seq: packet.seq, marker: packet.marker, payload: packet.payload };
        if !self.feed.picture(id, side, elapsed, &pictured) {
            self.counters.unrecorded.add(1);
        }
        ask.then_some(Seen::Whole)
    }

    /// Ends a room's recording at the present time.
    pub fn stop_tape(&mut self, room: usize) {
        let Some(tape) = self.rooms.get_mut(room).and_then(|room| room.tape.take()) else { return };
        self.feed.end(tape.id, tape.elapsed(self.now));
        self.rewire(room);
        for leg in self.rooms.get(room).map(|room| room.legs.clone()).unwrap_or_default() {
            if let Some(leg) = self.legs.get_mut(leg) {
                leg.taped = false;
            }
        }
    }

    /// Tells every recording what time it is, and passes on what was gathered.
    pub fn wind_tapes(&mut self) {
        for room in 0..self.rooms.bound() {
            if let Some(tape) = self.rooms.get(room).and_then(|room| room.tape.as_ref()) {
                self.feed.clock(tape.id, tape.elapsed(self.now));
            }
        }
        self.feed.flush();
    }
}
