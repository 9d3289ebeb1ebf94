//! What one address did lately, so that a reader counts once and nobody asks without end. Kept in memory, bounded, and forgotten.

use crate::desk::id::At;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// A view, a vote: once in this time.
const AGAIN_MS: i64 = 6 * 3600 * 1000;
/// Searches of one address in a minute; offices share an address.
const SEARCHES: u32 = 120;
const MINUTE_MS: i64 = 60_000;
/// Entries; past it what is old goes, and what finds no room does not count.
const MOST: usize = 20_000;

/// What is done once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Did {
    View(i64),
    Vote(i64),
    Search,
}

#[derive(Clone, Default)]
pub struct Once(Arc<Mutex<Done>>);

/// When each began lately, and how often since.
type Done = HashMap<(IpAddr, Did), (At, u32)>;

impl Once {
    /// True the first time in a while.
    pub fn first(&self, from: IpAddr, did: Did, now: At) -> bool {
        self.count(from, did, now, AGAIN_MS) == Some(1)
    }

    /// Whether this address may search now.
    pub fn may_search(&self, from: IpAddr, now: At) -> bool {
        self.count(from, Did::Search, now, MINUTE_MS).is_some_and(|count| count <= SEARCHES)
    }

    fn count(&self, from: IpAddr, did: Did, now: At, window: i64) -> Option<u32> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST && !seen.contains_key(&(from, did)) {
            seen.retain(|(_, did), (since, _)| now.since(*since) < if *did == Did::Search { MINUTE_MS } else { AGAIN_MS });
            if seen.len() >= MOST {
                // Searching goes on: it is bounded by the work of each.
                return (did == Did::Search).then_some(1);
            }
        }
        let entry = seen.entry((from, did)).or_insert((now, 0));
        if now.since(entry.0) >= window {
            *entry = (now, 0);
        }
        entry.1 = entry.1.saturating_add(1);
        Some(entry.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_counts_once_and_asks_within_bounds() {
        let (once, here, there) = (Once::default(), IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        assert!(once.first(here, Did::Vote(1), At(0)) && !once.first(here, Did::Vote(1), At(5)));
        assert!(once.first(here, Did::Vote(2), At(5)) && once.first(there, Did::Vote(1), At(5)) && once.first(here, Did::View(1), At(5)));
        assert!(once.first(here, Did::Vote(1), At(AGAIN_MS)));
        for _ in 0..SEARCHES {
            assert!(once.may_search(here, At(0)));
        }
        assert!(!once.may_search(here, At(1)) && once.may_search(there, At(1)) && once.may_search(here, At(MINUTE_MS)));
    }
}
