//! The one task: waits for sockets, commands, verbs and the next deadline, hands them to the core with the time, and carries out what it says.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Sleep, sleep_until};
use tokio_rustls::TlsAcceptor;

use super::stream::{Connection, Event};
use super::tls::{Authorities, Secure};
use super::{Command, Hop, lock};
use crate::clock::Clock;
use crate::sip::call::{CallKey, Dialog, DialogEvent, Incoming, IncomingCall, Ready};
use crate::sip::core::{Core, Counters, NewCall, Output};
use crate::sip::net::{Flow, Transport};
use crate::sip::pressure::Backlog;
use crate::sip::registrar::PhoneNews;
use crate::sip::wire::{RequestSpec, Response};

/// Datagrams taken before the other sources get their turn.
const BATCH: usize = 64;
/// Messages of all connections waiting for the core; connections wait when it is full.
const STREAM_EVENTS: usize = 512;
/// Messages waiting for one connection; a peer that does not read is cut off.
const STREAM_OUTGOING: usize = 128;
const MAX_CONNECTIONS: usize = 1024;
/// Of sources that are no peers, altogether and each.
const MAX_STRANGERS: usize = 64;
const MAX_PER_STRANGER: usize = 4;
/// Servers over TLS whose names are remembered, for a connection that must be made anew.
const MAX_SERVERS: usize = 1024;
/// How long a shutdown lets the last BYEs be answered.
const GRACE: Duration = Duration::from_millis(300);
/// Wake-up when nothing is due.
const FAR: Duration = Duration::from_secs(3600);

/// The sockets, and what TLS needs.
pub(super) struct Ports {
    pub udp: Option<UdpSocket>,
    pub tcp: Option<TcpListener>,
    pub tls: Option<TcpListener>,
    pub acceptor: Option<TlsAcceptor>,
    pub authorities: Authorities,
}

struct Stream {
    id: u64,
    outgoing: mpsc::Sender<Bytes>,
    stranger: bool,
}

pub(super) struct Task {
    core: Core,
    clock: Clock,
    ports: Ports,
    /// As whom the servers at these addresses have proven themselves, or must.
    servers: HashMap<SocketAddr, Secure>,
    commands: mpsc::Receiver<Command>,
    incoming: mpsc::Sender<Incoming>,
    counters: Arc<Mutex<Counters>>,
    ready: Arc<Ready>,
    /// Where each call's owner listens.
    owners: HashMap<CallKey, mpsc::Sender<DialogEvent>>,
    requests: HashMap<u64, oneshot::Sender<Option<Response>>>,
    streams: HashMap<(Transport, SocketAddr), Stream>,
    next_stream: u64,
    stream_events: (mpsc::Sender<Event>, mpsc::Receiver<Event>),
    /// Datagrams, and messages of connections, that wait to be read.
    backlogs: (Backlog, Backlog),
    /// Agents whose phones have news that nobody has taken yet.
    phone_news: VecDeque<PhoneNews>,
    unsent: u64,
    closing: Option<(Instant, oneshot::Sender<()>)>,
}

impl Task {
    pub fn new(
        core: Core,
        ports: Ports,
        commands: mpsc::Receiver<Command>,
        incoming: mpsc::Sender<Incoming>,
        counters: Arc<Mutex<Counters>>,
    ) -> Task {
        Task {
            core,
            clock: Clock::system(),
            ports,
            servers: HashMap::new(),
            commands,
            incoming,
            counters,
            ready: Arc::default(),
            owners: HashMap::new(),
            requests: HashMap::new(),
            streams: HashMap::new(),
            next_stream: 0,
            stream_events: mpsc::channel(STREAM_EVENTS),
            backlogs: Default::default(),
            phone_news: VecDeque::new(),
            unsent: 0,
            closing: None,
        }
    }

