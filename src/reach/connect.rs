//! A connection to a server: its name looked up once, its address looked at, TLS where the scheme says so.

use super::guard::{Abroad, Refused};
use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Looking up, connecting and shaking hands.
const CONNECT: Duration = Duration::from_secs(10);

/// Makes connections.
#[derive(Clone)]
pub(super) struct Connector {
    guard: Option<Arc<Abroad>>,
}

impl Connector {
    pub(super) fn anywhere() -> Connector {
        Connector { guard: None }
    }

    pub(super) fn guarded(abroad: Arc<Abroad>) -> Connector {
        Connector { guard: Some(abroad) }
    }
}

impl tower::Service<Uri> for Connector {
    type Response = Stream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Stream>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let guard = self.guard.clone();
        Box::pin(async move {
            let slow = |_| io::Error::new(io::ErrorKind::TimedOut, "connecting took too long");
            tokio::time::timeout(CONNECT, connect(guard, to)).await.map_err(slow)?
        })
    }
}

async fn connect(guard: Option<Arc<Abroad>>, to: Uri) -> io::Result<Stream> {
    let none = || io::Error::other(Refused("an address without a host"));
    let host = to.host().ok_or_else(none)?.trim_matches(['[', ']']).to_owned();
    let secure = to.scheme_str() == Some("https");
    let port = to.port_u16().unwrap_or(if secure { 443 } else { 80 });
    // Looked up once: what was looked at is what is connected to.
    let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), port)).await?.collect();
    let found = match &guard {
        Some(guard) => guard.admits(found).map_err(io::Error::other)?,
        None => found,
    };
    let stream = TcpStream::connect(found.as_slice()).await?;
    stream.set_nodelay(true)?;
    if !secure {
        return Ok(Stream::Plain(TokioIo::new(stream)));
    }
    let trusting = super::trusting().ok_or_else(|| io::Error::other("no certificate authority is known on this machine"))?;
    let name = ServerName::try_from(host).map_err(io::Error::other)?;
    let stream = TlsConnector::from(trusting).connect(name, stream).await?;
    Ok(Stream::Secure(Box::new(TokioIo::new(stream))))
}

/// A connection, in the clear or not.
pub(super) enum Stream {
    Plain(TokioIo<TcpStream>),
    Secure(Box<TokioIo<TlsStream<TcpStream>>>),
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Secure(stream) => Pin::new(stream.as_mut()).poll_read(cx, buf),
        }
    }
}

impl Write for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Stream::Secure(stream) => Pin::new(stream.as_mut()).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Secure(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Secure(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}
