//! Certificates of a public authority, asked for and renewed by ourselves (ACME, RFC 8555). That the names are ours is proven at the port of
//! the pages itself (TLS-ALPN-01, RFC 8737): no second port, no other program. Until the first one is there, the local authority's is shown.
//!
//! ```text
//!  keep ──due?──▶ order ──proof──▶ resolve ◀── the authority's own connection
//!                   └──chain──▶ data/tls/acme ──▶ resolve ◀── browsers
//! ```

mod order;
mod proof;
#[cfg(test)]
mod tests;

use super::{TlsError, authority, files, validity};
use crate::clock::Clock;
use crate::config::Config;
use crate::desk::id::At;
use crate::web::config::{TlsMode, vouched_name};
use arc_swap::ArcSwapOption;
use rustls::client::verify_server_name;
use rustls::pki_types::ServerName;
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use proof::PROTOCOL;

/// File names of the certificate and its key.
const CERTIFICATE: &str = "certificate.pem";
const KEY: &str = "certificate.key";
/// At least so often it is looked whether a certificate is due: clocks are set.
const LOOK: Duration = Duration::from_secs(3_600);
/// The pause after an order, whatever came of it; after each failure in a row four times as long. Let's Encrypt allows five failures an hour.
const PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(12 * 3_600);
/// So near to its end, a certificate that cannot be renewed is an error.
const URGENT_MS: i64 = 15 * 86_400_000;

/// The certificate that public browsers see, and the proofs that the authority asks for.
#[derive(Debug)]
pub struct Acme {
    names: Vec<String>,
    directory: String,
    contact: Option<String>,
    ca: Option<PathBuf>,
    folder: PathBuf,
    current: ArcSwapOption<CertifiedKey>,
    /// Until the first one is there.
    meanwhile: Arc<CertifiedKey>,
    /// By name.
    proofs: Mutex<BTreeMap<String, Arc<CertifiedKey>>>,
}

impl Acme {
    /// What the configuration asks for; `None` if no listener has `tls = "acme"`. The last certificate is used again.
    ///
    /// Errors: the local authority cannot make the certificate that is shown meanwhile.
    pub fn open(config: &Config, data: &Path, now: At) -> Result<Option<Arc<Acme>>, TlsError> {
        let names = names(config);
        if names.is_empty() {
            return Ok(None);
        }
        let meanwhile = authority::local(&data.join("tls"), &super::names(super::urls(config)), now)?.key;
        let section = &config.acme;
        let (certificate, key) = pair(data);
        let current = files::load(&certificate, &key).ok().filter(|pair| covers(pair, &names));
        Ok(Some(Arc::new(Acme {
            names,
            directory: section.directory.get_ref().clone(),
            contact: section.email.as_ref().map(|email| format!("mailto:{}", email.get_ref())),
            ca: section.ca.as_ref().map(|path| config.folder.join(path.get_ref())),
            folder: data.join("tls").join("acme"),
            current: ArcSwapOption::from_pointee(current),
            meanwhile,
            proofs: Mutex::default(),
        })))
    }

    /// Asks for a certificate whenever one is due; never returns.
    pub async fn keep(self: Arc<Self>, clock: Clock) {
        let mut pause = PAUSE;
        loop {
            let due = self.due();
            let now = clock.now();
            if now < due {
                tokio::time::sleep(LOOK.min(Duration::from_millis(due.since(now).unsigned_abs()))).await;
                continue;
            }
            let ordered = self.order().await;
            self.proofs.lock().unwrap_or_else(PoisonError::into_inner).clear();
            pause = match ordered {
                Ok(()) => {
                    tracing::info!(names = self.names.join(" "), "a new certificate of the public authority");
                    PAUSE
                }
                Err(error) if self.urgent(now) => {
                    tracing::error!(%error, "no certificate of the public authority: browsers will warn of these pages");
                    (pause * 4).min(LONGEST_PAUSE)
                }
                Err(error) => {
                    tracing::warn!(%error, "the certificate could not be renewed yet");
                    (pause * 4).min(LONGEST_PAUSE)
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// When the certificate is to be renewed: after two thirds of its life. At once where there is none.
    fn due(&self) -> At {
        let current = self.current.load();
        let validity = current.as_ref().and_then(|pair| validity::of(pair.cert.first()?));
        validity.map_or(At(0), |(from, until)| from.after(until.since(from) / 3 * 2))
    }

    fn urgent(&self, now: At) -> bool {
        let current = self.current.load();
        let validity = current.as_ref().and_then(|pair| validity::of(pair.cert.first()?));
        validity.is_none_or(|(_, until)| until.since(now) < URGENT_MS)
    }
}

impl ResolvesServerCert for Acme {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if hello.alpn().is_some_and(|mut offered| offered.any(|protocol| protocol == PROTOCOL)) {
            let proofs = self.proofs.lock().unwrap_or_else(PoisonError::into_inner);
            return proofs.get(hello.server_name()?).cloned();
        }
        Some(self.current.load_full().unwrap_or_else(|| self.meanwhile.clone()))
    }
}

/// Where the certificate and its key are; they are there once the authority has given them.
pub fn pair(data: &Path) -> (PathBuf, PathBuf) {
    let folder = data.join("tls").join("acme");
    (folder.join(CERTIFICATE), folder.join(KEY))
}

/// Of the listeners that want such a certificate.
fn names(config: &Config) -> Vec<String> {
    let server = &config.server;
    let listeners = [Some((&server.tls, &server.public_url)), server.public.as_ref().map(|public| (&public.tls, &public.public_url))];
    let wanting = listeners.into_iter().flatten().filter(|(tls, _)| *tls.get_ref() == TlsMode::Acme);
    let mut names: Vec<String> = wanting.filter_map(|(_, url)| vouched_name(url.as_ref()?)).collect();
    names.dedup();
    names
}

fn covers(pair: &CertifiedKey, names: &[String]) -> bool {
    let Some(Ok(leaf)) = pair.cert.first().map(ParsedCertificate::try_from) else { return false };
    let named = |name: &String| ServerName::try_from(name.as_str()).is_ok_and(|name| verify_server_name(&leaf, &name).is_ok());
    names.iter().all(named)
}
