//! The endpoint: one task that owns the core and its sockets, and the handle through which everyone else speaks to it.

mod fork;
mod locate;
mod socket;
mod stream;
mod task;
mod tls;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::call::{Dialog, Incoming, Outgoing};
use super::core::{Core, Counters};
use super::guard::{Ban, GuardConfig};
use super::net::{Bound, Flow, Local, Reach, Transport};
use super::pressure::Behind;
use super::register::{self, Registration, RegistrationState};
use super::registrar::{Account, Contact};
use super::wire::{Method, NameAddr, RequestSpec, Response, Uri};
use super::{Peer, SipError};
use fork::Way;
use locate::{Locator, Target};
use rustls::ServerConfig;
use tls::Secure;
pub use tls::{Authorities, AuthorityError};

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
    /// With the certificate to show.
    pub tls: Option<(SocketAddr, Arc<ServerConfig>)>,
    /// Whom servers must be vouched for by, unless `set_authorities` says otherwise of a host.
    pub authorities: Authorities,
    /// Instead of the system's.
    pub name_servers: Vec<SocketAddr>,
    /// Written into Via and Contact towards peers outside of the house, when a NAT stands between.
    pub public_address: Option<IpAddr>,
    /// Written into the descriptions of our audio, which leave it open ([`crate::sip::sdp::OPEN`]).
    pub audio: Reach,
    /// User-Agent and Server; may be empty.
    pub user_agent: String,
    pub guard: GuardConfig,
    /// Calls at once; the next one gets 503 with Retry-After.
    pub max_calls: usize,
}

enum Command {
    SetPeers(Vec<Peer>, oneshot::Sender<()>),
    SetAccounts(Vec<Account>, Vec<Contact>, oneshot::Sender<()>),
    SetBehind(Behind),
    SetPublicAddress(Option<IpAddr>, Reach),
    AudioFacing(IpAddr, oneshot::Sender<IpAddr>),
    Invite(Box<Outgoing>, Hop, oneshot::Sender<Result<Dialog, SipError>>),
    Request(Box<RequestSpec>, Hop, oneshot::Sender<Option<Response>>),
    Phones(Arc<str>, oneshot::Sender<Vec<(Uri, Flow)>>),
    Bans(oneshot::Sender<Vec<Ban>>),
    Allow(IpAddr, oneshot::Sender<bool>),
    Fresh(oneshot::Sender<String>),
    Shutdown(oneshot::Sender<()>),
}

/// What a connection makes of these bytes.
#[cfg(test)]
pub(super) use stream::cut_for_tests;

/// Where a request goes, and as whom the server there must prove itself.
#[derive(Clone)]
struct Hop {
    flow: Flow,
    secure: Option<Secure>,
    /// To a phone that has registered, wherever its contact says it is.
    pinned: bool,
}

