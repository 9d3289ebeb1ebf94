//! The 20 ms tick: one per shard, for the legs that are decoded, mixed or played to or have keys pressed towards them,
//! and none otherwise.
//! It counts from its own last time, so it does not drift; what a stalled machine missed is made up to 100 ms.

use super::events::MediaEvent;
use super::keys::Step;
use super::leg::{Leg, Path, Play};
use super::mixing::Packet;
use super::outgoing::Stamp;
use super::peer::AudioOut;
use super::room::Repeat;
use super::shard::Core;
use crate::rtp::{CLOCK_RATE, Codec, FRAME, HEADER_LEN, Header, Law};
use crate::sound::codec::LONGEST;
use std::time::{Duration, Instant};

pub(super) const TICK: Duration = Duration::from_millis(20);
/// Ticks made up at once after a stall; the rest is lost time.
const MOST: usize = 5;

/// What a tick sends to one leg.
enum Frame {
    Audio {
        stamp: Stamp,
        ended: bool,
    },
    Event {
        stamp: Stamp,
        payload: [u8; 4],
    },
    Nothing,
    /// To be made of what others say, or of a clip and coded.
    Mix,
    /// Neither playing nor pressing nor mixed to any more.
    Idle,
}

impl Core {
    /// A leg began to play or press: the first frame goes out at the next tick, at once if there is none.
    pub fn start_tick(&mut self, at: usize) {
        let Some(leg) = self.legs.get_mut(at) else { return };
        if !std::mem::replace(&mut leg.ticking, true) {
            self.ticking.push(at);
        }
        self.tick_at.get_or_insert(self.now);
    }

    pub fn tick(&mut self) {
        for _ in 0..MOST {
            let Some(at) = self.tick_at.filter(|at| *at <= self.now) else { return };
            self.tick_once(at);
            self.tick_at = (!self.ticking.is_empty() || !self.inlets.is_empty()).then_some(at + TICK);
        }
        if self.tick_at.is_some_and(|at| at <= self.now) {
            self.tick_at = Some(self.now + TICK);
            for &leg in &self.ticking {
                if let Some(leg) = self.legs.get_mut(leg).filter(|leg| leg.keys.is_none()) {
                    leg.out.pause();
                }
            }
        }
    }

    fn tick_once(&mut self, tick: Instant) {
        self.pull_inlets(tick);
        let mut packet = [0; HEADER_LEN + LONGEST];
        let mut n = 0;
        while let Some(&at) = self.ticking.get(n) {
            if self.tick_leg(at, &mut packet) {
                n += 1;
            } else {
                self.ticking.swap_remove(n);
            }
        }
    }

    /// Whether the leg goes on ticking.
    fn tick_leg(&mut self, at: usize, packet: &mut Packet) -> bool {
        let now = self.now;
        let Some(leg) = self.legs.get_mut(at).filter(|leg| leg.ticking) else { return false };
        let frame = leg.frame(now, packet);
        let (id, room, codec, payload_type) = (leg.id, leg.room, leg.codec, leg.payload_type);
        match frame {
            Frame::Idle => {
                leg.ticking = false;
                return false;
            }
            Frame::Nothing => {}
            Frame::Mix => self.mix(at, packet),
            Frame::Event { stamp, payload } => {
                packet[HEADER_LEN..HEADER_LEN + 4].copy_from_slice(&payload);
                // A browser leg knows its own number.
                let number = leg.dtmf.map_or(0, |events| events.payload_type);
                if leg.dtmf.is_some() || matches!(leg.path, Path::Peer(_)) {
                    self.emit(at, stamp, number, codec, true, &mut packet[..HEADER_LEN + 4]);
                }
            }
            Frame::Audio { stamp, ended } => {
                self.emit(at, stamp, payload_type, codec, false, &mut packet[..HEADER_LEN + FRAME]);
                if ended {
                    self.tell(room, MediaEvent::PlayDone { leg: id });
                }
            }
        }
        true
    }

    /// Sends a packet of our own making; its payload begins behind the header's place.
    pub fn emit(&mut self, at: usize, stamp: Stamp, payload_type: u8, codec: Codec, event: bool, packet: &mut [u8]) {
        let Some(leg) = self.legs.get_mut(at) else { return };
        if !leg.send {
            return;
        }
        match &leg.path {
            Path::Rtp(path) => {
                Header::write(packet, stamp.marker, payload_type, stamp.seq, stamp.timestamp, leg.out.ssrc);
                let sent = path.send(packet);
                leg.sent(packet.len() - HEADER_LEN, sent);
                self.count_sent(sent);
            }
            Path::Peer(peer) => {
                let peer = *peer;
                leg.sent(packet.len() - HEADER_LEN, true);
                let Stamp { seq, timestamp, marker } = stamp;
                let law = codec.law().unwrap_or(Law::Pcmu);
                let payload = &packet[HEADER_LEN..];
                self.send_peer(peer, &AudioOut { law, seq, timestamp, marker, payload, event });
            }
        }
    }
}

impl Leg {
    /// The next frame; keys go before music.
    fn frame(&mut self, now: Instant, packet: &mut Packet) -> Frame {
        if self.tone.is_some() {
            return Frame::Mix;
        }
        let clock = self.dtmf.map_or(1, |events| (events.clock / CLOCK_RATE).max(1));
        if let Some(keys) = &mut self.keys {
            match keys.step(clock) {
                Step::Begin(payload) => {
                    return Frame::Event { stamp: self.out.event(now), payload: payload.bytes() };
                }
                Step::Continue(payload) => {
                    return Frame::Event { stamp: self.out.event_goes_on(), payload: payload.bytes() };
                }
                Step::Wait => return Frame::Nothing,
                Step::Done => {
                    self.keys = None;
                    self.out.pause();
                }
            }
        }
        let (play, law) = match (&mut self.play, self.codec) {
            (Some(play), Codec::Law(law)) => (play, law),
            (None, _) if !self.mixed => return Frame::Idle,
            _ => return Frame::Mix,
        };
        let ended = play.fill(law, &mut packet[HEADER_LEN..HEADER_LEN + FRAME]);
        if ended {
            self.play = None;
        }
        Frame::Audio { stamp: self.out.frame(now), ended }
    }
}

impl Play {
    /// Fills a frame; whether that was the last of a clip played once.
    pub fn fill(&mut self, law: Law, frame: &mut [u8]) -> bool {
        let bytes = self.clip.bytes(law);
        let mut filled = 0;
        while filled < frame.len() {
            let length = (frame.len() - filled).min(bytes.len() - self.at);
            frame[filled..filled + length].copy_from_slice(&bytes[self.at..self.at + length]);
            (filled, self.at) = (filled + length, self.at + length);
            if self.at == bytes.len() {
                if self.repeat == Repeat::Once {
                    frame[filled..].fill(law.silence());
                    return true;
                }
                self.at = 0;
            }
        }
        false
    }
}
