//! The user agent without IO: messages, verbs and time in; messages, events and the next deadline out. Owns every transaction and every call.
//! `requests` and `responses` sort what comes in, `table` keeps the transactions, `send` prints what goes out; the calls themselves are in `dialog`.

mod inbound;
mod phones;
mod requests;
mod responses;
mod send;
mod table;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::Peer;
use super::call::{CallKey, Caller, DialogEvent, DialogId};
use super::dialog::{Call, Ended};
use super::guard::{Ban, Guard, GuardConfig};
use super::net::{Flow, Local, Reach, Transport, canonical};
use super::pressure::Behind;
use super::registrar::{PhoneNews, Registrar};
use super::wire::{Framing, Headers, Message, NameAddr, Response, Uri, parse};

pub(crate) use inbound::{Envelope, Inbound};
pub(crate) use requests::{RETRY_AFTER, objection};
pub(crate) use send::{ALLOW, Reply};
use table::Table;
pub(crate) use table::{Owner, TxId};

/// Calls at once; the next INVITE gets 503.
const MAX_CALLS: usize = 20_000;
/// Transactions at once, the finished ones that still absorb repeats included.
const MAX_TRANSACTIONS: usize = 100_000;
/// One of so many is kept for the calls that were taken: they need more transactions, to ring somebody and to end.
const KEPT_FREE: usize = 5;
/// How often it is logged that calls are turned away.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// Figures for tests and metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    pub received: u64,
    pub sent: u64,
    /// Not SIP, or without what a response needs.
    pub malformed: u64,
    /// From strangers, or because a queue was full.
    pub dropped: u64,
    /// New calls that were told 503 before anything was made of them, repeats included.
    pub turned_away: u64,
    pub banned: usize,
    pub transactions: usize,
    pub dialogs: usize,
    pub connections: usize,
}

/// An INVITE that nobody has seen yet.
pub(crate) struct NewCall {
    pub key: CallKey,
    pub id: DialogId,
    pub caller: Caller,
    pub source: SocketAddr,
    pub transport: Transport,
    pub request_uri: Uri,
    pub from: NameAddr,
    pub to: NameAddr,
    pub asserted: Option<NameAddr>,
    pub private: bool,
    pub replaces: Option<DialogId>,
    pub headers: Headers,
    pub offer: Option<String>,
    /// When its INVITE was read.
    pub arrived: Instant,
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
    /// An agent's phones came, went or moved.
    Phones(PhoneNews),
    /// A source is turned away from now on.
    Banned(Ban),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sip) enum Wake {
    Tx(TxId),
    Call(CallKey),
    Phones,
}

pub(crate) struct Core {
    pub(super) user_agent: String,
    pub(super) peers: Vec<Peer>,
    pub(super) guard: Guard,
    pub(super) registrar: Registrar,
    /// The entry in the timer heap.
    phones_armed: Option<Instant>,
    pub(super) local: Local,
    rng: StdRng,
    tags_of: RandomState,
    pub(super) table: Table,
    pub(super) calls: HashMap<CallKey, Call>,
    /// By our tag, which is unguessable and in every request within a dialog.
    pub(super) tags: HashMap<Arc<str>, CallKey>,
    /// Calls of phones that are over, the newest first.
    pub(super) ended: VecDeque<Ended>,
    timers: BinaryHeap<Reverse<(Instant, Wake)>>,
    pub(super) outputs: VecDeque<Output>,
    next_key: u64,
    pub(super) counters: Counters,
    pub(super) max_calls: usize,
    pub(super) max_transactions: usize,
    /// Messages wait too long to be read.
    late: bool,
    behind: Option<Behind>,
    /// When calls were last logged as turned away, and how many had been by then.
    told_away: Option<(Instant, u64)>,
}

impl Core {
    pub fn new(user_agent: String, guard: GuardConfig, local: Local, mut rng: StdRng) -> Core {
        let mut secret = [0; 32];
        rng.fill_bytes(&mut secret);
        let nobody = format!("{:016x}{:016x}", rng.next_u64(), rng.next_u64());
        Core {
            registrar: Registrar::new(secret, nobody),
            phones_armed: None,
            user_agent,
            peers: Vec::new(),
            guard: Guard::new(guard),
            local,
            rng,
            tags_of: RandomState::new(),
            table: Table::default(),
            calls: HashMap::new(),
            tags: HashMap::new(),
            ended: VecDeque::new(),
            timers: BinaryHeap::new(),
            outputs: VecDeque::new(),
            next_key: 0,
            counters: Counters::default(),
            max_calls: MAX_CALLS,
            max_transactions: MAX_TRANSACTIONS,
            late: false,
            behind: None,
            told_away: None,
        }
    }

