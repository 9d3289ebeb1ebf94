//! The user agent without IO: messages, verbs and time in; messages, events and the next deadline out. Owns every transaction and every call.
//! `requests` and `responses` sort what comes in, `table` keeps the transactions, `send` prints what goes out; the calls themselves are in `dialog`.

mod inbound;
mod requests;
mod responses;
mod send;
mod table;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::Peer;
use super::call::{CallKey, DialogEvent, DialogId};
use super::dialog::Call;
use super::guard::{Guard, GuardConfig};
use super::net::{Flow, Local, Transport, canonical};
use super::wire::{Framing, Headers, Message, NameAddr, Response, Uri, parse};

pub(crate) use inbound::{Envelope, Inbound};
pub(crate) use requests::objection;
pub(crate) use send::{ALLOW, Reply};
use table::Table;
pub(crate) use table::{Owner, TxId};

/// Calls at once; the next INVITE gets 503.
const MAX_CALLS: usize = 20_000;
/// Transactions at once, the finished ones that still absorb repeats included.
const MAX_TRANSACTIONS: usize = 100_000;

/// Figures for tests and metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    pub received: u64,
    pub sent: u64,
    /// Not SIP, or without what a response needs.
    pub malformed: u64,
    /// From strangers, or because a queue was full.
    pub dropped: u64,
    pub banned: usize,
    pub transactions: usize,
    pub dialogs: usize,
    pub connections: usize,
}

/// An INVITE that nobody has seen yet.
pub(crate) struct NewCall {
    pub key: CallKey,
    pub id: DialogId,
    pub peer: Arc<str>,
    pub source: SocketAddr,
    pub transport: Transport,
    pub request_uri: Uri,
    pub from: NameAddr,
    pub to: NameAddr,
    pub asserted: Option<NameAddr>,
    pub headers: Headers,
    pub offer: Option<String>,
}

pub(crate) enum Output {
    Send {
        flow: Flow,
        bytes: Bytes,
    },
    /// `Core::refuse` when it cannot be taken.
    Incoming(Box<NewCall>),
    Event {
        call: CallKey,
        event: DialogEvent,
    },
    /// To `Core::request`; `None` when there was no answer.
    Reply {
        request: u64,
        response: Option<Response>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sip) enum Wake {
    Tx(TxId),
    Call(CallKey),
}

pub(crate) struct Core {
    pub(super) user_agent: String,
    pub(super) peers: Vec<Peer>,
    pub(super) guard: Guard,
    pub(super) local: Local,
    rng: StdRng,
    pub(super) table: Table,
    pub(super) calls: HashMap<CallKey, Call>,
    /// By our tag, which is unguessable and in every request within a dialog.
    pub(super) tags: HashMap<Arc<str>, CallKey>,
    timers: BinaryHeap<Reverse<(Instant, Wake)>>,
    pub(super) outputs: VecDeque<Output>,
    next_key: u64,
    pub(super) counters: Counters,
    pub(super) max_calls: usize,
    pub(super) max_transactions: usize,
}

impl Core {
    pub fn new(user_agent: String, guard: GuardConfig, local: Local, rng: StdRng) -> Core {
        Core {
            user_agent,
            peers: Vec::new(),
            guard: Guard::new(guard),
            local,
            rng,
            table: Table::default(),
            calls: HashMap::new(),
            tags: HashMap::new(),
            timers: BinaryHeap::new(),
            outputs: VecDeque::new(),
            next_key: 0,
            counters: Counters::default(),
            max_calls: MAX_CALLS,
            max_transactions: MAX_TRANSACTIONS,
        }
    }

    /// A generator that the operating system seeds: tags and branches are what keeps strangers out of dialogs.
    pub fn secure_rng() -> StdRng {
        StdRng::from_rng(&mut rand::rng())
    }

    pub fn set_peers(&mut self, peers: Vec<Peer>) {
        self.peers = peers;
    }

    /// A peer by its source address.
    pub(super) fn peer(&self, flow: Flow) -> Option<&Peer> {
        self.peers.iter().find(|peer| {
            peer.transport.is_none_or(|transport| transport == flow.transport)
                && peer.sources.iter().any(|net| net.contains(flow.addr.ip()))
        })
    }

    /// A peer, or someone we have called lately.
    pub fn is_welcome(&self, now: Instant, flow: Flow) -> bool {
        self.peer(flow).is_some() || self.guard.is_called(now, flow.addr.ip())
    }

    pub fn count_sent(&mut self) {
        self.counters.sent += 1;
    }

    /// One datagram, or one message cut out of a stream.
    pub fn receive(&mut self, now: Instant, mut flow: Flow, data: &Bytes) {
        flow.addr.set_ip(canonical(flow.addr.ip()));
        self.counters.received += 1;
        let ip = flow.addr.ip();
        if self.guard.is_banned(now, ip) && self.peer(flow).is_none() {
            self.counters.dropped += 1;
            return;
        }
        let framing = if flow.transport == Transport::Udp { Framing::Datagram } else { Framing::Stream };
        match parse(data, framing) {
            Ok(Message::Request(request)) => self.on_request(now, flow, request, data.len()),
            Ok(Message::Response(response)) => self.on_response(now, flow, response),
            Err(error) => {
                // Keep-alives (RFC 5626 §3.5.1) are no mistake.
                if data.iter().all(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
                    return;
                }
                self.counters.malformed += 1;
                if self.peer(flow).is_none() {
                    self.guard.strike(now, ip);
                }
                tracing::debug!(source = %flow.addr, %error, "unreadable sip message");
            }
        }
    }

    /// Everything whose time has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(Reverse((at, wake))) = self.timers.peek().copied() {
            if at > now {
                break;
            }
            self.timers.pop();
            match wake {
                Wake::Tx(tx) => self.on_transaction_timer(now, at, tx),
                Wake::Call(key) => self.on_call_timer(now, at, key),
            }
        }
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.timers.peek().map(|Reverse((at, _))| *at)
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub fn counters(&self) -> Counters {
        let (transactions, dialogs) = (self.table.len(), self.calls.len());
        Counters { transactions, dialogs, banned: self.guard.banned(), ..self.counters }
    }

    pub(super) fn wake_at(&mut self, at: Instant, wake: Wake) {
        self.timers.push(Reverse((at, wake)));
    }

    pub(super) fn key(&mut self) -> u64 {
        self.next_key += 1;
        self.next_key
    }

    /// 64 unguessable bits.
    pub(super) fn token(&mut self) -> String {
        format!("{:016x}", self.rng.next_u64())
    }

    /// A number below `limit`.
    pub(super) fn random_below(&mut self, limit: u64) -> u64 {
        self.rng.next_u64() % limit.max(1)
    }

    /// Tells the call's owner, unless they were told that it is over.
    pub(super) fn tell(&mut self, key: CallKey, event: DialogEvent) {
        let Some(call) = self.calls.get_mut(&key) else {
            return;
        };
        if call.silent {
            return;
        }
        if matches!(event, DialogEvent::Ended { .. }) {
            call.silent = true;
        }
        self.outputs.push_back(Output::Event { call: key, event });
    }
}
