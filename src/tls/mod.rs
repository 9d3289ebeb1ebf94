//! Certificates: a local authority made on demand, a public authority's, or the firm's own files. Microphones work only over HTTPS, so there is a certificate
//! from the first start; installing `ca.pem` once on a machine makes its browsers trust it without a warning.

pub mod acme;
mod authority;
mod files;
mod names;
#[cfg(test)]
mod tests;
mod validity;

pub use names::names;

use crate::config::Config;
use crate::config::value::Name;
use crate::desk::id::At;
use crate::web::config::TlsMode;
use acme::Acme;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::server::ResolvesServerCert;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toml::Spanned;

/// What the two listeners need.
#[derive(Debug, Clone, Default)]
pub struct ServerTls {
    /// For agents and administrators; `None` without TLS of our own (`proxy`, `off`).
    pub private: Option<Arc<ServerConfig>>,
    /// For the customers' own listener, likewise.
    pub public: Option<Arc<ServerConfig>>,
    /// The local authority's certificate, where one of the two is signed by it: what `/ca.crt` gives.
    pub ca_pem: Option<String>,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{path}: {error}")]
    File { path: PathBuf, error: std::io::Error },
    #[error("{path} holds no certificate in PEM form")]
    NoCertificate { path: PathBuf },
    #[error("{path} holds no private key in PEM form")]
    NoKey { path: PathBuf },
    #[error("the private key {key} does not belong to the certificate {certificate}")]
    Mismatch { certificate: PathBuf, key: PathBuf },
    #[error("the local authority: {0}")]
    Authority(#[from] rcgen::Error),
    #[error(transparent)]
    Tls(#[from] rustls::Error),
    /// The machine's clock is beyond the years of a certificate.
    #[error("the machine's clock shows no usable date")]
    Clock,
}

/// The TLS of both listeners; `acme` where one of them has `tls = "acme"`. Local certificates are in `data/tls`; they are made or renewed here,
/// which is why this runs at every start.
pub fn for_server(config: &Config, data: &Path, now: At, acme: Option<&Arc<Acme>>) -> Result<ServerTls, TlsError> {
    let server = &config.server;
    let public = server.public.as_ref();
    let modes = [Some(*server.tls.get_ref()), public.map(|public| *public.tls.get_ref())];
    let local =
        if modes.contains(&Some(TlsMode::LocalCa)) { Some(authority::local(&data.join("tls"), &names(urls(config)), now)?) } else { None };
    let listener = |mode: TlsMode, certificate: &Option<Spanned<PathBuf>>, key: &Option<Spanned<PathBuf>>| -> Result<_, TlsError> {
        let resolver: Arc<dyn ResolvesServerCert> = match (mode, acme, &local, certificate, key) {
            (TlsMode::Acme, Some(acme), ..) => acme.clone(),
            (TlsMode::LocalCa, _, Some(local), ..) => Arc::new(rustls::sign::SingleCertAndKey::from(local.key.clone())),
            (TlsMode::Files, _, _, Some(certificate), Some(key)) => {
                Arc::new(files::Files::open(config.folder.join(certificate.get_ref()), config.folder.join(key.get_ref()))?)
            }
            _ => return Ok(None),
        };
        let mut config = server_config(resolver)?;
        if mode == TlsMode::Acme {
            config.alpn_protocols.push(acme::PROTOCOL.to_vec());
        }
        Ok(Some(Arc::new(config)))
    };
    Ok(ServerTls {
        private: listener(*server.tls.get_ref(), &server.certificate, &server.private_key)?,
        public: match public {
            Some(public) => listener(*public.tls.get_ref(), &public.certificate, &public.private_key)?,
            None => None,
        },
        ca_pem: local.map(|local| local.ca_pem),
    })
}

/// The certificate of the pages, for SIP over TLS: the firm's own files, the public authority's, or one of the local authority where pages
/// have none of ours.
pub fn for_sip(config: &Config, data: &Path, now: At, acme: Option<&Arc<Acme>>) -> Result<Arc<ServerConfig>, TlsError> {
    let server = &config.server;
    let resolver: Arc<dyn ResolvesServerCert> = match (*server.tls.get_ref(), acme, &server.certificate, &server.private_key) {
        (TlsMode::Files, _, Some(certificate), Some(key)) => {
            Arc::new(files::Files::open(config.folder.join(certificate.get_ref()), config.folder.join(key.get_ref()))?)
        }
        (TlsMode::Acme, Some(acme), ..) => acme.clone(),
        _ => {
            let local = authority::local(&data.join("tls"), &names(urls(config)), now)?;
            Arc::new(rustls::sign::SingleCertAndKey::from(local.key))
        }
    };
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    Ok(Arc::new(builder.with_no_client_auth().with_cert_resolver(resolver)))
}

/// The public addresses of both listeners.
fn urls(config: &Config) -> impl Iterator<Item = &String> {
    let public = config.server.public.as_ref().and_then(|public| public.public_url.as_ref());
    [config.server.public_url.as_ref(), public].into_iter().flatten().map(Name::get_ref)
}

/// The local authority's server certificate and key in this data folder; they are there after the first start.
pub fn local_pair(data: &Path) -> (PathBuf, PathBuf) {
    (data.join("tls").join(authority::CERTIFICATE), data.join("tls").join(authority::KEY))
}

/// Until when the pair in these PEM files is valid.
pub fn valid_until(certificate: &Path, key: &Path) -> Result<At, TlsError> {
    let pair = files::load(certificate, key)?;
    let validity = pair.cert.first().and_then(|leaf| validity::of(leaf));
    validity.map(|(_, until)| until).ok_or_else(|| TlsError::NoCertificate { path: certificate.to_owned() })
}

/// HTTP/2 and HTTP/1.1 over TLS 1.2 or 1.3.
fn server_config(resolver: Arc<dyn ResolvesServerCert>) -> Result<ServerConfig, TlsError> {
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    let mut config = builder.with_no_client_auth().with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The one cryptography provider of the process.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