    /// Whom to ask, for each new call of a trunk, whether it can be taken.
    pub fn set_behind(&mut self, behind: Behind) {
        self.behind = Some(behind);
    }

    /// Whether what comes next has waited too long to be read.
    pub fn set_late(&mut self, late: bool) {
        self.late = late;
    }

    /// Whether a new call of a trunk is to be told to come again.
    fn is_full(&self) -> bool {
        self.late
            || self.calls.len() >= self.max_calls
            || self.table.len() >= self.max_transactions - self.max_transactions / KEPT_FREE
            || self.behind.as_ref().is_some_and(|behind| behind())
    }

    fn turned_away(&mut self, now: Instant) {
        self.counters.turned_away += 1;
        if self.told_away.is_none_or(|(at, _)| now.saturating_duration_since(at) >= TELL_EVERY) {
            let before = self.told_away.map_or(0, |(_, count)| count);
            let (calls, transactions) = (self.calls.len(), self.table.len());
            tracing::warn!(
                count = self.counters.turned_away - before,
                calls,
                transactions,
                "calls are turned away: more come than can be taken"
            );
            self.told_away = Some((now, self.counters.turned_away));
        }
    }

    /// A generator that the operating system seeds: tags and branches are what keeps strangers out of dialogs.
    pub fn secure_rng() -> StdRng {
        StdRng::from_rng(&mut rand::rng())
    }

    pub fn set_peers(&mut self, peers: Vec<Peer>) {
        self.guard.spare(peers.iter().flat_map(|peer| peer.sources.iter().copied()).collect());
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
        self.peer(flow).is_some() || self.guard.is_called(now, flow.addr.ip()) || self.registrar.bindings.by_source(flow).is_some()
    }

    pub fn is_banned(&mut self, now: Instant, flow: Flow) -> bool {
        self.guard.is_banned(now, flow.addr.ip())
    }

    /// Lets a source in again; whether it was turned away.
    pub fn allow(&mut self, now: Instant, ip: IpAddr) -> bool {
        self.registrar.forgive(canonical(ip));
        self.guard.allow(now, ip)
    }

    pub fn bans(&self, now: Instant) -> Vec<Ban> {
        self.guard.bans(now)
    }

    /// Peers out there reach us by another address now, or by another route.
    pub fn set_public_address(&mut self, now: Instant, public: Option<IpAddr>, audio: Reach) {
        self.local.set_public(public, audio);
        let up: Vec<CallKey> = self.calls.iter().filter(|(_, call)| call.is_up()).map(|(key, _)| *key).collect();
        for key in up {
            self.tell(key, DialogEvent::Moved);
        }
        self.ask_phones(now);
    }

    /// The address that `peer` is told to send audio to.
    pub fn audio_facing(&mut self, peer: IpAddr) -> IpAddr {
        self.local.audio_facing(peer)
    }

    pub fn count_sent(&mut self) {
        self.counters.sent += 1;
    }

    /// One datagram, or one message cut out of a stream.
    pub fn receive(&mut self, now: Instant, flow: Flow, data: &Bytes) {
        self.take(now, flow, data);
        let left = self.guard.ban_time();
        for source in self.guard.news() {
            self.outputs.push_back(Output::Banned(Ban { source, left }));
        }
    }

    fn take(&mut self, now: Instant, mut flow: Flow, data: &Bytes) {
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
                Wake::Phones => self.on_phones_timer(now, at),
            }
        }
        self.prune();
    }

    /// Whether an entry of the heap still means something: what was armed may be over, or armed for another moment.
    fn is_due(&self, at: Instant, wake: Wake) -> bool {
        let armed = match wake {
            Wake::Tx(tx) => self.table.get(tx).and_then(|tx| tx.armed),
            Wake::Call(key) => self.calls.get(&key).and_then(|call| call.armed),
            Wake::Phones => self.phones_armed,
        };
        armed == Some(at)
    }

    /// Forgets entries of the heap that mean nothing any more; a session timer is armed for half an hour, and most calls are shorter.
    pub(super) fn prune(&mut self) {
        while self.timers.peek().is_some_and(|Reverse((at, wake))| !self.is_due(*at, *wake)) {
            self.timers.pop();
        }
        if self.timers.len() > 1024 + 4 * (self.table.len() + self.calls.len()) {
            let mut timers = std::mem::take(&mut self.timers);
            timers.retain(|Reverse((at, wake))| self.is_due(*at, *wake));
            self.timers = timers;
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

    /// The same for every repeat of a request, without anything being kept (RFC 3261 §8.2.7).
    pub(super) fn tag_of(&self, envelope: &Envelope) -> String {
        let request = (envelope.from.tag(), &envelope.call_id, envelope.cseq.number);
        format!("{:016x}", self.tags_of.hash_one(request))
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
