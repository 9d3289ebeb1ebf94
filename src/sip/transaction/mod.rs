//! The four transaction machines of RFC 3261 §17 with the Accepted states of RFC 6026: one file per machine, one function per state.
//! A machine takes an input and the time, and says what to transmit, what to tell its user and when it wants to be woken. It owns no socket and no clock.

mod client;
mod invite_client;
mod invite_server;
mod server;

use std::time::{Duration, Instant};

use bytes::Bytes;

pub use client::Client;
pub use invite_client::InviteClient;
pub use invite_server::InviteServer;
pub use server::Server;

/// Round-trip estimate, RFC 3261 §17.1.1.1.
pub const T1: Duration = Duration::from_millis(500);
/// Longest retransmission interval of non-INVITE requests and of INVITE responses.
pub const T2: Duration = Duration::from_secs(4);
/// How long a message may stay in the network.
pub const T4: Duration = Duration::from_secs(5);
/// Timers B, F, H, J, L and M.
pub const T64: Duration = Duration::from_secs(32);
/// Timer D, "at least 32 seconds".
pub const TIMER_D: Duration = Duration::from_secs(32);

/// What a client machine hears. `ack` is built by the caller, who has the response; the machine decides when to send it.
#[derive(Debug, Clone)]
pub enum ClientInput {
    Response { status: u16, ack: Option<Bytes> },
    Timer,
    TransportFailed,
}

/// What a server machine hears.
#[derive(Debug, Clone)]
pub enum ServerInput {
    /// The same request once more.
    Request,
    /// ACK in this transaction.
    Ack,
    Respond {
        status: u16,
        response: Bytes,
    },
    Timer,
}

/// What the transaction user is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tell {
    /// This response is news (client).
    Response,
    /// No final response in time: timers B and F (client).
    TimedOut,
    TransportFailed,
    /// A final response was acknowledged (INVITE server).
    Acked,
    /// Timer H: a final response was never acknowledged (INVITE server).
    NoAck,
}

/// What one input leads to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    pub send: Option<Bytes>,
    pub tell: Option<Tell>,
    /// The transaction is over and may be forgotten.
    pub done: bool,
}

impl Effect {
    fn none() -> Effect {
        Effect::default()
    }

    fn send(bytes: &Bytes) -> Effect {
        Effect { send: Some(bytes.clone()), ..Effect::default() }
    }

    fn tell(tell: Tell) -> Effect {
        Effect { tell: Some(tell), ..Effect::default() }
    }

    fn done() -> Effect {
        Effect { done: true, ..Effect::default() }
    }

    fn and_done(mut self) -> Effect {
        self.done = true;
        self
    }
}

/// A retransmission that doubles up to a cap.
#[derive(Debug, Clone, Copy)]
struct Repeat {
    at: Instant,
    interval: Duration,
}

impl Repeat {
    fn start(now: Instant) -> Repeat {
        Repeat { at: now + T1, interval: T1 }
    }

    fn again(&mut self, now: Instant, cap: Duration) {
        self.interval = (self.interval * 2).min(cap);
        self.at = now + self.interval;
    }
}

fn earliest(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests;
