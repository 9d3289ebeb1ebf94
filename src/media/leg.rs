//! A leg as its shard holds it: the way in and out, the numbers of both directions, and what is being done to it.

use super::clip::Clip;
use super::events::LegStats;
use super::ids::LegId;
use super::keys::Keys;
use super::learn::Learner;
use super::outgoing::Outgoing;
use super::peer::PeerReport;
use super::ports::Pair;
use super::room::{Remote, Repeat};
use super::srtp::Secure;
use crate::rtp::event::Events;
use crate::rtp::header::is_rtcp;
use crate::rtp::ntp::{NtpTime, round_trip};
use crate::rtp::rtcp::Block;
use crate::rtp::srtp::SrtpKeys;
use crate::rtp::{Codec, DigitDetector, Law, Reception, mos};
use crate::sound::codec::Encoder;
use crate::sound::noise::Noise;
use crate::sound::resample::Up;
use crate::sound::{Improve, Inlet, Tones};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(super) struct Leg {
    pub id: LegId,
    /// Index of its room.
    pub room: usize,
    pub path: Path,
    /// What we send, and with which payload type.
    pub codec: Codec,
    pub payload_type: u8,
    pub encoder: Encoder,
    /// Telephone events, both ways.
    pub dtmf: Option<Events>,
    pub send: bool,
    pub receive: bool,
    pub received: Reception,
    pub keys_in: DigitDetector,
    pub out: Outgoing,
    pub packets_out: u64,
    pub refused: u64,
    /// Indices of the legs that it hears.
    pub sources: Vec<usize>,
    /// Indices of the legs that are passed its packets.
    pub relays: Vec<usize>,
    /// Somebody hears it.
    pub heard: bool,
    /// It is sent a mix at every tick.
    pub mixed: bool,
    /// It was told to hear several: when they have gone it hears the line's own noise until it is told otherwise.
    pub company: bool,
    /// Its audio as frames, while somebody is sent a mix with it.
    pub inlet: Option<Box<Inlet>>,
    /// Its sender has sent comfort noise, so it leaves gaps to be filled.
    pub pauses: bool,
    /// Where a mix is silent.
    pub noise: Noise,
    /// Mixed over what it hears.
    pub over: Option<Play>,
    /// A key pressed towards it as a tone, instead of all that it hears.
    pub tone: Option<Play>,
    /// Brings clips to 16 kHz, with room for a frame.
    pub widener: Option<Box<(Up, Vec<i16>)>>,
    /// What is done for those who hear it.
    pub improve: Improve,
    /// Listens for keys in its audio.
    pub tones: Option<Box<Tones>>,
    pub echo: bool,
    pub play: Option<Play>,
    pub keys: Option<Box<Keys>>,
    /// Whether it is in the shard's list of ticking legs.
    pub ticking: bool,
    /// Its room is being recorded.
    pub taped: bool,
    pub liveness: Liveness,
    pub quality_due: Instant,
    pub rtt: Option<Duration>,
}

pub(super) enum Path {
    Rtp(Box<RtpPath>),
    /// Index of the peer.
    Peer(usize),
}

pub(super) struct RtpPath {
    pub pair: Pair,
    pub learner: Learner,
    /// The sockets are connected to the learned source: the kernel drops strangers.
    pub connected: bool,
    /// Connected to this source, nothing came. It may send to another of our addresses than the one that connecting has settled on: it is not
    /// connected to again.
    pub mute: Option<SocketAddr>,
    /// Where RTCP came from, if not from the port beside RTP.
    pub rtcp_from: Option<SocketAddr>,
    pub rtcp_due: Instant,
    /// Packets sent at the last report; an SR is sent only by a sender.
    pub reported: u32,
    /// Their last sender report: middle NTP bits and when it came.
    pub sender_report: Option<(u32, Instant)>,
    pub cname: u64,
    /// Encrypts and decrypts, where that was negotiated.
    secure: RefCell<Option<Box<Secure>>>,
}

