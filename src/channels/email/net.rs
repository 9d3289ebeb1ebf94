//! A connection to a server of letters: in the clear until STARTTLS, or under TLS from the first byte, and never without TLS where it was
//! asked for.

use super::config::Security;
use bytes::{Buf, BytesMut};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const CONNECT: Duration = Duration::from_secs(20);
/// Sending or receiving anything at all.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// Longest line of an answer.
const LONGEST_LINE: usize = 8_192;

/// Where a server is.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// PEM file of the authority that has signed its certificate.
    pub authority: Option<PathBuf>,
}

/// Why there is no connection, or none any more.
#[derive(Debug, thiserror::Error)]
pub(super) enum NetError {
    #[error("cannot reach {host}:{port}: {error}")]
    Reach { host: String, port: u16, error: io::Error },
    #[error("TLS with {host}: {error}")]
    Tls { host: String, error: io::Error },
    #[error("no certificate authority is known")]
    NoAuthorities,
    #[error("the authority {path}: {error}")]
    Authority { path: PathBuf, error: String },
    #[error("the connection was lost: {0}")]
    Lost(#[from] io::Error),
    #[error("the server does not answer")]
    Slow,
    #[error("the server said something before TLS that it must not")]
    Injected,
}

enum Stream {
    Plain(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
}

/// Bytes both ways.
pub(super) struct Wire {
    stream: Option<Stream>,
    heard: BytesMut,
}

impl Wire {
    /// Connects; under TLS already where that is how it begins.
    pub async fn open(server: &Server) -> Result<Wire, NetError> {
        let reach = |error| NetError::Reach { host: server.host.clone(), port: server.port, error };
        let connecting = TcpStream::connect((server.host.as_str(), server.port));
        let slow = |_| reach(io::Error::new(io::ErrorKind::TimedOut, "no answer"));
        let stream = timeout(CONNECT, connecting).await.map_err(slow)?.map_err(reach)?;
        stream.set_nodelay(true).map_err(reach)?;
        let wire = Wire { stream: Some(Stream::Plain(stream)), heard: BytesMut::new() };
        match server.security {
            Security::Tls => wire.secure(server).await,
            Security::Starttls | Security::None => Ok(wire),
        }
    }

    /// TLS from here on. What was said before counts no more: somebody on the way may have said it (CVE-2011-0411).
    pub async fn secure(mut self, server: &Server) -> Result<Wire, NetError> {
        let tls = |error| NetError::Tls { host: server.host.clone(), error };
        if !self.heard.is_empty() {
            return Err(NetError::Injected);
        }
        let Some(Stream::Plain(stream)) = self.stream.take() else {
            return Err(tls(io::Error::other("there is TLS already")));
        };
        let config = match &server.authority {
            Some(path) => Arc::new(config(authority(path)?)?),
            None => trusting()?,
        };
        let name = ServerName::try_from(server.host.clone()).map_err(|error| tls(io::Error::other(error)))?;
        let connecting = TlsConnector::from(config).connect(name, stream);
        let slow = |_| tls(io::Error::new(io::ErrorKind::TimedOut, "no answer"));
        let stream = timeout(CONNECT, connecting).await.map_err(slow)?.map_err(tls)?;
        Ok(Wire { stream: Some(Stream::Secure(Box::new(stream))), heard: BytesMut::new() })
    }

    /// Waits for more and puts it into `buffer`.
    pub async fn hear(&mut self, buffer: &mut BytesMut, within: Duration) -> Result<(), NetError> {
        if !self.heard.is_empty() {
            buffer.extend_from_slice(&self.heard.split());
            return Ok(());
        }
        buffer.reserve(16 << 10);
        let read = match &mut self.stream {
            Some(Stream::Plain(stream)) => timeout(within, stream.read_buf(buffer)).await,
            Some(Stream::Secure(stream)) => timeout(within, stream.read_buf(buffer)).await,
            None => return Err(NetError::Injected),
        };
        match read.map_err(|_| NetError::Slow)?? {
            0 => Err(NetError::Lost(io::ErrorKind::UnexpectedEof.into())),
            _ => Ok(()),
        }
    }

    /// The next line, without its end.
    pub async fn line(&mut self, within: Duration) -> Result<String, NetError> {
        let mut heard = self.heard.split();
        loop {
            if let Some(end) = heard.iter().position(|b| *b == b'\n') {
                let line = String::from_utf8_lossy(heard.get(..end).unwrap_or_default()).trim_end_matches('\r').to_owned();
                heard.advance(end + 1);
                self.heard = heard;
                return Ok(line);
            }
            if heard.len() > LONGEST_LINE {
                return Err(NetError::Lost(io::Error::other("a line without an end")));
            }
            self.hear(&mut heard, within).await?;
        }
    }

    pub async fn say(&mut self, bytes: &[u8]) -> Result<(), NetError> {
        let said = async {
            match &mut self.stream {
                Some(Stream::Plain(stream)) => stream.write_all(bytes).await,
                Some(Stream::Secure(stream)) => {
                    stream.write_all(bytes).await?;
                    stream.flush().await
                }
                None => Err(io::ErrorKind::NotConnected.into()),
            }
        };
        // A long letter on a slow line may take its time, but not for ever.
        let within = PATIENCE + Duration::from_secs(bytes.len() as u64 / 50_000);
        Ok(timeout(within, said).await.map_err(|_| NetError::Slow)??)
    }
}

fn authority(path: &Path) -> Result<rustls::RootCertStore, NetError> {
    let wrong = |error: String| NetError::Authority { path: path.to_owned(), error };
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))? {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if roots.is_empty() { Err(wrong("there is no certificate in it".into())) } else { Ok(roots) }
}

fn config(roots: rustls::RootCertStore) -> Result<ClientConfig, NetError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(builder.map_err(|_| NetError::NoAuthorities)?.with_root_certificates(roots).with_no_client_auth())
}

/// Believes the authorities that this machine believes; read once.
fn trusting() -> Result<Arc<ClientConfig>, NetError> {
    static CONFIG: OnceLock<Option<Arc<ClientConfig>>> = OnceLock::new();
    let made = CONFIG.get_or_init(|| {
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() { None } else { config(roots).ok().map(Arc::new) }
    });
    made.clone().ok_or(NetError::NoAuthorities)
}
