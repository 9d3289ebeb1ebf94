//! Hubline: a whole contact centre in one executable. Phones, browsers and messages ring at one desk.
//!
//! hear → decide → record → act. In reading order:

/// The wiring: every wire made, every task started, and stopped in reverse.
pub mod app;
/// Who may do what: passwords, sessions, roles.
pub mod auth;
/// Messages: one folder per platform.
pub mod channels;
/// One file per subcommand.
pub mod cli;
/// What every clock reading goes through.
pub mod clock;
/// The one TOML file.
pub mod config;
/// Decides: pure, no IO, no clock, no async.
pub mod desk;
/// A stored file as an answer, whole or in part.
pub mod download;
#[cfg(test)]
mod fuzz_tests;
/// Asks an address of the firm's own about a caller.
pub mod lookup;
/// Audio on threads of its own: relay, prompts, recording.
pub mod media;
/// Requests of ours to other machines.
pub mod reach;
/// RTP and RTCP packets and the numbers computed from them.
pub mod rtp;
/// Simulated callers, visitors and platforms, for the demo and the tests.
pub mod sim;
/// The phone signalling protocol.
pub mod sip;
/// Audio as samples: jitter buffer, concealment, mixing.
pub mod sound;
/// Texts made speech by a program or address of the administrator's choice.
pub mod speech;
/// Remembers: SQLite, one writer, SQL nowhere else.
pub mod store;
/// The line itself: hears inputs, lets the desk decide, records, lets acts out.
pub mod switchboard;
/// Certificates: a local authority, own files, or none on localhost.
pub mod tls;
/// Calls: SIP and browser legs on one side, the desk's verbs on the other.
pub mod voice;
/// Pages, their live updates, and the public side.
pub mod web;
/// Tells programs of the firm's what happens.
pub mod webhooks;
/// The browser's audio leg.
pub mod webrtc;
