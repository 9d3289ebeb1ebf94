//! The listening sockets, and the kernel's opinion on which of our addresses faces a peer.

use std::net::{IpAddr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, UdpSocket};

use crate::sip::SipError;

/// Room for a burst of calls while the task is busy elsewhere; the kernel may grant less.
const RECEIVE_BUFFER: usize = 4 << 20;
const BACKLOG: i32 = 128;

pub(super) fn bind_udp(addr: SocketAddr) -> Result<UdpSocket, SipError> {
    let open = || {
        let socket = Socket::new(Domain::for_address(addr), Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
        socket.set_nonblocking(true)?;
        socket.bind(&addr.into())?;
        UdpSocket::from_std(socket.into())
    };
    open().map_err(|source| SipError::Bind { addr, source })
}

pub(super) fn bind_tcp(addr: SocketAddr) -> Result<TcpListener, SipError> {
    let open = || {
        let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&addr.into())?;
        socket.listen(BACKLOG)?;
        TcpListener::from_std(socket.into())
    };
    open().map_err(|source| SipError::Bind { addr, source })
}

/// Connecting a UDP socket sends nothing, but makes the kernel choose a route.
pub(super) fn address_facing(peer: IpAddr) -> Option<IpAddr> {
    let any: SocketAddr = if peer.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = std::net::UdpSocket::bind(any).ok()?;
    socket.connect((peer, 5060)).ok()?;
    socket.local_addr().ok().map(|addr| addr.ip())
}
