//! A telephone by hand: one request after the other, with a password or without, and whatever comes back.

use super::PATIENCE;
use super::digest::Credentials;
use hubline::sim::message::{Received, description};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::timeout;

/// Silence that counts as no answer. The house answers such requests in well under a millisecond.
const SILENCE: Duration = Duration::from_millis(400);

pub struct Handset {
    socket: UdpSocket,
    pub local: SocketAddr,
    house: SocketAddr,
    credentials: Credentials,
    cseq: u32,
}

impl Handset {
    /// At this address of loopback, for this user.
    pub async fn at(ip: [u8; 4], house: SocketAddr, user: &str, password: &str) -> Handset {
        let socket = UdpSocket::bind(SocketAddr::from((ip, 0))).await.expect("a port");
        let local = socket.local_addr().expect("an address");
        Handset { socket, local, house, credentials: Credentials::new(user, password), cseq: 0 }
    }

    /// Sends one request to this address, with credentials once there is a nonce for them.
    async fn send(&mut self, method: &str, uri: &str) {
        self.cseq += 1;
        let (authorization, cseq, local, user) =
            (self.credentials.header(method, uri), self.cseq, self.local, self.credentials.user.clone());
        let invite = method == "INVITE";
        let body = if invite { description(SocketAddr::new(local.ip(), 9), 1) } else { String::new() };
        let to = if method == "REGISTER" { format!("sip:{user}@{}", self.house) } else { uri.to_owned() };
        let text = format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bKh{}x{cseq}{method};rport\r\nMax-Forwards: 70\r\n\
             From: <sip:{user}@{}>;tag=h{cseq}\r\nTo: <{to}>\r\nCall-ID: h{}x{cseq}\r\nCSeq: {cseq} {method}\r\nContact: <sip:{user}@{local}>\r\n\
             Event: presence\r\nUser-Agent: handset\r\n{authorization}{}Content-Length: {}\r\n\r\n{body}",
            local.port(),
            self.house,
            local.port(),
            if invite { "Content-Type: application/sdp\r\n" } else { "" },
            body.len()
        );
        self.socket.send_to(text.as_bytes(), self.house).await.expect("sent");
    }

    /// The final response to the last request, acknowledged where it must be; `None` for silence.
    async fn answer(&mut self, patience: Duration) -> Option<Received> {
        let mut buffer = [0; 8_192];
        loop {
            let (length, _) = timeout(patience, self.socket.recv_from(&mut buffer)).await.ok()?.expect("a datagram");
            let Some(answer) = Received::read(&buffer[..length]) else { continue };
            let ours = answer.header("cseq").is_some_and(|cseq| cseq.starts_with(&format!("{} ", self.cseq)));
            if !ours || answer.status().is_none_or(|status| status < 200) {
                continue;
            }
            if answer.header("cseq").is_some_and(|cseq| cseq.ends_with("INVITE")) {
                let header = |name: &str| answer.header(name).unwrap_or_default().to_owned();
                let ack = format!(
                    "ACK sip:x@{} SIP/2.0\r\nVia: {}\r\nMax-Forwards: 70\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {} ACK\r\n\
                     Content-Length: 0\r\n\r\n",
                    self.house,
                    header("via"),
                    header("from"),
                    header("to"),
                    header("call-id"),
                    self.cseq
                );
                self.socket.send_to(ack.as_bytes(), self.house).await.expect("sent");
            }
            self.credentials.take(&answer);
            return Some(answer);
        }
    }

    /// Sends a request and gives what comes back at once, if anything does.
    pub async fn asks(&mut self, method: &str, uri: &str) -> Option<Received> {
        self.send(method, uri).await;
        self.answer(SILENCE).await
    }

    /// Sends a request, once more with the password when that is asked for, and gives the status.
    pub async fn does(&mut self, method: &str, uri: &str) -> u16 {
        for _ in 0..2 {
            self.send(method, uri).await;
            let answer = self.answer(PATIENCE).await.unwrap_or_else(|| panic!("{method} {uri} is not answered"));
            let status = answer.status().unwrap_or_default();
            if status != 401 {
                return status;
            }
        }
        401
    }
}
