//! One POST to an address that the administrator has written: no redirects are followed, nothing the customer says becomes part of the
//! address, and the answer is bounded. Whoever calls sets the time limit.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use std::sync::{Arc, OnceLock};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    #[error("`{0}` is not an address that can be asked")]
    Address(Uri),
    #[error("cannot reach {host}: {error}")]
    Reach { host: String, error: std::io::Error },
    #[error("no certificate authority is known on this machine")]
    NoAuthorities,
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    #[error("HTTP: {0}")]
    Http(#[from] hyper::Error),
    #[error("the request cannot be made: {0}")]
    Request(#[from] http::Error),
    #[error("the answer is longer than {0} bytes or was cut off")]
    Body(usize),
}

/// Sends `body`; the answer has at most `most` bytes.
pub async fn post(uri: &Uri, headers: Vec<(&'static str, String)>, body: Bytes, most: usize) -> Result<Answer, PostError> {
    let wrong = || PostError::Address(uri.clone());
    let host = uri.host().ok_or_else(wrong)?.trim_matches(['[', ']']).to_owned();
    let tls = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => return Err(wrong()),
    };
    let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
    let reach = |error| PostError::Reach { host: host.clone(), error };
    let stream = TcpStream::connect((host.as_str(), port)).await.map_err(reach)?;
    let request = request(uri, headers, body)?;
    if !tls {
        return talk(stream, request, most).await;
    }
    let name = ServerName::try_from(host.clone()).map_err(|_| wrong())?;
    let stream = TlsConnector::from(trusting()?).connect(name, stream).await.map_err(reach)?;
    talk(stream, request, most).await
}

fn request(uri: &Uri, headers: Vec<(&'static str, String)>, body: Bytes) -> Result<Request<Full<Bytes>>, PostError> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::HOST, authority)
        .header(header::USER_AGENT, concat!("Hubline/", env!("CARGO_PKG_VERSION")));
    for (name, value) in headers {
        request = request.header(name, HeaderValue::from_str(&value).map_err(http::Error::from)?);
    }
    Ok(request.body(Full::new(body))?)
}

async fn talk<S>(stream: S, request: Request<Full<Bytes>>, most: usize) -> Result<Answer, PostError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    // Ends with the sender, which does not outlive this function.
    tokio::spawn(async move { connection.await.inspect_err(|error| tracing::debug!(%error, "a connection did not end properly")) });
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, most).collect().await.map_err(|_| PostError::Body(most))?.to_bytes();
    Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
}

/// Believes the authorities that this machine believes; read once.
fn trusting() -> Result<Arc<ClientConfig>, PostError> {
    static CONFIG: OnceLock<Option<Arc<ClientConfig>>> = OnceLock::new();
    let made = CONFIG.get_or_init(|| {
        let mut roots = rustls::RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "a certificate authority of this machine cannot be read");
        }
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            return None;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
        Some(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
    });
    made.clone().ok_or(PostError::NoAuthorities)
}
