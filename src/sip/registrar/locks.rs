//! Wrong passwords, counted by source and by user. A user under attack is locked for everyone but the places where their phones are; a
//! source that guesses is banned by the guard, unless it has lately shown that an honest phone is behind it too.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Failures within this time count together.
const WINDOW: Duration = Duration::from_secs(300);
/// Failures of one user before strange sources are no longer believed.
const USER_FAILURES: u32 = 5;
/// Failures of one source before it is banned, or its other users locked.
const SOURCE_FAILURES: u32 = 10;
/// A source that has logged in lately is an office with a phone that has the wrong password.
const HONEST: Duration = Duration::from_secs(3600);
/// Sources, and users, remembered at once.
const REMEMBERED: usize = 4096;

#[derive(Debug, Clone, Copy)]
struct Count {
    since: Instant,
    failures: u32,
}

#[derive(Default)]
pub(super) struct Locks {
    users: HashMap<String, Count>,
    sources: HashMap<IpAddr, Count>,
    honest: HashMap<IpAddr, Instant>,
}

impl Locks {
    /// `at_home`: the user's own phone is registered from this source.
    pub fn is_locked(&self, now: Instant, ip: IpAddr, user: &str, at_home: bool) -> bool {
        let over = |count: Option<&Count>, limit| count.is_some_and(|count| current(count, now) && count.failures >= limit);
        !at_home && (over(self.users.get(user), USER_FAILURES) || over(self.sources.get(&ip), SOURCE_FAILURES))
    }

    pub fn is_guessing(&self, now: Instant, ip: IpAddr) -> bool {
        let honest = self.honest.get(&ip).is_some_and(|at| now.saturating_duration_since(*at) < HONEST);
        !honest && self.sources.get(&ip).is_some_and(|count| current(count, now) && count.failures >= SOURCE_FAILURES)
    }

    pub fn failed(&mut self, now: Instant, ip: IpAddr, user: &str) {
        count(&mut self.sources, now, ip);
        // Longer names are no users of ours, and are not kept.
        let user: String = user.chars().take(64).collect();
        count(&mut self.users, now, user);
    }

    pub fn forgive(&mut self, ip: IpAddr) {
        self.sources.remove(&ip);
    }

    pub fn succeeded(&mut self, now: Instant, ip: IpAddr) {
        self.sources.remove(&ip);
        if self.honest.len() >= REMEMBERED {
            self.honest.retain(|_, at| now.saturating_duration_since(*at) < HONEST);
        }
        if self.honest.len() < REMEMBERED {
            self.honest.insert(ip, now);
        }
    }
}

fn current(count: &Count, now: Instant) -> bool {
    now.saturating_duration_since(count.since) < WINDOW
}

fn count<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, Count>, now: Instant, key: K) {
    if counts.len() >= REMEMBERED && !counts.contains_key(&key) {
        counts.retain(|_, count| current(count, now));
        if counts.len() >= REMEMBERED {
            // Under a flood of made-up names and addresses the few with the most failures are what matters.
            counts.retain(|_, count| count.failures > 1);
        }
        if counts.len() >= REMEMBERED {
            return;
        }
    }
    let entry = counts.entry(key).or_insert(Count { since: now, failures: 0 });
    if !current(entry, now) {
        *entry = Count { since: now, failures: 0 };
    }
    entry.failures = entry.failures.saturating_add(1);
}
