//! Names and passwords for the firm's TURN relay, each good for a day: what coturn calls `use-auth-secret`
//! (draft-uberti-behave-turn-rest-00 §2.2).

use crate::desk::id::At;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

/// How long a name is good, seconds: longer than any call.
const GOOD_FOR: i64 = 24 * 60 * 60;

/// The relay that browsers may use whose network lets nothing else through.
#[derive(Debug, Clone)]
pub struct Relays {
    urls: Vec<String>,
    secret: SecretString,
}

/// What a page gives to its connection (W3C WebRTC §4.2.2, `RTCIceServer`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IceServer {
    pub urls: Vec<String>,
    pub username: String,
    pub credential: String,
}

impl Relays {
    /// `turn:` and `turns:` addresses (RFC 7065), and the secret that the relay has as well.
    pub fn new(urls: Vec<String>, secret: SecretString) -> Relays {
        Relays { urls, secret }
    }

    /// For one page, known to the relay by this word.
    pub fn for_page(&self, who: &str, now: At) -> IceServer {
        let username = format!("{}:{who}", now.0 / 1_000 + GOOD_FOR);
        let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.secret.expose_secret().as_bytes());
        let credential = BASE64_STANDARD.encode(sign(&key, username.as_bytes()));
        IceServer { urls: self.urls.clone(), username, credential }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_good_for_a_day_and_its_password_follows_from_the_secret() {
        let relays = Relays::new(vec!["turn:relay.example:3478".into()], "north".into());
        let server = relays.for_page("mara", At(1_700_000_000_000));
        assert_eq!(server.username, "1700086400:mara");
        // printf %s 1700086400:mara | openssl dgst -sha1 -hmac north -binary | base64
        assert_eq!(server.credential, "Byn6+wS1vg7nOP52WRt31vVb6wA=");
        assert_eq!(server.urls, ["turn:relay.example:3478"]);
    }
}
