//! The adaptive jitter buffer: packets go in as they come and are taken out in order, evenly, and as early as the line
//! allows. Sans-IO.
//!
//! A packet's transit is its arrival minus its timestamp. The least transit of the last seconds is the base; how far
//! nearly all others lie above it is the target delay. Playing later than that is delay for nothing, playing earlier
//! loses packets. The base follows the sender's clock, so a skew needs no care of its own.

/// Packets held at most: 1.28 s of 20 ms each.
const SLOTS: i64 = 64;
/// Steps of the sequence number beyond which a sender has begun anew.
const RESTART: i64 = 1000;
/// Pulls in vain after which the sender counts as silent and what comes next begins anew.
const PATIENCE: u8 = 5;
/// The frame that a pull is about: 20 ms.
const FRAME: i64 = 160;

#[derive(Default)]
pub struct Jitter {
    slots: Vec<Slot>,
    held: usize,
    ssrc: Option<u32>,
    /// The newest packet's numbers, extended.
    newest: Option<Newest>,
    delay: Delay,
    playing: bool,
    /// The sender has said that it pauses (comfort noise).
    resting: bool,
    next: i64,
    /// Timestamp of the next sample to be given out.
    play: i64,
    /// Length of the last packet.
    units: i64,
    vain: u8,
    /// Filled in while waiting, in samples: what then turns out to be lost has had its time.
    filled: i64,
    pub late: u64,
    pub concealed: u64,
}

struct Newest {
    seq: i64,
    raw: u32,
    /// Extended, in the sender's units.
    timestamp: i64,
}

#[derive(Default)]
struct Slot {
    /// Extended sequence number; `None` for an empty place. Its buffer is kept for the next packet.
    packet: Option<i64>,
    timestamp: i64,
    units: i64,
    rest: bool,
    data: Vec<u8>,
}

/// A packet to be taken in.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    pub ssrc: u32,
    pub seq: u16,
    /// As in the header.
    pub timestamp: u32,
    /// Timestamp units in a sample of 8 kHz: 1, or 6 for Opus.
    pub scale: u32,
    /// Length in samples at 8 kHz; 0 for comfort noise.
    pub units: u32,
    /// After this packet the sender pauses until it speaks again.
    pub rest: bool,
    pub payload: &'a [u8],
}

/// What is to be heard next.
#[derive(PartialEq, Eq, Debug)]
pub enum Pull<'a> {
    Packet {
        payload: &'a [u8],
        rest: bool,
    },
    /// So many samples are missing for good. `next`: the packet behind the gap, which may hold them a second time.
    Lost {
        units: i64,
        next: Option<&'a [u8]>,
    },
    /// The sender has paused for so many samples.
    Pause {
        units: i64,
    },
    /// Something ought to be here and may still come: a frame is to be filled in, and delay grows by it.
    Late,
    /// Nothing has come yet, or nothing for long.
    Idle,
}

/// Whether what is heard lies too far behind the line, or too near.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pace {
    Keep,
    Faster,
    Slower,
}

