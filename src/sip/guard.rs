//! Strangers. A source that is no peer and no party of a running call is told nothing it could learn from: a few flat 403s,
//! then silence, then a ban for a while. Memory is bounded by two generations of buckets; peers are never counted.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::net::IpNet;

/// How strangers are treated. `GuardConfig::default()` is what the documentation gives.
#[derive(Debug, Clone)]
pub struct GuardConfig {
    /// Stranger requests answered with 403 within `window`; the rest is dropped.
    pub answers: u32,
    /// Stranger requests within `window` that lead to a ban.
    pub strikes: u32,
    pub window: Duration,
    pub ban: Duration,
    /// Challenges to one source within `window`; the rest is dropped. A right password begins the count anew.
    pub challenges: u32,
    /// Requests without a right password within `window` that lead to a ban.
    pub guesses: u32,
    /// Sources remembered at once, twice.
    pub sources: usize,
}

impl Default for GuardConfig {
    fn default() -> GuardConfig {
        GuardConfig {
            answers: 3,
            strikes: 20,
            window: Duration::from_secs(60),
            ban: Duration::from_secs(600),
            challenges: 100,
            guesses: 400,
            sources: 8192,
        }
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

/// A source that is turned away without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ban {
    /// Of IPv6 the /64.
    pub source: IpAddr,
    pub left: Duration,
}

/// Counts by source, in two generations: when the young one is full it becomes the old one, so that memory is bounded.
#[derive(Default)]
struct Buckets {
    young: HashMap<IpAddr, Bucket>,
    old: HashMap<IpAddr, Bucket>,
}

impl Buckets {
    fn count(&mut self, now: Instant, source: IpAddr, config: &GuardConfig) -> u32 {
        let mut bucket = match self.young.get(&source).or_else(|| self.old.get(&source)) {
            Some(bucket) if now.duration_since(bucket.since) < config.window => *bucket,
            _ => Bucket { since: now, strikes: 0 },
        };
        bucket.strikes = bucket.strikes.saturating_add(1);
        if self.young.len() >= config.sources && !self.young.contains_key(&source) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(source, bucket);
        bucket.strikes
    }

    fn forget(&mut self, source: IpAddr) {
        self.young.remove(&source);
        self.old.remove(&source);
    }
}

pub(crate) struct Guard {
    config: GuardConfig,
    strikes: Buckets,
    /// Challenges since the last right password.
    challenges: Buckets,
    bans: HashMap<IpAddr, Instant>,
    /// Bans since `news` was asked last.
    news: Vec<IpAddr>,
    /// Addresses we have called: a phone that also sends what we refuse must stay reachable.
    known: HashMap<IpAddr, Instant>,
    /// Where trunks are: never banned, and so never listed. What else comes from there is only not answered.
    spared: Vec<IpNet>,
}

/// Bans at once that are told of one by one.
const TOLD: usize = 64;
/// How long an address that we called is exempt from bans.
const KNOWN_FOR: Duration = Duration::from_secs(3600);

impl Guard {
    pub fn new(config: GuardConfig) -> Guard {
        Guard {
            config,
            strikes: Buckets::default(),
            challenges: Buckets::default(),
            bans: HashMap::new(),
            news: Vec::new(),
            known: HashMap::new(),
            spared: Vec::new(),
        }
    }

    /// These are trunks from now on.
    pub fn spare(&mut self, networks: Vec<IpNet>) {
        self.spared = networks;
        let spared = &self.spared;
        self.bans.retain(|source, _| !is_spared(spared, *source));
        self.news.retain(|source| !is_spared(spared, *source));
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
        let strikes = self.strikes.count(now, source, &self.config);
        if strikes >= self.config.strikes {
            self.ban(now, ip);
        }
        if strikes <= self.config.answers { Verdict::Refuse } else { Verdict::Drop }
    }

    /// Counts one request that is asked for a password; gives how many there were since the last right one, or `None` when it gets no
    /// answer.
    pub fn challenge(&mut self, now: Instant, ip: IpAddr) -> Option<u32> {
        let challenges = self.challenges.count(now, network(ip), &self.config);
        if challenges >= self.config.guesses {
            self.ban(now, ip);
        }
        (challenges <= self.config.challenges).then_some(challenges)
    }

    /// A right password came from there.
    pub fn honest(&mut self, ip: IpAddr) {
        self.challenges.forget(network(ip));
        self.strikes.forget(network(ip));
    }

    /// Turns a source away for a while, unless we have called there lately.
    pub fn ban(&mut self, now: Instant, ip: IpAddr) {
        let source = network(ip);
        if self.is_called(now, ip) || is_spared(&self.spared, ip) || is_spared(&self.spared, source) {
            return;
        }
        if self.bans.len() >= self.config.sources {
            self.bans.retain(|_, until| *until > now);
        }
        if self.bans.len() < self.config.sources && self.bans.insert(source, now + self.config.ban).is_none() {
            tracing::warn!(%source, seconds = self.config.ban.as_secs(), "sip source banned");
            if self.bans.len() <= TOLD {
                self.news.push(source);
            }
        }
    }

    /// Sources banned since this was asked last. Of a flood from everywhere the first are told of; `bans` has them all.
    pub fn news(&mut self) -> Vec<IpAddr> {
        std::mem::take(&mut self.news)
    }

    /// How long a ban lasts.
    pub fn ban_time(&self) -> Duration {
        self.config.ban
    }

    /// Lets a source in again, with a clean sheet; whether it was banned.
    pub fn allow(&mut self, now: Instant, ip: IpAddr) -> bool {
        self.honest(ip);
        self.bans.remove(&network(ip)).is_some_and(|until| until > now)
    }

    pub fn banned(&self) -> usize {
        self.bans.len()
    }

    pub fn bans(&self, now: Instant) -> Vec<Ban> {
        let left = self.bans.iter().map(|(source, until)| Ban { source: *source, left: until.saturating_duration_since(now) });
        left.filter(|ban| !ban.left.is_zero()).collect()
    }

    #[cfg(test)]
    pub fn remembered(&self) -> usize {
        let buckets = |buckets: &Buckets| buckets.young.len() + buckets.old.len();
        buckets(&self.strikes) + buckets(&self.challenges) + self.bans.len() + self.known.len()
    }
}

/// Of IPv6 a ban is of a whole /64: one with a trunk in it is spared.
fn is_spared(spared: &[IpNet], source: IpAddr) -> bool {
    spared.iter().any(|net| net.contains(source) || source.is_ipv6() && network(net.addr()) == source)
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
