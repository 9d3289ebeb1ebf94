//! RTP ports: pairs of an even and the next odd port, bound on the caller's thread. A returned pair rests before it
//! is used again, so that late packets of an ended call reach nobody; the order is shuffled, so that the next port
//! cannot be guessed.

use super::MediaError;
use rand::seq::SliceRandom;
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a closed pair rests.
pub(super) const QUARANTINE: Duration = Duration::from_secs(5);

/// The share of all pairs below which no new call is begun: what is left is for those who are in and must be rung.
const SPARE: usize = 10;

pub(super) struct Ports {
    bind: IpAddr,
    range: RangeInclusive<u16>,
    clock: fn() -> Instant,
    /// Pairs altogether.
    all: usize,
    free: Mutex<Free>,
}

struct Free {
    ready: VecDeque<u16>,
    resting: VecDeque<(Instant, u16)>,
}

/// The two sockets of a leg; dropping them returns the ports.
pub(super) struct Pair {
    pub rtp: UdpSocket,
    pub rtcp: UdpSocket,
    port: u16,
    home: Arc<Ports>,
}

impl Ports {
    pub fn new(bind: IpAddr, range: RangeInclusive<u16>, clock: fn() -> Instant) -> Result<Arc<Ports>, MediaError> {
        let mut ready: Vec<u16> = range.clone().filter(|p| p % 2 == 0 && *p != 0 && p < range.end()).collect();
        if ready.is_empty() {
            return Err(MediaError::PortRange(*range.start(), *range.end()));
        }
        ready.shuffle(&mut rand::rng());
        let all = ready.len();
        let free = Mutex::new(Free { ready: ready.into(), resting: VecDeque::new() });
        Ok(Arc::new(Ports { bind, range, clock, all, free }))
    }

    /// Binds the next free pair; a port that another process holds is passed over and tried again later.
    pub fn take(self: &Arc<Self>) -> Result<Pair, MediaError> {
        let tries = {
            let free = self.free();
            free.ready.len() + free.resting.len()
        };
        for _ in 0..tries {
            let Some(port) = self.next() else { break };
            match self.bind(port) {
                Ok((rtp, rtcp)) => return Ok(Pair { rtp, rtcp, port, home: self.clone() }),
                Err(e) if e.kind() == io::ErrorKind::AddrInUse => self.free().ready.push_back(port),
                Err(e) => {
                    self.free().ready.push_back(port);
                    return Err(MediaError::Bind(SocketAddr::new(self.bind, port), e));
                }
            }
        }
        Err(MediaError::NoPorts(*self.range.start(), *self.range.end()))
    }

    /// True when a new call would take what those who are in may need.
    pub fn scarce(&self) -> bool {
        self.rested().ready.len() <= self.all / SPARE
    }

    fn next(&self) -> Option<u16> {
        self.rested().ready.pop_front()
    }

    /// With those back that have rested for long enough.
    fn rested(&self) -> std::sync::MutexGuard<'_, Free> {
        let now = (self.clock)();
        let mut free = self.free();
        while free.resting.front().is_some_and(|(until, _)| *until <= now) {
            if let Some((_, port)) = free.resting.pop_front() {
                free.ready.push_back(port);
            }
        }
        free
    }

    fn bind(&self, port: u16) -> io::Result<(UdpSocket, UdpSocket)> {
        let rtp = UdpSocket::bind((self.bind, port))?;
        let rtcp = UdpSocket::bind((self.bind, port + 1))?;
        rtp.set_nonblocking(true)?;
        rtcp.set_nonblocking(true)?;
        Ok((rtp, rtcp))
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Free> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pair {
    /// Where the RTP socket is bound.
    pub fn addr(&self) -> SocketAddr {
        SocketAddr::new(self.home.bind, self.port)
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        let until = (self.home.clock)() + QUARANTINE;
        self.home.free().resting.push_back((until, self.port));
    }
}

#[cfg(test)]
mod tests;
