//! This machine's own addresses, as others must be told them.

use crate::sip::Reach;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// The address that faces the world; loopback on a machine without a network. No packet is sent: the kernel is asked for its route only.
pub(super) fn own() -> IpAddr {
    let facing = || {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
        // TEST-NET-1 (RFC 5737) is never a neighbour, so its route is the default one.
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    facing().filter(|ip| !ip.is_unspecified()).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// What to tell others of a socket bound to `bind`: the configured address, else the bound one if it is one, else our own.
pub(super) fn advertised(configured: Option<IpAddr>, bind: IpAddr) -> IpAddr {
    configured.unwrap_or(if bind.is_unspecified() { own() } else { bind })
}

/// Where browsers send audio: the advertised address first, then our own, for agents in the same network behind the same router.
pub(super) fn for_browsers(audio: Reach, port: u16) -> Vec<SocketAddr> {
    let (advertise, here) = (advertised(audio.public, audio.bind), advertised(None, audio.bind));
    let mut addresses = vec![SocketAddr::new(advertise, port)];
    if here != advertise {
        addresses.push(SocketAddr::new(here, port));
    }
    addresses
}
