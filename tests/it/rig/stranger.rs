//! Somebody who sends where they were not asked to.

use hubline::sim::{g711, tone};
use std::net::SocketAddr;
use tokio::net::UdpSocket;

/// One socket of theirs.
pub struct Stranger {
    socket: UdpSocket,
    sent: usize,
}

impl Stranger {
    /// At this address of loopback.
    pub async fn at(ip: [u8; 4]) -> Stranger {
        Stranger { socket: UdpSocket::bind(SocketAddr::from((ip, 0))).await.expect("a port"), sent: 0 }
    }

    /// Sends something. A closed port answers with an ICMP error, which the next send tells; nothing here depends on it.
    pub async fn throws(&mut self, to: SocketAddr, datagram: &[u8]) {
        self.sent += 1;
        let _ = self.socket.send_to(datagram, to).await;
    }

    /// Sends the next packet of proper µ-law audio, as one would inject it.
    pub async fn sings(&mut self, to: SocketAddr, hz: f64) {
        let number = self.sent;
        let mut packet = vec![0x80, 0];
        packet.extend((number as u16).to_be_bytes());
        packet.extend((number as u32 * 160).to_be_bytes());
        packet.extend(0x0bad_cafe_u32.to_be_bytes());
        packet.extend(tone::sine(hz, number as u64 * 160, 160).into_iter().map(g711::encode));
        self.throws(to, &packet).await;
    }

    /// How many datagrams came back so far.
    pub fn got_back(&self) -> usize {
        let mut buffer = [0; 2_048];
        let taken = |_| match self.socket.try_recv_from(&mut buffer) {
            Ok(_) => Some(1),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => None,
            // What is told here is about a datagram that did not arrive.
            Err(_) => Some(0),
        };
        (0..=2 * self.sent).map_while(taken).sum()
    }
}

/// The even ports of a range that are taken now: there a telephone's audio is awaited.
pub fn taken((first, last): (u16, u16)) -> Vec<SocketAddr> {
    let even = (first..=last).filter(|port| port % 2 == 0).map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    even.filter(|address| std::net::UdpSocket::bind(address).is_err()).collect()
}
