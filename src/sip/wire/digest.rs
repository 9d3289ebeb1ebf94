//! The client's half of digest access authentication (RFC 7616, RFC 8760): keeps the nonce and its count between requests.

use md5::Md5;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256, Sha512_256};

use super::auth::{Algorithm, Challenge};

/// A trunk's or an account's login. `Debug` does not show the password.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub username: String,
    pub password: SecretString,
}

/// The last challenge and how often its nonce was used.
#[derive(Debug, Clone)]
pub struct DigestClient {
    challenge: Challenge,
    count: u32,
}

impl DigestClient {
    pub fn new(challenge: Challenge) -> DigestClient {
        DigestClient { challenge, count: 0 }
    }

    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// The header's name and value for one request; counts the nonce up. `cnonce` must be fresh and unguessable.
    pub fn authorize(&mut self, credentials: &Credentials, method: &str, uri: &str, cnonce: &str) -> (&'static str, String) {
        self.count += 1;
        let Challenge { realm, nonce, algorithm, .. } = &self.challenge;
        let username = &credentials.username;
        let mut a1 = hash(*algorithm, &[username, realm, credentials.password.expose_secret()]);
        if algorithm.is_session() {
            a1 = hash(*algorithm, &[&a1, nonce, cnonce]);
        }
        let a2 = hash(*algorithm, &[method, uri]);
        let count = format!("{:08x}", self.count);
        let response = if self.challenge.qop_auth {
            hash(*algorithm, &[&a1, nonce, &count, cnonce, "auth", &a2])
        } else {
            hash(*algorithm, &[&a1, nonce, &a2])
        };
        let mut value =
            format!("Digest username={}, realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\"", quoted(username));
        if self.challenge.algorithm_given {
            value += &format!(", algorithm={}", algorithm.as_str());
        }
        if let Some(opaque) = &self.challenge.opaque {
            value += &format!(", opaque=\"{opaque}\"");
        }
        if self.challenge.qop_auth {
            value += &format!(", qop=auth, nc={count}, cnonce=\"{cnonce}\"");
        } else if algorithm.is_session() {
            value += &format!(", cnonce=\"{cnonce}\"");
        }
        (if self.challenge.proxy { "Proxy-Authorization" } else { "Authorization" }, value)
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    // Writing into a String cannot fail.
    let _ = super::name_addr::quote(&mut out, text);
    out
}

/// Hex of the hash over the parts joined by colons.
fn hash(algorithm: Algorithm, parts: &[&str]) -> String {
    fn run<D: Digest>(parts: &[&str]) -> String {
        let mut digest = D::new();
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                digest.update(b":");
            }
            digest.update(part.as_bytes());
        }
        hex::encode(digest.finalize())
    }
    match algorithm {
        Algorithm::Md5 | Algorithm::Md5Sess => run::<Md5>(parts),
        Algorithm::Sha256 | Algorithm::Sha256Sess => run::<Sha256>(parts),
        Algorithm::Sha512_256 | Algorithm::Sha512_256Sess => run::<Sha512_256>(parts),
    }
}
