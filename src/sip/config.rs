//! `[sip]` and `[[trunks]]`: where calls come in and from whom.

mod outbound;

pub use outbound::{CallerIdName, FormName, OutboundSection};

use crate::config::value::{Cidr, Name, Period, Secret, Srtp};
use crate::rtp::{Codec, Law};
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use toml::Spanned;

/// `[sip]`: the SIP ports of this machine.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SipSection {
    /// Address and port for SIP over UDP; `"off"` for none. Default: 0.0.0.0:5060.
    pub udp: Spanned<Listen>,
    /// Address and port for SIP over TCP; `"off"` for none. Default: 0.0.0.0:5060.
    pub tcp: Spanned<Listen>,
    /// Address and port for SIP over TLS, with the certificate of the pages; `"off"` for none. Default: off.
    pub tls: Spanned<Listen>,
    /// Calls at once; the next one is told to come again in a moment. Default: 2000.
    pub max_calls: Spanned<u32>,
    /// Name servers instead of the system's, address and port. Default: none.
    pub name_servers: Vec<SocketAddr>,
    /// Address that trunks reach us by, when it is not the machine's own (NAT). Default: the machine's own.
    pub public_address: Option<IpAddr>,
}

impl Default for SipSection {
    fn default() -> Self {
        let listen = || Spanned::new(0..0, Listen(Some(SocketAddr::from(([0, 0, 0, 0], 5060)))));
        SipSection {
            udp: listen(),
            tcp: listen(),
            tls: Spanned::new(0..0, Listen(None)),
            max_calls: Spanned::new(0..0, 2_000),
            name_servers: Vec::new(),
            public_address: None,
        }
    }
}

/// A socket to listen on, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen(pub Option<SocketAddr>);

impl<'de> Deserialize<'de> for Listen {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "off" {
            return Ok(Listen(None));
        }
        let address = text.parse().map_err(|_| {
            serde::de::Error::custom(format!("`{text}` is not an address with a port; write for example \"0.0.0.0:5060\", or \"off\""))
        })?;
        Ok(Listen(Some(address)))
    }
}

/// How SIP travels to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TransportName {
    Udp,
    Tcp,
    Tls,
}

impl From<TransportName> for crate::sip::Transport {
    fn from(name: TransportName) -> crate::sip::Transport {
        match name {
            TransportName::Udp => crate::sip::Transport::Udp,
            TransportName::Tcp => crate::sip::Transport::Tcp,
            TransportName::Tls => crate::sip::Transport::Tls,
        }
    }
}

/// `[[trunks]]`: a provider's line, by registration or by its addresses. Calls from anyone else are refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkSection {
    /// The name in lines, tables and logs.
    pub id: Name,
    /// The provider's SIP server: `host` or `host:port`. Its addresses may send calls. Default: none.
    pub server: Option<Name>,
    /// Log in there with `user` and `password`, and stay logged in. Default: false.
    #[serde(default = "no")]
    pub register: Spanned<bool>,
    /// User name for registration. Default: none.
    pub user: Option<Name>,
    /// Password for registration: `{ env = "NAME" }`, `{ file = "PATH" }` or plain text. Default: none.
    pub password: Option<Spanned<Secret>>,
    /// `udp`, `tcp` or `tls`; calls over anything but TLS are then refused. Default: what the provider's name server says, else `udp`.
    pub transport: Option<TransportName>,
    /// Certificates (PEM) by which the provider's own must be signed, for `tls`. Default: those that the system trusts.
    pub ca: Option<Spanned<PathBuf>>,
    /// Encrypted audio: `off`, `accept` (when the provider offers it) or `required` (with `tls` only). Default: `accept`.
    #[serde(default = "accept")]
    pub srtp: Spanned<Srtp>,
    /// Whether its P-Asserted-Identity is believed. Default: true.
    #[serde(default = "yes")]
    pub believe_identity: bool,
    /// More addresses or networks that calls may come from. Default: none.
    #[serde(default)]
    pub sources: Vec<Spanned<Cidr>>,
    /// Country calling code of the numbers it brings, such as `86`: national numbers are then kept in international form. Default: none.
    pub country_code: Option<Name>,
    /// Numbers of callers that come without `+` begin with their country code all the same. Default: false.
    #[serde(default)]
    pub numbers_with_code: bool,
    /// How often the server is asked by OPTIONS whether it is there; 0s for never. Default: 30s.
    #[serde(default = "ping")]
    pub ping: Spanned<Period>,
    /// Pings in a row without an answer after which the trunk counts as down; one answer and it is up again. Default: 3.
    #[serde(default = "ping_failures")]
    pub ping_failures: Spanned<u32>,
    /// Calls to the outside; without it only emergency calls go out. Default: none.
    pub outbound: Option<OutboundSection>,
    /// What is spoken, the preferred one first: `pcmu`, `pcma`, `g722`, `opus`. Browsers speak the first two, so with those nothing needs to
    /// be transcoded. Default: all, in this order.
    #[serde(default = "codecs")]
    pub codecs: Spanned<Vec<CodecName>>,
    /// Take noise out of what its callers say, for who hears them and in the recording. Costs about 2 % of a processor for each call. Default: false.
    #[serde(default)]
    pub noise_suppression: bool,
    /// Bring its soft and loud callers to one loudness. Default: false.
    #[serde(default)]
    pub automatic_gain: bool,
    /// How often the registration is renewed, unless the provider asks for less. Default: 5m.
    #[serde(default = "renew")]
    pub renew: Spanned<Period>,
}

/// A codec by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CodecName {
    Pcmu,
    Pcma,
    G722,
    Opus,
}

impl CodecName {
    pub fn codec(self) -> Codec {
        match self {
            CodecName::Pcmu => Law::Pcmu.into(),
            CodecName::Pcma => Law::Pcma.into(),
            CodecName::G722 => Codec::G722,
            CodecName::Opus => Codec::Opus,
        }
    }
}

impl std::fmt::Display for CodecName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            CodecName::Pcmu => "pcmu",
            CodecName::Pcma => "pcma",
            CodecName::G722 => "g722",
            CodecName::Opus => "opus",
        })
    }
}

fn codecs() -> Spanned<Vec<CodecName>> {
    Spanned::new(0..0, vec![CodecName::Pcmu, CodecName::Pcma, CodecName::G722, CodecName::Opus])
}

fn renew() -> Spanned<Period> {
    Spanned::new(0..0, Period::from_secs(300))
}

fn ping() -> Spanned<Period> {
    Spanned::new(0..0, Period::from_secs(30))
}

fn ping_failures() -> Spanned<u32> {
    Spanned::new(0..0, 3)
}

fn yes() -> bool {
    true
}

fn accept() -> Spanned<Srtp> {
    Spanned::new(0..0, Srtp::Accept)
}

fn no() -> Spanned<bool> {
    Spanned::new(0..0, false)
}
