//! The media plane: every packet of audio passes here and nowhere else.
//!
//! ```text
//!  caller's task          Plane ── Room ── Command ──▶ shard (std thread, one epoll loop)
//!                                                       │
//!  phone ──RTP──▶ socket ──▶ learn ──▶ leg ──▶ relay ───┼──▶ leg ──▶ socket ──RTP──▶ phone
//!  browser ─SRTP─▶ web socket ─▶ mux ─▶ Peer ─▶ audio ──┤          └▶ Peer ──SRTP──▶ browser
//!                              inlet ──▶ tick: mix, play, digits     record ──▶ writer thread ──▶ WAV
//! ```
//!
//! A room is pinned to one shard with all its legs, so a packet crosses no thread, takes no lock and allocates
//! nothing. A leg that hears exactly one other is passed its packets; only who hears several, or what must be decoded,
//! costs a mix at the 20 ms tick (`hearing`). Rooms are told what to do by bounded queues and tell what happened by bounded queues; decisions are
//! made elsewhere. Time comes in through `PlaneConfig::clock`.

pub mod clip;
mod command;
pub mod config;
mod counters;
pub mod events;
mod hearing;
mod house;
mod ids;
mod keys;
mod learn;
mod leg;
mod mixing;
mod mux;
mod obey;
mod outgoing;
pub mod peer;
mod plane;
mod ports;
pub mod recording;
mod relay;
mod room;
mod shard;
mod slab;
mod srtp;
mod stun;
mod tape;
mod tick;

pub use clip::{Clip, ClipError};
pub use events::{LegStats, MediaEvent, PeerEvent, PlaneStats};
pub use ids::{LegId, PeerId};
pub use peer::{AudioIn, AudioOut, Peer, PeerOut, PeerReport, Picture, Seen};
pub use plane::{Place, Plane, PlaneConfig};
pub use room::{Remote, Repeat, Room};

/// Why media could not be had.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    #[error("no free RTP port pair in {0}–{1}")]
    NoPorts(u16, u16),
    #[error("cannot listen on {0}: {1}")]
    Bind(std::net::SocketAddr, std::io::Error),
    #[error("cannot start the media plane: {0}")]
    Start(std::io::Error),
    #[error("the RTP port range {0}–{1} holds no even port with an odd one behind it")]
    PortRange(u16, u16),
}

#[cfg(test)]
mod tests;
