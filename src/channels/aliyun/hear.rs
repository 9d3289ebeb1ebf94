//! What Aliyun pushes: lists of what customers wrote (SmsUp) and of how far ours came (SmsReport), to one address or two. Nothing is signed.

use crate::channels::numbers;
use crate::channels::platform::*;
use crate::desk::id::{At, ChannelId};
use crate::desk::input::Delivery;
use bytes::Bytes;
use http::StatusCode;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use serde_json::{Value, json};

/// Most items of one push.
const ITEMS: usize = 1_000;

pub(super) fn events(body: &[u8], now: At) -> Result<Hooked, HookRefused> {
    let refused = |why| HookRefused { status: StatusCode::BAD_REQUEST, why };
    let items: Vec<Value> = serde_json::from_slice(body).map_err(|_| refused("not a JSON list"))?;
    if items.len() > ITEMS {
        return Err(refused("too many items"));
    }
    let events = items
        .iter()
        .filter_map(|item| Some(Raw { key: key(item)?, body: serde_json::to_vec(&json!({ "at": now.0, "item": item })).ok()? }))
        .collect();
    let body = Bytes::from_static(r#"{"code":0,"msg":"接收成功"}"#.as_bytes());
    let answer = HookAnswer { status: StatusCode::OK, content_type: "application/json; charset=utf-8", body };
    Ok(Hooked { events, answer, poll: false })
}

/// What the same item told again has in common. An item that is neither has the digest of itself.
fn key(item: &Value) -> Option<String> {
    if item.get("content").is_some() {
        return Some(format!("up:{}", word(item, "sequence_id")?));
    }
    if item.get("biz_id").is_some() || item.get("success").is_some() {
        return Some(format!("report:{}:{}", word(item, "biz_id")?, word(item, "phone_number")?));
    }
    Some(format!("other:{}", super::sign::digest(item.to_string().as_bytes())))
}

/// A field that is a text at one time and a number at another.
fn word(item: &Value, name: &str) -> Option<String> {
    match item.get(name)? {
        Value::String(text) if !text.is_empty() && text.len() <= 100 => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub(super) fn read(channel: &ChannelId, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
    let kept: Value = serde_json::from_slice(raw).map_err(|error| Unreadable(error.to_string()))?;
    let item = kept.get("item").ok_or_else(|| Unreadable("no item".into()))?;
    let heard_at = At(kept.get("at").and_then(Value::as_i64).unwrap_or_default());
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    let phone = word(item, "phone_number").ok_or_else(|| Unreadable("no phone_number".into()))?;
    if let Some(content) = text("content") {
        let key = key(item).ok_or_else(|| Unreadable("no sequence_id".into()))?;
        return Ok(vec![Heard::Message(Wrote {
            key,
            from: Sender { identity: numbers::identity(channel, &phone, false, Some("+86")), name: None, also: Vec::new(), language: None },
            text: content.to_owned(),
            extra: None,
            media: Vec::new(),
            sent: text("send_time").and_then(beijing).unwrap_or(heard_at),
            seq: 0,
            threads: Vec::new(),
            automatic: false,
            window: None,
        })]);
    }
    let biz = word(item, "biz_id").ok_or_else(|| Unreadable("neither a message nor a receipt".into()))?;
    let state = match item.get("success") {
        Some(Value::Bool(true)) => Delivery::Delivered,
        Some(Value::String(said)) if said == "true" => Delivery::Delivered,
        _ => {
            let said = [text("err_code"), text("err_msg")].into_iter().flatten().collect::<Vec<_>>().join(" ");
            Delivery::Failed { reason: said.chars().filter(|c| !c.is_control()).take(120).collect() }
        }
    };
    // Our own name of it (OutId) is known even where the answer that had theirs was lost.
    let of = match text("out_id") {
        Some(ours) if !ours.is_empty() => OfOurs::Key(ours.to_owned()),
        _ => OfOurs::External(biz),
    };
    Ok(vec![Heard::Receipt { of, state }])
}

/// `2026-01-01 10:00:00`, which is the time of Beijing.
pub(in crate::channels) fn beijing(text: &str) -> Option<At> {
    let civil: DateTime = text.replacen(' ', "T", 1).parse().ok()?;
    let zone = TimeZone::fixed(Offset::from_hours(8).ok()?);
    Some(At(civil.to_zoned(zone).ok()?.timestamp().as_millisecond()))
}
