//! Via (RFC 3261 §20.42, rport of RFC 3581): names the transaction and the way back.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::uri::split_host_port;
use super::{FieldError, Params};

/// Branches that begin with this are globally unique, RFC 3261 §8.1.1.7.
pub const MAGIC_COOKIE: &str = "z9hG4bK";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    /// `2.0`, or whatever it claims: a response of 505 must find its way back too.
    pub version: String,
    /// `UDP`, `TCP`, … as spelled.
    pub transport: String,
    pub host: String,
    pub port: Option<u16>,
    pub params: Params,
}

impl Via {
    /// Parses the first element of a Via header's value.
    pub fn parse(text: &str) -> Result<Via, FieldError> {
        let (protocol, params) = text.split_once(';').unwrap_or((text, ""));
        let mut parts = protocol.splitn(3, '/');
        let (name, version, rest) = (parts.next(), parts.next(), parts.next());
        let (Some(name), Some(version), Some(rest)) = (name, version, rest) else {
            return Err(FieldError::Via);
        };
        let version = version.trim();
        let numeric = version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if !name.trim().eq_ignore_ascii_case("SIP") || version.is_empty() || !numeric {
            return Err(FieldError::Via);
        }
        let rest = rest.trim();
        let (transport, sent_by) = rest.split_once(|c: char| c.is_ascii_whitespace()).ok_or(FieldError::Via)?;
        let (host, port) = split_host_port(sent_by)?;
        Ok(Via {
            version: version.to_owned(),
            transport: transport.to_owned(),
            host: host.to_owned(),
            port,
            params: Params::parse(params)?,
        })
    }

    pub fn branch(&self) -> Option<String> {
        self.params.get("branch").map(|branch| branch.into_owned()).filter(|branch| !branch.is_empty())
    }

    /// True when the branch alone names the transaction, RFC 3261 §17.2.3.
    pub fn has_magic_branch(&self) -> bool {
        self.params.get("branch").is_some_and(|branch| branch.len() > MAGIC_COOKIE.len() && branch.starts_with(MAGIC_COOKIE))
    }

    /// Notes where the request really came from, RFC 3261 §18.2.1 and RFC 3581 §4.
    pub fn mark_received(&mut self, source: SocketAddr) {
        if self.params.has("rport") {
            self.params.set("rport", Some(source.port().to_string()));
            self.params.set("received", Some(source.ip().to_string()));
        } else if self.host.trim_matches(['[', ']']).parse::<IpAddr>().ok() != Some(source.ip()) {
            self.params.set("received", Some(source.ip().to_string()));
        }
    }

    /// Where a response over UDP goes, RFC 3261 §18.2.2. Always the address the request came from, never a `maddr` or a name a stranger wrote.
    pub fn reply_to(&self, source: SocketAddr) -> SocketAddr {
        if self.params.has("rport") { source } else { SocketAddr::new(source.ip(), self.port.unwrap_or(5060)) }
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIP/{}/{} {}", self.version, self.transport, self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        write!(f, "{}", self.params)
    }
}
