//! Digest challenges, RFC 3261 §22 and RFC 7616 §3.3, as peers really write them: quoted or bare values, several `qop`s, headers in order of preference.

use super::name_addr::unquote;
use super::{FieldError, HeaderName, Headers, split_list};

/// RFC 7616 §6.1, RFC 8760 §2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    Md5,
    Md5Sess,
    Sha256,
    Sha256Sess,
    Sha512_256,
    Sha512_256Sess,
}

const ALGORITHMS: [(&str, Algorithm); 6] = [
    ("MD5", Algorithm::Md5),
    ("MD5-sess", Algorithm::Md5Sess),
    ("SHA-256", Algorithm::Sha256),
    ("SHA-256-sess", Algorithm::Sha256Sess),
    ("SHA-512-256", Algorithm::Sha512_256),
    ("SHA-512-256-sess", Algorithm::Sha512_256Sess),
];

impl Algorithm {
    pub(super) fn parse(text: &str) -> Option<Algorithm> {
        ALGORITHMS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, algorithm)| *algorithm)
    }

    pub fn as_str(self) -> &'static str {
        ALGORITHMS.iter().find(|(_, algorithm)| *algorithm == self).map_or("MD5", |(name, _)| name)
    }

    pub fn is_session(self) -> bool {
        matches!(self, Algorithm::Md5Sess | Algorithm::Sha256Sess | Algorithm::Sha512_256Sess)
    }
}

/// One challenge of an algorithm and a `qop` that we can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// From Proxy-Authenticate, to be answered in Proxy-Authorization.
    pub proxy: bool,
    /// Between the quotes, escapes kept: that is what is hashed and echoed (`unq`, RFC 7616 §3.4).
    pub realm: String,
    pub nonce: String,
    pub opaque: Option<String>,
    pub stale: bool,
    pub algorithm: Algorithm,
    /// What was written for the algorithm, if anything: it is echoed.
    pub algorithm_given: bool,
    /// `auth` is offered; false means the old form without a `qop` (RFC 2069).
    pub qop_auth: bool,
}

impl Challenge {
    pub fn parse(text: &str, proxy: bool) -> Result<Challenge, FieldError> {
        let (scheme, rest) = text.trim().split_once(|c: char| c.is_ascii_whitespace()).ok_or(FieldError::Challenge)?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return Err(FieldError::Challenge);
        }
        let (mut realm, mut nonce, mut opaque, mut stale) = (None, None, None, false);
        let (mut algorithm, mut algorithm_given, mut qop) = (Algorithm::Md5, false, None);
        for param in split_list(rest) {
            let Some((name, value)) = param.split_once('=') else {
                continue;
            };
            let value = value.trim();
            let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
            match name.trim().to_ascii_lowercase().as_str() {
                "realm" => realm = Some(inner.to_owned()),
                "nonce" => nonce = Some(inner.to_owned()),
                "opaque" => opaque = Some(inner.to_owned()),
                "stale" => stale = inner.eq_ignore_ascii_case("true"),
                "algorithm" => {
                    algorithm = Algorithm::parse(&unquote(value)).ok_or(FieldError::Challenge)?;
                    algorithm_given = true;
                }
                "qop" => qop = Some(inner.split(',').any(|option| option.trim().eq_ignore_ascii_case("auth"))),
                _ => {}
            }
        }
        if qop == Some(false) {
            return Err(FieldError::Challenge);
        }
        Ok(Challenge {
            proxy,
            realm: realm.ok_or(FieldError::Missing)?,
            nonce: nonce.ok_or(FieldError::Missing)?,
            opaque,
            stale,
            algorithm,
            algorithm_given,
            qop_auth: qop == Some(true),
        })
    }
}

/// The challenge to answer: the topmost that we support, RFC 8760 §2.4; lines that cannot be read are passed over.
pub fn choose(headers: &Headers) -> Option<Challenge> {
    headers.iter().find_map(|header| {
        let proxy = match header.name {
            HeaderName::WwwAuthenticate => false,
            HeaderName::ProxyAuthenticate => true,
            _ => return None,
        };
        Challenge::parse(&header.text(), proxy).ok()
    })
}
