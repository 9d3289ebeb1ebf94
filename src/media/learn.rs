//! Whose packets a leg takes: strict source learning, so that nobody injects audio into a call and no late packet of
//! another call bleeds into it. Pure.
//!
//! A source must come from the signalled IP address, be RTP of a payload type we know, and keep one SSRC with rising
//! sequence numbers for some packets; then it is locked and all others are refused. A phone behind NAT that signals a
//! private address may be learned from another IP, within a window after it was signalled. A locked source is left only
//! for a newly signalled address, or after silence, and then only for one from the same IP.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// How long after signalling a private address a source of another IP may be learned.
const NAT_WINDOW: Duration = Duration::from_secs(30);
/// Packets in a row that lock the signalled address itself, another port of its IP, another IP.
const NEEDED: [u8; 3] = [2, 3, 4];
/// A candidate that has paused for so long has lost its turn.
const STALE: Duration = Duration::from_secs(1);
/// Steps of the sequence number that still count as a row.
const STEP: u16 = 10;

#[derive(Default, Debug)]
pub(super) struct Learner {
    signalled: Option<SocketAddr>,
    since: Option<Instant>,
    locked: Option<SocketAddr>,
    /// The source that was locked before silence; still where packets go.
    last: Option<SocketAddr>,
    candidate: Option<Candidate>,
}

#[derive(Debug)]
struct Candidate {
    from: SocketAddr,
    rank: usize,
    ssrc: u32,
    seq: u16,
    count: u8,
    seen: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// To be heard.
    Accept,
    /// To be heard, and from now on nobody else.
    Lock,
    /// Perhaps the source; not to be heard yet.
    Hold,
    Refuse,
}

impl Learner {
    /// Whether learning began anew: the address differs from the one signalled before.
    pub fn signal(&mut self, now: Instant, addr: SocketAddr) -> bool {
        // RFC 3264 §8.4: an unspecified address is the old way of hold and says nothing of the source.
        if self.signalled == Some(addr) || addr.ip().to_canonical().is_unspecified() {
            return false;
        }
        *self = Learner { signalled: Some(addr), since: Some(now), ..Learner::default() };
        true
    }

    /// Judges a packet with a valid header. `known`: its payload type was negotiated.
    pub fn packet(&mut self, now: Instant, from: SocketAddr, known: bool, ssrc: u32, seq: u16) -> Verdict {
        if let Some(locked) = self.locked {
            return if locked == from { Verdict::Accept } else { Verdict::Refuse };
        }
        let Some(rank) = self.rank(now, from).filter(|_| known) else { return Verdict::Refuse };
        let row = match &mut self.candidate {
            Some(candidate) if candidate.from == from => {
                let step = seq.wrapping_sub(candidate.seq);
                let follows = candidate.ssrc == ssrc && (1..=STEP).contains(&step);
                candidate.count = if follows { candidate.count + 1 } else { 1 };
                (candidate.ssrc, candidate.seq, candidate.seen) = (ssrc, seq, now);
                candidate.count
            }
            // The better ranked is not displaced while it sends.
            Some(candidate) if candidate.rank <= rank && now.duration_since(candidate.seen) < STALE => {
                return Verdict::Refuse;
            }
            _ => {
                self.candidate = Some(Candidate { from, rank, ssrc, seq, count: 1, seen: now });
                1
            }
        };
        if row >= NEEDED[rank] {
            (self.locked, self.last, self.candidate) = (Some(from), Some(from), None);
            Verdict::Lock
        } else if rank == 0 {
            Verdict::Accept
        } else {
            Verdict::Hold
        }
    }

    /// 0 for the signalled (after silence: the last) address itself, 1 for its IP, 2 for a NAT in front of it.
    fn rank(&self, now: Instant, from: SocketAddr) -> Option<usize> {
        let home = self.last.or(self.signalled)?;
        if from == home {
            Some(0)
        } else if from.ip() == home.ip() {
            Some(1)
        } else {
            let open = now.duration_since(self.since?) < NAT_WINDOW;
            (self.last.is_none() && open && is_private(home.ip())).then_some(2)
        }
    }

    /// Nothing was heard for some seconds: the source may have moved to another port. Whether it was locked.
    pub fn silence(&mut self) -> bool {
        self.locked.take().is_some()
    }

    pub fn locked(&self) -> Option<SocketAddr> {
        self.locked
    }

    /// Where to send.
    pub fn destination(&self) -> Option<SocketAddr> {
        self.locked.or(self.last).or(self.signalled)
    }
}

/// Addresses that a phone behind NAT signals: RFC 1918, RFC 6598, link-local and their like in IPv6.
fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || (ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests;
