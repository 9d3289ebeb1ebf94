//! Hubline: a whole contact centre in one executable. Phones, browsers and messages ring at one desk.
//!
//! hear → decide → record → act. In reading order:

/// What every clock reading goes through.
pub mod clock;
/// Decides: pure, no IO, no clock, no async.
pub mod desk;
/// Remembers: SQLite, one writer, SQL nowhere else.
pub mod store;
/// Who may do what: passwords, sessions, roles.
pub mod auth;
/// The line itself: hears inputs, lets the desk decide, records, lets acts out.
pub mod switchboard;
/// RTP and RTCP packets and the numbers computed from them.
pub mod rtp;
/// Audio on threads of its own: relay, prompts, recording.
pub mod media;
/// The phone signalling protocol.
pub mod sip;
/// The browser's audio leg.
pub mod webrtc;
/// Calls: SIP and browser legs on one side, the desk's verbs on the other.
pub mod voice;
/// Messages: one folder per platform.
pub mod channels;
/// Pages, their live updates, and the public side.
pub mod web;
/// Certificates: a local authority, own files, or none on localhost.
pub mod tls;
/// The one TOML file.
pub mod config;
/// Simulated callers, visitors and platforms, for the demo and the tests.
pub mod sim;
/// The wiring: every wire made, every task started, and stopped in reverse.
pub mod app;
/// One file per subcommand.
pub mod cli;
