//! What a shard can be told, and the queue it is told by: bounded, with an eventfd to end the shard's wait. A full
//! queue makes the teller wait for the shard, which never waits for anybody.

use super::clip::Clip;
use super::events::{MediaEvent, PeerEvent};
use super::ids::{LegId, PeerId, RoomId};
use super::peer::Peer;
use super::ports::Pair;
use super::room::{Remote, Repeat};
use crate::rtp::Law;
use crate::sound::Improve;
use rustix::event::{EventfdFlags, eventfd};
use std::any::Any;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use tokio::sync::mpsc;

/// Commands waiting for one shard.
const CAPACITY: usize = 1024;

/// Whom a leg hears.
pub(super) type Hearing = Vec<LegId>;

pub(super) enum Command {
    OpenRoom { room: RoomId, events: mpsc::Sender<MediaEvent> },
    CloseRoom { room: RoomId },
    AddRtp { room: RoomId, leg: LegId, pair: Box<Pair> },
    JoinPeer { room: RoomId, leg: LegId, peer: PeerId },
    SetRemote { leg: LegId, remote: Remote },
    Hear { listener: LegId, sources: Hearing },
    Bridge { a: LegId, b: LegId },
    Unbridge { leg: LegId },
    Play { leg: LegId, clip: Arc<Clip>, repeat: Repeat },
    StopPlay { leg: LegId },
    PlayOver { leg: LegId, clip: Arc<Clip> },
    Echo { leg: LegId, on: bool },
    Improve { leg: LegId, improve: Improve },
    ListenForKeys { leg: LegId, on: bool },
    Digits { leg: LegId, digits: Box<str> },
    Record { room: RoomId, customer: LegId, path: PathBuf, law: Law, quiet: Option<Duration> },
    RecordAs { customer: LegId },
    PauseRecord { room: RoomId, on: bool },
    StopRecord { room: RoomId },
    Remove { leg: LegId },
    AddPeer { peer: PeerId, body: Box<dyn Peer>, events: mpsc::Sender<PeerEvent> },
    TellPeer { peer: PeerId, command: Box<dyn Any + Send> },
    RemovePeer { peer: PeerId },
    Shutdown,
}

/// The teller's end.
#[derive(Clone)]
pub(super) struct Commands {
    queue: SyncSender<Command>,
    bell: Arc<Bell>,
}

/// Ends the shard's wait; rung at most once per wake-up.
pub(super) struct Bell {
    fd: OwnedFd,
    rung: AtomicBool,
}

impl Commands {
    pub fn channel() -> io::Result<(Commands, Receiver<Command>, Arc<Bell>)> {
        let fd = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let bell = Arc::new(Bell { fd, rung: AtomicBool::new(false) });
        let (queue, commands) = sync_channel(CAPACITY);
        Ok((Commands { queue, bell: bell.clone() }, commands, bell))
    }

    /// A shard that has ended takes no commands; that is only so at shutdown, when they no longer matter.
    pub fn tell(&self, command: Command) {
        if let Err(std::sync::mpsc::TrySendError::Full(command)) = self.queue.try_send(command) {
            self.bell.ring();
            let _ = self.queue.send(command);
        }
        self.bell.ring();
    }
}

impl Bell {
    pub fn fd(&self) -> &OwnedFd {
        &self.fd
    }

    fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            // Fails only if the counter would overflow, and then the shard is awake anyway.
            let _ = rustix::io::write(&self.fd, &1u64.to_ne_bytes());
        }
    }

    /// Called by the shard before it empties its queue: whatever comes later rings again.
    pub fn silence(&self) {
        let mut count = [0; 8];
        let _ = rustix::io::read(&self.fd, &mut count);
        self.rung.store(false, Ordering::Release);
    }
}
