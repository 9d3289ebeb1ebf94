//! How a platform proves that it is itself: a word that it repeats, or a MAC over the bytes of the request as they came. All compared in
//! constant time, before anything is decoded.

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Names of events longer than this are replaced by their digest, bytes.
const LONGEST_KEY: usize = 120;

/// Whether a shared word was repeated. The time tells nothing of where they differ, nor of their lengths.
pub(super) fn same(given: &[u8], secret: &[u8]) -> bool {
    Sha256::digest(given).as_slice().ct_eq(Sha256::digest(secret).as_slice()).into()
}

/// HMAC-SHA256 (RFC 2104) over `body`.
pub(super) fn mac(secret: &[u8], body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(body);
    Some(mac)
}

/// Whether `given` is the MAC of `body`.
pub(super) fn is_mac(secret: &[u8], body: &[u8], given: &[u8]) -> bool {
    mac(secret, body).is_some_and(|mac| mac.verify_slice(given).is_ok())
}

/// The name of an event: as the platform calls it, or its digest where that is long. Names come from outside and become keys of a table.
pub(super) fn event_key(parts: &[&str]) -> String {
    let key = parts.join("/");
    if key.len() <= LONGEST_KEY && !key.chars().any(char::is_control) { key } else { digest(key.as_bytes()) }
}

/// The name of an event that has none of its own.
pub(super) fn digest(body: &[u8]) -> String {
    format!("sha256/{}", hex::encode(Sha256::digest(body)))
}

/// A value as JSON. Maps of our own making always are.
pub(super) fn json(value: &impl serde::Serialize) -> Bytes {
    serde_json::to_vec(value).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_same_or_it_is_not() {
        assert!(same(b"open sesame", b"open sesame"));
        for other in [&b""[..], b"open", b"open sesame ", b"Open sesame"] {
            assert!(!same(other, b"open sesame"));
        }
    }

    #[test]
    fn names_of_events_are_short() {
        assert_eq!(event_key(&["status", "wamid.1", "read"]), "status/wamid.1/read");
        let long = event_key(&[&"x".repeat(10_000)]);
        assert_eq!(long.len(), "sha256/".len() + 64);
        assert_ne!(long, event_key(&[&"x".repeat(10_001)]));
        assert!(event_key(&["a\nb"]).starts_with("sha256/"));
    }
}
