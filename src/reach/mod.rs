//! Requests of ours to other machines, over connections that are kept open. Two kinds of address: one that the administrator has written,
//! wherever it is; and one that came from outside, which may lead nowhere but to the public internet (`guard.rs`).

mod connect;
mod guard;
mod multipart;
pub mod signed;

#[cfg(test)]
mod tests;

use bytes::Bytes;
use connect::Connector;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use guard::Abroad;
pub use multipart::{Part, multipart};

/// Redirects that are followed for a file; each is looked at like the first address.
const REDIRECTS: usize = 4;
/// A connection that nobody uses is closed.
const IDLE: Duration = Duration::from_secs(60);
const IDLE_PER_HOST: usize = 8;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Ask {
    pub method: Method,
    pub url: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Connecting, sending and the whole answer together.
    pub within: Duration,
    /// Largest answer, bytes.
    pub most: usize,
}

impl Ask {
    /// With the limits of a small API: 20 s, 1 MiB.
    pub fn new(method: Method, url: Uri) -> Ask {
        Ask { method, url, headers: HeaderMap::new(), body: Bytes::new(), within: Duration::from_secs(20), most: 1 << 20 }
    }

    pub fn get(url: Uri) -> Ask {
        Ask::new(Method::GET, url)
    }

    /// A body of this type.
    pub fn post(url: Uri, content_type: &'static str, body: impl Into<Bytes>) -> Ask {
        let mut ask = Ask::new(Method::POST, url);
        ask.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        Ask { body: body.into(), ..ask }
    }

    /// A header that is not shown when the request is printed. One that HTTP cannot carry is left out: the other side then refuses, and says why.
    pub fn header(mut self, name: HeaderName, value: &str) -> Ask {
        match HeaderValue::from_str(value) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.headers.insert(name, value);
            }
            Err(_) => tracing::warn!(%name, "a header that HTTP cannot carry is left out"),
        }
        self
    }

    pub fn within(self, within: Duration) -> Ask {
        Ask { within, ..self }
    }

    pub fn most(self, most: usize) -> Ask {
        Ask { most, ..self }
    }
}

/// What came back, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// `Retry-After` in seconds; the form with a date is not understood.
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds))
    }
}

/// Why nothing came back. Addresses are not named: some contain a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// Nothing was sent: it can be tried again without a doubt.
    #[error("not reachable: {0}")]
    NotSent(String),
    /// The same: its certificate is nobody's whom this machine believes, or another machine's, or too old.
    #[error("its certificate is not believed: {0}")]
    Untrusted(String),
    /// It was sent, perhaps wholly: nobody knows what became of it.
    #[error("no answer: {0}")]
    Uncertain(String),
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    /// An address from outside that leads inside, or nowhere.
    #[error("not an address that may be asked: {0}")]
    Forbidden(&'static str),
}

/// Asks; cheap to clone, and its clones share their connections.
#[derive(Clone)]
pub struct Client {
    own: legacy::Client<Connector, Full<Bytes>>,
    abroad: legacy::Client<Connector, Full<Bytes>>,
}

impl Default for Client {
    fn default() -> Client {
        Client::new(Abroad::default())
    }
}

impl Client {
    /// `abroad` names private networks that addresses from outside may lead to.
    pub fn new(abroad: Abroad) -> Client {
        let client = |connector| {
            let mut builder = legacy::Client::builder(TokioExecutor::new());
            builder.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).pool_max_idle_per_host(IDLE_PER_HOST);
            builder.build(connector)
        };
        Client { own: client(Connector::anywhere()), abroad: client(Connector::guarded(Arc::new(abroad))) }
    }

    /// Asks an address that the administrator has written. Redirects are not followed: a signed request belongs to its address.
    pub async fn ask(&self, ask: Ask) -> Result<Answer, Lost> {
        let within = ask.within;
        timely(within, once(&self.own, ask)).await
    }

    /// Fetches a file from an address that came from outside. Where it leads to another server, what was secret in the request stays.
    pub async fn fetch(&self, ask: Ask) -> Result<Answer, Lost> {
        let within = ask.within;
        timely(within, self.follow(&self.abroad, ask)).await
    }

    /// The same from an address of a platform that the administrator has written, whose redirects lead outside.
    pub async fn fetch_own(&self, ask: Ask) -> Result<Answer, Lost> {
        let within = ask.within;
        timely(within, self.follow(&self.own, ask)).await
    }

    async fn follow(&self, first: &legacy::Client<Connector, Full<Bytes>>, mut ask: Ask) -> Result<Answer, Lost> {
        let mut client = first;
        for _ in 0..=REDIRECTS {
            let answer = once(client, ask.clone()).await?;
            let target = answer.headers.get(header::LOCATION).filter(|_| answer.status.is_redirection()).and_then(|to| to.to_str().ok());
            let Some(target) = target else { return Ok(answer) };
            let next = joined(&ask.url, target).ok_or(Lost::Forbidden("a redirect to no address"))?;
            if next.scheme() != ask.url.scheme() || next.authority() != ask.url.authority() {
                ask.headers.retain_public();
                client = &self.abroad;
            }
            ask.url = next;
        }
        Err(Lost::Forbidden("too many redirects"))
    }
}

