//! One press is one digit, however often it arrives: some phones send RFC 4733, SIP INFO and the tone itself. Pure.

use std::time::Duration;
use tokio::time::Instant;

/// The same digit by a second way within so long is the same press: each way tells it at its end, or some moments later.
const SAME: Duration = Duration::from_secs(3);
/// Presses remembered of each way; nobody presses faster than that.
const REMEMBERED: usize = 32;

/// How a digit arrived.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    Event,
    Info,
    Tone,
}

/// The presses of one leg: for each way, those of which the other ways have told and it has not.
#[derive(Default)]
pub(super) struct Keys {
    awaited: [Vec<(char, Instant)>; 3],
}

impl Keys {
    /// Whether a digit is a new press: not one that another way has told already.
    pub(super) fn press(&mut self, now: Instant, way: Way, digit: char) -> bool {
        for awaited in &mut self.awaited {
            awaited.retain(|(_, at)| now.duration_since(*at) < SAME);
        }
        let mine = &mut self.awaited[way as usize];
        if let Some(same) = mine.iter().position(|(awaited, _)| *awaited == digit) {
            // Those before it were lost on this way; they will not come any more.
            mine.drain(..=same);
            return false;
        }
        for (_, awaited) in self.awaited.iter_mut().enumerate().filter(|(other, _)| *other != way as usize) {
            if awaited.len() < REMEMBERED {
                awaited.push((digit, now));
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(said: &[(u64, Way, char)]) -> String {
        let (mut keys, start) = (Keys::default(), Instant::now());
        said.iter().filter(|(ms, way, digit)| keys.press(start + Duration::from_millis(*ms), *way, *digit)).map(|said| said.2).collect()
    }

    #[test]
    fn a_press_is_one_by_however_many_ways_and_in_whatever_order_it_comes() {
        use Way::{Event, Info, Tone};
        assert_eq!(heard(&[(0, Event, '1'), (10, Info, '1'), (20, Tone, '1'), (500, Event, '2'), (510, Info, '2')]), "12");
        assert_eq!(heard(&[(0, Info, '1'), (150, Info, '1'), (160, Event, '1'), (300, Event, '1'), (450, Event, '1')]), "111");
        assert_eq!(heard(&[(0, Tone, '5'), (90, Info, '5'), (200, Tone, '5'), (290, Info, '5')]), "55");
        // The same key twice by one way is two presses.
        assert_eq!(heard(&[(0, Event, '7'), (200, Event, '7'), (400, Event, '7')]), "777");
        // A way that lost one catches up with the next.
        assert_eq!(heard(&[(0, Event, '1'), (200, Event, '2'), (210, Info, '2'), (400, Event, '3'), (410, Info, '3')]), "123");
        assert_eq!(heard(&[(0, Info, '9'), (5000, Event, '9')]), "99", "long after it is another press");
    }
}
