//! The picture that a browser is sent: packets of one source at a time, renumbered into one continuous stream, and what the browser says of them,
//! told to the source in the source's own numbers. Nothing is stored here: what was lost on either way is asked of the camera again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::media::Seen;

/// Whoever sees one source is shown another only after that one has sent nothing for so long.
const STICKS: Duration = Duration::from_secs(1);
/// A source that has sent nothing for so long begins anew, with a whole picture: its numbers may have gone anywhere meanwhile. A shared screen
/// that stands still is sent once a second.
const ANEW: Duration = Duration::from_secs(3);
/// Between two whole pictures that are asked of one source: each costs it as much as seconds of what follows.
const WHOLE_EVERY: Duration = Duration::from_millis(300);
/// 90 kHz (RFC 7741 §4.1), in ticks a millisecond.
const TICKS: u128 = 90;
/// Lost packets told at once.
const MOST_LOST: usize = 128;

/// The numbers to send a packet with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamp {
    pub seq: u16,
    pub timestamp: u32,
    /// Another source begins here: it must send a whole picture.
    pub spliced: bool,
}

#[derive(Debug, Default)]
pub struct Outgoing {
    source: Option<u64>,
    /// Added to the source's numbers.
    seq: u16,
    timestamp: u32,
    /// Our number at which this source began.
    began: u16,
    /// The newest packet: our numbers, and when.
    last: Option<(u16, u32, Instant)>,
}

impl Outgoing {
    /// The numbers for a packet of this source; `None` while another is shown.
    pub fn map(&mut self, now: Instant, source: u64, seq: u16, timestamp: u32) -> Option<Stamp> {
        let anew = |(.., at): &(u16, u32, Instant)| now.saturating_duration_since(*at) >= ANEW;
        let other = self.source != Some(source) || self.last.as_ref().is_some_and(anew);
        if other {
            let (mut next, mut then) = (rand::random(), rand::random());
            if let Some((last, shown, at)) = self.last {
                let since = now.saturating_duration_since(at);
                if since < STICKS {
                    return None;
                }
                next = last.wrapping_add(1);
                then = shown.wrapping_add((since.as_millis() * TICKS).max(3_000) as u32);
            }
            self.source = Some(source);
            self.seq = next.wrapping_sub(seq);
            self.timestamp = then.wrapping_sub(timestamp);
            self.began = next;
        }
        let stamp = Stamp { seq: seq.wrapping_add(self.seq), timestamp: timestamp.wrapping_add(self.timestamp), spliced: other };
        if other || self.last.is_none_or(|(last, ..)| stamp.seq.wrapping_sub(last) as i16 > 0) {
            self.last = Some((stamp.seq, stamp.timestamp, now));
        }
        Some(stamp)
    }

    /// The source's numbers of packets that the browser lacks; those of a source before are nobody's any more.
    pub fn lost(&self, ours: impl Iterator<Item = u16>) -> Vec<u16> {
        let of_this = |seq: &u16| seq.wrapping_sub(self.began) as i16 >= 0;
        ours.filter(of_this).take(MOST_LOST).map(|seq| seq.wrapping_sub(self.seq)).collect()
    }
}

/// How often a source is asked for a whole picture.
#[derive(Debug, Default)]
pub struct Whole(Option<Instant>);

impl Whole {
    pub fn may_ask(&mut self, now: Instant) -> bool {
        let may = self.0.is_none_or(|last| now.saturating_duration_since(last) >= WHOLE_EVERY);
        if may {
            self.0 = Some(now);
        }
        may
    }
}

/// What a browser has said of the picture that it is sent, in our numbers, and was not yet looked at.
pub type Said = VecDeque<Seen>;

#[cfg(test)]
mod tests {
    use super::*;

    fn after(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    #[test]
    fn one_source_is_one_stream_with_its_gaps() {
        let (mut out, start) = (Outgoing::default(), Instant::now());
        let first = out.map(start, 7, 65_534, 1_000).expect("shown");
        assert!(first.spliced);
        let second = out.map(after(start, 10), 7, 65_535, 1_000).expect("shown");
        let fourth = out.map(after(start, 20), 7, 1, 4_000).expect("shown");
        assert_eq!((second.seq, fourth.seq), (first.seq.wrapping_add(1), first.seq.wrapping_add(3)));
        assert_eq!(fourth.timestamp.wrapping_sub(first.timestamp), 3_000);
        assert!(!second.spliced && !fourth.spliced);
        // The gap is asked for in the source's own numbers; what came before the source is not.
        assert_eq!(out.lost([first.seq.wrapping_add(2), first.seq.wrapping_sub(1)].into_iter()), [0]);
    }

    #[test]
    fn another_source_follows_when_the_first_has_stopped() {
        let (mut out, start) = (Outgoing::default(), Instant::now());
        let first = out.map(start, 7, 10, 0).expect("shown");
        assert_eq!(out.map(after(start, 500), 8, 900, 5), None, "one at a time");
        let other = out.map(after(start, 1_500), 8, 901, 5).expect("shown now");
        assert!(other.spliced);
        assert_eq!(other.seq, first.seq.wrapping_add(1), "without a gap");
        assert_eq!(other.timestamp.wrapping_sub(first.timestamp), 135_000, "a second and a half later");
        assert_eq!(out.lost([first.seq].into_iter()), Vec::<u16>::new(), "of the one before");
    }

    #[test]
    fn a_source_that_was_not_shown_for_long_goes_on_without_a_gap() {
        let (mut out, start) = (Outgoing::default(), Instant::now());
        let first = out.map(start, 7, 10, 0).expect("shown");
        assert!(!out.map(after(start, 1_000), 7, 11, 90_000).expect("a screen that stands still").spliced);
        let back = out.map(after(start, 11_000), 7, 900, 990_000).expect("shown");
        assert!(back.spliced);
        assert_eq!(back.seq, first.seq.wrapping_add(2));
        assert_eq!(back.timestamp.wrapping_sub(first.timestamp), 990_000, "ten seconds later");
    }

    #[test]
    fn whole_pictures_are_not_asked_for_all_the_time() {
        let (mut whole, start) = (Whole::default(), Instant::now());
        assert!(whole.may_ask(start));
        assert!(!whole.may_ask(after(start, 100)));
        assert!(whole.may_ask(after(start, 300)));
    }
}
