//! Strangers. A source that is no peer and no party of a running call is told nothing it could learn from: a few flat 403s,
//! then silence, then a ban for a while. Memory is bounded by two generations of buckets; peers are never counted.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// How strangers are treated. `GuardConfig::default()` is what the documentation gives.
#[derive(Debug, Clone)]
pub struct GuardConfig {
    /// Stranger requests answered with 403 within `window`; the rest is dropped.
    pub answers: u32,
    /// Stranger requests within `window` that lead to a ban.
    pub strikes: u32,
    pub window: Duration,
    pub ban: Duration,
    /// Sources remembered at once, twice.
    pub sources: usize,
}

impl Default for GuardConfig {
    fn default() -> GuardConfig {
        GuardConfig { answers: 3, strikes: 20, window: Duration::from_secs(60), ban: Duration::from_secs(600), sources: 8192 }
    }
}

/// What a stranger's request gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Refuse,
    Drop,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    since: Instant,
    strikes: u32,
}

pub(crate) struct Guard {
    config: GuardConfig,
    young: HashMap<IpAddr, Bucket>,
    old: HashMap<IpAddr, Bucket>,
    bans: HashMap<IpAddr, Instant>,
    /// Addresses we have called: a phone that also sends what we refuse must stay reachable.
    known: HashMap<IpAddr, Instant>,
}

/// How long an address that we called is exempt from bans.
const KNOWN_FOR: Duration = Duration::from_secs(3600);

impl Guard {
    pub fn new(config: GuardConfig) -> Guard {
        Guard { config, young: HashMap::new(), old: HashMap::new(), bans: HashMap::new(), known: HashMap::new() }
    }

    /// Asked before parsing.
    pub fn is_banned(&mut self, now: Instant, ip: IpAddr) -> bool {
        if self.bans.is_empty() {
            return false;
        }
        let source = network(ip);
        match self.bans.get(&source) {
            Some(until) if *until > now => true,
            Some(_) => {
                self.bans.remove(&source);
                false
            }
            None => false,
        }
    }

    /// We send a request there.
    pub fn called(&mut self, now: Instant, ip: IpAddr) {
        let source = network(ip);
        if self.known.len() >= self.config.sources {
            self.known.retain(|_, until| *until > now);
        }
        if self.known.len() < self.config.sources {
            self.known.insert(source, now + KNOWN_FOR);
        }
        self.bans.remove(&source);
    }

    /// Whether we have called there lately.
    pub fn is_called(&self, now: Instant, ip: IpAddr) -> bool {
        self.known.get(&network(ip)).is_some_and(|until| *until > now)
    }

    /// Counts one message nobody asked for.
    pub fn strike(&mut self, now: Instant, ip: IpAddr) -> Verdict {
        let source = network(ip);
        let mut bucket = match self.young.get(&source).or_else(|| self.old.get(&source)) {
            Some(bucket) if now.duration_since(bucket.since) < self.config.window => *bucket,
            _ => Bucket { since: now, strikes: 0 },
        };
        bucket.strikes += 1;
        if self.young.len() >= self.config.sources && !self.young.contains_key(&source) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(source, bucket);
        if bucket.strikes >= self.config.strikes && !self.is_called(now, source) {
            self.ban(now, source);
        }
        if bucket.strikes <= self.config.answers { Verdict::Refuse } else { Verdict::Drop }
    }

    fn ban(&mut self, now: Instant, source: IpAddr) {
        if self.bans.len() >= self.config.sources {
            self.bans.retain(|_, until| *until > now);
        }
        if self.bans.len() < self.config.sources && self.bans.insert(source, now + self.config.ban).is_none() {
            tracing::warn!(%source, seconds = self.config.ban.as_secs(), "sip source banned");
        }
    }

    pub fn banned(&self) -> usize {
        self.bans.len()
    }

    #[cfg(test)]
    pub fn remembered(&self) -> usize {
        self.young.len() + self.old.len() + self.bans.len() + self.known.len()
    }
}

/// An IPv6 host owns at least a /64.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() & !u128::from(u64::MAX)).into()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests;
