//! The endpoint: one task that owns the core and its sockets, and the handle through which everyone else speaks to it.

mod socket;
mod stream;
mod task;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::call::{Dialog, Incoming, Outgoing};
use super::core::{Core, Counters};
use super::guard::GuardConfig;
use super::net::{Flow, Local, Transport};
use super::register::{self, Registration, RegistrationState};
use super::wire::{Method, NameAddr, RequestSpec, Response, Uri};
use super::{Peer, SipError};

/// Commands waiting for the task; callers wait when it is full.
const COMMANDS: usize = 256;
/// New calls waiting for `voice`; the next one gets 503.
const INCOMING: usize = 256;

/// How long a shutdown waits for registrars.
const TAKE_BACK: Duration = Duration::from_secs(2);

/// What an endpoint listens on and what it calls itself.
#[derive(Debug, Clone)]
pub struct EndpointConfig {
    pub udp: Option<SocketAddr>,
    pub tcp: Option<SocketAddr>,
    /// Written into Via and Contact towards peers outside of the house, when a NAT stands between.
    pub public_address: Option<IpAddr>,
    /// User-Agent and Server; may be empty.
    pub user_agent: String,
    pub guard: GuardConfig,
}

enum Command {
    SetPeers(Vec<Peer>, oneshot::Sender<()>),
    Invite(Box<Outgoing>, Flow, oneshot::Sender<Result<Dialog, SipError>>),
    Request(Box<RequestSpec>, Flow, oneshot::Sender<Option<Response>>),
    Fresh(oneshot::Sender<String>),
    Shutdown(oneshot::Sender<()>),
}

/// What all clones share.
struct Shared {
    commands: mpsc::Sender<Command>,
    udp: Option<SocketAddr>,
    tcp: Option<SocketAddr>,
    counters: Arc<Mutex<Counters>>,
    registrations: Mutex<HashMap<Arc<str>, Kept>>,
}

/// A running registration: how to stop it, and where it stands.
struct Kept {
    stop: watch::Sender<bool>,
    state: watch::Receiver<RegistrationState>,
}

/// Lives as long as some handle outside does; the registrations' own handles do not count.
struct Alive(Arc<Shared>);

impl Drop for Alive {
    fn drop(&mut self) {
        for kept in lock(&self.0.registrations).values() {
            kept.stop.send_replace(true);
        }
    }
}

/// A handle to the endpoint's task, which ends with the last one.
#[derive(Clone)]
pub struct Endpoint {
    shared: Arc<Shared>,
    _alive: Option<Arc<Alive>>,
}

