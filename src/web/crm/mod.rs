//! `POST /crm/events`: what the firm's own system tells by itself (docs/crm.md), signed with the secret of `[crm]`.

use super::{WebError, WebState};
use crate::desk::id::At;
use crate::desk::input::Input;
use crate::store::records::{self, Event};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, StatusCode};
use secrecy::ExposeSecret;
use serde::Deserialize;
use sha2::Sha256;

/// Largest event, bytes.
const LARGEST: usize = 64 << 10;
/// A signature is good for so long before and after its time, s.
const APART_S: i64 = 300;

pub fn router() -> Router<WebState> {
    Router::new().route("/crm/events", post(event)).layer(DefaultBodyLimit::max(LARGEST))
}

#[derive(Deserialize)]
struct Heard {
    /// The system's own name for it: told again, it is the same.
    id: String,
    #[serde(flatten)]
    event: Event,
}

/// 204 when it is on disk, or was before.
async fn event(State(state): State<WebState>, headers: HeaderMap, body: Bytes) -> Result<StatusCode, WebError> {
    let (loaded, now) = (state.config.load_full(), state.clock.now());
    let secret = loaded.config.crm.secret.as_ref().ok_or(WebError::NotFound)?;
    let key = secret.get_ref().reveal(&loaded.config.folder).map_err(|error| {
        tracing::error!(%error, "the secret of [crm] cannot be had");
        WebError::Internal
    })?;
    let signed = headers.get("hubline-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !is_signed(key.expose_secret(), signed, &body, now) {
        tracing::warn!("an event of the customer system that is not signed, or too old");
        return Ok(StatusCode::UNAUTHORIZED);
    }
    let heard: Heard = serde_json::from_slice(&body).map_err(|_| WebError::Bad("the event is not what docs/crm.md says"))?;
    if heard.id.is_empty() || heard.id.len() > 200 {
        return Err(WebError::Bad("id"));
    }
    if let Some((person, identity)) = records::take(&state.store, heard.id, heard.event, now).await? {
        state.switchboard.ask(Input::RecordTold { person, identity }).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `t=SECONDS,v1=HEX` with the HMAC-SHA-256 of `SECONDS.BODY`, compared in constant time.
fn is_signed(key: &str, header: &str, body: &[u8], now: At) -> bool {
    let part = |name: &str| header.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
    let Some((seconds, hex)) = part("t").zip(part("v1")) else { return false };
    let Ok(at) = seconds.parse::<i64>() else { return false };
    let Ok(mac) = hex::decode(hex) else { return false };
    let Ok(mut expected) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return false };
    expected.update(seconds.as_bytes());
    expected.update(b".");
    expected.update(body);
    (now.0 / 1_000 - at).abs() <= APART_S && expected.verify_slice(&mac).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_just_now_is_taken() {
        let sign = |key: &str, seconds: i64, body: &str| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
            mac.update(format!("{seconds}.{body}").as_bytes());
            format!("t={seconds},v1={}", hex::encode(mac.finalize().into_bytes()))
        };
        let (now, body) = (At(1_000_000), "{}");
        assert!(is_signed("key", &sign("key", 1_000, body), body.as_bytes(), now));
        assert!(!is_signed("other", &sign("key", 1_000, body), body.as_bytes(), now));
        assert!(!is_signed("key", &sign("key", 1_000, body), b"{ }", now));
        assert!(!is_signed("key", &sign("key", 600, body), body.as_bytes(), now), "too old");
        for header in ["", "t=1000", "v1=00", "t=x,v1=00", "t=1000,v1=zz"] {
            assert!(!is_signed("key", header, body.as_bytes(), now), "{header}");
        }
    }
}
