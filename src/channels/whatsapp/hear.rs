//! A callback → its events, one by one: batches hold several entries with several changes with several messages and receipts.

use super::Whatsapp;
use crate::channels::platform::Raw;
use crate::channels::proof;
use serde_json::{Value, json};

impl Whatsapp {
    /// Of a body that is verified. What another number was told is left out.
    pub(super) fn events(&self, body: &[u8]) -> Vec<Raw> {
        let Ok(told) = serde_json::from_slice::<Value>(body) else {
            return vec![Raw { key: proof::digest(body), body: body.to_vec() }];
        };
        if told.get("object").and_then(Value::as_str) != Some("whatsapp_business_account") {
            tracing::warn!(object = ?told.get("object"), "a callback for another product than this channel's");
            return Vec::new();
        }
        let mut events = Vec::new();
        for change in list(&told, "entry").flat_map(|entry| list(entry, "changes")) {
            let value = change.get("value").unwrap_or(&Value::Null);
            let number = value.pointer("/metadata/phone_number_id").and_then(Value::as_str);
            if number.is_some_and(|number| number != self.phone_number_id) {
                tracing::info!(number, "an event of another number");
                continue;
            }
            let contacts = value.get("contacts").cloned().unwrap_or_else(|| json!([]));
            let text = |event: &Value, name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            for message in list(value, "messages") {
                events.push(raw(&["message", &text(message, "id")], message, &json!({ "contacts": contacts, "message": message })));
            }
            for echo in list(value, "message_echoes") {
                events.push(raw(&["message", &text(echo, "id")], echo, &json!({ "contacts": contacts, "echo": echo })));
            }
            for status in list(value, "statuses") {
                events.push(raw(&["status", &text(status, "id"), &text(status, "status")], status, &json!({ "status": status })));
            }
            let field = change.get("field").and_then(Value::as_str).unwrap_or_default();
            if !matches!(field, "messages" | "smb_message_echoes") {
                events.push(Raw { key: proof::digest(change.to_string().as_bytes()), body: proof::json(change).to_vec() });
            }
        }
        events
    }
}

/// The same event has the same name, whatever batch it comes in; without an id it has its digest.
fn raw(key: &[&str], event: &Value, kept: &Value) -> Raw {
    let key = if key.get(1).is_some_and(|id| id.is_empty()) { proof::digest(event.to_string().as_bytes()) } else { proof::event_key(key) };
    Raw { key, body: proof::json(kept).to_vec() }
}

fn list<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    of.get(name).and_then(Value::as_array).into_iter().flatten()
}
