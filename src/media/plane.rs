//! The plane's handle: starts the threads, hands out rooms, takes browser legs.

use super::MediaError;
use super::command::{Command, Commands};
use super::counters::Counters;
use super::events::{PeerEvent, PlaneStats};
use super::ids::{self, PeerId};
use super::peer::Peer;
use super::ports::Ports;
use super::recording::Writer;
use super::room::Room;
use super::shard::{self, ShardConfig};
use std::any::Any;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

#[derive(Clone, Debug)]
pub struct PlaneConfig {
    /// Shards; at least one is started.
    pub threads: usize,
    pub rtp_ports: RangeInclusive<u16>,
    /// Where RTP sockets listen.
    pub bind: IpAddr,
    /// The one UDP port for all browser legs, on shard 0; port 0 takes any.
    pub web: Option<SocketAddr>,
    /// Without a packet for so long a bridged browser leg is told `Silent`.
    pub silence_after: Duration,
    /// The same for an RTP leg that ought to send.
    pub rtp_silence_after: Duration,
    /// The monotonic time, in the program `crate::clock`'s.
    pub clock: fn() -> Instant,
}

/// Where a room's legs live.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Any shard, by turns; for calls that no browser joins.
    Any,
    /// The shard of the browser legs.
    Web,
}

/// The media threads; ends with [`Plane::shutdown`] or with its last clone.
#[derive(Clone)]
pub struct Plane {
    inner: Arc<Inner>,
}

struct Inner {
    shards: Vec<(Commands, Arc<Counters>)>,
    turn: AtomicUsize,
    ports: Arc<Ports>,
    web: Option<SocketAddr>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Plane {
    pub fn start(config: PlaneConfig) -> Result<Plane, MediaError> {
        let ports = Ports::new(config.bind, config.rtp_ports.clone(), config.clock)?;
        let mut web = config.web.map(bind_web).transpose()?;
        let web_addr = web.as_ref().and_then(|socket| socket.local_addr().ok());
        let (writer, writing) = Writer::start().map_err(MediaError::Start)?;
        let (mut shards, mut threads) = (Vec::new(), Vec::new());
        for number in 0..config.threads.max(1) {
            let (commands, queue, bell) = Commands::channel().map_err(MediaError::Start)?;
            let counters = Arc::new(Counters::default());
            let shard = ShardConfig {
                web: web.take(),
                silence_after: config.silence_after,
                rtp_silence_after: config.rtp_silence_after,
                clock: config.clock,
                counters: counters.clone(),
                writer: writer.clone(),
            };
            threads.push(shard::spawn(number, shard, queue, bell).map_err(MediaError::Start)?);
            shards.push((commands, counters));
        }
        // Joined last: the writer ends when every shard has let go of it.
        threads.push(writing);
        let (turn, threads) = (AtomicUsize::new(0), Mutex::new(threads));
        Ok(Plane { inner: Arc::new(Inner { shards, turn, ports, web: web_addr, threads }) })
    }

    /// Where browsers are to send, port resolved.
    pub fn web_addr(&self) -> Option<SocketAddr> {
        self.inner.web
    }

    pub fn room(&self, place: Place) -> Room {
        let shard = match place {
            Place::Web => 0,
            Place::Any => self.inner.turn.fetch_add(1, Ordering::Relaxed) % self.inner.shards.len(),
        };
        Room::open(self.inner.shards[shard].0.clone(), self.inner.ports.clone())
    }

    /// A browser leg; lives until [`Plane::remove_peer`] or its failure.
    pub fn add_peer(&self, peer: Box<dyn Peer>, events: mpsc::Sender<PeerEvent>) -> PeerId {
        let id = PeerId(ids::next());
        self.web().tell(Command::AddPeer { peer: id, body: peer, events });
        id
    }

    /// Passes something to [`Peer::command`], on the peer's thread.
    pub fn tell_peer(&self, id: PeerId, command: Box<dyn Any + Send>) {
        self.web().tell(Command::TellPeer { peer: id, command });
    }

    pub fn remove_peer(&self, id: PeerId) {
        self.web().tell(Command::RemovePeer { peer: id });
    }

    /// True when the ports for telephones run out: then those who are in need what is left.
    pub fn is_short_of_ports(&self) -> bool {
        self.inner.ports.scarce()
    }

    pub fn stats(&self) -> PlaneStats {
        let mut sum = PlaneStats::default();
        for (_, counters) in &self.inner.shards {
            counters.add_to(&mut sum);
        }
        sum
    }

    /// Closes all rooms, finishes their recordings and joins the threads. Blocks for at most some 100 ms, longer
    /// only if the disk does.
    pub fn shutdown(&self) {
        self.inner.tell_shutdown();
        let threads = std::mem::take(&mut *self.inner.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a media thread had panicked");
            }
        }
    }

    fn web(&self) -> &Commands {
        &self.inner.shards[0].0
    }
}

impl Inner {
    fn tell_shutdown(&self) {
        for (commands, _) in &self.shards {
            commands.tell(Command::Shutdown);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.tell_shutdown();
    }
}

fn bind_web(addr: SocketAddr) -> Result<UdpSocket, MediaError> {
    let bind = || {
        let socket = UdpSocket::bind(addr)?;
        socket.set_nonblocking(true)?;
        // All browsers share this one socket, so bursts add up; the kernel caps it at its own limit.
        socket2::SockRef::from(&socket).set_recv_buffer_size(1 << 21)?;
        Ok(socket)
    };
    bind().map_err(|e| MediaError::Bind(addr, e))
}
