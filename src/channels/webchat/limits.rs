//! How much a visitor, and an address, may do: token buckets in bounded memory.

use crate::desk::id::At;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Buckets remembered; full tables forget the fullest bucket, which has the least to remember.
const REMEMBERED: usize = 20_000;

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Counted {
    /// New visitors from one network: 30, then one per 10 s.
    Sessions(IpAddr),
    /// Open sockets and polls from one network: 60, then one per second.
    Connections(IpAddr),
    /// Messages of one visitor: 20, then one per second.
    Messages(String),
    /// Files of one visitor: 10, then one per 6 s.
    Files(String),
    /// Files from one network, whoever its visitors say they are: 60, then one per 2 s.
    FilesFrom(IpAddr),
    /// Connections for calls of one visitor: 8, then one per 10 s.
    Calls(String),
    /// Connections for calls from one network: 60, then one per second.
    CallsFrom(IpAddr),
    /// Names for the relay of one visitor: 8, then one per 10 s.
    Relays(String),
    /// Names for the relay for one network: 60, then one per second.
    RelaysFrom(IpAddr),
    /// Delivery and read marks and farewells of one visitor: 60, then five per second.
    Marks(String),
    /// Arrows of one visitor over pictures: 20, then two per second.
    Arrows(String),
    /// Pages that one visitor tells of: 30, then one per 2 s.
    Visits(String),
    /// Keystroke notices of one visitor: 20, then two per second.
    Typing(String),
}

impl Counted {
    /// How many at once, and the time in which one more is allowed, ms.
    fn rule(&self) -> (f64, f64) {
        match self {
            Counted::Sessions(_) => (30.0, 10_000.0),
            Counted::Connections(_) => (60.0, 1_000.0),
            Counted::Messages(_) => (20.0, 1_000.0),
            Counted::Files(_) => (10.0, 6_000.0),
            Counted::FilesFrom(_) => (60.0, 2_000.0),
            Counted::Calls(_) => (8.0, 10_000.0),
            Counted::CallsFrom(_) => (60.0, 1_000.0),
            Counted::Relays(_) => (8.0, 10_000.0),
            Counted::RelaysFrom(_) => (60.0, 1_000.0),
            Counted::Marks(_) => (60.0, 200.0),
            Counted::Arrows(_) => (20.0, 500.0),
            Counted::Visits(_) => (30.0, 2_000.0),
            Counted::Typing(_) => (20.0, 500.0),
        }
    }
}

/// Sockets and polls of one network at once; many phones share one address.
pub(super) const OPEN_PER_NETWORK: usize = 1_000;
/// Sockets and polls of everybody at once, those that have not said who they are yet among them.
pub(super) const OPEN: usize = 20_000;

#[derive(Default)]
pub(super) struct Limits(Mutex<HashMap<Counted, Bucket>>);

#[derive(Clone, Copy)]
struct Bucket {
    left: f64,
    at: At,
}

impl Limits {
    /// Counts one; says whether it is allowed.
    pub(super) fn allow(&self, counted: Counted, now: At) -> bool {
        let (most, every) = counted.rule();
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= REMEMBERED && !buckets.contains_key(&counted) {
            buckets.retain(|counted, bucket| {
                let (most, every) = counted.rule();
                bucket.left + now.since(bucket.at) as f64 / every < most
            });
            if buckets.len() >= REMEMBERED {
                // A flood from more addresses than we remember: refuse newcomers rather than forget offenders.
                return false;
            }
        }
        let bucket = buckets.entry(counted).or_insert(Bucket { left: most, at: now });
        bucket.left = (bucket.left + now.since(bucket.at) as f64 / every).min(most);
        bucket.at = now;
        let allowed = bucket.left >= 1.0;
        if allowed {
            bucket.left -= 1.0;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_a_flood_is_not() {
        let limits = Limits::default();
        let mut at = At(0);
        let ask = |at| limits.allow(Counted::Messages("v".into()), at);
        assert_eq!((0..50).filter(|_| ask(at)).count(), 20);
        at = at.after(3_000);
        assert_eq!((0..50).filter(|_| ask(at)).count(), 3);
        assert!(limits.allow(Counted::Messages("w".into()), at), "others are not affected");
    }
}
