//! Callbacks of LINE: signed over the bytes as they came. LINE tells an event again when it heard nothing, and only if the console says so; the
//! event's own id tells it apart.

use super::Line;
use crate::channels::platform::{HookRefused, HookRequest, Hooked, Raw};
use crate::channels::proof;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{Method, StatusCode};
use secrecy::ExposeSecret;
use serde_json::Value;

/// The name as HTTP libraries write it; LINE's own case varies.
const SIGNATURE: &str = "x-line-signature";
/// Largest callback, bytes.
const LARGEST: usize = 1 << 20;

impl Line {
    pub(super) fn called(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        let refused = |status, why| Err(HookRefused { status, why });
        if request.method != Method::POST {
            return refused(StatusCode::METHOD_NOT_ALLOWED, "LINE posts events");
        }
        if request.body.len() > LARGEST {
            return refused(StatusCode::PAYLOAD_TOO_LARGE, "larger than a callback of LINE's can be");
        }
        let given = request.headers.get(SIGNATURE).and_then(|given| BASE64.decode(given.as_bytes()).ok()).unwrap_or_default();
        if !proof::is_mac(self.secret.expose_secret().as_bytes(), request.body, &given) {
            return refused(StatusCode::UNAUTHORIZED, "X-Line-Signature is missing or made with another channel's secret");
        }
        let Ok(told) = serde_json::from_slice::<Value>(request.body) else {
            return Ok(Hooked { events: vec![Raw { key: proof::digest(request.body), body: request.body.to_vec() }], ..Hooked::default() });
        };
        // The console's button "Verify" tells no events.
        let events = told.get("events").and_then(Value::as_array).into_iter().flatten().map(raw).collect();
        Ok(Hooked { events, ..Hooked::default() })
    }
}

fn raw(event: &Value) -> Raw {
    let id = event.get("webhookEventId").and_then(Value::as_str).filter(|id| !id.is_empty());
    let key = id.map_or_else(|| proof::digest(event.to_string().as_bytes()), |id| proof::event_key(&[id]));
    Raw { key, body: proof::json(event).to_vec() }
}
