//! Session descriptions (RFC 8866): a tolerant parser that keeps what it does not know, and a printer. `negotiate` does offer and answer.

mod codecs;
mod crypto;
mod negotiate;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

pub use crate::rtp::Law;
pub use crypto::Security;
pub use negotiate::{Local, Negotiated, SdpError, accept, answer, offer};

/// What our own descriptions have for their address until it is known to whom they go ([`at`]). Nobody else's mean it so: there it is the old way of
/// hold, which we never speak.
pub const OPEN: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Longer descriptions are no telephone calls.
const MAX_LINES: usize = 512;

/// RFC 8866 §6.7; without the attribute it is `SendRecv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    #[default]
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

impl Direction {
    pub fn new(send: bool, receive: bool) -> Direction {
        match (send, receive) {
            (true, true) => Direction::SendRecv,
            (true, false) => Direction::SendOnly,
            (false, true) => Direction::RecvOnly,
            (false, false) => Direction::Inactive,
        }
    }

    pub fn sends(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::SendOnly)
    }

    pub fn receives(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::RecvOnly)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Direction::SendRecv => "sendrecv",
            Direction::SendOnly => "sendonly",
            Direction::RecvOnly => "recvonly",
            Direction::Inactive => "inactive",
        }
    }

    fn parse(name: &str) -> Option<Direction> {
        [Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive]
            .into_iter()
            .find(|direction| direction.as_str() == name)
    }
}

/// An `a=` line: its name, and its value if it has one.
pub type Attribute = (String, Option<String>);

/// One `m=` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// `audio`, `video`, `image`, …
    pub kind: String,
    /// 0 refuses the stream.
    pub port: u16,
    pub protocol: String,
    pub formats: Vec<String>,
    /// Its own `c=` line.
    pub connection: Option<IpAddr>,
    /// `a=` lines in order, without direction.
    pub attributes: Vec<Attribute>,
    pub direction: Option<Direction>,
}

impl Media {
    /// Encoding name and clock rate of a payload type: its rtpmap, or the static table of RFC 3551 for what we speak.
    pub fn encoding(&self, format: &str) -> Option<(String, u32)> {
        for (name, value) in &self.attributes {
            let Some(value) = value.as_deref().filter(|_| name == "rtpmap") else {
                continue;
            };
            let Some((number, encoding)) = value.split_once(' ') else {
                continue;
            };
            if number.trim() == format {
                let mut parts = encoding.trim().split('/');
                let (name, rate) = (parts.next()?, parts.next().and_then(|rate| rate.parse().ok())?);
                return Some((name.to_ascii_uppercase(), rate));
            }
        }
        match format {
            "0" => Some(("PCMU".to_owned(), 8000)),
            "8" => Some(("PCMA".to_owned(), 8000)),
            "9" => Some(("G722".to_owned(), 8000)),
            _ => None,
        }
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_deref().unwrap_or(""))
    }
}

/// A session description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sdp {
    /// What follows `o=`.
    pub origin: String,
    pub connection: Option<IpAddr>,
    pub direction: Option<Direction>,
    pub media: Vec<Media>,
}

impl Sdp {
    /// Lines that mean nothing to a telephone are passed over; an `m=` line that cannot be read is an error.
    pub fn parse(text: &str) -> Result<Sdp, SdpError> {
        let mut sdp = Sdp { origin: String::new(), connection: None, direction: None, media: Vec::new() };
        let mut version = false;
        for line in text.lines().take(MAX_LINES) {
            let line = line.trim_end();
            let Some((kind, value)) = line.split_once('=') else {
                continue;
            };
            match kind {
                "v" => version = value.trim() == "0",
                "o" => sdp.origin = value.to_owned(),
                "c" => {
                    let connection = connection(value);
                    match sdp.media.last_mut() {
                        Some(media) => media.connection = connection,
                        None => sdp.connection = connection,
                    }
                }
                "m" => sdp.media.push(media(value)?),
                "a" => {
                    let (name, value) = value.split_once(':').map_or((value, None), |(name, value)| (name, Some(value.trim())));
                    let direction = Direction::parse(name);
                    match (sdp.media.last_mut(), direction) {
                        (Some(media), Some(direction)) => media.direction = Some(direction),
                        (Some(media), None) => media.attributes.push((name.to_owned(), value.map(str::to_owned))),
                        (None, Some(direction)) => sdp.direction = Some(direction),
                        (None, None) => {}
                    }
                }
                _ => {}
            }
        }
        if version { Ok(sdp) } else { Err(SdpError::NotSdp) }
    }

