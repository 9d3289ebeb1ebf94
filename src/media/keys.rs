//! Keys being pressed towards a leg: as events (RFC 4733 §2.5), one step per 20 ms tick, or as tones, one clip per key. Pure.

use super::clip::Clip;
use super::tick::TICK;
use crate::rtp::EventPayload;
use crate::rtp::event::{digit_of, event_of};
use crate::sound::tones;
use std::collections::VecDeque;
use std::sync::Arc;

/// Ticks of a key, of the repeats of its end, of the gap behind it, of a pause.
const PRESS: u16 = 5;
const REPEATS: u16 = 2;
const GAP: u16 = 4;
const PAUSE: u16 = 25;
/// Keys waiting; more are not taken.
const MOST: usize = 64;

#[derive(Default)]
pub(super) struct Keys {
    /// Event numbers; `None` is a pause.
    waiting: VecDeque<Option<u8>>,
    current: Option<(Option<u8>, u16)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// The first packet of an event.
    Begin(EventPayload),
    /// A further packet of it.
    Continue(EventPayload),
    Wait,
    Done,
}

impl Keys {
    pub fn push(&mut self, digits: &str) {
        for digit in digits.chars() {
            let key = if digit == ',' { Some(None) } else { event_of(digit).map(Some) };
            if let Some(key) = key.filter(|_| self.waiting.len() < MOST) {
                self.waiting.push_back(key);
            }
        }
    }

    /// The next key with the gap behind it, or the next pause.
    pub fn tone(&mut self) -> Option<Arc<Clip>> {
        let key = self.waiting.pop_front()?.and_then(digit_of);
        let (sound, silence) = if key.is_some() { (PRESS, GAP) } else { (0, PAUSE) };
        Clip::from_pcm(&tones::pressed(key, TICK * sound.into(), TICK * silence.into())).ok()
    }

    /// One tick; `clock` is that of the events as so many times 8 kHz.
    pub fn step(&mut self, clock: u32) -> Step {
        let (key, tick) = match self.current.take() {
            Some(current) => current,
            None => match self.waiting.pop_front() {
                Some(key) => (key, 0),
                None => return Step::Done,
            },
        };
        let length = if key.is_some() { PRESS + REPEATS + GAP } else { PAUSE };
        if tick + 1 < length {
            self.current = Some((key, tick + 1));
        }
        match key {
            Some(event) if tick < PRESS + REPEATS => {
                let duration = 160 * (tick + 1).min(PRESS) * clock as u16;
                let payload = EventPayload { event, end: tick + 1 >= PRESS, volume: 10, duration };
                if tick == 0 { Step::Begin(payload) } else { Step::Continue(payload) }
            }
            _ => Step::Wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::DigitDetector;

    #[test]
    fn what_is_pressed_is_detected() {
        let mut keys = Keys::default();
        keys.push("1x,#d");
        let (mut detector, mut heard, mut timestamp) = (DigitDetector::default(), String::new(), 0);
        let mut ticks = 0;
        loop {
            ticks += 1;
            let payload = match keys.step(1) {
                Step::Begin(payload) => {
                    timestamp = ticks * 160;
                    payload
                }
                Step::Continue(payload) => payload,
                Step::Wait => continue,
                Step::Done => break,
            };
            if let Some((digit, ms)) = detector.packet(timestamp, payload) {
                assert_eq!(ms, 100);
                heard.push(digit);
            }
        }
        assert_eq!(heard, "1#D");
        assert_eq!(ticks, 3 * 11 + 25 + 1);
    }
}