/// A poisoned lock guards plain values that are never half-written.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Endpoint {
    /// Binds and starts the task. New calls come through the receiver; when nobody takes them they are answered 503.
    pub async fn bind(config: EndpointConfig) -> Result<(Endpoint, mpsc::Receiver<Incoming>), SipError> {
        if config.udp.is_none() && config.tcp.is_none() {
            return Err(SipError::NoListener);
        }
        let udp = config.udp.map(socket::bind_udp).transpose()?;
        let tcp = config.tcp.map(socket::bind_tcp).transpose()?;
        let local_udp = udp.as_ref().and_then(|socket| socket.local_addr().ok());
        let local_tcp = tcp.as_ref().and_then(|socket| socket.local_addr().ok());
        let local = Local::new(local_udp, local_tcp, config.public_address, Box::new(socket::address_facing));
        let core = Core::new(config.user_agent, config.guard, local, Core::secure_rng());
        let (commands, command_receiver) = mpsc::channel(COMMANDS);
        let (incoming, incoming_receiver) = mpsc::channel(INCOMING);
        let counters = Arc::new(Mutex::new(Counters::default()));
        let task = task::Task::new(core, udp, tcp, command_receiver, incoming, counters.clone());
        tokio::spawn(task.run());
        let shared = Arc::new(Shared { commands, udp: local_udp, tcp: local_tcp, counters, registrations: Mutex::default() });
        let alive = Some(Arc::new(Alive(shared.clone())));
        Ok((Endpoint { shared, _alive: alive }, incoming_receiver))
    }

    pub fn local_udp(&self) -> Option<SocketAddr> {
        self.shared.udp
    }

    pub fn local_tcp(&self) -> Option<SocketAddr> {
        self.shared.tcp
    }

    /// Replaces all peers; running calls stay.
    pub async fn set_peers(&self, peers: Vec<Peer>) {
        let (done, wait) = oneshot::channel();
        if self.shared.commands.send(Command::SetPeers(peers, done)).await.is_ok() {
            // An error means that the endpoint is gone, and with it its peers.
            let _ = wait.await;
        }
    }

    /// Resolves the host and sends the INVITE; all progress comes as events. Errors: [`SipError::Unresolved`], [`SipError::Scheme`],
    /// [`SipError::Busy`], [`SipError::Closed`].
    pub async fn invite(&self, outgoing: Outgoing) -> Result<Dialog, SipError> {
        let flow = self.resolve(&outgoing.to, outgoing.transport).await?;
        let (reply, wait) = oneshot::channel();
        self.send(Command::Invite(Box::new(outgoing), flow, reply)).await?;
        wait.await.map_err(|_| SipError::Closed)?
    }

    /// Keeps an address of record registered until `unregister` or the end of the endpoint.
    pub async fn register(&self, registration: Registration) -> watch::Receiver<RegistrationState> {
        let (state, watcher) = watch::channel(RegistrationState::Trying);
        let (stop, stopped) = watch::channel(false);
        let kept = Kept { stop, state: watcher.clone() };
        let earlier = lock(&self.shared.registrations).insert(registration.name.clone(), kept);
        if let Some(earlier) = earlier {
            earlier.stop.send_replace(true);
        }
        let endpoint = Endpoint { shared: self.shared.clone(), _alive: None };
        tokio::spawn(register::keep(endpoint, registration, state, stopped));
        watcher
    }

    /// Takes a registration back; its state becomes `Unregistered` when the registrar has heard of it.
    pub async fn unregister(&self, name: &str) {
        let kept = lock(&self.shared.registrations).remove(name);
        if let Some(kept) = kept {
            kept.stop.send_replace(true);
        }
    }

    /// Where a registration stands, while there is one of this name.
    pub fn registration(&self, name: &str) -> Option<watch::Receiver<RegistrationState>> {
        lock(&self.shared.registrations).get(name).map(|kept| kept.state.clone())
    }

    /// The status of an OPTIONS: any answer shows that the peer is alive.
    pub async fn options(&self, to: &Uri, via: Transport) -> Result<u16, SipError> {
        let call_id = self.fresh().await?;
        let tag = self.fresh().await?;
        let us = self.shared.udp.or(self.shared.tcp).ok_or(SipError::NoListener)?;
        let from = NameAddr::new(None, Uri::sip(None, us));
        let spec = RequestSpec {
            method: Method::Options,
            uri: to.to_string(),
            from: super::dialog::tagged(&from, tag),
            to: NameAddr::new(None, to.clone()).to_string(),
            call_id: call_id.into(),
            cseq: 1,
            routes: Vec::new(),
            contact: Some(String::new()),
            headers: vec![("Accept".to_owned(), "application/sdp".to_owned())],
            body: None,
        };
        self.exchange(to, via, spec).await?.map(|response| response.status).ok_or(SipError::Timeout)
    }

    /// Takes the registrations back (for at most two seconds), ends every call and stops the task.
    pub async fn shutdown(&self) {
        let kept: Vec<Kept> = lock(&self.shared.registrations).drain().map(|(_, kept)| kept).collect();
        let taken_back = async {
            for mut kept in kept {
                kept.stop.send_replace(true);
                // An error means that its task is gone already.
                let _ = kept.state.wait_for(|state| *state == RegistrationState::Unregistered).await;
            }
        };
        if tokio::time::timeout(TAKE_BACK, taken_back).await.is_err() {
            tracing::warn!("sip registrations were not taken back in time");
        }
        let (done, wait) = oneshot::channel();
        if self.shared.commands.send(Command::Shutdown(done)).await.is_ok() {
            // Gone already: that is what was asked for.
            let _ = wait.await;
        }
    }

    pub fn counters(&self) -> Counters {
        *lock(&self.shared.counters)
    }

    /// One request outside of a call; `None` when nobody answered. A Contact in the spec is the user part of ours.
    pub(super) async fn exchange(&self, to: &Uri, transport: Transport, spec: RequestSpec) -> Result<Option<Response>, SipError> {
        let flow = self.resolve(to, transport).await?;
        let (reply, wait) = oneshot::channel();
        self.send(Command::Request(Box::new(spec), flow, reply)).await?;
        wait.await.map_err(|_| SipError::Closed)
    }

    /// An unguessable token.
    pub(super) async fn fresh(&self) -> Result<String, SipError> {
        let (reply, wait) = oneshot::channel();
        self.send(Command::Fresh(reply)).await?;
        wait.await.map_err(|_| SipError::Closed)
    }

    async fn send(&self, command: Command) -> Result<(), SipError> {
        self.shared.commands.send(command).await.map_err(|_| SipError::Closed)
    }

    /// A and AAAA only; NAPTR and SRV (RFC 3263) have their place here.
    async fn resolve(&self, uri: &Uri, transport: Transport) -> Result<Flow, SipError> {
        if !uri.is_sip() {
            return Err(SipError::Scheme(uri.to_string()));
        }
        if let Some(addr) = uri.socket_addr() {
            return Ok(Flow { transport, addr, connection: None });
        }
        let port = uri.port.unwrap_or(5060);
        let found = tokio::net::lookup_host((uri.host.as_str(), port)).await.map_err(|_| SipError::Unresolved(uri.host.clone()))?;
        let v4_only = self.shared.udp.or(self.shared.tcp).is_some_and(|addr| addr.is_ipv4());
        let addr = found.into_iter().find(|addr| addr.is_ipv4() || !v4_only).ok_or_else(|| SipError::Unresolved(uri.host.clone()))?;
        Ok(Flow { transport, addr, connection: None })
    }
}