pub(super) struct Play {
    pub clip: Arc<Clip>,
    pub repeat: Repeat,
    /// Next sample.
    pub at: usize,
}

/// When a leg was last heard and what was told of it.
pub(super) struct Liveness {
    pub last: Option<Instant>,
    /// Silence counts from here at the earliest: the bridge's start, or the remote's.
    pub from: Instant,
    pub silent: bool,
}

impl Leg {
    pub fn new(id: LegId, room: usize, path: Path, now: Instant) -> Leg {
        Leg {
            id,
            room,
            path,
            codec: Codec::Law(Law::Pcmu),
            payload_type: 0,
            encoder: Encoder::Law(Law::Pcmu),
            dtmf: None,
            send: false,
            receive: false,
            received: Reception::default(),
            keys_in: DigitDetector::default(),
            out: Outgoing::new(rand::random(), rand::random(), rand::random()),
            packets_out: 0,
            refused: 0,
            sources: Vec::new(),
            relays: Vec::new(),
            heard: false,
            mixed: false,
            company: false,
            inlet: None,
            pauses: false,
            noise: Noise::new(),
            over: None,
            tone: None,
            widener: None,
            improve: Improve::default(),
            tones: None,
            echo: false,
            play: None,
            keys: None,
            ticking: false,
            taped: false,
            liveness: Liveness { last: None, from: now, silent: false },
            quality_due: now + Duration::from_secs(5),
            rtt: None,
        }
    }

    /// Takes over what was negotiated; whether source learning began anew.
    pub fn set_remote(&mut self, now: Instant, remote: Remote) -> bool {
        if self.codec != remote.codec {
            self.encoder = Encoder::new(remote.codec);
            self.out.set_scale(remote.codec.scale());
            self.received.set_scale(remote.codec.scale());
        }
        (self.codec, self.payload_type, self.dtmf) = (remote.codec, remote.payload_type, remote.dtmf);
        let tones = remote.receive && remote.dtmf.is_none() && matches!(self.path, Path::Rtp(_));
        self.listen_for_keys(tones);
        (self.send, self.receive) = (remote.send, remote.receive);
        self.liveness.from = now;
        if let Path::Rtp(path) = &mut self.path
            && !path.set_keys(remote.srtp)
        {
            (self.send, self.receive) = (false, false);
        }
        match &mut self.path {
            Path::Rtp(path) => path.learner.signal(now, path.socket_addr(remote.addr)),
            Path::Peer(_) => false,
        }
    }

    pub fn listen_for_keys(&mut self, on: bool) {
        if self.tones.is_some() != on {
            self.tones = on.then(Box::default);
        }
    }

    pub fn stats(&self, report: Option<PeerReport>) -> LegStats {
        let rtt_ms = match report {
            Some(report) => report.rtt_ms,
            None => self.rtt.map(|rtt| rtt.as_secs_f32() * 1000.0),
        };
        let (loss, jitter_ms) = (self.received.loss(), self.received.jitter_ms());
        LegStats {
            packets_in: self.received.received(),
            packets_out: self.packets_out,
            lost: self.received.lost(),
            refused: self.refused,
            jitter_ms,
            rtt_ms,
            mos: mos::estimate(loss, jitter_ms, rtt_ms.unwrap_or(0.0)),
        }
    }

    /// A report block about what we send.
    pub fn heard_report(&mut self, now: NtpTime, block: &Block) {
        if let Some(rtt) = round_trip(now, block.lsr, block.dlsr) {
            self.rtt = Some(rtt);
        }
    }
}

impl Liveness {
    /// A packet came; whether that is news.
    pub fn packet(&mut self, now: Instant) -> bool {
        let news = self.silent || self.last.is_none();
        (self.last, self.silent) = (Some(now), false);
        news
    }

