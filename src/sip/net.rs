//! Addresses: transports, source networks, flows, and which of our own addresses a peer should see.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

/// A transport a peer is reached over. WebSocket gets its place here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    Udp,
    Tcp,
    Tls,
}

impl Transport {
    pub fn is_reliable(self) -> bool {
        self != Transport::Udp
    }

    /// What `;transport=` names; `None` for one that we do not speak.
    pub fn parse(name: &str) -> Option<Transport> {
        [Transport::Udp, Transport::Tcp, Transport::Tls].into_iter().find(|transport| transport.as_str().eq_ignore_ascii_case(name))
    }

    /// As in tables and addresses.
    pub fn name(self) -> &'static str {
        match self {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
            Transport::Tls => "tls",
        }
    }

    /// RFC 3261 §19.1.2.
    pub fn default_port(self) -> u16 {
        if self == Transport::Tls { 5061 } else { 5060 }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
            Transport::Tls => "TLS",
        }
    }
}

/// Where a message goes or came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flow {
    pub transport: Transport,
    pub addr: SocketAddr,
    /// An open connection to prefer over a new one to `addr` (RFC 3261 §18.2.2, and phones behind NAT).
    pub connection: Option<SocketAddr>,
}

/// `10.0.0.0/8`, `2001:db8::/32`, or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IpNet {
    addr: IpAddr,
    prefix: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither an IP address nor a network such as 10.0.0.0/8")]
pub struct IpNetError(String);

impl IpNet {
    /// A prefix longer than the address is cut to it.
    pub fn new(addr: IpAddr, prefix: u8) -> IpNet {
        IpNet { addr, prefix: prefix.min(if addr.is_ipv4() { 32 } else { 128 }) }
    }

    pub fn addr(&self) -> IpAddr {
        self.addr
    }

    pub fn contains(&self, ip: IpAddr) -> bool {
        let (ours, theirs, width) = match (self.addr, canonical(ip)) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits()), u128::from(b.to_bits()), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
            _ => return false,
        };
        let shift = width - u32::from(self.prefix);
        ours.checked_shr(shift).unwrap_or(0) == theirs.checked_shr(shift).unwrap_or(0)
    }
}

impl FromStr for IpNet {
    type Err = IpNetError;
    fn from_str(text: &str) -> Result<IpNet, IpNetError> {
        let error = || IpNetError(text.to_owned());
        let (addr, prefix) = text.split_once('/').map_or((text, None), |(addr, prefix)| (addr, Some(prefix)));
        let addr: IpAddr = addr.trim().parse().map_err(|_| error())?;
        let width = if addr.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => width,
            Some(prefix) => prefix.trim().parse().ok().filter(|prefix| *prefix <= width).ok_or_else(error)?,
        };
        Ok(IpNet::new(addr, prefix))
    }
}

impl fmt::Display for IpNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.addr, self.prefix)
    }
}

/// IPv4 as IPv4, also when it came through a dual-stack socket.
pub(crate) fn canonical(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

/// Asks the kernel which local address faces a peer; injected, because the core does no IO.
pub(crate) type RouteLookup = Box<dyn Fn(IpAddr) -> Option<IpAddr> + Send>;

/// TEST-NET-1 (RFC 5737) is never a neighbour: its route is the default one.
const FAR: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// Remembered answers; more peers than this and the memory starts anew.
const MAX_ROUTES: usize = 4096;

/// Where we listen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Bound {
    pub udp: Option<SocketAddr>,
    pub tcp: Option<SocketAddr>,
    pub tls: Option<SocketAddr>,
}

impl Bound {
    /// The socket of this transport, or the one that stands in for it in a Contact.
    fn of(self, transport: Transport) -> Option<SocketAddr> {
        match transport {
            Transport::Udp => self.udp.or(self.tcp).or(self.tls),
            Transport::Tcp => self.tcp.or(self.udp).or(self.tls),
            Transport::Tls => self.tls.or(self.tcp).or(self.udp),
        }
    }

    pub fn any(self) -> Option<SocketAddr> {
        self.of(Transport::Udp)
    }
}

/// How sockets are reached: from out there by the public address where a NAT stands between, in the same house by their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    pub public: Option<IpAddr>,
    pub bind: IpAddr,
}

/// What we write into Via and Contact, and into the descriptions of our audio.
pub(crate) struct Local {
    bound: Bound,
    public: Option<IpAddr>,
    audio: Reach,
    lookup: RouteLookup,
    routes: HashMap<IpAddr, IpAddr>,
}

impl Local {
    pub fn new(bound: Bound, public: Option<IpAddr>, audio: Reach, lookup: RouteLookup) -> Local {
        Local { bound, public, audio, lookup, routes: HashMap::new() }
    }

    /// The addresses that peers out there are told, and a fresh look at the routes.
    pub fn set_public(&mut self, public: Option<IpAddr>, audio: Reach) {
        self.routes.clear();
        (self.public, self.audio) = (public, audio);
    }

    /// Host and port that `peer` can reach us at.
    pub fn facing(&mut self, transport: Transport, peer: IpAddr) -> SocketAddr {
        let bound = self.bound.of(transport).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], transport.default_port())));
        SocketAddr::new(self.ip_facing(Reach { public: self.public, bind: bound.ip() }, peer), bound.port())
    }

    /// The address that `peer` can send audio to.
    pub fn audio_facing(&mut self, peer: IpAddr) -> IpAddr {
        self.ip_facing(self.audio, peer)
    }

    /// The public address is for peers out there; those in the same house get the address on their side.
    fn ip_facing(&mut self, reach: Reach, peer: IpAddr) -> IpAddr {
        if let Some(public) = reach.public
            && (!is_inside(peer) || is_inside(public))
        {
            return public;
        }
        if !reach.bind.is_unspecified() {
            return reach.bind;
        }
        // A socket of IPv4 alone is never reached by the way that a peer of IPv6 came.
        let peer = if reach.bind.is_ipv4() && peer.is_ipv6() { FAR } else { peer };
        if let Some(ip) = self.routes.get(&peer) {
            return *ip;
        }
        let ip = (self.lookup)(peer).unwrap_or(IpAddr::from([127, 0, 0, 1]));
        if self.routes.len() >= MAX_ROUTES {
            self.routes.clear();
        }
        self.routes.insert(peer, ip);
        ip
    }
}

fn is_inside(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}
