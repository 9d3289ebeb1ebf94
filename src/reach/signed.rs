//! Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, so that nothing can be forged, changed or told again later.

use super::Ask;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderName;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

pub const ID: &str = "webhook-id";
/// Seconds since 1970 UTC.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// One or more `v1,<base64>`, with blanks between.
pub const SIGNATURE: &str = "webhook-signature";

/// Clocks may differ by so much, s.
const SKEW_S: i64 = 300;
/// Signatures that are looked at: more than two keys are never in use.
const SIGNATURES: usize = 8;

/// Why a secret is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret is not `whsec_` and the base64 of 24 to 64 bytes; make one with: echo whsec_$(openssl rand -base64 32)")]
pub struct NotASecret;

/// A key of both sides.
pub struct Key(hmac::Key);

impl Key {
    pub fn read(secret: &SecretString) -> Result<Key, NotASecret> {
        let bytes = secret.expose_secret().strip_prefix("whsec_").and_then(|text| BASE64.decode(text).ok()).ok_or(NotASecret)?;
        if !(24..=64).contains(&bytes.len()) {
            return Err(NotASecret);
        }
        Ok(Key(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// The value of the header for this message, sent at this time (s since 1970 UTC).
    fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        format!("v1,{}", BASE64.encode(hmac::sign(&self.0, &signed(id, &timestamp.to_string(), body))))
    }
}

impl Ask {
    /// Signed with this key as the message of this name, which is the same each time it is sent; `at` is now (s since 1970 UTC).
    pub fn signed(self, key: &Key, id: &str, at: i64) -> Ask {
        let signature = key.sign(id, at, &self.body);
        self.header(HeaderName::from_static(ID), id)
            .header(HeaderName::from_static(TIMESTAMP), &at.to_string())
            .header(HeaderName::from_static(SIGNATURE), &signature)
    }
}

/// Why a request is not believed, if it is not, at this time (s since 1970 UTC). Compared in constant time with each key.
pub fn refusal(keys: &[Key], id: &str, timestamp: &str, signatures: &str, body: &[u8], now: i64) -> Option<&'static str> {
    if id.is_empty() || id.len() > 128 {
        return Some("no webhook-id");
    }
    let Ok(at) = timestamp.parse::<i64>() else { return Some("no webhook-timestamp") };
    let said = signed(id, timestamp, body);
    let given = signatures.split(' ').take(SIGNATURES).filter_map(|one| BASE64.decode(one.strip_prefix("v1,")?).ok());
    let fits = |given: Vec<u8>| keys.iter().filter(|key| hmac::verify(&key.0, &said, &given).is_ok()).count() > 0;
    if !given.map(fits).fold(false, |any, one| any | one) {
        return Some("webhook-signature is wrong");
    }
    let fresh = now.checked_sub(at).is_some_and(|age| (-SKEW_S..=SKEW_S).contains(&age));
    if fresh { None } else { Some("webhook-timestamp is more than five minutes off") }
}

fn signed(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    let mut said = Vec::with_capacity(id.len() + timestamp.len() + body.len() + 2);
    for (nth, part) in [id.as_bytes(), timestamp.as_bytes(), body].into_iter().enumerate() {
        if nth > 0 {
            said.push(b'.');
        }
        said.extend_from_slice(part);
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    const NOW: i64 = 1_614_265_330;

    fn key(text: &str) -> Key {
        Key::read(&SecretString::from(text.to_owned())).expect("a key")
    }

    fn ours() -> Key {
        key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    }

    /// The example of the specification.
    #[test]
    fn the_published_example_is_signed() {
        assert_eq!(ours().sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, BODY), SIGNED);
        let refused = |signatures: &str| refusal(&[ours()], "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", signatures, BODY, NOW);
        assert_eq!(refused(SIGNED), None);
        assert_eq!(refused(&format!("v1,AAAA v1a,xx {SIGNED}")), None, "one of several, while keys change");
        assert_eq!(refused(&SIGNED.replace("v1,", "v2,")), Some("webhook-signature is wrong"));
    }

    #[test]
    fn nothing_else_is() {
        let other = key(&format!("whsec_{}", BASE64.encode([7; 32])));
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let refused = |key: Key, id: &str, at: &str, body: &[u8], now: i64| refusal(&[key], id, at, SIGNED, body, now);
        assert!(refused(other, id, "1614265330", BODY, NOW).is_some(), "another key");
        assert!(refused(ours(), "msg_2", "1614265330", BODY, NOW).is_some(), "another id");
        assert!(refused(ours(), id, "1614265331", BODY, NOW).is_some(), "another time");
        assert!(refused(ours(), id, "1614265330", &BODY[1..], NOW).is_some(), "cut");
        assert!(refused(ours(), id, "1614265330", BODY, NOW + 301).is_some(), "told again later");
        assert!(refused(ours(), id, "1614265330", BODY, NOW + 299).is_none());
        assert!(refused(ours(), id, "", BODY, NOW).is_some());
        assert!(refused(ours(), "", "1614265330", BODY, NOW).is_some());
        assert!(refused(ours(), id, &i64::MIN.to_string(), BODY, NOW).is_some());
        assert!(refusal(&[], id, "1614265330", SIGNED, BODY, NOW).is_some());
    }

    #[test]
    fn a_secret_is_long_enough() {
        for wrong in ["", "open sesame", "whsec_", "whsec_AAAA", "whsec_!"] {
            assert!(Key::read(&SecretString::from(wrong.to_owned())).is_err(), "{wrong}");
        }
    }
}
