//! Certificates from files. They are looked at with each handshake and read again when they have changed, so that a renewal by a
//! certificate tool needs no restart; while the new pair is unreadable, the old one goes on.

use super::{TlsError, provider};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// The pair in use, and what its files looked like when they were read.
#[derive(Debug)]
pub(super) struct Files {
    certificate: PathBuf,
    key: PathBuf,
    current: Mutex<Current>,
}

#[derive(Debug)]
struct Current {
    pair: Arc<CertifiedKey>,
    seen: Stamp,
}

/// Modification time and size of both files.
type Stamp = [Option<(SystemTime, u64)>; 2];

impl Files {
    pub fn open(certificate: PathBuf, key: PathBuf) -> Result<Files, TlsError> {
        let seen = stamp(&certificate, &key);
        let pair = Arc::new(load(&certificate, &key)?);
        Ok(Files { certificate, key, current: Mutex::new(Current { pair, seen }) })
    }

    pub fn current(&self) -> Arc<CertifiedKey> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = stamp(&self.certificate, &self.key);
        if seen != current.seen {
            current.seen = seen;
            match load(&self.certificate, &self.key) {
                Ok(pair) => {
                    tracing::info!(file = %self.certificate.display(), "certificate read again");
                    current.pair = Arc::new(pair);
                }
                Err(error) => tracing::warn!(%error, "the changed certificate cannot be used: the old one goes on"),
            }
        }
        current.pair.clone()
    }
}

impl ResolvesServerCert for Files {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

/// A chain and its key, checked to belong together.
pub(super) fn load(certificate: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::NoCertificate { path: certificate.to_owned() })?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate { path: certificate.to_owned() });
    }
    let private = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|_| TlsError::NoKey { path: key.to_owned() })?;
    let pair = CertifiedKey::new(chain, provider().key_provider.load_private_key(private)?);
    pair.keys_match().map_err(|_| TlsError::Mismatch { certificate: certificate.to_owned(), key: key.to_owned() })?;
    Ok(pair)
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|error| TlsError::File { path: path.to_owned(), error })
}

fn stamp(certificate: &Path, key: &Path) -> Stamp {
    [certificate, key].map(|path| {
        let meta = std::fs::metadata(path).ok()?;
        Some((meta.modified().ok()?, meta.len()))
    })
}
