//! One TCP or TLS connection: cuts messages out of the stream by Content-Length (RFC 3261 §18.3), answers keep-alives (RFC 5626 §3.5.1), and writes what it is given.
//! Size, idle time and half-finished messages are bounded; everything else is the core's.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::tls::Secure;
use crate::sip::net::Transport;
use crate::sip::wire::content_length;

/// The longest message a stream may carry.
const MAX_MESSAGE: usize = 64 * 1024;
const MAX_HEAD: usize = 32 * 1024;
/// Nothing at all for so long closes the connection.
const IDLE: Duration = Duration::from_secs(600);
/// A message must be complete within.
const UNFINISHED: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(5);
const WRITE: Duration = Duration::from_secs(5);
/// After a message whose length cannot be told: time for the 400, and for the answers before it, to leave.
const LINGER: Duration = Duration::from_secs(1);

/// What a connection tells the endpoint.
pub(super) enum Event {
    Message {
        transport: Transport,
        from: SocketAddr,
        data: Bytes,
    },
    /// `id` tells an old connection from a new one to the same address; `unreachable` means that it never came to be.
    Closed {
        transport: Transport,
        addr: SocketAddr,
        id: u64,
        unreachable: bool,
    },
}

pub(super) struct Connection {
    pub transport: Transport,
    pub addr: SocketAddr,
    pub id: u64,
    pub events: mpsc::Sender<Event>,
    pub outgoing: mpsc::Receiver<Bytes>,
}

impl Connection {
    pub async fn connect(self) {
        match timeout(CONNECT, TcpStream::connect(self.addr)).await {
            Ok(Ok(stream)) => self.run(stream).await,
            Ok(Err(_)) | Err(_) => self.close(true).await,
        }
    }

    pub async fn run(mut self, stream: TcpStream) {
        // Signalling is small and must not wait for more of it.
        let _ = stream.set_nodelay(true);
        self.serve(stream).await;
        self.close(false).await;
    }

    /// Over TLS, to a server whose certificate is verified under its name.
    pub async fn connect_secure(mut self, secure: Secure) {
        let shaken = async {
            let stream = TcpStream::connect(self.addr).await?;
            let _ = stream.set_nodelay(true);
            TlsConnector::from(secure.config).connect(secure.name, stream).await
        };
        match timeout(CONNECT, shaken).await {
            Ok(Ok(stream)) => {
                self.serve(stream).await;
                self.close(false).await;
            }
            Ok(Err(error)) => {
                tracing::warn!(server = %self.addr, %error, "no SIP connection over TLS");
                self.close(true).await;
            }
            Err(_) => self.close(true).await,
        }
    }

    /// Over TLS, from a client.
    pub async fn run_secure(mut self, stream: TcpStream, acceptor: TlsAcceptor) {
        let _ = stream.set_nodelay(true);
        match timeout(CONNECT, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => self.serve(stream).await,
            Ok(Err(error)) => tracing::debug!(client = %self.addr, %error, "no SIP connection over TLS"),
            Err(_) => {}
        }
        self.close(false).await;
    }

    async fn close(self, unreachable: bool) {
        // The endpoint may be gone; then nobody keeps a list.
        let _ = self.events.send(Event::Closed { transport: self.transport, addr: self.addr, id: self.id, unreachable }).await;
    }

    async fn serve(&mut self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        let mut buffer = BytesMut::with_capacity(4096);
        loop {
            match self.cut(&mut buffer, &mut stream).await {
                Step::More => {}
                Step::Close => return,
                Step::Linger => {
                    // The answers to what came before it too.
                    let _ = timeout(LINGER, self.write_all(&mut stream)).await;
                    return;
                }
            }
            let patience = if buffer.is_empty() { IDLE } else { UNFINISHED };
            tokio::select! {
                read = timeout(patience, stream.read_buf(&mut buffer)) => match read {
                    Ok(Ok(1..)) => {}
                    _ => return,
                },
                bytes = self.outgoing.recv() => {
                    let Some(bytes) = bytes else { return };
                    if write(&mut stream, &bytes).await.is_none() {
                        return;
                    }
                }
            }
        }
    }

