//! Digest access authentication (RFC 7616, RFC 8760). The client's half keeps the nonce and its count between requests; the server's
//! half reads what a client claims and says what it should have been.

use md5::Md5;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256, Sha512_256};
use subtle::ConstantTimeEq;

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
        let count = format!("{:08x}", self.count);
        let parts =
            Parts { username, realm, nonce, uri, method, counted: self.challenge.qop_auth.then_some((count.as_str(), cnonce)), cnonce };
        let response = parts.response(*algorithm, &credentials.password);
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

/// What goes into a response, RFC 7616 §3.4.1.
struct Parts<'a> {
    username: &'a str,
    realm: &'a str,
    nonce: &'a str,
    uri: &'a str,
    method: &'a str,
    /// Nonce count and cnonce, with `qop=auth`.
    counted: Option<(&'a str, &'a str)>,
    cnonce: &'a str,
}

impl Parts<'_> {
    fn response(&self, algorithm: Algorithm, password: &SecretString) -> String {
        let mut a1 = hash(algorithm, &[self.username, self.realm, password.expose_secret()]);
        if algorithm.is_session() {
            a1 = hash(algorithm, &[&a1, self.nonce, self.cnonce]);
        }
        let a2 = hash(algorithm, &[self.method, self.uri]);
        match self.counted {
            Some((count, cnonce)) => hash(algorithm, &[&a1, self.nonce, count, cnonce, "auth", &a2]),
            None => hash(algorithm, &[&a1, self.nonce, &a2]),
        }
    }
}

/// What an Authorization header claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub username: String,
    pub realm: String,
    pub nonce: String,
    pub uri: String,
    pub algorithm: Algorithm,
    /// With `qop=auth`: the count as written and as a number.
    counted: Option<(String, u32)>,
    cnonce: String,
    response: String,
}

impl Claim {
    /// `None` for another scheme, `qop=auth-int`, or a header that lacks what it must have.
    pub fn parse(text: &str) -> Option<Claim> {
        let (scheme, rest) = text.trim().split_once(|c: char| c.is_ascii_whitespace())?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let mut fields: [Option<String>; 9] = Default::default();
        const NAMES: [&str; 9] = ["username", "realm", "nonce", "uri", "response", "algorithm", "qop", "nc", "cnonce"];
        for param in super::split_list(rest) {
            let Some((name, value)) = param.split_once('=') else { continue };
            if let Some(at) = NAMES.iter().position(|known| name.trim().eq_ignore_ascii_case(known)) {
                fields[at] = Some(super::name_addr::unquote(value.trim()).into_owned());
            }
        }
        let [username, realm, nonce, uri, response, algorithm, qop, count, cnonce] = fields;
        let algorithm = algorithm.map_or(Some(Algorithm::Md5), |name| Algorithm::parse(&name))?;
        let counted = match qop {
            None => None,
            Some(qop) if qop.eq_ignore_ascii_case("auth") => {
                let count = count.filter(|count| count.len() == 8)?;
                let number = u32::from_str_radix(&count, 16).ok()?;
                Some((count, number))
            }
            Some(_) => return None,
        };
        let (username, realm, nonce, uri, response) = (username?, realm?, nonce?, uri?, response?);
        let cnonce = cnonce.or_else(|| counted.is_none().then(String::new))?;
        Some(Claim { username, realm, nonce, uri, algorithm, counted, cnonce, response })
    }

    /// How often the client says it has used the nonce; 1 for the old form without a count.
    pub fn count(&self) -> u32 {
        self.counted.as_ref().map_or(1, |(_, number)| *number)
    }

    /// Whether the password is behind it. Takes the same time for a right and a wrong one.
    pub fn holds(&self, method: &str, password: &SecretString) -> bool {
        let parts = Parts {
            username: &self.username,
            realm: &self.realm,
            nonce: &self.nonce,
            uri: &self.uri,
            method,
            counted: self.counted.as_ref().map(|(count, _)| (count.as_str(), self.cnonce.as_str())),
            cnonce: &self.cnonce,
        };
        let expected = parts.response(self.algorithm, password);
        expected.as_bytes().ct_eq(self.response.to_ascii_lowercase().as_bytes()).into()
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
