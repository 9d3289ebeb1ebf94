//! `[media]`: the audio threads, their ports, and what can be played.

use crate::config::value::{PortRange, Secret};
use serde::Deserialize;
use std::net::IpAddr;
use std::path::PathBuf;
use toml::Spanned;

/// Prompts and music that the program brings along.
pub const BUILT_IN: [&str; 41] = [
    "music",
    "ringback",
    "welcome",
    "recorded",
    "closed",
    "goodbye",
    "please-hold",
    "all-busy",
    "callback-soon",
    "callback-offer",
    "callback-promised",
    "transferring",
    "beep",
    "supervised",
    "minute-left",
    "menu",
    "invalid-key",
    "no-input",
    "queue-number",
    "queue-place",
    "queue-wait",
    "queue-wait-short",
    "queue-wait-long",
    "minutes",
    "minutes-2",
    "queue-keys",
    "enter-number",
    "you-entered",
    "survey",
    "survey-nps",
    "holiday",
    "ticket-number",
    "ticket-new",
    "ticket-assigned",
    "ticket-open",
    "ticket-pending",
    "ticket-resolved",
    "ticket-closed",
    "ticket-reopened",
    "leave-message",
    "outage",
];

/// `[media]`: audio of telephones and browsers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MediaSection {
    /// Threads that move audio; 0 for one per two processors. Default: 0.
    pub threads: usize,
    /// UDP ports for telephone audio, two for each leg of a call. Default: 20000-29999.
    pub rtp_ports: Spanned<PortRange>,
    /// Local address that audio is sent from. Default: 0.0.0.0 (all).
    pub bind: IpAddr,
    /// Address that browsers and trunks send audio to, when it is not the machine's own (NAT); telephones at private addresses send it to the
    /// machine's own on their side. Default: `sip.public_address`, or the machine's own.
    pub advertise: Option<IpAddr>,
    /// The one UDP port for the audio of all browsers. Default: 40000.
    pub web_port: Spanned<u16>,
    /// Addresses of a TURN relay of yours (`turn:relay.example:3478`, `turns:relay.example:443?transport=tcp`), by which browsers call whose network
    /// lets nothing else through. Default: none.
    pub turn: Vec<Spanned<String>>,
    /// The secret that the relay has as well (coturn: `use-auth-secret`, `static-auth-secret`).
    pub turn_secret: Option<Spanned<Secret>>,
    /// Folder of your own recordings, `NAME.wav` (mono; G.711 or 16-bit PCM), beside the configuration unless absolute; they stand before
    /// the built-in ones of the same name. Default: none.
    pub prompts: Option<Spanned<PathBuf>>,
}

impl Default for MediaSection {
    fn default() -> Self {
        MediaSection {
            threads: 0,
            rtp_ports: Spanned::new(0..0, PortRange { first: 20_000, last: 29_999 }),
            bind: IpAddr::from([0, 0, 0, 0]),
            advertise: None,
            web_port: Spanned::new(0..0, 40_000),
            turn: Vec::new(),
            turn_secret: None,
            prompts: None,
        }
    }
}
