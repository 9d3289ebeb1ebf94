//! Signatures of both directions: HMAC-SHA256 over `<timestamp>.<body>`, so that nothing can be forged, changed or told again later.

use crate::desk::id::At;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// Seconds since 1970 UTC.
pub(super) const TIMESTAMP: &str = "x-hubline-timestamp";
/// `v1=<hex>`.
pub(super) const SIGNATURE: &str = "x-hubline-signature";

/// Clocks may differ by so much, s.
const SKEW_S: i64 = 300;
/// The block of SHA-256, bytes.
const BLOCK: usize = 64;

/// The signature of a body sent now.
pub(super) fn sign(secret: &SecretString, timestamp: i64, body: &[u8]) -> String {
    format!("v1={}", hex::encode(mac(secret, timestamp, body).finalize().into_bytes()))
}

/// Whether a body was signed with this secret, and lately. Compared in constant time.
pub(super) fn is_signed(secret: &SecretString, timestamp: &str, signature: &str, body: &[u8], now: At) -> bool {
    let checked = || {
        let timestamp: i64 = timestamp.parse().ok()?;
        let given = hex::decode(signature.strip_prefix("v1=")?).ok()?;
        mac(secret, timestamp, body).verify_slice(&given).ok()?;
        now.0.div_euclid(1_000).checked_sub(timestamp).map(|age| age.abs() <= SKEW_S)
    };
    checked().unwrap_or(false)
}

fn mac(secret: &SecretString, timestamp: i64, body: &[u8]) -> Hmac<Sha256> {
    let secret = secret.expose_secret().as_bytes();
    // RFC 2104 §2: a key longer than the block is hashed, a shorter one filled with zeros.
    let mut block = [0; BLOCK];
    match block.get_mut(..secret.len()) {
        Some(head) => head.copy_from_slice(secret),
        None => block[..32].copy_from_slice(&Sha256::digest(secret)),
    }
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(timestamp.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_good_for_its_body_key_and_time_only() {
        let secret = SecretString::from("open sesame".to_owned());
        let signature = sign(&secret, 1_000, b"{}");
        let now = At(1_000_000);
        assert!(is_signed(&secret, "1000", &signature, b"{}", now));
        assert!(is_signed(&secret, "1000", &signature, b"{}", now.after(SKEW_S * 1_000)));
        assert!(!is_signed(&secret, "1000", &signature, b"{}", now.after((SKEW_S + 1) * 1_000)), "told again later");
        assert!(!is_signed(&secret, "1001", &signature, b"{}", now), "another time");
        assert!(!is_signed(&secret, "1000", &signature, b"{ }", now), "another body");
        assert!(!is_signed(&SecretString::from("open".to_owned()), "1000", &signature, b"{}", now), "another key");
        for forged in ["", "v1=", "v1=zz", &signature[3..], &signature[..signature.len() - 2]] {
            assert!(!is_signed(&secret, "1000", forged, b"{}", now), "{forged}");
        }
        assert!(!is_signed(&secret, &i64::MIN.to_string(), &sign(&secret, i64::MIN, b""), b"", now));
    }

    /// Computed by another implementation (Python's `hmac`), with a key shorter and one longer than the block.
    #[test]
    fn signatures_are_what_others_compute() {
        let short = "2d2fa002b67671b4b23ab21a474785d84d63e6bfe04665011cc21d7304fe0db2";
        let long = "32ae5b0fbc158e21baf1bce34b983fb362d24bbd9c393c0fd69ac02a1024c2da";
        assert_eq!(sign(&SecretString::from("open sesame".to_owned()), 1_000, b"{}"), format!("v1={short}"));
        assert_eq!(sign(&SecretString::from("k".repeat(100)), 5, b"x"), format!("v1={long}"));
    }
}
