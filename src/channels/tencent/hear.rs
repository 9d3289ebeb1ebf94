//! What Tencent calls back: how far ours came (a list) and what customers wrote (one object each). Nothing is signed.

use crate::channels::aliyun::beijing;
use crate::channels::numbers;
use crate::channels::platform::*;
use crate::desk::id::{At, ChannelId};
use crate::desk::input::Delivery;
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const ITEMS: usize = 1_000;

pub(super) fn events(body: &[u8], now: At) -> Result<Hooked, HookRefused> {
    let refused = |why| HookRefused { status: StatusCode::BAD_REQUEST, why };
    let told: Value = serde_json::from_slice(body).map_err(|_| refused("not JSON"))?;
    let items = match told {
        Value::Array(items) if items.len() <= ITEMS => items,
        Value::Array(_) => return Err(refused("too many items")),
        item @ Value::Object(_) => vec![item],
        _ => return Err(refused("neither a list nor an object")),
    };
    let events = items
        .iter()
        .filter_map(|item| Some(Raw { key: key(item), body: serde_json::to_vec(&json!({ "at": now.0, "item": item })).ok()? }))
        .collect();
    let body = Bytes::from_static(br#"{"result":0,"errmsg":"OK"}"#);
    Ok(Hooked { events, answer: HookAnswer { status: StatusCode::OK, content_type: "application/json", body }, poll: false })
}

/// A receipt has an id; what a customer wrote has none, so it is known by all that it says, its second among it.
fn key(item: &Value) -> String {
    match (item.get("sid").and_then(Value::as_str), item.get("report_status").and_then(Value::as_str)) {
        (Some(sid), Some(state)) if sid.len() <= 100 && state.len() <= 20 => format!("report:{sid}:{state}"),
        _ => format!("reply:{}", hex::encode(Sha256::digest(item.to_string()))),
    }
}

pub(super) fn read(channel: &ChannelId, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
    let kept: Value = serde_json::from_slice(raw).map_err(|error| Unreadable(error.to_string()))?;
    let item = kept.get("item").ok_or_else(|| Unreadable("no item".into()))?;
    let heard_at = At(kept.get("at").and_then(Value::as_i64).unwrap_or_default());
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    if let Some(state) = text("report_status") {
        let sid = text("sid").ok_or_else(|| Unreadable("a receipt without sid".into()))?;
        let state = match state {
            "SUCCESS" => Delivery::Delivered,
            _ => {
                let said = [text("errmsg"), text("description")].into_iter().flatten().collect::<Vec<_>>().join(" ");
                Delivery::Failed { reason: said.chars().filter(|c| !c.is_control()).take(120).collect() }
            }
        };
        return Ok(vec![Heard::Receipt { of: OfOurs::External(sid.to_owned()), state }]);
    }
    let (Some(mobile), Some(said)) = (text("mobile"), text("text")) else { return Err(Unreadable("neither a reply nor a receipt".into())) };
    let country = text("nationcode").map_or_else(|| "+86".to_owned(), |code| format!("+{}", code.trim_start_matches('+')));
    let full = if mobile.starts_with('+') { mobile.to_owned() } else { format!("{country}{mobile}") };
    let time = match item.get("time") {
        Some(Value::Number(seconds)) => seconds.as_i64().and_then(|seconds| seconds.checked_mul(1_000)).map(At),
        Some(Value::String(time)) => beijing(time),
        _ => None,
    };
    Ok(vec![Heard::Message(Wrote {
        key: key(item),
        from: Sender { identity: numbers::identity(channel, &full, false, None), name: None, also: Vec::new(), language: None },
        text: said.to_owned(),
        extra: None,
        media: Vec::new(),
        sent: time.unwrap_or(heard_at),
        seq: 0,
        threads: Vec::new(),
        automatic: false,
        window: None,
    })])
}
