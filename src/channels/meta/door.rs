//! Callbacks of Meta's: the question whether we are who the administrator says (`hub.challenge`), and events signed by the app's secret over
//! the bytes as they came. Meta writes other than ASCII as `\uXXXX`, so nothing is read before it is verified and nothing is written again.

use crate::channels::platform::{HookAnswer, HookRefused, HookRequest};
use crate::channels::proof;
use axum::extract::Query;
use http::{HeaderMap, Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// Largest callback, bytes (Meta's own bound).
const LARGEST: usize = 3 << 20;
/// Longest challenge, bytes; Meta sends a number.
const LONGEST_CHALLENGE: usize = 128;
const SIGNATURE: &str = "x-hub-signature-256";

/// By what callbacks are known.
pub(in crate::channels) struct Door {
    pub verify_token: SecretString,
    /// With their names for the log; each may have signed.
    pub secrets: Vec<(&'static str, SecretString)>,
}

/// What a callback that is Meta's wants.
#[derive(Debug)]
pub(in crate::channels) enum Opened {
    /// The challenge, given back.
    Verified(HookAnswer),
    /// The body may be read.
    Told,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(rename = "hub.mode")]
    mode: String,
    #[serde(rename = "hub.verify_token")]
    token: String,
    #[serde(rename = "hub.challenge")]
    challenge: String,
}

impl Door {
    pub(in crate::channels) fn open(&self, request: &HookRequest<'_>) -> Result<Opened, HookRefused> {
        let refused = |status, why| Err(HookRefused { status, why });
        if request.method == Method::GET {
            return self.verify(request.query).map(Opened::Verified);
        }
        if request.method != Method::POST {
            return refused(StatusCode::METHOD_NOT_ALLOWED, "Meta asks by GET and tells by POST");
        }
        if request.body.len() > LARGEST {
            return refused(StatusCode::PAYLOAD_TOO_LARGE, "larger than a callback of Meta's can be");
        }
        match self.signed_by(request.headers, request.body) {
            Some(secret) => {
                tracing::trace!(secret, "a callback of Meta's is signed");
                Ok(Opened::Told)
            }
            None => refused(StatusCode::UNAUTHORIZED, "X-Hub-Signature-256 is missing or made with another app's secret"),
        }
    }

    fn verify(&self, query: &str) -> Result<HookAnswer, HookRefused> {
        let refused = |why| HookRefused { status: StatusCode::FORBIDDEN, why };
        let uri = format!("/?{query}").parse().map_err(|_| refused("a query that is none"))?;
        let Query(Asked { mode, token, challenge }) =
            Query::try_from_uri(&uri).map_err(|_| refused("hub.mode, hub.verify_token or hub.challenge is missing"))?;
        if !proof::same(token.as_bytes(), self.verify_token.expose_secret().as_bytes()) {
            return Err(refused("hub.verify_token is not ours"));
        }
        // It is given back to whoever asked, so it may be nothing but a word.
        let word = challenge.len() <= LONGEST_CHALLENGE && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if mode != "subscribe" || !word {
            return Err(refused("hub.mode or hub.challenge is not Meta's"));
        }
        Ok(HookAnswer { body: challenge.into(), ..HookAnswer::default() })
    }

    /// The name of the secret. All are tried, so that the time does not tell which one it is.
    fn signed_by(&self, headers: &HeaderMap, body: &[u8]) -> Option<&'static str> {
        let given = headers.get(SIGNATURE)?.to_str().ok()?.strip_prefix("sha256=")?;
        let given = hex::decode(given).ok()?;
        let is = |(_, secret): &&(&'static str, SecretString)| proof::is_mac(secret.expose_secret().as_bytes(), body, &given);
        self.secrets.iter().filter(is).fold(None, |first, (name, _)| first.or(Some(*name)))
    }
}