    /// Writes whatever is to go out, until the peer takes no more.
    async fn write_all(&mut self, stream: &mut (impl AsyncWrite + Unpin)) {
        while let Some(bytes) = self.outgoing.recv().await {
            if write(stream, &bytes).await.is_none() {
                return;
            }
        }
    }

    async fn hand_on(&self, data: Bytes) -> Result<(), mpsc::error::SendError<Event>> {
        self.events.send(Event::Message { transport: self.transport, from: self.addr, data }).await
    }

    /// Passes on every complete message in the buffer.
    async fn cut(&mut self, buffer: &mut BytesMut, stream: &mut (impl AsyncWrite + Unpin)) -> Step {
        loop {
            match frame(buffer) {
                Frame::Incomplete => return Step::More,
                Frame::TooLong => return Step::Close,
                Frame::Ping => {
                    if write(stream, b"\r\n").await.is_none() {
                        return Step::Close;
                    }
                }
                Frame::Message(data) => {
                    if self.hand_on(data).await.is_err() {
                        return Step::Close;
                    }
                }
                Frame::Unbounded(data) => {
                    let sent = self.hand_on(data).await;
                    return if sent.is_ok() { Step::Linger } else { Step::Close };
                }
            }
        }
    }
}

/// All of it, and out of whatever buffers TLS has; `None` when the peer does not take it.
async fn write(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> Option<()> {
    let all = async {
        stream.write_all(bytes).await?;
        stream.flush().await
    };
    timeout(WRITE, all).await.ok()?.ok()
}

enum Step {
    More,
    Close,
    Linger,
}

#[derive(Debug, PartialEq, Eq)]
enum Frame {
    Incomplete,
    TooLong,
    /// CRLF CRLF between messages.
    Ping,
    Message(Bytes),
    /// A head without a usable Content-Length, or with one that is too long: to be answered 400 or 513, and nothing after it can be found.
    Unbounded(Bytes),
}

fn frame(buffer: &mut BytesMut) -> Frame {
    while buffer.starts_with(b"\r\n") {
        let ping = buffer.starts_with(b"\r\n\r\n");
        buffer.advance(if ping { 4 } else { 2 });
        if ping {
            return Frame::Ping;
        }
    }
    let Some(end) = head_end(buffer) else {
        return if buffer.len() > MAX_HEAD { Frame::TooLong } else { Frame::Incomplete };
    };
    match content_length(&buffer[..end]) {
        Ok(Some(length)) if length <= MAX_MESSAGE - end.min(MAX_MESSAGE) => {
            let whole = end + length;
            if buffer.len() < whole {
                return Frame::Incomplete;
            }
            Frame::Message(buffer.split_to(whole).freeze())
        }
        // Told 513; nothing after it can be found.
        Ok(Some(_)) => Frame::Unbounded(buffer.split_to(end).freeze()),
        Ok(None) | Err(_) => Frame::Unbounded(buffer.split_to(end).freeze()),
    }
}

/// Where the body begins.
fn head_end(buffer: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(offset) = buffer[at..].iter().position(|byte| *byte == b'\n') {
        let next = at + offset + 1;
        match buffer.get(next..) {
            Some([b'\r', b'\n', ..]) => return Some(next + 2),
            Some([b'\n', ..]) => return Some(next + 1),
            _ => at = next,
        }
    }
    None
}

/// The messages that the connection would hand on, until it waits for more or closes.
#[cfg(test)]
pub(in crate::sip) fn cut_for_tests(bytes: &[u8]) -> Vec<Bytes> {
    let mut buffer = BytesMut::from(bytes);
    let mut messages = Vec::new();
    loop {
        match frame(&mut buffer) {
            Frame::Message(data) => messages.push(data),
            Frame::Unbounded(data) => {
                messages.push(data);
                return messages;
            }
            Frame::Ping => {}
            Frame::Incomplete | Frame::TooLong => return messages,
        }
    }
}

#[cfg(test)]
mod tests;
