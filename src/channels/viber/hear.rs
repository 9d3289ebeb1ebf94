//! Callbacks of Viber, signed over the bytes as they came, and told again until they are answered with 200. Viber has no page where our address
//! is entered: we tell it, and look by and by whether it still stands there.

use super::Viber;
use super::wire::token;
use crate::channels::platform::{HookRefused, HookRequest, Hooked, Polled, Raw, Trouble};
use crate::channels::proof;
use http::{Method, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::time::Duration;

/// The name as HTTP libraries write it.
const SIGNATURE: &str = "x-viber-content-signature";
/// Largest callback, bytes.
const LARGEST: usize = 1 << 20;
/// What we want to be told besides messages, which are told always.
pub(super) const EVENTS: [&str; 6] = ["delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started"];
/// How often it is looked whether Viber knows our address.
const LOOK: Duration = Duration::from_secs(600);

impl Viber {
    pub(super) fn heard(&self, request: &HookRequest<'_>) -> Result<Hooked, HookRefused> {
        let refused = |status, why| Err(HookRefused { status, why });
        if request.method != Method::POST {
            return refused(StatusCode::METHOD_NOT_ALLOWED, "Viber posts callbacks");
        }
        if request.body.len() > LARGEST {
            return refused(StatusCode::PAYLOAD_TOO_LARGE, "larger than a callback of Viber's can be");
        }
        let given = request.headers.get(SIGNATURE).and_then(|given| hex::decode(given.as_bytes()).ok()).unwrap_or_default();
        if !proof::is_mac(self.api.token.expose_secret().as_bytes(), request.body, &given) {
            return refused(StatusCode::UNAUTHORIZED, "X-Viber-Content-Signature is missing or made with another bot's token");
        }
        let told: Value = serde_json::from_slice(request.body).unwrap_or_default();
        let text = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default();
        // Only to see whether we are there: `set_webhook` waits for the answer.
        if text("event") == "webhook" {
            return Ok(Hooked::default());
        }
        // What becomes of a message of ours comes under that message's own token, several times.
        let key = match told.get("message_token").and_then(token) {
            Some(token) if !text("event").is_empty() => proof::event_key(&[text("event"), &token, text("user_id")]),
            _ => proof::digest(request.body),
        };
        Ok(Hooked { events: vec![Raw { key, body: request.body.to_vec() }], ..Hooked::default() })
    }

    /// Sees to it that Viber calls us.
    pub(super) async fn told(&self) -> Result<Polled, Trouble> {
        let later = Ok(Polled { wait: LOOK, ..Polled::default() });
        let Some(hook) = &self.hook else { return later };
        let account = self.api.ask("get_account_info", &json!({})).await?;
        if lacking(&account, hook).is_some() {
            self.api.ask("set_webhook", &json!({ "url": hook, "event_types": EVENTS, "send_name": true, "send_photo": false })).await?;
            tracing::info!(hook, "Viber was told where to call us");
        }
        later
    }
}

/// What is wrong with what Viber knows of us; `None`: nothing.
pub(super) fn lacking(account: &Value, hook: &str) -> Option<String> {
    let known = account.get("webhook").and_then(Value::as_str).unwrap_or_default();
    if known != hook {
        return Some(format!("it calls {known:?}, not {hook:?}"));
    }
    let told: Vec<&str> = account.get("event_types").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let lost: Vec<&str> = EVENTS.into_iter().filter(|event| !told.contains(event)).collect();
    (!lost.is_empty()).then(|| format!("it does not tell {}", lost.join(", ")))
}
