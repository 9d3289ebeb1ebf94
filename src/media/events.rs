//! What the media plane tells: events of a room, of a peer, and the plane's counters.

use super::ids::LegId;
use std::path::PathBuf;

/// What happened in a room, told by [`super::Room::recv`].
#[derive(Clone, PartialEq, Debug)]
pub enum MediaEvent {
    /// A key was pressed; told once per press, at its end. `tone`: it was heard in the audio, because the leg has no
    /// other way to send it.
    Digit { leg: LegId, digit: char, ms: u32, tone: bool },
    /// A clip that was played once has ended. Not told when it is stopped or replaced.
    PlayDone { leg: LegId },
    /// No packet for the configured time: a bridged browser leg after `silence_after`, an RTP leg that ought to
    /// send after `rtp_silence_after`.
    Silent { leg: LegId },
    /// The first packet, and the first again after `Silent`.
    Heard { leg: LegId },
    /// The leg is gone, by [`super::Room::remove`], by its peer's removal or by the peer joining another room.
    LegClosed { leg: LegId, stats: LegStats },
    /// Every 5 seconds per leg that has received something.
    Quality { leg: LegId, stats: LegStats },
    /// The customer has said nothing for the time that [`super::Room::record_message`] was asked to watch for.
    Quiet,
    /// The file is whole and closed. `films`: whose pictures lie beside it, `customer` and `agent`.
    RecordingDone { path: PathBuf, millis: u64, bytes: u64, films: Vec<&'static str> },
    /// The file could not be made or continued (disk full); the call goes on without.
    RecordingFailed { path: PathBuf, error: String },
}

/// The figures of one leg since it began.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct LegStats {
    pub packets_in: u64,
    pub packets_out: u64,
    /// Packets that never came, of those expected.
    pub lost: u64,
    /// Packets refused by source learning.
    pub refused: u64,
    /// Interarrival jitter (RFC 3550 §6.4.1), telephone events excluded.
    pub jitter_ms: f32,
    pub rtt_ms: Option<f32>,
    /// Estimated mean opinion score, 1.0 to 4.4.
    pub mos: f32,
}

/// What became of a browser leg.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PeerEvent {
    /// Media can flow.
    Connected,
    /// Nothing heard from the browser for some seconds; may still come back.
    Disconnected,
    /// Ended by either side, properly.
    Closed,
    /// It cannot continue; it has been removed.
    Failed,
}

/// Sums over all shards since the start, but for `legs` and `peers`, which are now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PlaneStats {
    pub legs: u64,
    pub peers: u64,
    pub packets_in: u64,
    pub packets_out: u64,
    /// Packets not sent on: nobody bridged, socket full, malformed.
    pub dropped: u64,
    /// Packets refused by source learning or by the mux of browser legs.
    pub refused: u64,
    /// Recorded packets lost because the writer was behind.
    pub unrecorded: u64,
    /// Events lost because a room was not listening.
    pub untold: u64,
}
