//! The local authority: its key and certificate are made once and kept for ten years; the server's certificate, signed by it, is renewed
//! at a start when less than 30 days are left or the machine has got a name or address that it lacks.

use super::{TlsError, files, provider};
use crate::desk::id::At;
use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PublicKeyData, date_time_ymd,
};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// File names of the server's certificate and key.
pub(super) const CERTIFICATE: &str = "server.pem";
pub(super) const KEY: &str = "server.key";

/// Browsers refuse certificates that are valid for longer than 398 days; with the day of grace before, ours are for 396.
const LEAF_DAYS: i64 = 395;
const RENEW_BEFORE_DAYS: i64 = 30;
const CA_YEARS: i64 = 10;

/// A usable certificate of the local authority.
#[derive(Debug)]
pub(super) struct Local {
    pub key: Arc<CertifiedKey>,
    pub ca_pem: String,
}

/// The server's certificate for these names from the authority in this folder; both are made where they are missing.
pub(super) fn local(folder: &Path, names: &[String], now: At) -> Result<Local, TlsError> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| TlsError::File { path: folder.to_owned(), error })?;
    let (ca_pem, issuer) = authority(folder, now)?;
    let (certificate, key) = (folder.join(CERTIFICATE), folder.join(KEY));
    if let Ok(pair) = files::load(&certificate, &key)
        && good(&pair, &ca_pem, names, now)
    {
        return Ok(Local { key: Arc::new(pair), ca_pem });
    }
    let leaf_key = KeyPair::generate()?;
    let leaf = leaf(names, now)?.signed_by(&leaf_key, &issuer)?;
    // The key first: a crash in between leaves a pair that does not match, which the next start makes anew.
    write_private(&key, &leaf_key.serialize_pem())?;
    write_private(&certificate, &leaf.pem())?;
    tracing::info!(names = names.join(" "), "made a server certificate of the local authority");
    Ok(Local { key: Arc::new(files::load(&certificate, &key)?), ca_pem })
}

/// The authority's certificate and what signs in its name.
fn authority(folder: &Path, now: At) -> Result<(String, Issuer<'static, KeyPair>), TlsError> {
    let (certificate, key) = (folder.join("ca.pem"), folder.join("ca.key"));
    let pair = match fs::read_to_string(&key) {
        Ok(pem) => KeyPair::from_pem(&pem)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let pair = KeyPair::generate()?;
            write_private(&key, &pair.serialize_pem())?;
            pair
        }
        Err(error) => return Err(TlsError::File { path: key, error }),
    };
    let params = ca(&pair, now)?;
    let pem = match fs::read_to_string(&certificate) {
        Ok(pem) => pem,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let pem = params.self_signed(&pair)?.pem();
            write_private(&certificate, &pem)?;
            tracing::info!(file = %certificate.display(), "made a local certificate authority");
            pem
        }
        Err(error) => return Err(TlsError::File { path: certificate, error }),
    };
    Ok((pem, Issuer::new(params, pair)))
}

/// The authority's own certificate. Its name holds a piece of its key's hash, so that it follows from the key alone and two
/// installations in one browser do not take each other's place.
fn ca(pair: &KeyPair, now: At) -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::new(Vec::new())?;
    let mark = hex::encode(&Sha256::digest(pair.der_bytes())[..4]);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Hubline");
    params.distinguished_name.push(DnType::CommonName, format!("Hubline local authority {mark}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid(&mut params, now, Span::new().years(CA_YEARS))?;
    Ok(params)
}

fn leaf(names: &[String], now: At) -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::new(names.to_vec())?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Hubline");
    params.distinguished_name.push(DnType::CommonName, names.first().map_or("localhost", String::as_str));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    valid(&mut params, now, Span::new().days(LEAF_DAYS))?;
    Ok(params)
}

/// From yesterday (clocks differ) until `length` from today.
fn valid(params: &mut CertificateParams, now: At, length: Span) -> Result<(), TlsError> {
    let today = Timestamp::from_millisecond(now.0).map_err(|_| TlsError::Clock)?.to_zoned(TimeZone::UTC).date();
    let first = today.yesterday().map_err(|_| TlsError::Clock)?;
    let last = today.checked_add(length).map_err(|_| TlsError::Clock)?;
    let at = |date: Date| date_time_ymd(i32::from(date.year()), date.month().unsigned_abs(), date.day().unsigned_abs());
    (params.not_before, params.not_after) = (at(first), at(last));
    Ok(())
}

/// Whether a browser that trusts the authority would still take this certificate in 30 days, under each of the names.
fn good(pair: &CertifiedKey, ca_pem: &str, names: &[String], now: At) -> bool {
    let later = now.after(RENEW_BEFORE_DAYS * 86_400_000).0;
    let Ok(later) = u64::try_from(later) else { return false };
    verify(&pair.cert, ca_pem, names, UnixTime::since_unix_epoch(Duration::from_millis(later))).is_ok()
}

pub(super) fn verify(chain: &[CertificateDer<'_>], ca_pem: &str, names: &[String], at: UnixTime) -> Result<(), rustls::Error> {
    let general = |error: &dyn std::fmt::Display| rustls::Error::General(error.to_string());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).map_err(|error| general(&error))?)?;
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build().map_err(|error| general(&error))?;
    let (leaf, rest) = chain.split_first().ok_or_else(|| general(&"no certificate"))?;
    for name in names {
        let name = ServerName::try_from(name.as_str()).map_err(|error| general(&error))?;
        verifier.verify_server_cert(leaf, rest, &name, &[], at)?;
    }
    Ok(())
}

/// Writes for our own eyes only, whole or not at all.
pub(super) fn write_private(path: &Path, text: &str) -> Result<(), TlsError> {
    let part = path.with_extension("part");
    let write = || {
        // A part that a crash left may be open to others: it is made anew.
        match fs::remove_file(&part) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, path)
    };
    write().map_err(|error| TlsError::File { path: path.to_owned(), error })
}