    pub async fn run(mut self) {
        let mut buffer = vec![0u8; 65_536];
        let mut armed = self.clock.instant() + FAR;
        let mut sleep: std::pin::Pin<Box<Sleep>> = Box::pin(sleep_until(armed.into()));
        let (ready, incoming) = (self.ready.clone(), self.incoming.clone());
        loop {
            self.flush();
            let now = self.clock.instant();
            if self.closing.as_ref().is_some_and(|(at, _)| *at <= now) {
                break;
            }
            let due =
                [self.core.next_deadline(), self.closing.as_ref().map(|(at, _)| *at)].into_iter().flatten().min().unwrap_or(now + FAR);
            if due != armed {
                armed = due;
                sleep.as_mut().reset(armed.into());
            }
            tokio::select! {
                readable = readable(self.ports.udp.as_ref()) => match readable {
                    Ok(()) => self.read_udp(&mut buffer),
                    Err(error) => tracing::error!(%error, "sip udp socket failed"),
                },
                command = self.commands.recv() => match command {
                    Some(command) => self.on_command(command),
                    None => break,
                },
                () = ready.notify.notified() => self.on_verbs(),
                event = self.stream_events.1.recv() => {
                    if let Some(event) = event {
                        self.on_stream_event(event);
                    }
                }
                accepted = accept(self.ports.tcp.as_ref()) => self.on_accept(Transport::Tcp, accepted),
                accepted = accept(self.ports.tls.as_ref()) => self.on_accept(Transport::Tls, accepted),
                permit = incoming.reserve(), if !self.phone_news.is_empty() => match permit {
                    Ok(permit) => {
                        if let Some(news) = self.phone_news.pop_front() {
                            permit.send(Incoming::Phones(news));
                        }
                    }
                    // Nobody listens any more.
                    Err(_) => self.phone_news.clear(),
                },
                () = &mut sleep => {
                    armed = self.clock.instant() + FAR;
                    self.core.handle_timeout(self.clock.instant());
                }
            }
        }
        let now = self.clock.instant();
        self.core.end_all(now);
        self.flush();
        if let Some((_, done)) = self.closing.take() {
            // Whoever asked may have left.
            let _ = done.send(());
        }
    }

