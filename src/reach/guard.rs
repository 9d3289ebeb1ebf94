//! Addresses that came from outside may lead to the public internet alone: whoever sends us an address must not be able to ask our own
//! machines in our name (SSRF).

use crate::config::value::Cidr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Networks inside that may be asked nevertheless, because the administrator says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Abroad {
    pub allowed: Vec<Cidr>,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refused(pub &'static str);

impl Abroad {
    /// All of a name's addresses, or none: a name that leads inside with one of them leads inside.
    pub(super) fn admits(&self, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Refused> {
        if found.is_empty() {
            return Err(Refused("a name without an address"));
        }
        if found.iter().all(|at| is_public(at.ip()) || self.allowed.iter().any(|network| network.contains(plain(at.ip())))) {
            return Ok(found);
        }
        Err(Refused("it leads into a private network"))
    }
}

/// The IPv4 address that an IPv6 one stands for: mapped (RFC 4291 §2.5.5.2), NAT64 (RFC 6052), 6to4 (RFC 3056).
fn plain(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    let s = v6.segments();
    let v4 = |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        [0x2002, high, low, ..] => v4(high, low),
        _ => ip,
    }
}

/// Whether anybody could ask it: not this machine, not a private, shared, link-local, documentation, benchmark, multicast or reserved
/// network (RFC 6890 and the registries that follow it).
pub(super) fn is_public(ip: IpAddr) -> bool {
    match plain(ip) {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            let special = ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_broadcast()
                || ip.is_documentation()
                || ip.is_multicast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 192 && b == 88 && c == 99)
                || (a == 198 && (18..20).contains(&b));
            !special
        }
        // 2000::/3 is what is assigned to the public; in it, 2001::/23 is for protocols and 2001:db8::/32, 3fff::/20 for documents.
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    first & 0xe000 == 0x2000 && !(first == 0x2001 && (second < 0x200 || second == 0xdb8)) && !(first == 0x3fff && second < 0x1000)
}
