//! URIs of RFC 3261 §19.1 and RFC 3966. Parts keep their escaped spelling, so that a Contact is sent back exactly as it came;
//! `user()` and `param()` decode for those who want the meaning.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use super::{FieldError, Params};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scheme {
    Sip,
    Sips,
    Tel,
    Other(Box<str>),
}

/// A SIP, SIPS or tel URI; of any other scheme only the text is kept (in `host`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uri {
    pub scheme: Scheme,
    /// The user part as spelled (escaped, with its own parameters); of a tel URI the number.
    pub raw_user: Option<String>,
    /// As spelled; IPv6 in brackets; empty for tel.
    pub host: String,
    pub port: Option<u16>,
    pub params: Params,
    /// After `?`, as spelled.
    pub headers: Option<String>,
}

impl Uri {
    /// `sip:user@host:port`, escaping what the user part may not hold.
    pub fn sip(user: Option<&str>, addr: SocketAddr) -> Uri {
        let host = match addr.ip() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Uri {
            scheme: Scheme::Sip,
            raw_user: user.map(escape_user),
            host,
            port: Some(addr.port()),
            params: Params::default(),
            headers: None,
        }
    }

    /// The same with this user part, escaped where it must be.
    pub fn with_user(mut self, user: &str) -> Uri {
        self.raw_user = Some(escape_user(user));
        self
    }

    pub fn parse(text: &str) -> Result<Uri, FieldError> {
        let text = text.trim();
        if text.bytes().any(|byte| byte <= b' ' || matches!(byte, b'<' | b'>' | b'"' | 0x7f)) {
            return Err(FieldError::Uri);
        }
        let (scheme, rest) = text.split_once(':').ok_or(FieldError::Uri)?;
        if rest.is_empty() || scheme.is_empty() || !scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) {
            return Err(FieldError::Uri);
        }
        match scheme.to_ascii_lowercase().as_str() {
            "sip" => Self::parse_sip(Scheme::Sip, rest),
            "sips" => Self::parse_sip(Scheme::Sips, rest),
            "tel" => {
                let (number, params) = rest.split_once(';').unwrap_or((rest, ""));
                if number.is_empty() {
                    return Err(FieldError::Uri);
                }
                let params = Params::parse(params)?;
                Ok(Uri { scheme: Scheme::Tel, raw_user: Some(number.to_owned()), host: String::new(), port: None, params, headers: None })
            }
            other => {
                let scheme = Scheme::Other(other.into());
                Ok(Uri { scheme, raw_user: None, host: rest.to_owned(), port: None, params: Params::default(), headers: None })
            }
        }
    }

    fn parse_sip(scheme: Scheme, rest: &str) -> Result<Uri, FieldError> {
        // The first '@': a user part may hold ';' and '?', but an '@' only escaped.
        let (raw_user, rest) = match rest.split_once('@') {
            Some(("", _)) => return Err(FieldError::Uri),
            Some((user, rest)) => (Some(user.to_owned()), rest),
            None => (None, rest),
        };
        let (rest, headers) = match rest.split_once('?') {
            Some((rest, headers)) => (rest, Some(headers.to_owned())),
            None => (rest, None),
        };
        let (hostport, params) = rest.split_once(';').unwrap_or((rest, ""));
        let (host, port) = split_host_port(hostport)?;
        Ok(Uri { scheme, raw_user, host: host.to_owned(), port, params: Params::parse(params)?, headers })
    }

    /// The user part unescaped, without a password; of a tel URI the number.
    pub fn user(&self) -> Option<Cow<'_, str>> {
        let raw = self.raw_user.as_deref()?;
        let raw = raw.split_once(':').map_or(raw, |(user, _password)| user);
        Some(unescape(raw))
    }

    pub fn ip(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// Where to send when the host is a literal address; the default port is 5060 (5061 for sips).
    pub fn socket_addr(&self) -> Option<SocketAddr> {
        let default = if self.scheme == Scheme::Sips { 5061 } else { 5060 };
        Some(SocketAddr::new(self.ip()?, self.port.unwrap_or(default)))
    }

    pub fn is_sip(&self) -> bool {
        matches!(self.scheme, Scheme::Sip | Scheme::Sips)
    }

    /// A loose router says `lr`, RFC 3261 §19.1.1.
    pub fn is_loose(&self) -> bool {
        self.params.has("lr")
    }
}

/// `host`, `host:port`, `[v6]:port`; spaces around the colon are forgiven (they occur in Via).
pub(super) fn split_host_port(text: &str) -> Result<(&str, Option<u16>), FieldError> {
    let text = text.trim();
    let split =
        if text.starts_with('[') { text.find(']').map(|at| at + 1).ok_or(FieldError::Uri)? } else { text.find(':').unwrap_or(text.len()) };
    let (host, rest) = (text[..split].trim(), text[split..].trim());
    let valid = |b: u8| b.is_ascii_alphanumeric() || b"-._[]:".contains(&b);
    if host.is_empty() || !host.bytes().all(valid) {
        return Err(FieldError::Uri);
    }
    // RFC 5118 §4.10: the grammar of RFC 3261 let through what is no address (`[2001:db8:::192.0.2.1]`); RFC 5954 mends it.
    if host.strip_prefix('[').is_some_and(|rest| rest.trim_end_matches(']').parse::<std::net::Ipv6Addr>().is_err()) {
        return Err(FieldError::Uri);
    }
    match rest.strip_prefix(':') {
        None if rest.is_empty() => Ok((host, None)),
        None => Err(FieldError::Uri),
        Some(port) => port.trim().parse().map(|port| (host, Some(port))).map_err(|_| FieldError::Number),
    }
}

/// Percent-decodes; an escape that is none stays as it is.
pub(in crate::sip) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let hex = |byte: Option<&u8>| byte.and_then(|b| char::from(*b).to_digit(16)).map(|d| d as u8);
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%'
            && let (Some(high), Some(low)) = (hex(bytes.get(at + 1)), hex(bytes.get(at + 2)))
        {
            decoded.push(high << 4 | low);
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    Cow::Owned(String::from_utf8_lossy(&decoded).into_owned())
}

fn escape_user(user: &str) -> String {
    use fmt::Write;
    let mut text = String::with_capacity(user.len());
    for byte in user.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

impl FromStr for Uri {
    type Err = FieldError;
    fn from_str(text: &str) -> Result<Uri, FieldError> {
        Uri::parse(text)
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match &self.scheme {
            Scheme::Sip => "sip",
            Scheme::Sips => "sips",
            Scheme::Tel => "tel",
            Scheme::Other(name) => name,
        };
        write!(f, "{scheme}:")?;
        if let Some(user) = &self.raw_user {
            f.write_str(user)?;
            if self.is_sip() {
                f.write_str("@")?;
            }
        }
        f.write_str(&self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        write!(f, "{}", self.params)?;
        if let Some(headers) = &self.headers {
            write!(f, "?{headers}")?;
        }
        Ok(())
    }
}
