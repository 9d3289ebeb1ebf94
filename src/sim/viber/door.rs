//! What a bot asks: its account, to be called somewhere, and to send.

use super::{EVENTS, House, Refusal, Sent, wanted};
use crate::sim::web::{self, cut, json as answer, millis};
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

/// Largest request, bytes.
const LARGEST: usize = 30_000;

pub(super) async fn asked(State(house): State<Arc<House>>, Path(method): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    if headers.get("x-viber-auth-token").and_then(|given| given.to_str().ok()) != Some(house.token.as_str()) {
        return house.refuse((2, "invalidAuthToken"));
    }
    let Ok(body) = serde_json::from_slice::<Value>(&body) else { return house.refuse((3, "badData")) };
    let sends = method == "send_message";
    if sends && house.dice.chance(house.plan.flood) {
        return answer(200, &json!({ "status": 12, "status_message": "tooManyRequests" }));
    }
    if sends && house.dice.chance(house.plan.busy) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let done = match method.as_str() {
        "send_message" => send(&house, &body),
        "set_webhook" => set(&house, &body).await,
        "get_account_info" => Ok(account(&house)),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match done {
        Ok(_) if sends && house.dice.chance(house.plan.cut) => cut(),
        Ok(done) => answer(200, &done),
        Err(refusal) => house.refuse(refusal),
    }
}

fn account(house: &House) -> Value {
    let (hook, events) = house.book(|book| (book.hook.clone(), book.events.clone()));
    json!({ "status": 0, "status_message": "ok", "id": "pa:7534", "name": "Shop bot", "uri": "shopbot", "webhook": hook, "event_types": events })
}

/// The address is called at once and must answer.
async fn set(house: &House, body: &Value) -> Result<Value, Refusal> {
    let url = body["url"].as_str().unwrap_or_default();
    if !url.starts_with("https://") && !url.starts_with("http://127.0.0.1:") {
        return Err((1, "invalidUrl"));
    }
    let events: Vec<String> = match body.get("event_types").map(|events| serde_json::from_value(events.clone())) {
        None => EVENTS.iter().map(ToString::to_string).collect(),
        Some(Ok(events)) => events,
        Some(Err(_)) => return Err((3, "badData")),
    };
    if events.iter().any(|event| !EVENTS.contains(&event.as_str())) {
        return Err((3, "badData"));
    }
    let knock = Bytes::from(json!({ "event": "webhook", "timestamp": millis(), "message_token": house.next() }).to_string());
    let signed = (house.signs())(&knock);
    match web::post(url, &signed, knock).await {
        Ok((200, _)) => house.starts(url, events.clone()),
        _ => return Err((1, "invalidUrl")),
    }
    Ok(json!({ "status": 0, "status_message": "ok", "event_types": events }))
}

fn send(house: &House, body: &Value) -> Result<Value, Refusal> {
    if body.to_string().len() > LARGEST {
        return Err((3, "badData"));
    }
    let to = body["receiver"].as_str().filter(|to| !to.is_empty()).ok_or((4, "missingData"))?.to_owned();
    let kind = body["type"].as_str().ok_or((4, "missingData"))?.to_owned();
    let text = wanted::message(&kind, body)?;
    house.book(|book| {
        let refusal = if book.hook.is_empty() {
            Some((10, "webhookNotSet"))
        } else if !book.users.contains(&to) {
            Some((5, "receiverNotRegistered"))
        } else if book.gone.contains(&to) {
            Some((6, "receiverNotSubscribed"))
        } else {
            (book.balance == Some(0)).then_some((24, "noBalance"))
        };
        book.balance = book.balance.map(|left| left.saturating_sub(1));
        refusal.map_or(Ok(()), Err)
    })?;
    let token = house.next();
    house.book(|book| book.sent.push(Sent { token, to: to.clone(), kind, text, body: body.clone() }));
    house.moved.send_modify(|moved| *moved += 1);
    // Perhaps before the answer is read, in any order, and not always.
    for event in ["delivered", "seen"] {
        if !house.dice.chance(house.plan.lost) {
            house.tell(&json!({ "event": event, "timestamp": millis(), "message_token": token, "user_id": to }));
        }
    }
    Ok(json!({ "status": 0, "status_message": "ok", "message_token": token, "chat_hostname": "SN-CHAT-01_", "billing_status": 1 }))
}

pub(super) async fn file(State(house): State<Arc<House>>, Path(name): Path<String>) -> Response {
    match house.book(|book| book.files.get(&name).cloned()) {
        Some(bytes) => Response::new(Body::from(bytes)),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
