//! Gateway → Input: what customers write, and how far our own texts have come. Answered after it is on disk, so that a gateway that hears
//! nothing tells it again.

use super::wire::{Hook, ReceiptState};
use super::{Account, Sms, sign};
use crate::desk::callback::number;
use crate::desk::id::{At, ChannelId, MessageId};
use crate::desk::input::{Besides, Body, Delivery, Input, MessageHeard};
use crate::desk::person::{Identity, Who};
use crate::desk::refusal::Refusal;
use crate::store::{messages, persons};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::json;

/// Longest id of the gateway's, and longest text, characters.
const LONGEST_ID: usize = 128;
const LONGEST_TEXT: usize = 4_000;
const LONGEST_REASON: usize = 200;
/// A message is not older than this, ms: a gateway's clock is believed no further.
const OLDEST_MS: i64 = 7 * 24 * 3_600_000;

/// `POST /sms/{channel}/hook`
pub(super) async fn hook(State(sms): State<Sms>, Path(channel): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let account = sms.account(&ChannelId::from(channel.as_str()));
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let now = sms.shared.clock.now();
    let signed = |account: &Account| sign::is_signed(&account.secret, header(sign::TIMESTAMP), header(sign::SIGNATURE), &body, now);
    // A channel that does not exist and a wrong signature look alike.
    let Some(account) = account.filter(signed) else {
        tracing::warn!(channel, "a hook with a wrong signature was refused");
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let hook: Hook = match serde_json::from_slice(&body) {
        Ok(hook) => hook,
        Err(error) => {
            tracing::warn!(channel = %account.id, %error, "a hook cannot be read");
            return (StatusCode::BAD_REQUEST, Json(json!({ "error": "not a hook" }))).into_response();
        }
    };
    let heard = match hook {
        Hook::Message { id, from, text, at } => message(&sms, &account, id, &from, text, at.map(At), now).await,
        Hook::Receipt { id, state, reason } => receipt(&sms, &account, &id, state, reason).await,
        Hook::Other => Ok(()),
    };
    match heard {
        Ok(()) => Json(json!({ "ok": true })).into_response(),
        Err(status) => status.into_response(),
    }
}

async fn message(sms: &Sms, account: &Account, id: String, from: &str, text: String, at: Option<At>, now: At) -> Result<(), StatusCode> {
    if id.is_empty() || id.chars().count() > LONGEST_ID || from.chars().count() > LONGEST_ID {
        return Err(StatusCode::BAD_REQUEST);
    }
    let identity = identity(account, from);
    let looked_up = async {
        let known = messages::known(&sms.shared.store, &account.id, &id).await?;
        Ok::<_, crate::store::StoreError>((known, persons::brief(&sms.shared.store, identity.clone()).await?))
    };
    let (known, person) = looked_up.await.map_err(|error| {
        tracing::error!(channel = %account.id, %error, "the sender of a text could not be looked up");
        StatusCode::SERVICE_UNAVAILABLE
    })?;
    let text: String = text.chars().filter(|c| !c.is_control() || *c == '\n').take(LONGEST_TEXT).collect();
    let heard = MessageHeard {
        channel: account.id.clone(),
        external_id: id,
        who: Who { identity, display: None, person },
        body: Body::text(text),
        page: None,
        sent: at.filter(|at| *at <= now && now.since(*at) < OLDEST_MS).unwrap_or(now),
        known,
        besides: Besides::default(),
    };
    match sms.shared.switchboard.ask(Input::Message(heard)).await {
        Ok(_) => Ok(()),
        // Told again, it would be refused again.
        Err(refusal @ (Refusal::Gone | Refusal::Empty | Refusal::UnknownQueue)) => {
            tracing::warn!(channel = %account.id, ?refusal, "a text was not taken");
            Ok(())
        }
        Err(_) => Err(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// E.164 where it is that; short codes and names are known on this account only.
fn identity(account: &Account, from: &str) -> Identity {
    let digits: String = from.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
    if number::begins(&digits, ["+"]) {
        return Identity { kind: "phone".into(), namespace: String::new(), value: digits };
    }
    Identity { kind: "sms".into(), namespace: account.id.as_str().to_owned(), value: from.to_owned() }
}

/// Only what went out by this account can be confirmed by it.
async fn receipt(sms: &Sms, account: &Account, id: &str, state: ReceiptState, reason: Option<String>) -> Result<(), StatusCode> {
    let Some(id) = id.parse().ok().map(MessageId) else { return Ok(()) };
    let row = messages::get(&sms.shared.store, id).await.map_err(|error| {
        tracing::error!(channel = %account.id, %error, "a receipt could not be looked up");
        StatusCode::SERVICE_UNAVAILABLE
    })?;
    if row.and_then(|row| row.channel).as_ref() != Some(&account.id) {
        tracing::warn!(channel = %account.id, message = %id, "a receipt for a text that this account did not send");
        return Ok(());
    }
    let delivery = match state {
        ReceiptState::Sent => Delivery::Sent,
        ReceiptState::Delivered => Delivery::Delivered,
        ReceiptState::Unknown => Delivery::Unknown,
        ReceiptState::Failed => {
            let reason = reason.unwrap_or_else(|| "not delivered".to_owned());
            Delivery::Failed { reason: reason.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect() }
        }
    };
    sms.shared.switchboard.ask(Input::Delivery(id, delivery)).await.map(drop).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}
