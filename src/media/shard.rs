//! A media thread: one loop over level-triggered epoll. Per packet it makes one receive and one send; everything slower
//! (commands, the 20 ms tick, housekeeping, peers' timers) comes between packets, when its time has come.

use super::command::{Bell, Command};
use super::counters::Counters;
use super::events::MediaEvent;
use super::ids::{LegId, RoomId};
use super::leg::Leg;
use super::mux::Mux;
use super::recording::{Feed, Writer};
use super::slab::Slab;
use super::tape::Tape;
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use std::collections::HashMap;
use std::io;
use std::net::UdpSocket;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Larger datagrams are cut off; audio and DTLS stay below the Ethernet MTU.
pub(super) const DATAGRAM: usize = 2048;
/// Readiness taken per wake-up; the tick waits for that many packets at most, about 1 ms.
const READY: usize = 256;

pub(super) struct ShardConfig {
    pub web: Option<UdpSocket>,
    pub silence_after: Duration,
    pub rtp_silence_after: Duration,
    pub clock: fn() -> Instant,
    pub counters: Arc<Counters>,
    pub writer: Writer,
}

/// The part of a shard that packets, commands and timers work on.
pub(super) struct Core {
    pub now: Instant,
    /// Origin of NTP times and of arrival counted in samples.
    pub start: Instant,
    pub epoll: OwnedFd,
    pub counters: Arc<Counters>,
    pub silence_after: Duration,
    pub rtp_silence_after: Duration,
    pub legs: Slab<Leg>,
    pub leg_index: HashMap<LegId, usize>,
    pub rooms: Slab<RoomState>,
    pub room_index: HashMap<RoomId, usize>,
    pub mux: Mux,
    pub feed: Feed,
    /// Legs that are decoded.
    pub inlets: Vec<usize>,
    /// Legs that play, press keys or are mixed to.
    pub ticking: Vec<usize>,
    pub tick_at: Option<Instant>,
    pub house_at: Option<Instant>,
    pub house_turn: usize,
}

pub(super) struct RoomState {
    pub id: RoomId,
    pub events: mpsc::Sender<MediaEvent>,
    pub legs: Vec<usize>,
    pub tape: Option<Tape>,
}

/// What a readiness is about: the kind in the low bits, a leg's index above.
#[derive(Clone, Copy)]
pub(super) enum Token {
    Rtp(usize),
    Rtcp(usize),
    Web,
    Bell,
}

impl Token {
    pub fn data(self) -> epoll::EventData {
        epoll::EventData::new_u64(match self {
            Token::Rtp(leg) => (leg as u64) << 2,
            Token::Rtcp(leg) => (leg as u64) << 2 | 1,
            Token::Web => 2,
            Token::Bell => 3,
        })
    }

    fn of(data: epoll::EventData) -> Token {
        let value = data.u64();
        let leg = (value >> 2) as usize;
        match value & 3 {
            0 => Token::Rtp(leg),
            1 => Token::Rtcp(leg),
            2 => Token::Web,
            _ => Token::Bell,
        }
    }
}

pub(super) fn spawn(number: usize, config: ShardConfig, queue: Receiver<Command>, bell: Arc<Bell>) -> io::Result<JoinHandle<()>> {
    let clock = config.clock;
    let core = Core::new(config)?;
    core.watch(bell.fd(), Token::Bell)?;
    if let Some(socket) = &core.mux.socket {
        core.watch(socket, Token::Web)?;
    }
    std::thread::Builder::new().name(format!("media-{number}")).spawn(move || run(core, clock, &queue, &bell))
}

fn run(mut core: Core, clock: fn() -> Instant, queue: &Receiver<Command>, bell: &Bell) {
    let mut ready = Vec::with_capacity(READY);
    let mut datagram = vec![0; DATAGRAM].into_boxed_slice();
    loop {
        let timeout = core.deadline().map(|at| at.saturating_duration_since(clock()));
        let timeout = timeout.and_then(|left| Timespec::try_from(left).ok());
        ready.clear();
        match epoll::wait(&core.epoll, spare_capacity(&mut ready), timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => {
                tracing::error!(%error, "media.epoll failed");
                return;
            }
        }
        core.now = clock();
        let mut rung = false;
        for event in &ready {
            let data = event.data;
            match Token::of(data) {
                Token::Rtp(leg) => core.rtp_ready(leg, &mut datagram),
                Token::Rtcp(leg) => core.rtcp_ready(leg, &mut datagram),
                Token::Web => core.web_ready(&mut datagram),
                Token::Bell => rung = true,
            }
        }
        // Behind the packets, so that no index of this batch can come to mean another leg.
        if rung && !obey(&mut core, queue, bell) {
            break;
        }
        core.due();
    }
    core.end();
}

/// Empties the queue; `false` at shutdown.
fn obey(core: &mut Core, queue: &Receiver<Command>, bell: &Bell) -> bool {
    bell.silence();
    while let Ok(command) = queue.try_recv() {
        if matches!(command, Command::Shutdown) {
            return false;
        }
        core.obey(command);
    }
    true
}

impl Core {
    fn new(config: ShardConfig) -> io::Result<Core> {
        let now = (config.clock)();
        Ok(Core {
            now,
            start: now,
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            counters: config.counters,
            silence_after: config.silence_after,
            rtp_silence_after: config.rtp_silence_after,
            legs: Slab::default(),
            leg_index: HashMap::new(),
            rooms: Slab::default(),
            room_index: HashMap::new(),
            mux: Mux::new(config.web),
            feed: Feed::new(config.writer),
            inlets: Vec::new(),
            ticking: Vec::new(),
            tick_at: None,
            house_at: None,
            house_turn: 0,
        })
    }

    pub fn watch(&self, source: impl AsFd, token: Token) -> io::Result<()> {
        Ok(epoll::add(&self.epoll, source, token.data(), epoll::EventFlags::IN)?)
    }

    /// When something is to be done though no packet comes.
    fn deadline(&self) -> Option<Instant> {
        [self.tick_at, self.house_at, self.mux.deadline()].into_iter().flatten().min()
    }

    fn due(&mut self) {
        if self.tick_at.is_some_and(|at| at <= self.now) {
            self.tick();
        }
        if self.house_at.is_some_and(|at| at <= self.now) {
            self.keep_house();
        }
        self.peer_timers();
    }

    fn end(&mut self) {
        for room in 0..self.rooms.bound() {
            self.close_room(room);
        }
        self.close_peers();
        self.feed.drain();
    }

    /// Tells a room. Figures are left out while its owner is behind, so that what happened still finds room.
    pub fn tell(&self, room: usize, event: MediaEvent) {
        let Some(room) = self.rooms.get(room) else { return };
        let figures = matches!(event, MediaEvent::Quality { .. });
        if (figures && room.events.capacity() < super::room::EVENTS / 2) || room.events.try_send(event).is_err() {
            self.counters.untold.add(1);
        }
    }
}
