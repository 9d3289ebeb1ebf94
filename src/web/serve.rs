//! The listeners: our own accept loop, because a page's connection needs TLS, time limits and a bound on their number before axum
//! sees a request. HTTP/2 and HTTP/1.1 by ALPN; WebSockets come on HTTP/1.1, since RFC 8441 is not offered.

use super::client::TrustedProxies;
use crate::auth::Wires;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use rustls::ServerConfig;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Connections at once on one listener; more wait in the kernel's backlog.
const CONNECTIONS: usize = 4_096;
/// Of one network, unless it is a proxy's or the machine's own: a firm behind one address is many browsers with some connections each.
const CONNECTIONS_PER_NETWORK: usize = 1_000;
/// From the TCP connection to the end of the TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// From the first byte of a request to the end of its headers.
const HEADERS: Duration = Duration::from_secs(15);
/// How long running requests may take when the process stops.
const FAREWELL: Duration = Duration::from_secs(5);
/// What is spoken after it, by the names of ALPN; whatever else a listener agrees to is over with the handshake.
const HTTP: [&[u8]; 2] = [b"h2", b"http/1.1"];
/// First byte of a TLS record that begins a handshake (RFC 8446 §5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// How bytes are protected on one listener.
#[derive(Clone)]
pub enum Transport {
    /// TLS; whoever speaks plain HTTP to it is sent to https.
    Tls(Arc<ServerConfig>),
    /// Plain HTTP; the address must be loopback.
    Loopback,
    /// Plain HTTP from the proxy only; others are cut off.
    Proxy(TrustedProxies),
}

/// Serves until stopped, then lets running requests finish.
///
/// Errors: `InvalidInput` for plain HTTP on an address that others can reach, since microphones and cookies need https there.
pub async fn serve(listener: TcpListener, transport: Transport, router: Router, stop: CancellationToken) -> io::Result<()> {
    let address = listener.local_addr()?;
    if matches!(transport, Transport::Loopback) && !address.ip().is_loopback() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("plain http is served on loopback only, not on {address}")));
    }
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let wires = Wires::new(CONNECTIONS, CONNECTIONS_PER_NETWORK);
    let graceful = GracefulShutdown::new();
    loop {
        let place = tokio::select! {
            () = stop.cancelled() => break,
            place = places.clone().acquire_owned() => place.map_err(io::Error::other)?,
        };
        let (stream, peer) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, or the peer is gone already: neither ends the listener.
                    tracing::warn!(%error, "connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let exempt = peer.ip().to_canonical().is_loopback() || matches!(&transport, Transport::Proxy(proxies) if proxies.trusts(peer.ip()));
        let wire = wires.take(peer.ip());
        if wire.is_none() && !exempt {
            continue;
        }
        let (transport, router, watcher) = (transport.clone(), router.clone(), graceful.watcher());
        tokio::spawn(async move {
            if let Err(error) = connection(stream, peer, transport, router, watcher).await {
                tracing::debug!(%error, "connection ended");
            }
            drop((wire, place));
        });
    }
    if timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::info!("requests still running were cut off");
    }
    Ok(())
}

async fn connection(stream: TcpStream, peer: SocketAddr, transport: Transport, router: Router, watcher: Watcher) -> anyhow::Result<()> {
    // Ring cards are small and must not wait for more bytes.
    stream.set_nodelay(true)?;
    match transport {
        Transport::Loopback => http(stream, peer, None, router, watcher).await,
        Transport::Proxy(proxies) if proxies.trusts(peer.ip()) => http(stream, peer, Some(proxies), router, watcher).await,
        Transport::Proxy(_) => Ok(()),
        Transport::Tls(config) => {
            let mut first = [0u8];
            if timeout(HANDSHAKE, stream.peek(&mut first)).await?? == 1 && first[0] != TLS_HANDSHAKE {
                let away = Router::new().fallback(to_https);
                return http(stream, peer, None, away, watcher).await;
            }
            let stream = timeout(HANDSHAKE, TlsAcceptor::from(config).accept(stream)).await??;
            // A certificate authority wants to see the handshake alone (RFC 8737 §3).
            if stream.get_ref().1.alpn_protocol().is_some_and(|protocol| !HTTP.contains(&protocol)) {
                return Ok(());
            }
            http(stream, peer, None, router, watcher).await
        }
    }
}

/// Serves one connection; `proxies` are those who may name another client than the peer.
async fn http<S>(stream: S, peer: SocketAddr, proxies: Option<TrustedProxies>, router: Router, watcher: Watcher) -> anyhow::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: http::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        if let Some(proxies) = &proxies {
            request.extensions_mut().insert(proxies.clone());
        }
        router.clone().oneshot(request)
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(128)
        .keep_alive_interval(Duration::from_secs(30))
        .max_header_list_size(32 * 1024);
    let served = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    watcher.watch(served).await.map_err(|error| anyhow::anyhow!(error))
}

/// The same address by https. The host is what the browser asked for; without one there is nowhere to go.
pub async fn to_https(request: Request) -> Result<Response, Infallible> {
    let host = request.headers().get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("");
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let location = HeaderValue::from_str(&format!("https://{host}{path}"));
    Ok(match location {
        Ok(location) if !host.is_empty() => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response(),
        _ => StatusCode::BAD_REQUEST.into_response(),
    })
}