    /// Whether silence has just become long enough to be told.
    pub fn check(&mut self, now: Instant, after: Duration) -> bool {
        let since = self.last.map_or(self.from, |last| last.max(self.from));
        let news = !self.silent && now.duration_since(since) >= after;
        self.silent |= news;
        news
    }
}

impl RtpPath {
    pub fn new(pair: Pair, rtcp_due: Instant) -> RtpPath {
        RtpPath {
            pair,
            learner: Learner::default(),
            connected: false,
            mute: None,
            rtcp_from: None,
            rtcp_due,
            reported: 0,
            sender_report: None,
            cname: rand::random(),
            secure: RefCell::new(None),
        }
    }

    /// Takes over the keys of a leg. One that was encrypted never becomes plain again, whatever is signalled: without keys nothing passes.
    /// `false` when the keys cannot be used: then nothing may pass at all.
    fn set_keys(&mut self, keys: Option<SrtpKeys>) -> bool {
        let secure = self.secure.get_mut();
        match (keys, secure.as_mut()) {
            (Some(keys), Some(secure)) => secure.rekey(keys).is_some(),
            (Some(keys), None) => {
                *secure = Secure::new(keys).map(Box::new);
                secure.is_some()
            }
            (None, _) => true,
        }
    }

    /// What was received, opened where it is encrypted; `None` when it is forged, or a repeat.
    pub fn open(&self, datagram: &mut [u8], length: usize) -> Option<usize> {
        match self.secure.borrow_mut().as_mut() {
            Some(secure) if is_rtcp(datagram.get(..length)?) => secure.open_rtcp(datagram, length),
            Some(secure) => secure.open(datagram, length),
            None => Some(length),
        }
    }

    /// Sends a report.
    pub fn send_report(&self, report: &[u8], to: SocketAddr) {
        // Lost reports are made good by the next.
        let _ = match self.secure.borrow_mut().as_mut() {
            Some(secure) => secure.seal_rtcp(report).map_or(Ok(0), |sealed| self.pair.rtcp.send_to(&sealed, to)),
            None => self.pair.rtcp.send_to(report, to),
        };
    }

    /// An IPv4 address as a dual-stack socket shows it.
    fn socket_addr(&self, addr: SocketAddr) -> SocketAddr {
        let dual = self.pair.rtp.local_addr().is_ok_and(|local| local.is_ipv6());
        match addr {
            SocketAddr::V4(v4) if dual => SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port()),
            _ => addr,
        }
    }

    pub fn connect(&mut self, addr: SocketAddr) {
        self.connected = self.pair.rtp.connect(addr).is_ok();
    }

    pub fn disconnect(&mut self) {
        if self.connected && rustix::net::connect_unspec(&self.pair.rtp).is_ok() {
            self.connected = false;
        }
    }

    /// Sends an RTP packet; `false` if the kernel did not take it.
    pub fn send(&self, packet: &[u8]) -> bool {
        match self.secure.borrow_mut().as_mut() {
            Some(secure) => secure.seal(packet).is_some_and(|sealed| self.send_as_is(&sealed)),
            None => self.send_as_is(packet),
        }
    }

    fn send_as_is(&self, packet: &[u8]) -> bool {
        let send = || match self.learner.destination() {
            _ if self.connected => self.pair.rtp.send(packet),
            Some(to) => self.pair.rtp.send_to(packet, to),
            None => Err(std::io::ErrorKind::NotConnected.into()),
        };
        // An ICMP error of an earlier packet is reported instead of sending this one.
        let sent = send().or_else(|e| if e.kind() == std::io::ErrorKind::ConnectionRefused { send() } else { Err(e) });
        sent.is_ok()
    }

    /// Where reports go.
    pub fn rtcp_destination(&self) -> Option<SocketAddr> {
        let mut to = self.learner.destination()?;
        to.set_port(to.port().checked_add(1)?);
        Some(self.rtcp_from.unwrap_or(to))
    }
}
