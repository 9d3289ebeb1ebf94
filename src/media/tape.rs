//! A room's recording as the shard holds it: two timelines and the way to the writer.

use super::recording::{Side, Timeline, samples_in};
use super::shard::Core;
use crate::rtp::Law;
use std::time::Instant;

pub(super) struct Tape {
    pub id: u64,
    /// Index of the customer's leg; `None` once it has gone.
    pub customer: Option<usize>,
    pub law: Law,
    pub began: Instant,
    pub paused: bool,
    pub lines: [Timeline; 2],
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
