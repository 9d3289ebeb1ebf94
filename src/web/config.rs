//! `[server]`, `[server.public]` and `[security]`: where pages are served, with which certificate, and how people log in.

use crate::config::value::{Cidr, Name, Period};
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use toml::Spanned;

/// How pages are protected on their way. Microphones work only over HTTPS or on localhost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// A certificate authority of our own, made at the first start; install it once on each agent's machine.
    #[default]
    LocalCa,
    /// A certificate of a public authority (Let's Encrypt), asked for and renewed by Hubline itself.
    Acme,
    /// A certificate and key of yours.
    Files,
    /// A named proxy in front does HTTPS; only it may connect.
    Proxy,
    /// Plain HTTP; only on a loopback address.
    Off,
}

/// `[server]`: the pages of agents and administrators.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSection {
    /// Address and port of the pages. Default: 0.0.0.0:8443.
    pub listen: Spanned<SocketAddr>,
    /// Address that people type; it is named in invitations and in the certificate. Default: https://(the machine's name):(the port).
    pub public_url: Option<Name>,
    /// `local-ca`, `acme`, `files`, `proxy` or `off`. Default: `local-ca`.
    pub tls: Spanned<TlsMode>,
    /// PEM file with the certificate chain, for `tls = "files"`. Default: none.
    pub certificate: Option<Spanned<PathBuf>>,
    /// PEM file with the private key, for `tls = "files"`. Default: none.
    pub private_key: Option<Spanned<PathBuf>>,
    /// Addresses of the proxy whose `X-Forwarded-For` is believed, for `tls = "proxy"`. Default: none.
    pub proxies: Vec<Spanned<Cidr>>,
    /// A listener of its own for customers. Default: chat is served on `listen` too.
    pub public: Option<PublicSection>,
}

impl Default for ServerSection {
    fn default() -> Self {
        ServerSection {
            listen: Spanned::new(0..0, SocketAddr::from(([0, 0, 0, 0], 8443))),
            public_url: None,
            tls: Spanned::new(0..0, TlsMode::default()),
            certificate: None,
            private_key: None,
            proxies: Vec::new(),
            public: None,
        }
    }
}

/// `[server.public]`: a listener for customers only (chat window, hooks), so that nothing of the desk need face the internet.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicSection {
    /// Address and port.
    pub listen: Spanned<SocketAddr>,
    /// Address that customers' browsers use. Default: as `server.public_url` with this port.
    pub public_url: Option<Name>,
    /// `local-ca`, `acme`, `files`, `proxy` or `off`. Default: `local-ca`.
    #[serde(default = "local_ca")]
    pub tls: Spanned<TlsMode>,
    /// PEM file with the certificate chain, for `tls = "files"`. Default: none.
    pub certificate: Option<Spanned<PathBuf>>,
    /// PEM file with the private key, for `tls = "files"`. Default: none.
    pub private_key: Option<Spanned<PathBuf>>,
    /// Addresses of the proxy, for `tls = "proxy"`. Default: none.
    #[serde(default)]
    pub proxies: Vec<Spanned<Cidr>>,
}

/// `[acme]`: the public authority whose certificates listeners with `tls = "acme"` have.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AcmeSection {
    /// Whether you agree to the authority's terms of service; without it, it gives no certificate. Default: false.
    pub agree: Spanned<bool>,
    /// To where the authority writes when something is wrong. Default: nowhere.
    pub email: Option<Name>,
    /// The authority's directory (RFC 8555 §7.1.1). Default: Let's Encrypt's.
    pub directory: Name,
    /// PEM file of who has signed the directory's own certificate, where it is an authority of the firm's. Default: whom the system trusts.
    pub ca: Option<Spanned<PathBuf>>,
}

impl Default for AcmeSection {
    fn default() -> Self {
        AcmeSection {
            agree: Spanned::new(0..0, false),
            email: None,
            directory: Spanned::new(0..0, "https://acme-v02.api.letsencrypt.org/directory".to_owned()),
            ca: None,
        }
    }
}

/// The name that a public authority can vouch for: of a public address, a host with a dot that is no IP address.
pub fn vouched_name(url: &Name) -> Option<String> {
    let url = url.get_ref().parse::<http::Uri>().ok()?;
    let host = url.host()?.to_ascii_lowercase();
    let inside = [".local", ".internal", ".lan", ".home.arpa", ".localhost"].iter().any(|end| host.ends_with(end));
    (host.contains('.') && !host.starts_with('[') && !inside && host.parse::<IpAddr>().is_err()).then_some(host)
}

/// `[security]`: log-in and sessions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SecuritySection {
    /// A session ends after this long without use. Default: 12h.
    pub session_idle: Period,
    /// A session ends after this long in any case. Default: 30d.
    pub session_longest: Period,
    /// An invitation link works this long. Default: 7d.
    pub invite_valid: Period,
    /// Shortest password, characters, at least 8. Default: 10.
    pub password_shortest: Spanned<usize>,
    /// Wrong passwords within 15 minutes before an account or address must wait. Default: 10.
    pub login_attempts: Spanned<u32>,
}

impl Default for SecuritySection {
    fn default() -> Self {
        SecuritySection {
            session_idle: Period::from_secs(12 * 3600),
            session_longest: Period::from_secs(30 * 86_400),
            invite_valid: Period::from_secs(7 * 86_400),
            password_shortest: Spanned::new(0..0, 10),
            login_attempts: Spanned::new(0..0, 10),
        }
    }
}

fn local_ca() -> Spanned<TlsMode> {
    Spanned::new(0..0, TlsMode::LocalCa)
}