    /// The direction a stream is offered with, from their side.
    pub fn direction_of(&self, media: &Media) -> Direction {
        media.direction.or(self.direction).unwrap_or_default()
    }
}

/// Our description with an address in place of the one left open.
pub fn at(description: &str, ip: IpAddr) -> String {
    let open = address(OPEN);
    let lines = description.split_inclusive("\r\n").map(|line| match line.trim_end().strip_suffix(&open) {
        Some(head) if head.starts_with("o=") || head.starts_with("c=") => format!("{head}{}\r\n", address(ip)),
        _ => line.to_owned(),
    });
    lines.collect()
}

fn address(ip: IpAddr) -> String {
    format!("IN {} {ip}", if ip.is_ipv4() { "IP4" } else { "IP6" })
}

/// `IN IP4 192.0.2.1/127` → the address.
fn connection(value: &str) -> Option<IpAddr> {
    let addr = value.split_ascii_whitespace().nth(2)?;
    addr.split('/').next()?.parse().ok()
}

fn media(value: &str) -> Result<Media, SdpError> {
    let mut parts = value.split_ascii_whitespace();
    let (Some(kind), Some(port), Some(protocol)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(SdpError::Media);
    };
    let port = port.split('/').next().unwrap_or(port).parse().map_err(|_| SdpError::Media)?;
    let formats = parts.map(str::to_owned).collect();
    Ok(Media {
        kind: kind.to_owned(),
        port,
        protocol: protocol.to_owned(),
        formats,
        connection: None,
        attributes: Vec::new(),
        direction: None,
    })
}

fn write_connection(f: &mut fmt::Formatter<'_>, ip: IpAddr) -> fmt::Result {
    write!(f, "c=IN {} {ip}\r\n", if ip.is_ipv4() { "IP4" } else { "IP6" })
}

impl fmt::Display for Sdp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v=0\r\no={}\r\ns=-\r\n", self.origin)?;
        if let Some(ip) = self.connection {
            write_connection(f, ip)?;
        }
        f.write_str("t=0 0\r\n")?;
        if let Some(direction) = self.direction {
            write!(f, "a={}\r\n", direction.as_str())?;
        }
        for media in &self.media {
            write!(f, "m={} {} {}", media.kind, media.port, media.protocol)?;
            for format in &media.formats {
                write!(f, " {format}")?;
            }
            f.write_str("\r\n")?;
            if let Some(ip) = media.connection {
                write_connection(f, ip)?;
            }
            for (name, value) in &media.attributes {
                match value {
                    Some(value) => write!(f, "a={name}:{value}\r\n")?,
                    None => write!(f, "a={name}\r\n")?,
                }
            }
            if let Some(direction) = media.direction {
                write!(f, "a={}\r\n", direction.as_str())?;
            }
        }
        Ok(())
    }
}

/// The SDP part of a multipart body, RFC 2046 §5.1.
pub(crate) fn from_multipart(content_type: &str, body: &[u8]) -> Option<String> {
    let boundary = content_type.split(';').find_map(|param| param.trim().strip_prefix("boundary="))?.trim_matches('"');
    if boundary.is_empty() {
        return None;
    }
    let text = String::from_utf8_lossy(body);
    let delimiter = format!("--{boundary}");
    text.split(delimiter.as_str()).skip(1).find_map(|part| {
        let (head, content) = part.split_once("\r\n\r\n").or_else(|| part.split_once("\n\n"))?;
        let is_sdp = head.lines().any(|line| line.to_ascii_lowercase().replace(' ', "").starts_with("content-type:application/sdp"));
        is_sdp.then(|| content.to_owned())
    })
}

#[cfg(test)]
mod tests;
