//! Nonces that prove their own age and origin, so that a challenge costs no memory; those that a right password was sent with are
//! remembered with their count, against replay (RFC 7616 §3.4, `nc`).

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How long a nonce may be used; then the client is told that it is stale and goes on with a new one.
const LIFE: Duration = Duration::from_secs(300);
/// Nonces in use at once. Past that all older ones are stale.
const IN_USE: usize = 8192;

/// Whether a nonce may be used with this count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fresh {
    Yes,
    /// Not ours, too old, or used before.
    Stale,
}

pub(super) struct Nonces {
    secret: [u8; 32],
    origin: Option<Instant>,
    /// The highest count of each nonce in use, and when it was minted, ms since `origin`.
    used: HashMap<String, (u32, u64)>,
    /// Nonces minted before were forgotten, and may have been used.
    floor: u64,
}

impl Nonces {
    pub fn new(secret: [u8; 32]) -> Nonces {
        Nonces { secret, origin: None, used: HashMap::new(), floor: 0 }
    }

    fn millis(&self, now: Instant) -> u64 {
        let since = self.origin.map_or(Duration::ZERO, |origin| now.saturating_duration_since(origin));
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn seal(&self, head: &str) -> String {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.secret) else { return String::new() };
        mac.update(head.as_bytes());
        hex::encode(&mac.finalize().into_bytes()[..16])
    }

    pub fn mint(&mut self, now: Instant, salt: u64) -> String {
        self.origin.get_or_insert(now);
        let head = format!("{:012x}{salt:016x}", self.millis(now));
        let seal = self.seal(&head);
        format!("{head}{seal}")
    }

    pub fn judge(&self, now: Instant, nonce: &str, count: u32) -> Fresh {
        let minted = match (nonce.get(..28), nonce.get(28..)) {
            (Some(head), Some(seal)) if constant_time_eq(&self.seal(head), seal) => u64::from_str_radix(&head[..12], 16).ok(),
            _ => None,
        };
        let Some(minted) = minted else { return Fresh::Stale };
        let age = self.millis(now).saturating_sub(minted);
        let last = self.used.get(nonce).map_or(0, |(count, _)| *count);
        let forgotten = last == 0 && minted < self.floor;
        if u128::from(age) > LIFE.as_millis() || forgotten || count <= last { Fresh::Stale } else { Fresh::Yes }
    }

    /// It was used with this count.
    pub fn used(&mut self, now: Instant, nonce: &str, count: u32) {
        let Some(minted) = nonce.get(..12).and_then(|head| u64::from_str_radix(head, 16).ok()) else { return };
        if self.used.len() >= IN_USE && !self.used.contains_key(nonce) {
            let millis = self.millis(now);
            self.used.retain(|_, (_, minted)| u128::from(millis.saturating_sub(*minted)) <= LIFE.as_millis());
            if self.used.len() >= IN_USE {
                self.used.clear();
                self.floor = millis;
            }
        }
        self.used.insert(nonce.to_owned(), (count, minted));
    }
}

fn constant_time_eq(a: &str, b: &str) -> bool {
    use subtle::ConstantTimeEq;
    a.as_bytes().ct_eq(b.as_bytes()).into()
}