impl Jitter {
    /// Takes a packet in; `now` in samples at 8 kHz.
    pub fn push(&mut self, now: i64, arrival: &Arrival<'_>) {
        if self.ssrc != Some(arrival.ssrc) {
            self.restart(arrival.ssrc);
        }
        let scale = i64::from(arrival.scale.max(1));
        let (mut seq, mut raw) = self.extend(arrival);
        if self.newest.as_ref().is_some_and(|newest| (seq - newest.seq).abs() > RESTART) {
            self.restart(arrival.ssrc);
            (seq, raw) = self.extend(arrival);
        }
        let timestamp = raw / scale;
        if self.newest.as_ref().is_none_or(|newest| seq > newest.seq) {
            self.newest = Some(Newest { seq, raw: arrival.timestamp, timestamp: raw });
        }
        self.delay.add(now - timestamp);
        if self.playing && seq < self.next {
            self.late += 1;
            return;
        }
        if self.oldest().is_some_and(|oldest| seq - oldest >= SLOTS) || (self.playing && seq - self.next >= SLOTS) {
            // Nobody has pulled for long: what waits is stale.
            self.empty();
        }
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS as usize, Slot::default);
        }
        let slot = &mut self.slots[seq.rem_euclid(SLOTS) as usize];
        if slot.packet.is_some() {
            return;
        }
        slot.packet = Some(seq);
        (slot.timestamp, slot.units, slot.rest) = (timestamp, i64::from(arrival.units), arrival.rest);
        slot.data.clear();
        slot.data.extend_from_slice(arrival.payload);
        self.held += 1;
    }

    /// Sequence number and timestamp without their wraps.
    fn extend(&self, arrival: &Arrival<'_>) -> (i64, i64) {
        match &self.newest {
            Some(newest) => (
                newest.seq + i64::from(arrival.seq.wrapping_sub(newest.seq as u16) as i16),
                newest.timestamp + i64::from(arrival.timestamp.wrapping_sub(newest.raw) as i32),
            ),
            None => (i64::from(arrival.seq), i64::from(arrival.timestamp)),
        }
    }

    fn restart(&mut self, ssrc: u32) {
        self.empty();
        self.delay = Delay::default();
        (self.ssrc, self.newest) = (Some(ssrc), None);
    }

    /// Forgets what waits; the line is remembered.
    pub fn empty(&mut self) {
        for slot in &mut self.slots {
            slot.packet = None;
        }
        (self.held, self.playing, self.resting) = (0, false, false);
        (self.vain, self.filled) = (0, 0);
    }

    /// What is to be heard next, at `now`, where `ahead` samples were taken out already and not heard yet.
    pub fn pull(&mut self, now: i64, ahead: i64) -> Pull<'_> {
        let at = now + ahead;
        if !self.playing {
            let Some((seq, timestamp)) = self.oldest().and_then(|seq| Some((seq, self.slot(seq)?.timestamp))) else {
                return Pull::Idle;
            };
            if at - self.delay.base - timestamp < self.delay.target() - MARGIN {
                return Pull::Idle;
            }
            (self.playing, self.next, self.play) = (true, seq, timestamp);
        }
        while self.held > 0 {
            let lateness = self.lateness(at);
            if let Some(slot) = self.slot(self.next) {
                let gap = slot.timestamp - self.play;
                // A pause, unless so much time has passed by itself.
                if gap > 0 && gap < 8 * RESTART && lateness - gap < -(FRAME / 2) {
                    let units = gap.min(FRAME);
                    self.play += units;
                    return Pull::Pause { units };
                }
                return self.take();
            }
            // It is not here, but one behind it is.
            if lateness - ahead < -FRAME {
                self.filled += FRAME;
                return Pull::Late;
            }
            self.next += 1;
            self.play += self.units.max(1);
            self.filled -= self.units.max(1);
            if self.filled < -(FRAME / 2) {
                self.concealed += 1;
                (self.vain, self.filled) = (0, 0);
                let next = self.next.rem_euclid(SLOTS) as usize;
                let next = self.slots.get(next).filter(|slot| slot.packet == Some(self.next));
                return Pull::Lost { units: self.units.max(1), next: next.map(|slot| &slot.data[..]) };
            }
        }
        if self.resting {
            self.play += FRAME;
            return Pull::Pause { units: FRAME };
        }
        self.vain += 1;
        if self.vain > PATIENCE {
            self.empty();
            return Pull::Idle;
        }
        self.concealed += 1;
        self.filled += FRAME;
        Pull::Late
    }

    fn take(&mut self) -> Pull<'_> {
        let slot = &mut self.slots[self.next.rem_euclid(SLOTS) as usize];
        slot.packet = None;
        self.held -= 1;
        self.next += 1;
        (self.vain, self.filled) = (0, 0);
        self.play = slot.timestamp + slot.units;
        if slot.units > 0 {
            self.units = slot.units;
        }
        self.resting = slot.rest;
        Pull::Packet { payload: &slot.data, rest: slot.rest }
    }

    /// How the delay stands to its target, where `ahead` samples were taken out and not heard yet. The next packet must be
    /// here when less than a frame of them is left.
    pub fn pace(&self, now: i64, ahead: i64) -> Pace {
        if !self.playing || self.resting {
            return Pace::Keep;
        }
        match self.lateness(now + ahead / FRAME * FRAME) {
            off if off > FRAME + FRAME / 2 && self.held > 0 => Pace::Faster,
            off if off < -MARGIN => Pace::Slower,
            _ => Pace::Keep,
        }
    }

    /// By how much the next sample is given out later than the target asks, at `at`.
    fn lateness(&self, at: i64) -> i64 {
        at - self.play - self.delay.base - self.delay.target()
    }

    /// Milliseconds between the earliest arrival and the playing, as aimed at.
    pub fn target_ms(&self) -> f32 {
        self.delay.target() as f32 / 8.0
    }

    fn slot(&self, seq: i64) -> Option<&Slot> {
        self.slots.get(seq.rem_euclid(SLOTS) as usize).filter(|slot| slot.packet == Some(seq))
    }

    fn oldest(&self) -> Option<i64> {
        if self.held == 0 { None } else { self.slots.iter().filter_map(|slot| slot.packet).min() }
    }
}

/// Transits looked at: 5 s of 20 ms packets.
const WINDOW: usize = 256;
/// Packets between two looks.
const LOOK_EVERY: usize = 8;
/// Of a hundred packets so many shall be in time.
const PERCENT: usize = 97;
/// Bounds of the target: 10 and 240 ms. The first packets tell little of the line.
const LEAST: i64 = 80;
const MOST: i64 = 1920;
const FIRST: i64 = 240;
/// Added to what was seen.
const MARGIN: i64 = 40;
/// A transit so far off is another clock: the sender stopped its timestamps, or jumped.
const ELSEWHERE: i64 = 4000;

/// What the line does to packets.
#[derive(Default)]
struct Delay {
    /// Transits above `origin`, a ring.
    transits: Vec<i32>,
    at: usize,
    origin: i64,
    base: i64,
    spread: i64,
}

impl Delay {
    fn add(&mut self, transit: i64) {
        if self.transits.is_empty() || (transit - self.base).abs() > ELSEWHERE {
            self.transits.clear();
            self.transits.reserve(WINDOW);
            (self.at, self.origin, self.base, self.spread) = (0, transit, transit, 0);
        }
        let value = (transit - self.origin) as i32;
        if self.transits.len() < WINDOW {
            self.transits.push(value);
        } else {
            self.transits[self.at] = value;
        }
        self.at = (self.at + 1) % WINDOW;
        self.base = self.base.min(transit);
        if self.at.is_multiple_of(LOOK_EVERY) {
            self.look();
        }
    }

    fn look(&mut self) {
        let mut sorted = [0; WINDOW];
        let sorted = &mut sorted[..self.transits.len()];
        sorted.copy_from_slice(&self.transits);
        let nearly_all = sorted.len() * PERCENT / 100;
        let (_, most, _) = sorted.select_nth_unstable(nearly_all.min(sorted.len() - 1));
        let most = i64::from(*most);
        let least = self.transits.iter().min().map_or(0, |&least| i64::from(least));
        self.base = self.origin + least;
        self.spread = most - least;
    }

    fn target(&self) -> i64 {
        let least = if self.transits.len() < 32 { FIRST } else { LEAST };
        (self.spread + MARGIN).clamp(least, MOST)
    }
}

#[cfg(test)]
mod tests;
