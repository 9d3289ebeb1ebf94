//! Limits on guessing passwords: by account (whoever asks) and by address (whatever account). Whoever asks from a network from which the account's
//! owner has signed in of late is counted apart from strangers: guessing from elsewhere keeps nobody out of their own desk. Memory is bounded: when a table is full
//! the entry that is least worth keeping is dropped, so an attacker with many addresses cannot grow it.

use crate::desk::id::At;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An address pauses after this many times the failures of one account: more than one person may sit behind it.
const PEOPLE_PER_ADDRESS: u32 = 4;
/// How long a pause is and after which time a failure is forgotten, ms; `[security] login_attempts` says so too.
pub(super) const PAUSE_MS: i64 = 15 * 60 * 1000;
const REMEMBERED: usize = 10_000;

/// Failures by account and by address.
#[derive(Default)]
pub struct Limits {
    accounts: Mutex<HashMap<Account, Failures>>,
    addresses: Mutex<HashMap<IpAddr, Failures>>,
}

/// An account, and the network of its owner's; `None`: all strangers.
type Account = (String, Option<IpAddr>);

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: At,
}

/// Whether a password may be tried now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    Allowed,
    /// Not before this moment.
    PausedUntil(At),
}

impl Limits {
    /// Whether this account, which may fail `attempts` times, may be tried from this address; `home`: its owner was here of late.
    pub fn check(&self, account: &str, address: IpAddr, home: bool, attempts: u32, now: At) -> Attempt {
        let by_account = paused(&lock(&self.accounts), &key(account, address, home), attempts, now);
        let by_address = paused(&lock(&self.addresses), &network(address), attempts.saturating_mul(PEOPLE_PER_ADDRESS), now);
        match by_account.max(by_address) {
            Some(until) => Attempt::PausedUntil(until),
            None => Attempt::Allowed,
        }
    }

    /// A wrong password. Gives how many more the account has before it pauses.
    pub fn failed(&self, account: &str, address: IpAddr, home: bool, attempts: u32, now: At) -> u32 {
        count(&mut lock(&self.addresses), network(address), now);
        attempts.saturating_sub(count(&mut lock(&self.accounts), key(account, address, home), now))
    }

    /// Entries held, for the test of the bound.
    #[cfg(test)]
    pub fn remembered(&self) -> usize {
        lock(&self.accounts).len() + lock(&self.addresses).len()
    }

    /// A right password clears the account, not the address: one stolen password must not buy more guesses.
    pub fn succeeded(&self, account: &str, address: IpAddr, home: bool) {
        lock(&self.accounts).remove(&key(account, address, home));
    }

    /// A new password: what was guessed before is worth nothing.
    pub fn forgiven(&self, account: &str) {
        let name = name(account);
        lock(&self.accounts).retain(|(of, _), _| *of != name);
    }

    /// What was counted before the password was known to be right counts no more: a whole office signs in from one address.
    pub fn take_back(&self, address: IpAddr) {
        if let Some(failures) = lock(&self.addresses).get_mut(&network(address)) {
            failures.count = failures.count.saturating_sub(1);
        }
    }
}

/// Accounts are told apart as the log-in does; what is typed is cut, so that a long name costs no memory.
fn name(account: &str) -> String {
    account.trim().chars().take(100).flat_map(char::to_lowercase).collect()
}

fn key(account: &str, address: IpAddr, home: bool) -> Account {
    (name(account), home.then(|| network(address)))
}

/// Whom an address stands for: an IPv6 customer has a /64, so that is what counts.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !(u128::from(u64::MAX)))),
        v4 => v4,
    }
}

fn lock<T>(table: &Mutex<T>) -> MutexGuard<'_, T> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

fn paused<K: Eq + Hash>(table: &HashMap<K, Failures>, key: &K, limit: u32, now: At) -> Option<At> {
    let failures = table.get(key)?;
    let until = failures.last.after(PAUSE_MS);
    (failures.count >= limit && now < until).then_some(until)
}

fn count<K: Eq + Hash + Clone>(table: &mut HashMap<K, Failures>, key: K, now: At) -> u32 {
    if table.len() >= REMEMBERED && !table.contains_key(&key) {
        table.retain(|_, f| now.since(f.last) < PAUSE_MS);
        if table.len() >= REMEMBERED
            && let Some(least) = table.iter().min_by_key(|(_, f)| (f.count, f.last)).map(|(k, _)| k.clone())
        {
            table.remove(&least);
        }
    }
    let failures = table.entry(key).or_insert(Failures { count: 0, last: now });
    if now.since(failures.last) >= PAUSE_MS {
        failures.count = 0;
    }
    failures.count = failures.count.saturating_add(1);
    failures.last = now;
    failures.count
}
