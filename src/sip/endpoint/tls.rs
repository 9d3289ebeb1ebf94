//! SIP over TLS (RFC 3261 §26.3.2): servers are verified under the name that was asked for, against the authorities of the system or of
//! the trunk. There is no way to talk to an unverified one.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};

/// Where systems keep the authorities they trust, in one file.
const BUNDLES: [&str; 4] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"];

/// As whom to verify a server, and against whom.
#[derive(Clone)]
pub(super) struct Secure {
    pub name: ServerName<'static>,
    pub config: Arc<ClientConfig>,
}

/// Whose signature makes a server trusted.
#[derive(Debug, Clone)]
pub struct Authorities(Arc<ClientConfig>);

/// Why there are none.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    #[error("{path}: {error}")]
    File { path: std::path::PathBuf, error: std::io::Error },
    #[error("{path} holds no certificate in PEM form")]
    Empty { path: std::path::PathBuf },
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

impl Authorities {
    /// Those of the system; `SSL_CERT_FILE` names another file. Without any, every server is refused.
    pub fn system() -> Result<Authorities, AuthorityError> {
        let named = std::env::var_os("SSL_CERT_FILE").map(std::path::PathBuf::from);
        let found = named.or_else(|| BUNDLES.iter().map(std::path::PathBuf::from).find(|path| path.exists()));
        match found {
            Some(path) => Authorities::of(&path),
            None => Authorities::from_roots(RootCertStore::empty()),
        }
    }

    /// The certificates in one PEM file, and no others.
    pub fn of(path: &Path) -> Result<Authorities, AuthorityError> {
        let pem = std::fs::read(path).map_err(|error| AuthorityError::File { path: path.to_owned(), error })?;
        let mut roots = RootCertStore::empty();
        // A bundle may hold one that is too old for this library; the others do.
        let (added, _) = roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok));
        if added == 0 {
            return Err(AuthorityError::Empty { path: path.to_owned() });
        }
        Authorities::from_roots(roots)
    }

    fn from_roots(roots: RootCertStore) -> Result<Authorities, AuthorityError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        Ok(Authorities(Arc::new(config.with_root_certificates(roots).with_no_client_auth())))
    }

    /// `None` for a host that no certificate can be made for.
    pub(super) fn verify(&self, host: &str) -> Option<Secure> {
        let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        let name = ServerName::try_from(host.to_owned()).ok()?;
        Some(Secure { name, config: self.0.clone() })
    }

    /// For a server known by its address alone.
    pub(super) fn verify_address(&self, addr: SocketAddr) -> Secure {
        Secure { name: ServerName::IpAddress(addr.ip().into()), config: self.0.clone() }
    }
}
