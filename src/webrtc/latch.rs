//! Which addresses a browser may speak from, where we speak to, and whether it still lives.
//!
//! The library keeps the first nominated address pair for ever: after a NAT rebinding or a change of network the
//! browser's checks come from elsewhere, are answered there, and our audio would still go to the dead binding. So
//! the target follows the latest *authenticated* check that nominates. Nothing unauthenticated moves it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Chrome checks a stable pair every 2.5 s, Firefox every 5 s (RFC 7675 §5.1 wants 5 s); two lost are no alarm.
const SILENT: Duration = Duration::from_secs(11);
/// A target not heard for this long gives way to another authentic address. In a call audio comes every 20 ms.
const STALE: Duration = Duration::from_secs(2);
/// RFC 7675 §5.1: consent is gone after 30 s.
const GONE: Duration = Duration::from_secs(30);
/// From the answer to audio: the page's own patience is shorter.
const SETUP: Duration = Duration::from_secs(20);
/// Distinct addresses one browser may authenticate from before it has to connect anew; each costs the library a
/// candidate that it never forgets.
const MAX_ADDRESSES: usize = 24;

/// What the passing of time has done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Life {
    Alive,
    Silent,
    Gone,
}

/// Why an address is not admitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("more than {MAX_ADDRESSES} addresses")]
pub struct TooMany;

#[derive(Debug)]
pub struct Latch {
    admitted: Vec<SocketAddr>,
    target: Option<SocketAddr>,
    /// Last sign of life from the target, and from anywhere.
    target_heard: Instant,
    heard: Instant,
    born: Instant,
    connected: bool,
}

impl Latch {
    pub fn new(now: Instant) -> Latch {
        Latch { admitted: Vec::with_capacity(4), target: None, target_heard: now, heard: now, born: now, connected: false }
    }

    /// A check from this address held its MESSAGE-INTEGRITY.
    pub fn authenticated(&mut self, now: Instant, from: SocketAddr, nominates: bool) -> Result<(), TooMany> {
        if !self.admitted.contains(&from) {
            if self.admitted.len() >= MAX_ADDRESSES {
                return Err(TooMany);
            }
            self.admitted.push(from);
        }
        // Chrome nominates with every check; others nominate once and then only ask for consent (RFC 7675 §5.1), so a
        // target that has fallen silent gives way to an address that has not.
        let stale = now.saturating_duration_since(self.target_heard) >= STALE;
        if nominates || stale || self.target.is_none() {
            self.target = Some(from);
        }
        self.heard(now, from);
        Ok(())
    }

    pub fn admits(&self, from: SocketAddr) -> bool {
        // The usual case is the one address that we also send to.
        self.target == Some(from) || self.admitted.contains(&from)
    }

    /// Where everything but answers to checks is sent.
    pub fn target(&self) -> Option<SocketAddr> {
        self.target
    }

    /// Something authentic arrived.
    pub fn heard(&mut self, now: Instant, from: SocketAddr) {
        self.heard = now;
        if self.target == Some(from) {
            self.target_heard = now;
        }
    }

    pub fn connected(&mut self) {
        self.connected = true;
    }

    pub fn life(&self, now: Instant) -> Life {
        if !self.connected {
            return if now.saturating_duration_since(self.born) >= SETUP { Life::Gone } else { Life::Alive };
        }
        match now.saturating_duration_since(self.heard) {
            silence if silence >= GONE => Life::Gone,
            silence if silence >= SILENT => Life::Silent,
            _ => Life::Alive,
        }
    }
}

#[cfg(test)]
#[path = "latch_tests.rs"]
mod tests;
