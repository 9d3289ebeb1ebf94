//! How many new calls may wait for the desk's first word at once. Past what this machine can do, a caller who is told at once to come again
//! in a moment is served better than one who waits with all others, and calls that run lose nothing.

use crate::clock::Clock;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// When so many have waited for too long, it is the desk that is behind, and not one of them that is stuck.
const FEW: usize = 8;
/// The longest that new calls may have waited for their first word before others are turned away. What follows that word takes as long again, and
/// both together are to stay under 100 ms.
const PATIENCE: Duration = Duration::from_millis(30);

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

    /// Whether so many have waited for too long that one more is to be told to come again.
    pub fn is_behind(&self) -> bool {
        let now = self.clock.instant();
        self.waiting().since.values().nth(FEW - 1).is_some_and(|since| now.saturating_duration_since(*since) > PATIENCE)
    }

    /// `arrived`: when the INVITE was read, so that its way here counts too. `None` when the desk is behind: the call is to be told to come
    /// again.
    pub fn enter(&self, arrived: Instant) -> Option<Place> {
        if self.is_behind() {
            return None;
        }
        let mut waiting = self.waiting();
        let number = waiting.next;
        waiting.next += 1;
        waiting.since.insert(number, arrived);
        Some(Place { waiting: self.waiting.clone(), number })
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
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
        let enter = || admission.enter(clock.instant());
        let burst: Vec<Place> = (0..50).map(|_| enter().expect("a place")).collect();
        clock.advance(31);
        assert!(admission.is_behind() && enter().is_none(), "nobody was served for too long");
        drop(burst);
        let mut few: Vec<Place> = (0..FEW).map(|_| enter().expect("a place")).collect();
        clock.advance(1_000);
        assert!(enter().is_none());
        drop(few.pop());
        assert!(!admission.is_behind() && enter().is_some(), "a few that are stuck keep nobody away");
    }

    #[test]
    fn the_way_to_the_desk_counts() {
        let clock = Clock::test(crate::desk::id::At(0));
        let admission = Admission::new(clock.clone());
        let read = clock.instant();
        clock.advance(31);
        let late: Vec<Place> = (0..FEW).map(|_| admission.enter(read).expect("a place")).collect();
        assert!(admission.enter(clock.instant()).is_none(), "those before it were read too long ago");
        drop(late);
        assert!(admission.enter(clock.instant()).is_some());
    }
}