/// What all clones share.
struct Shared {
    commands: mpsc::Sender<Command>,
    bound: Bound,
    locator: Locator,
    authorities: Authorities,
    /// By host, where a trunk names its own.
    own_authorities: Mutex<HashMap<String, Authorities>>,
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
        let udp = config.udp.map(socket::bind_udp).transpose()?;
        let tcp = config.tcp.map(socket::bind_tcp).transpose()?;
        let (tls, certificate) = match config.tls {
            Some((addr, certificate)) => (Some(socket::bind_tcp(addr)?), Some(certificate)),
            None => (None, None),
        };
        let bound = Bound {
            udp: udp.as_ref().and_then(|socket| socket.local_addr().ok()),
            tcp: tcp.as_ref().and_then(|socket| socket.local_addr().ok()),
            tls: tls.as_ref().and_then(|socket| socket.local_addr().ok()),
        };
        if bound.any().is_none() {
            return Err(SipError::NoListener);
        }
        let local = Local::new(bound, config.public_address, config.audio, Box::new(socket::address_facing));
        let mut core = Core::new(config.user_agent, config.guard, local, Core::secure_rng());
        core.max_calls = core.max_calls.min(config.max_calls);
        let (commands, command_receiver) = mpsc::channel(COMMANDS);
        let (incoming, incoming_receiver) = mpsc::channel(INCOMING);
        let counters = Arc::new(Mutex::new(Counters::default()));
        let ports = task::Ports { udp, tcp, tls, acceptor: certificate.map(Into::into), authorities: config.authorities.clone() };
        let task = task::Task::new(core, ports, command_receiver, incoming, counters.clone());
        tokio::spawn(task.run());
        let shared = Arc::new(Shared {
            commands,
            bound,
            locator: Locator::new(bound, &config.name_servers),
            authorities: config.authorities,
            own_authorities: Mutex::default(),
            counters,
            registrations: Mutex::default(),
        });
        let alive = Some(Arc::new(Alive(shared.clone())));
        Ok((Endpoint { shared, _alive: alive }, incoming_receiver))
    }

    pub fn local_udp(&self) -> Option<SocketAddr> {
        self.shared.bound.udp
    }

    pub fn local_tcp(&self) -> Option<SocketAddr> {
        self.shared.bound.tcp
    }

    pub fn local_tls(&self) -> Option<SocketAddr> {
        self.shared.bound.tls
    }

    /// Replaces all peers; running calls stay.
    pub async fn set_peers(&self, peers: Vec<Peer>) {
        let (done, wait) = oneshot::channel();
        if self.shared.commands.send(Command::SetPeers(peers, done)).await.is_ok() {
            // An error means that the endpoint is gone, and with it its peers.
            let _ = wait.await;
        }
    }

    /// Replaces the logins of desk phones, and takes over what an earlier process knew of their contacts; contacts that are known already
    /// stay.
    pub async fn set_accounts(&self, accounts: Vec<Account>, restored: Vec<Contact>) {
        let (done, wait) = oneshot::channel();
        if self.shared.commands.send(Command::SetAccounts(accounts, restored, done)).await.is_ok() {
            // An error means that the endpoint is gone, and with it its phones.
            let _ = wait.await;
        }
    }

    /// By whom the certificates of these hosts must be signed, instead of the system's authorities.
    pub fn set_authorities(&self, own: HashMap<String, Authorities>) {
        *lock(&self.shared.own_authorities) = own;
    }

    /// Whom to ask, for each new call of a trunk, whether it can be taken; it is told 503 with Retry-After where not.
    pub async fn set_behind(&self, behind: Behind) {
        // An error means that the endpoint is gone.
        let _ = self.shared.commands.send(Command::SetBehind(behind)).await;
    }

    /// Our address out there is another one now, for signalling and for audio: running calls are offered it by re-INVITE.
    pub async fn set_public_address(&self, address: Option<IpAddr>, audio: Reach) {
        // An error means that the endpoint is gone.
        let _ = self.shared.commands.send(Command::SetPublicAddress(address, audio)).await;
    }

    /// The address that a peer is told to send audio to. [`SipError::Closed`].
    pub async fn audio_facing(&self, peer: IpAddr) -> Result<IpAddr, SipError> {
        let (reply, wait) = oneshot::channel();
        self.send(Command::AudioFacing(peer, reply)).await?;
        wait.await.map_err(|_| SipError::Closed)
    }

    /// Sources that are turned away now.
    pub async fn bans(&self) -> Vec<Ban> {
        let (reply, wait) = oneshot::channel();
        match self.send(Command::Bans(reply)).await {
            Ok(()) => wait.await.unwrap_or_default(),
            Err(_) => Vec::new(),
        }
    }

    /// Lets a source in again before its time; whether it was turned away.
    pub async fn allow(&self, source: IpAddr) -> bool {
        let (reply, wait) = oneshot::channel();
        match self.send(Command::Allow(source, reply)).await {
            Ok(()) => wait.await.unwrap_or_default(),
            Err(_) => false,
        }
    }

    /// Finds the server and sends the INVITE; all progress comes as events. When a server does not answer, refuses the connection or says
    /// 5xx, the next one of the name is called. Errors: [`SipError::Unresolved`], [`SipError::Scheme`], [`SipError::Busy`],
    /// [`SipError::Closed`].
    pub async fn invite(&self, outgoing: Outgoing) -> Result<Dialog, SipError> {
        let targets = self.shared.locator.locate(&outgoing.to, outgoing.transport).await?;
        if let [target] = targets[..] {
            let hop = self.hop(target, &outgoing.to.host);
            return self.send_invite(outgoing, hop).await;
        }
        let ways = targets.into_iter().map(|target| {
            let hop = self.hop(target, &outgoing.to.host);
            vec![Way { outgoing: outgoing.clone(), hop, target: Some(target) }]
        });
        let stages = ways.collect();
        fork::start(self.clone(), stages).await
    }

    /// Rings all phones that are registered for an agent; `outgoing.to` is replaced by their contacts. [`SipError::Unregistered`] when there
    /// is none.
    pub async fn ring(&self, agent: &str, outgoing: Outgoing) -> Result<Dialog, SipError> {
        let (reply, wait) = oneshot::channel();
        self.send(Command::Phones(agent.into(), reply)).await?;
        let phones = wait.await.map_err(|_| SipError::Closed)?;
        let ways = phones.into_iter().map(|(to, flow)| {
            let mut outgoing = outgoing.clone();
            outgoing.to = to;
            Way { outgoing, hop: Hop { flow, secure: None, pinned: true }, target: None }
        });
        let ways: Vec<Way> = ways.collect();
        match <[Way; 1]>::try_from(ways) {
            Ok([way]) => self.send_invite(way.outgoing, way.hop).await,
            Err(ways) if ways.is_empty() => Err(SipError::Unregistered(agent.to_owned())),
            Err(ways) => fork::start(self.clone(), vec![ways]).await,
        }
    }

    async fn send_invite(&self, outgoing: Outgoing, hop: Hop) -> Result<Dialog, SipError> {
        let (reply, wait) = oneshot::channel();
        self.send(Command::Invite(Box::new(outgoing), hop, reply)).await?;
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
    pub async fn options(&self, to: &Uri, via: Option<Transport>) -> Result<u16, SipError> {
        let call_id = self.fresh().await?;
        let tag = self.fresh().await?;
        let us = self.shared.bound.any().ok_or(SipError::NoListener)?;
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

    /// One request outside of a call, to the next server of the name when one does not answer or says 503; `None` when nobody answered. A
    /// Contact in the spec is the user part of ours.
    pub(super) async fn exchange(&self, to: &Uri, transport: Option<Transport>, spec: RequestSpec) -> Result<Option<Response>, SipError> {
        let mut last = None;
        for target in self.shared.locator.locate(to, transport).await? {
            let (reply, wait) = oneshot::channel();
            self.send(Command::Request(Box::new(spec.clone()), self.hop(target, &to.host), reply)).await?;
            last = wait.await.map_err(|_| SipError::Closed)?;
            if last.as_ref().is_some_and(|response| response.status != 503) {
                break;
            }
            self.shared.locator.failed(target);
        }
        Ok(last)
    }

    /// A server's address, with the name that its certificate must show.
    fn hop(&self, target: Target, host: &str) -> Hop {
        let flow = Flow { transport: target.transport, addr: target.addr, connection: None };
        let secure = (target.transport == Transport::Tls).then(|| {
            let own = lock(&self.shared.own_authorities);
            let authorities = own.get(host).unwrap_or(&self.shared.authorities);
            authorities.verify(host).unwrap_or_else(|| authorities.verify_address(target.addr))
        });
        Hop { flow, secure, pinned: false }
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
}
