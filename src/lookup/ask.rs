//! One question and its answer.
//!
//! Asked: `POST` of `{"flow", "node", "call" or "conversation", "from": {"kind", "value"}, "person", "language", "tier", "variables"}`, with
//! `Hubline-Signature: t=SECONDS,v1=HEX` where HEX is the HMAC-SHA-256 of `SECONDS.BODY` by the node's secret. Answered: 200 with
//! `{"branch": "…", "set": {"name": "…"}}`, both optional.

use crate::config::value::Secret;
use crate::desk::act::Look;
use crate::desk::id::{At, Work};
use crate::desk::ivr::Found;
use crate::reach::{self, Client, Lost};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, StatusCode, Uri, header};
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Longest answer taken, bytes.
const LARGEST: usize = 16 * 1024;
/// Variables taken from one answer.
const VARIABLES: usize = 32;

/// How one node asks.
#[derive(Debug)]
pub struct Ask {
    pub url: Uri,
    /// With the folder in which its file is looked for.
    pub secret: Option<(Secret, PathBuf)>,
    /// Variables that are sent.
    pub send: Vec<String>,
    pub timeout: Duration,
}

/// Why a question brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum Asked {
    #[error("no answer in time")]
    TooSlow,
    #[error("no such node is configured any more")]
    Nowhere,
    #[error("the secret cannot be had: {0}")]
    Secret(#[from] crate::config::value::SecretError),
    #[error(transparent)]
    Lost(#[from] Lost),
    #[error("answered {0}")]
    Status(StatusCode),
    #[error("the answer is not what it should be: {0}")]
    Answer(&'static str),
}

impl Ask {
    /// Asks and reads the answer. Takes as long as it takes.
    pub async fn ask(&self, client: &Client, look: &Look, at: At) -> Result<Found, Asked> {
        let body = self.body(look).to_string();
        let mut ask = reach::Ask::post(self.url.clone(), "application/json", body.clone()).within(self.timeout).most(LARGEST);
        ask = ask.header(header::ACCEPT, "application/json");
        if let Some((secret, folder)) = &self.secret {
            let secret = secret.reveal(folder)?;
            let seconds = at.0 / 1_000;
            let signature = signature(secret.expose_secret(), seconds, &body);
            ask = ask.header(HeaderName::from_static("hubline-signature"), &format!("t={seconds},v1={signature}"));
        }
        let answer = client.ask(ask).await?;
        if answer.status != StatusCode::OK {
            return Err(Asked::Status(answer.status));
        }
        read(&answer.body)
    }

    fn body(&self, look: &Look) -> Value {
        let sent: BTreeMap<&str, &str> =
            self.send.iter().filter_map(|name| Some((name.as_str(), look.variables.get(name)?.as_str()))).collect();
        let (work, id) = match look.work {
            Work::Call(id) => ("call", id.0),
            Work::Conversation(id) => ("conversation", id.0),
            Work::Callback(id) => ("callback", id.0),
        };
        json!({
            "flow": look.flow,
            "node": look.node,
            work: id,
            "from": { "kind": look.identity.kind, "value": look.identity.value },
            "person": look.person,
            "language": look.language,
            "tier": look.tier,
            "variables": sent,
        })
    }
}

/// Hexadecimal HMAC-SHA-256 of `SECONDS.BODY`.
pub(super) fn signature(secret: &str, seconds: i64, body: &str) -> String {
    // An HMAC takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(format!("{seconds}.{body}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// The answer is somebody else's: what does not fit is refused or left out, never trusted.
pub(super) fn read(body: &[u8]) -> Result<Found, Asked> {
    let Ok(Value::Object(answer)) = serde_json::from_slice::<Value>(body) else {
        return Err(Asked::Answer("not a JSON object"));
    };
    let branch = match answer.get("branch") {
        None | Some(Value::Null) => None,
        Some(value) => Some(text(value).ok_or(Asked::Answer("`branch` is not a text"))?),
    };
    let none = Map::new();
    let set = match answer.get("set") {
        None | Some(Value::Null) => &none,
        Some(Value::Object(set)) => set,
        Some(_) => return Err(Asked::Answer("`set` is not an object")),
    };
    let named = |name: &str| !name.is_empty() && name.len() <= 64 && name.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
    let kept = set.iter().filter(|(name, _)| named(name)).filter_map(|(name, value)| Some((name.clone(), text(value)?)));
    Ok(Found { branch, set: kept.take(VARIABLES).collect() })
}

/// Texts, numbers and yes or no, as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.chars().filter(|c| !c.is_control()).collect()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
