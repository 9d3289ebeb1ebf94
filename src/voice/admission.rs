//! How many new calls may wait for the desk's first word at once. Past what this machine can do, a caller who is told at once to come again
//! in a moment is served better than one who waits with all others, and calls that run lose nothing.

use crate::clock::Clock;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A burst of so many is taken whatever happens.
const FEW: usize = 8;
/// The longest that a new call may have waited for its first word before others are turned away.
const PATIENCE: Duration = Duration::from_millis(60);

/// The calls that the desk has not said anything about yet.
#[derive(Clone)]
pub(super) struct Admission {
    waiting: Arc<Mutex<Waiting>>,
    clock: Clock,
}

#[derive(Default)]
struct Waiting {
    next: u64,
    since: BTreeMap<u64, Instant>,
}

/// One call's place among those who wait; given back when it is dropped.
pub(super) struct Place {
    waiting: Arc<Mutex<Waiting>>,
    number: u64,
}

impl Admission {
    pub fn new(clock: Clock) -> Admission {
        Admission { waiting: Arc::default(), clock }
    }

    /// `None` when the desk is behind: the call is to be told to come again.
    pub fn enter(&self) -> Option<Place> {
        let now = self.clock.instant();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = waiting.since.first_key_value().map_or(Duration::ZERO, |(_, since)| now.saturating_duration_since(*since));
        if waiting.since.len() >= FEW && oldest > PATIENCE {
            return None;
        }
        let number = waiting.next;
        waiting.next += 1;
        waiting.since.insert(number, now);
        Some(Place { waiting: self.waiting.clone(), number })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).since.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_taken_and_a_queue_that_does_not_move_is_not_joined() {
        let clock = Clock::test(crate::desk::id::At(0));
        let admission = Admission::new(clock.clone());
        let burst: Vec<Place> = (0..50).map(|_| admission.enter().expect("a place")).collect();
        clock.advance(61);
        assert!(admission.enter().is_none(), "nobody was served for too long");
        drop(burst);
        let mut few: Vec<Place> = (0..FEW).map(|_| admission.enter().expect("a place")).collect();
        clock.advance(1_000);
        assert!(admission.enter().is_none());
        drop(few.pop());
        assert!(admission.enter().is_some(), "a few are always taken");
    }
}