    fn read_udp(&mut self, buffer: &mut [u8]) {
        let now = self.clock.instant();
        self.core.set_late(self.backlogs.0.is_long(now));
        for _ in 0..BATCH {
            let received = match &self.ports.udp {
                Some(socket) => socket.try_recv_from(buffer),
                None => return,
            };
            match received {
                Ok((length, addr)) => {
                    let flow = Flow { transport: Transport::Udp, addr, connection: None };
                    self.core.receive(now, flow, &Bytes::copy_from_slice(&buffer[..length]));
                    self.flush();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return self.backlogs.0.none(),
                // A late ICMP error of some earlier datagram.
                Err(_) => {}
            }
        }
        self.backlogs.0.more(now);
    }

    fn on_command(&mut self, command: Command) {
        let now = self.clock.instant();
        match command {
            Command::SetPeers(peers, done) => {
                self.core.set_peers(peers);
                let _ = done.send(());
            }
            Command::SetAccounts(accounts, restored, done) => {
                self.core.set_accounts(now, accounts);
                self.core.restore_contacts(now, restored);
                let _ = done.send(());
            }
            Command::SetBehind(behind) => self.core.set_behind(behind),
            Command::SetPublicAddress(address, audio) => self.core.set_public_address(now, address, audio),
            // A failure means that the asker has gone.
            Command::AudioFacing(peer, reply) => drop(reply.send(self.core.audio_facing(peer))),
            Command::Phones(agent, reply) => {
                let _ = reply.send(self.core.phone_targets(&agent));
            }
            Command::Allow(source, reply) => {
                let _ = reply.send(self.core.allow(now, source));
            }
            Command::Bans(reply) => {
                let _ = reply.send(self.core.bans(now));
            }
            Command::Invite(outgoing, hop, reply) => {
                let pinned = hop.pinned;
                let flow = self.learn(hop);
                let made = self.core.invite(now, flow, *outgoing).map(|(key, id)| {
                    let (dialog, events) = Dialog::new(id, key, self.ready.clone());
                    self.owners.insert(key, events);
                    if pinned {
                        self.core.pin(key);
                    }
                    dialog
                });
                // A caller that left drops its dialog here, which ends it.
                let _ = reply.send(made);
            }
            Command::Request(mut spec, hop, reply) => {
                let flow = self.learn(hop);
                self.complete_contact(&mut spec, flow);
                let request = self.core.request(now, flow, &spec);
                self.requests.insert(request, reply);
            }
            Command::Fresh(reply) => {
                let _ = reply.send(self.core.fresh());
            }
            Command::Shutdown(done) => {
                let wait = if self.owners.is_empty() { Duration::ZERO } else { GRACE };
                self.core.end_all(now);
                self.closing = Some((now + wait, done));
            }
        }
    }

    /// Remembers as whom a server must prove itself.
    fn learn(&mut self, hop: Hop) -> Flow {
        if let Some(secure) = hop.secure {
            if self.servers.len() >= MAX_SERVERS {
                self.servers.clear();
            }
            self.servers.insert(hop.flow.addr, secure);
        }
        hop.flow
    }

    /// A Contact in a spec is a user part; the address is ours to know.
    fn complete_contact(&mut self, spec: &mut RequestSpec, flow: Flow) {
        let Some(user) = spec.contact.take() else {
            return;
        };
        let contact = self.core.contact(flow);
        spec.contact = Some(if user.is_empty() { contact } else { contact.replacen("sip:", &format!("sip:{user}@"), 1) });
    }

    fn on_verbs(&mut self) {
        let now = self.clock.instant();
        for mailbox in self.ready.take() {
            let (verbs, end) = mailbox.take();
            for verb in verbs {
                self.core.handle_verb(now, mailbox.key, verb);
            }
            if let Some(reason) = end {
                self.core.end(now, mailbox.key, reason);
            }
            self.flush();
        }
    }

    fn flush(&mut self) {
        while let Some(output) = self.core.poll_output() {
            match output {
                Output::Send { flow, bytes } => self.send(flow, bytes),
                Output::Incoming(call) => self.announce(*call),
                Output::Event { call, event } => self.deliver(call, event),
                Output::Phones(news) => {
                    // Only the newest of each agent counts, which also bounds the list.
                    self.phone_news.retain(|earlier| earlier.agent != news.agent);
                    self.phone_news.push_back(news);
                }
                // Who listens too little sees it in the list.
                Output::Banned(ban) => drop(self.incoming.try_send(Incoming::Banned(ban))),
                Output::Reply { request, response } => {
                    if let Some(reply) = self.requests.remove(&request) {
                        // Nobody waits any more: fine.
                        let _ = reply.send(response);
                    }
                }
            }
        }
        let counters = Counters { connections: self.streams.len(), ..self.core.counters() };
        let mut shared = lock(&self.counters);
        *shared = Counters { dropped: counters.dropped + self.unsent, ..counters };
    }

    fn announce(&mut self, call: NewCall) {
        let key = call.key;
        let (dialog, events) = Dialog::new(call.id, key, self.ready.clone());
        self.owners.insert(key, events);
        let call = IncomingCall {
            caller: call.caller,
            source: call.source,
            transport: call.transport,
            request_uri: call.request_uri,
            from: call.from,
            to: call.to,
            asserted: call.asserted,
            private: call.private,
            replaces: call.replaces,
            headers: call.headers,
            offer: call.offer,
            arrived: call.arrived,
            dialog,
        };
        if self.incoming.try_send(Incoming::Invite(Box::new(call))).is_err() {
            tracing::warn!("sip call refused: nobody takes new calls fast enough");
            self.core.refuse(self.clock.instant(), key);
        }
    }

    fn deliver(&mut self, key: CallKey, event: DialogEvent) {
        let last = matches!(event, DialogEvent::Ended { .. });
        let Some(owner) = self.owners.get(&key) else {
            return;
        };
        let full = matches!(owner.try_send(event), Err(mpsc::error::TrySendError::Full(_)));
        if full && !last {
            tracing::warn!(call = key.0, "sip call ended: its owner does not listen");
            self.core.deaf(self.clock.instant(), key);
        }
        if full || last {
            self.owners.remove(&key);
        }
    }

    fn send(&mut self, flow: Flow, bytes: Bytes) {
        self.core.count_sent();
        match flow.transport {
            Transport::Udp => {
                let sent = match &self.ports.udp {
                    Some(socket) => socket.try_send_to(&bytes, seen_from(socket, flow.addr)).is_ok(),
                    None => false,
                };
                // A full send buffer is a lost datagram; SIP repeats itself.
                self.unsent += u64::from(!sent);
            }
            Transport::Tcp | Transport::Tls => self.send_stream(flow, bytes),
        }
    }

    fn send_stream(&mut self, flow: Flow, bytes: Bytes) {
        let transport = flow.transport;
        let open = |addr: &SocketAddr| self.streams.contains_key(&(transport, *addr));
        let known = flow.connection.filter(open).or_else(|| Some(flow.addr).filter(open));
        let addr = match known {
            Some(addr) => addr,
            None if self.streams.len() >= MAX_CONNECTIONS => {
                self.unsent += 1;
                return;
            }
            None => {
                let connection = self.open(transport, flow.addr, false);
                if transport == Transport::Tls {
                    // A server that we were led to by its address has only that to show.
                    let secure = self.servers.get(&flow.addr).cloned();
                    let secure = secure.unwrap_or_else(|| self.ports.authorities.verify_address(flow.addr));
                    tokio::spawn(connection.connect_secure(secure));
                } else {
                    tokio::spawn(connection.connect());
                }
                flow.addr
            }
        };
        if let Some(stream) = self.streams.get(&(transport, addr))
            && stream.outgoing.try_send(bytes).is_err()
        {
            self.unsent += 1;
            self.streams.remove(&(transport, addr));
        }
    }

    fn open(&mut self, transport: Transport, addr: SocketAddr, stranger: bool) -> Connection {
        self.next_stream += 1;
        let id = self.next_stream;
        let (outgoing, receiver) = mpsc::channel(STREAM_OUTGOING);
        self.streams.insert((transport, addr), Stream { id, outgoing, stranger });
        Connection { transport, addr, id, events: self.stream_events.0.clone(), outgoing: receiver }
    }

    fn on_accept(&mut self, transport: Transport, accepted: io::Result<(TcpStream, SocketAddr)>) {
        let Ok((stream, addr)) = accepted else { return };
        let now = self.clock.instant();
        let flow = Flow { transport, addr, connection: None };
        let stranger = !self.core.is_welcome(now, flow);
        let strangers = || self.streams.iter().filter(|(_, stream)| stream.stranger);
        let crowded = stranger
            && (self.core.is_banned(now, flow)
                || strangers().count() >= MAX_STRANGERS
                || strangers().filter(|((_, other), _)| other.ip() == addr.ip()).count() >= MAX_PER_STRANGER);
        if crowded || self.streams.len() >= MAX_CONNECTIONS {
            self.unsent += 1;
            return;
        }
        let acceptor = self.ports.acceptor.clone();
        let connection = self.open(transport, addr, stranger);
        match (transport, acceptor) {
            (Transport::Tls, Some(acceptor)) => tokio::spawn(connection.run_secure(stream, acceptor)),
            _ => tokio::spawn(connection.run(stream)),
        };
    }

    fn on_stream_event(&mut self, event: Event) {
        let now = self.clock.instant();
        match event {
            Event::Message { transport, from, data } => {
                if self.stream_events.1.is_empty() {
                    self.backlogs.1.none();
                } else {
                    self.backlogs.1.more(now);
                }
                self.core.set_late(self.backlogs.1.is_long(now));
                let flow = Flow { transport, addr: from, connection: Some(from) };
                self.core.receive(now, flow, &data);
                // Whoever has logged in over it does not count among strangers any more.
                if self.core.is_welcome(now, flow)
                    && let Some(stream) = self.streams.get_mut(&(transport, from))
                {
                    stream.stranger = false;
                }
            }
            Event::Closed { transport, addr, id, unreachable } => {
                if self.streams.get(&(transport, addr)).is_some_and(|stream| stream.id == id) {
                    self.streams.remove(&(transport, addr));
                    self.core.connection_closed(now, transport, addr);
                }
                if unreachable {
                    self.core.transport_failed(now, transport, addr);
                }
            }
        }
    }
}

/// An IPv4 address as a dual-stack socket takes it.
fn seen_from(socket: &UdpSocket, addr: SocketAddr) -> SocketAddr {
    match addr {
        SocketAddr::V4(v4) if socket.local_addr().is_ok_and(|local| local.is_ipv6()) => {
            SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port())
        }
        _ => addr,
    }
}

async fn readable(socket: Option<&UdpSocket>) -> io::Result<()> {
    match socket {
        Some(socket) => socket.readable().await,
        None => std::future::pending().await,
    }
}

async fn accept(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}
