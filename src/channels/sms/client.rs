//! One request to the gateway: HTTP/1.1, over TLS with this machine's trusted certificates unless it is on this machine itself. Redirects
//! are not followed: a signed message belongs to the address it was signed for.

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Bytes of an answer that are read; more says nothing to us.
const LONGEST_ANSWER: usize = 16 * 1024;
const CONNECT: Duration = Duration::from_secs(5);

/// This machine trusts nobody: no certificate could be verified.
#[derive(Debug, thiserror::Error)]
#[error("this machine's trusted certificates cannot be read: {0}")]
pub struct TrustError(String);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    /// Nothing was sent: it can be tried again without a doubt.
    #[error("not reachable: {0}")]
    NotSent(String),
    /// It was sent, perhaps wholly: nobody knows what became of it.
    #[error("no answer: {0}")]
    Uncertain(String),
}

pub(super) struct Answer {
    pub status: StatusCode,
    /// `Retry-After` in seconds.
    pub retry_after: Option<u64>,
    pub body: Bytes,
}

pub(super) struct Client {
    tls: TlsConnector,
}

impl Client {
    pub(super) fn new() -> Result<Client, TrustError> {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(found.certs);
        if added == 0
            && let Some(error) = found.errors.first()
        {
            return Err(TrustError(error.to_string()));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TrustError(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Client { tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Posts JSON and waits for the answer, both together at most `timeout`.
    pub(super) async fn post(
        &self,
        url: &http::Uri,
        headers: &[(&'static str, String)],
        body: Bytes,
        timeout: Duration,
    ) -> Result<Answer, NoAnswer> {
        let not_sent = |error: &dyn std::fmt::Display| NoAnswer::NotSent(error.to_string());
        let host = url.host().ok_or_else(|| not_sent(&"the address has no host"))?;
        let secure = url.scheme_str() == Some("https");
        let port = url.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let name = host.trim_matches(['[', ']']);
        let stream = tokio::time::timeout(CONNECT, TcpStream::connect((name, port)))
            .await
            .map_err(|_| not_sent(&"connecting took too long"))?
            .map_err(|error| not_sent(&error))?;
        let request = request(url, headers, body).map_err(|error| not_sent(&error))?;
        if !secure {
            return exchange(stream, request, timeout).await;
        }
        let server = ServerName::try_from(name.to_owned()).map_err(|error| not_sent(&error))?;
        let stream = tokio::time::timeout(CONNECT, self.tls.connect(server, stream))
            .await
            .map_err(|_| not_sent(&"the TLS handshake took too long"))?
            .map_err(|error| not_sent(&error))?;
        exchange(stream, request, timeout).await
    }
}

fn request(url: &http::Uri, headers: &[(&'static str, String)], body: Bytes) -> Result<Request<Full<Bytes>>, http::Error> {
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let host = url.authority().map_or("", |authority| authority.as_str());
    let mut request = Request::post(path).header(header::HOST, host).header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, value.as_str());
    }
    request = request.header(header::USER_AGENT, HeaderValue::from_static(concat!("Hubline/", env!("CARGO_PKG_VERSION"))));
    request.body(Full::new(body))
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>, timeout: Duration) -> Result<Answer, NoAnswer>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let uncertain = |error: &dyn std::fmt::Display| NoAnswer::Uncertain(error.to_string());
    let answered = async {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| uncertain(&error))?;
        // Ends with the answer or the timeout, when the sender is dropped.
        let connection = tokio::spawn(connection);
        let response = sender.send_request(request).await.map_err(|error| uncertain(&error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, LONGEST_ANSWER).collect().await.map_err(|error| uncertain(&error))?.to_bytes();
        connection.abort();
        let retry_after = head.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        Ok(Answer { status: head.status, retry_after, body })
    };
    tokio::time::timeout(timeout, answered).await.unwrap_or_else(|_| Err(uncertain(&"the answer took too long")))
}
