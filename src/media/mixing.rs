//! Frames between legs: what comes in is decoded at the tick, and what a leg hears is made of it, coded, sent and, where
//! it is the customer's, recorded.

use super::events::MediaEvent;
use super::leg::{Leg, Play};
use super::recording::Side;
use super::shard::Core;
use super::tape::Heard;
use crate::rtp::{Codec, FRAME, HEADER_LEN, Header, Law};
use crate::sound::codec::LONGEST;
use crate::sound::resample::Up;
use crate::sound::{Inlet, mix};
use std::time::Instant;

/// What is mixed over a conversation is half as loud as it was recorded.
const OVER_GAIN: i32 = 128;
const FULL_GAIN: i32 = 256;
/// Sources of a recording that are no packets of a leg's; those have scattered numbers.
const MIX_SOURCE: u32 = 0;
const DECODED_SOURCE: u32 = 1;
/// The law that decoded audio is put into a recording with; the file's own follows from it byte by byte.
const TAPE_LAW: Law = Law::Pcma;

/// A packet of our own making: a header's place and the longest frame.
pub(super) type Packet = [u8; HEADER_LEN + LONGEST];

/// A sum at both rates; only those that are wanted are kept up.
struct Sum {
    narrow: [i32; FRAME],
    wide: [i32; 2 * FRAME],
}

impl Core {
    /// A packet for the leg's inlet, if it has one; of comfort noise without a codec.
    pub fn take_in(&mut self, at: usize, header: &Header, codec: Option<Codec>, payload: &[u8]) {
        let now = self.samples(self.now);
        let Some(inlet) = self.legs.get_mut(at).and_then(|leg| leg.inlet.as_mut()) else { return };
        match codec {
            Some(codec) => inlet.audio(now, header, codec, payload),
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
            let at = self.inlets[n];
            let Some(leg) = self.legs.get_mut(at) else { continue };
            let taped = leg.is_taped_decoded();
            let Some(inlet) = leg.inlet.as_mut() else { continue };
            inlet.pull(now);
            if inlet.is_sounding() && taped {
                let frame = *inlet.narrow();
                self.heard_frame(at, now as u32, &frame);
            }
        }
    }

    /// What came as anything but G.711 is recorded, and listened to for keys, as it was decoded; what is improved is recorded so, too.
    fn heard_frame(&mut self, at: usize, timestamp: u32, frame: &[i16; FRAME]) {
        let Some(leg) = self.legs.get_mut(at) else { return };
        let key = leg.tones.as_mut().filter(|_| leg.codec.is_wide()).and_then(|tones| tones.hear(frame.iter().copied()));
        let (room, id, taped) = (leg.room, leg.id, leg.taped);
        if let Some((digit, ms)) = key {
            self.tell(room, MediaEvent::Digit { leg: id, digit, ms, tone: true });
        }
        if taped && self.taped_customer(room) == Some(at) {
            self.tape_frame(room, Side::Customer, DECODED_SOURCE, timestamp, frame);
        }
    }

    fn taped_customer(&self, room: usize) -> Option<usize> {
        self.rooms.get(room)?.tape.as_ref()?.customer
    }

    fn tape_frame(&mut self, room: usize, side: Side, source: u32, timestamp: u32, frame: &[i16; FRAME]) {
        let payload = frame.map(|sample| TAPE_LAW.encode(sample));
        self.tape(room, side, &Heard { source, timestamp, law: TAPE_LAW, payload: &payload });
    }

    /// Makes the frame that a leg is sent, where it is not copied from a clip: what it is played, or what it hears of
    /// others with what is played over that.
    pub fn mix(&mut self, at: usize, packet: &mut Packet) {
        let (now, mut sum) = (self.now, Sum { narrow: [0; FRAME], wide: [0; 2 * FRAME] });
        let Some(leg) = self.legs.get(at) else { return };
        let pressing = leg.tone.is_some();
        let (room, wide, playing) = (leg.room, leg.codec.is_wide(), leg.play.is_some() && !pressing);
        let hearing = !playing && !pressing;
        let taped = leg.taped && leg.send && hearing && self.taped_customer(room) == Some(at);
        let mut sounding = false;
        if hearing {
            for source in &leg.sources {
                let Some(inlet) = self.legs.get(*source).and_then(|leg| leg.inlet.as_ref()) else { continue };
                if inlet.is_sounding() {
                    sum.add(inlet, !wide || taped, wide);
                    sounding = true;
                }
            }
        }
        let Some(leg) = self.legs.get_mut(at) else { return };
        let ended = leg.add_clip(&mut sum);
        sounding |= ended.is_some();
        let mut narrow = sum.narrow.map(mix::limit);
        let mut wider = sum.wide.map(mix::limit);
        if !sounding {
            if wide { leg.noise.fill(&mut wider) } else { leg.noise.fill(&mut narrow) }
        }
        let stamp = leg.out.frame(now);
        let payload = &mut packet[HEADER_LEN..];
        let length = if wide { leg.encoder.wide(&wider, payload) } else { leg.encoder.narrow(&narrow, payload) };
        let (id, payload_type, codec) = (leg.id, leg.payload_type, leg.codec);
        if taped && sounding {
            let timestamp = stamp.timestamp / codec.scale();
            self.tape_frame(room, Side::Others, MIX_SOURCE, timestamp, &narrow);
        }
        if length > 0 {
            self.emit(at, stamp, payload_type, codec, false, &mut packet[..HEADER_LEN + length]);
        }
        match ended {
            Some(true) if pressing => self.next_tone(at),
            Some(true) if playing => {
                self.change(at, |leg| leg.play = None);
                self.tell(room, MediaEvent::PlayDone { leg: id });
            }
            Some(true) => {
                self.change(at, |leg| leg.over = None);
                self.rewire(room);
            }
            _ => {}
        }
    }
}

impl Sum {
    fn add(&mut self, inlet: &Inlet, narrow: bool, wide: bool) {
        if narrow {
            mix::add(&mut self.narrow, inlet.narrow(), FULL_GAIN);
        }
        if wide {
            mix::add(&mut self.wide, inlet.wide(), FULL_GAIN);
        }
    }
}

impl Leg {
    /// Adds the key that is pressed, else what it is played, else what is played over everything; `Some(true)` if that was the last of it.
    fn add_clip(&mut self, sum: &mut Sum) -> Option<bool> {
        let (clip, gain) = match (&mut self.tone, &mut self.play) {
            (tone @ Some(_), _) => (tone, FULL_GAIN),
            (None, play @ Some(_)) => (play, FULL_GAIN),
            (None, None) => (&mut self.over, OVER_GAIN),
        };
        let (samples, ended) = clip.as_mut()?.linear();
        mix::add(&mut sum.narrow, &samples, gain);
        if self.codec.is_wide() {
            let widener = self.widener.get_or_insert_with(|| Box::new((Up::new(2), Vec::with_capacity(2 * FRAME))));
            let (up, room) = &mut **widener;
            room.clear();
            up.run(&samples, room);
            mix::add(&mut sum.wide, room, gain);
        }
        Some(ended)
    }
}

impl Play {
    /// The next frame, linear; whether that was the last of a clip played once.
    fn linear(&mut self) -> ([i16; FRAME], bool) {
        let mut coded = [0; FRAME];
        let ended = self.fill(Law::Pcmu, &mut coded);
        (coded.map(|byte| Law::Pcmu.decode(byte)), ended)
    }
}
