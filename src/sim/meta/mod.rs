//! Meta's platforms as an app sees them: the Graph API with its tokens and refusals, and callbacks signed over bytes in which nothing is other
//! than ASCII. Nothing is shared with the connectors.

pub mod pages;
pub mod whatsapp;

use super::courier::{Courier, Sign};
use super::plan::Plan;
use super::web::{hmac, json as answer, millis};
use axum::response::Response;
use http::HeaderMap;
use serde_json::{Value, json};
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A refusal of the Graph API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub code: i64,
    pub subcode: i64,
    pub message: String,
}

impl Refusal {
    fn new(status: u16, code: i64, message: &str) -> Refusal {
        Refusal { status, code, subcode: 0, message: message.to_owned() }
    }

    fn answer(&self) -> Response {
        let error = json!({ "message": self.message, "type": "OAuthException", "code": self.code, "error_subcode": self.subcode, "fbtrace_id": "A" });
        answer(self.status, &json!({ "error": error }))
    }
}

/// Checks the token: in the header, or in the query as older clients have it.
fn authorised(headers: &HeaderMap, query: &str, token: &str) -> Result<(), Refusal> {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    let query = query.split('&').find_map(|pair| pair.strip_prefix("access_token="));
    match header.or(query) {
        Some(given) if given == token => Ok(()),
        Some(_) => Err(Refusal::new(401, 190, "Invalid OAuth access token - Cannot parse access token")),
        None => Err(Refusal::new(400, 104, "An access token is required to request this resource.")),
    }
}

/// A clock that can be moved on, ms.
#[derive(Default)]
struct Watch(AtomicI64);

impl Watch {
    fn now(&self) -> i64 {
        millis().saturating_add(self.0.load(Ordering::Relaxed))
    }

    fn later(&self, by: i64) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }
}

/// JSON as Meta writes it: everything but ASCII as `\uXXXX`.
pub fn escaped(value: &Value) -> String {
    let mut text = String::new();
    for c in value.to_string().chars() {
        if c.is_ascii() {
            text.push(c);
            continue;
        }
        let mut units = [0; 2];
        for unit in c.encode_utf16(&mut units) {
            // Writing into a String cannot fail.
            let _ = write!(text, "\\u{unit:04x}");
        }
    }
    text
}

/// `X-Hub-Signature-256` of a body.
pub fn signature(secret: &str, body: &[u8]) -> String {
    format!("sha256={}", hex::encode(hmac(secret.as_bytes(), body)))
}

fn courier(hook: &str, secret: &str, plan: Plan) -> Courier {
    let secret = secret.to_owned();
    let sign: Sign = Arc::new(move |body: &[u8]| vec![("X-Hub-Signature-256", signature(&secret, body))]);
    Courier::start(hook.to_owned(), sign, plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published vector (Appendix A.10 of the channels' reference).
    #[test]
    fn signatures_are_metas() {
        let body = br#"{"object":"page","entry":[]}"#;
        assert_eq!(signature("app_secret", body), "sha256=22d3988d1017c437ea81a89d41e2d3266c00a508cffdb23f8ad8746d232d77e9");
        assert_eq!(escaped(&json!({ "text": "你😀" })), r#"{"text":"\u4f60\ud83d\ude00"}"#);
    }
}
