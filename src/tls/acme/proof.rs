//! That a name is ours: a certificate for it that holds the authority's riddle (RFC 8737), shown to whoever asks by its own protocol.

use super::super::{TlsError, provider};
use super::Acme;
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::sign::CertifiedKey;
use std::sync::{Arc, PoisonError};

/// By which the authority asks (RFC 8737 §6.2); a connection that has agreed to it carries nothing else.
pub const PROTOCOL: &[u8] = b"acme-tls/1";

impl Acme {
    /// `riddle` is the hash of the key authorization, 32 bytes.
    pub(super) fn prove(&self, name: &str, riddle: &[u8]) -> Result<(), TlsError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new([name.to_owned()])?;
        params.custom_extensions = vec![CustomExtension::new_acme_identifier(riddle)];
        let certificate = params.self_signed(&key)?;
        let signing = provider().key_provider.load_private_key(PrivatePkcs8KeyDer::from(key.serialize_der()).into())?;
        let pair = Arc::new(CertifiedKey::new(vec![certificate.der().clone()], signing));
        self.proofs.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), pair);
        Ok(())
    }
}
