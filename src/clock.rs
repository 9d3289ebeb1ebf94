//! The only place that reads the time. Everything else is told what time it is, so that tests and replays decide it.

use crate::desk::id::At;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Gives the wall clock and the steady clock; cheap to clone. Clones of a test clock share its time.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    /// Stands still until moved. The steady clock starts at `origin` and moves with it.
    Test {
        at: Arc<AtomicI64>,
        start: i64,
        origin: Instant,
    },
}

impl Clock {
    /// The machine's own clock.
    pub fn system() -> Clock {
        Clock(Source::System)
    }

    /// A clock that stands at `at` and moves only by [`Clock::advance`].
    pub fn test(at: At) -> Clock {
        Clock(Source::Test { at: Arc::new(AtomicI64::new(at.0)), start: at.0, origin: Instant::now() })
    }

    /// The wall clock: milliseconds since 1970-01-01 UTC. May step when the machine's clock is set.
    pub fn now(&self) -> At {
        match &self.0 {
            Source::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
                At(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Source::Test { at, .. } => At(at.load(Ordering::SeqCst)),
        }
    }

    /// The steady clock, for timers and measurements: never goes back.
    pub fn instant(&self) -> Instant {
        match &self.0 {
            Source::System => Instant::now(),
            Source::Test { at, start, origin } => {
                let moved = at.load(Ordering::SeqCst).saturating_sub(*start).max(0);
                *origin + Duration::from_millis(moved.unsigned_abs())
            }
        }
    }

    /// Moves a test clock on by `millis`. The system clock is not ours to move: nothing happens to it.
    pub fn advance(&self, millis: i64) {
        if let Source::Test { at, .. } = &self.0 {
            at.fetch_add(millis, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_clock_moves_only_when_told_and_its_clones_with_it() {
        let clock = Clock::test(At(1_000));
        let (other, before) = (clock.clone(), clock.instant());
        assert_eq!(other.now(), At(1_000));
        clock.advance(250);
        assert_eq!(other.now(), At(1_250));
        assert_eq!(other.instant() - before, Duration::from_millis(250));
    }

    #[test]
    fn the_system_clock_is_past_2020() {
        assert!(Clock::system().now() > At(1_577_836_800_000));
    }
}