/// Takes out what is secret.
trait RetainPublic {
    fn retain_public(&mut self);
}

impl RetainPublic for HeaderMap {
    fn retain_public(&mut self) {
        let secret: Vec<HeaderName> = self.iter().filter(|(_, value)| value.is_sensitive()).map(|(name, _)| name.clone()).collect();
        for name in secret {
            self.remove(name);
        }
    }
}

async fn timely<T>(within: Duration, asked: impl Future<Output = Result<T, Lost>>) -> Result<T, Lost> {
    tokio::time::timeout(within, asked).await.unwrap_or_else(|_| Err(Lost::Uncertain("it took too long".into())))
}

async fn once(client: &legacy::Client<Connector, Full<Bytes>>, ask: Ask) -> Result<Answer, Lost> {
    if !matches!(ask.url.scheme_str(), Some("https" | "http")) || ask.url.host().is_none() {
        return Err(Lost::Forbidden("neither http nor https"));
    }
    let mut request = Request::new(Full::new(ask.body));
    *request.method_mut() = ask.method;
    *request.uri_mut() = ask.url;
    *request.headers_mut() = ask.headers;
    request.headers_mut().entry(header::USER_AGENT).or_insert(HeaderValue::from_static(concat!("Hubline/", env!("CARGO_PKG_VERSION"))));
    let response = client.request(request).await.map_err(lost)?;
    let (head, body) = response.into_parts();
    let body = Limited::new(body, ask.most).collect().await.map_err(|error| match error.is::<http_body_util::LengthLimitError>() {
        true => Lost::TooLong(ask.most),
        false => Lost::Uncertain(error.to_string()),
    })?;
    Ok(Answer { status: head.status, headers: head.headers, body: body.to_bytes() })
}

fn lost(error: legacy::Error) -> Lost {
    // The outer error says only at which stage; its source says why.
    let why = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
    if let Some(guard::Refused(forbidden)) = cause(&error) {
        return Lost::Forbidden(forbidden);
    }
    if let Some(rustls::Error::InvalidCertificate(_)) = cause(&error) {
        return Lost::Untrusted(why);
    }
    if error.is_connect() { Lost::NotSent(why) } else { Lost::Uncertain(why) }
}

/// The first error of this kind that lies beneath.
fn cause<T: std::error::Error + 'static>(error: &legacy::Error) -> Option<&T> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        // An IO error passes over what it wraps when it names its source.
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| inner.downcast_ref()) {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// Where `Location` leads (RFC 9110 §10.2.2): whole addresses, and paths on the same server.
fn joined(base: &Uri, location: &str) -> Option<Uri> {
    if let Some(path) = location.strip_prefix('/').filter(|rest| !rest.starts_with('/')) {
        return Uri::builder()
            .scheme(base.scheme()?.clone())
            .authority(base.authority()?.clone())
            .path_and_query(format!("/{path}"))
            .build()
            .ok();
    }
    location.parse().ok().filter(|uri: &Uri| uri.scheme().is_some())
}

/// Believes the authorities that this machine believes; read once.
pub(crate) fn trusting() -> Option<Arc<rustls::ClientConfig>> {
    static CONFIG: OnceLock<Option<Arc<rustls::ClientConfig>>> = OnceLock::new();
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
        let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
        Some(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
    });
    made.clone()
}
