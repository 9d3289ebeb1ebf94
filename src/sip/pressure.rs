//! Whether more comes in than is taken: then new calls are turned away before anything is made of them, and what runs goes on.

use std::sync::Arc;
use std::time::{Duration, Instant};

/// Asked for each new call of a trunk: true while those who decide about calls are behind, so that one more would wait with all others.
pub type Behind = Arc<dyn Fn() -> bool + Send + Sync>;

/// The longest that messages may wait to be read before new calls are turned away.
const PATIENCE: Duration = Duration::from_millis(25);

/// How long there has always been something left to read.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    since: Option<Instant>,
}

impl Backlog {
    /// There is more to read than was read in one go.
    pub fn more(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    /// Everything has been read.
    pub fn none(&mut self) {
        self.since = None;
    }

    pub fn is_long(&self, now: Instant) -> bool {
        self.since.is_some_and(|since| now.saturating_duration_since(since) > PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_never_empty_is_a_backlog() {
        let t0 = crate::sip::tests::origin();
        let at = |ms| t0 + Duration::from_millis(ms);
        let mut backlog = Backlog::default();
        assert!(!backlog.is_long(at(10_000)), "nobody has said anything yet");
        backlog.more(at(0));
        backlog.more(at(20));
        assert!(!backlog.is_long(at(25)));
        assert!(backlog.is_long(at(26)), "it counts from the first");
        backlog.none();
        assert!(!backlog.is_long(at(30)));
        backlog.more(at(30));
        assert!(!backlog.is_long(at(55)), "a new one begins anew");
    }
}
