//! Wrong links by address: who tries many is let wait. The links cannot be guessed; this keeps trying from costing us anything.

use crate::desk::id::At;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Wrong links in one window.
const WRONG: u32 = 20;
const WINDOW_MS: i64 = 60_000;
/// Addresses remembered; past it the oldest windows go first.
const MOST: usize = 4_096;

#[derive(Clone, Default)]
pub struct Limit(Arc<Mutex<HashMap<IpAddr, (At, u32)>>>);

impl Limit {
    pub fn allows(&self, from: IpAddr, now: At) -> bool {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&from).is_none_or(|(since, wrong)| now.since(*since) >= WINDOW_MS || *wrong < WRONG)
    }

    pub fn wrong(&self, from: IpAddr, now: At) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST {
            seen.retain(|_, (since, _)| now.since(*since) < WINDOW_MS);
        }
        if seen.len() >= MOST && !seen.contains_key(&from) {
            return;
        }
        let window = seen.entry(from).or_insert((now, 0));
        if now.since(window.0) >= WINDOW_MS {
            *window = (now, 0);
        }
        window.1 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_wrong_links_make_one_address_wait() {
        let (limit, here, there) = (Limit::default(), IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        for _ in 0..WRONG {
            assert!(limit.allows(here, At(0)));
            limit.wrong(here, At(0));
        }
        assert!(!limit.allows(here, At(1)) && limit.allows(there, At(1)));
        assert!(limit.allows(here, At(WINDOW_MS)));
    }
}
