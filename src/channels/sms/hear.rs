//! What the gateway tells us: what customers write, and how far our own texts have come.

use super::wire::{Hook, ReceiptState};
use crate::channels::numbers;
use crate::channels::platform::*;
use crate::desk::id::{At, ChannelId};
use crate::desk::input::Delivery;
use bytes::Bytes;
use http::StatusCode;
use serde::{Deserialize, Serialize};

/// Longest id of the gateway's, and longest text, characters.
const LONGEST_ID: usize = 128;
const LONGEST_TEXT: usize = 4_000;
const LONGEST_REASON: usize = 200;
/// A message is not older than this, ms: a gateway's clock is believed no further.
const OLDEST_MS: i64 = 7 * 24 * 3_600_000;

/// What is kept: the hook as it came, and when.
#[derive(Serialize, Deserialize)]
struct Kept {
    at: i64,
    hook: String,
}

pub(super) fn events(body: &[u8], now: At) -> Result<Hooked, HookRefused> {
    let wrong = |why| HookRefused { status: StatusCode::BAD_REQUEST, why };
    let hook: Hook = serde_json::from_slice(body).map_err(|_| wrong("not a hook"))?;
    let key = match &hook {
        Hook::Message { id, from, .. } if id.is_empty() || id.chars().count() > LONGEST_ID || from.chars().count() > LONGEST_ID => {
            return Err(wrong("an id or a number that is none"));
        }
        Hook::Message { id, .. } => Some(format!("message:{id}")),
        Hook::Receipt { id, .. } if id.len() > LONGEST_ID => return Err(wrong("an id that is none")),
        Hook::Receipt { id, state, .. } => Some(format!("receipt:{id}:{state:?}")),
        Hook::Other => None,
    };
    let kept = Kept { at: now.0, hook: String::from_utf8_lossy(body).into_owned() };
    let body = serde_json::to_vec(&kept).map_err(|_| wrong("not to be kept"))?;
    let answer = HookAnswer { content_type: "application/json", body: Bytes::from_static(br#"{"ok":true}"#), ..HookAnswer::default() };
    Ok(Hooked { events: key.into_iter().map(|key| Raw { key, body: body.clone() }).collect(), answer, poll: false })
}

pub(super) fn read(channel: &ChannelId, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
    let kept: Kept = serde_json::from_slice(raw).map_err(|error| Unreadable(error.to_string()))?;
    let now = At(kept.at);
    Ok(match serde_json::from_str(&kept.hook).map_err(|error| Unreadable(error.to_string()))? {
        Hook::Message { id, from, text, at } => vec![Heard::Message(Wrote {
            key: id,
            from: Sender { identity: numbers::identity(channel, &from, false, None), name: None, also: Vec::new(), language: None },
            text: text.chars().filter(|c| !c.is_control() || *c == '\n').take(LONGEST_TEXT).collect(),
            extra: None,
            media: Vec::new(),
            sent: at.map(At).filter(|at| *at <= now && now.since(*at) < OLDEST_MS).unwrap_or(now),
            seq: 0,
            threads: Vec::new(),
            automatic: false,
            window: None,
        })],
        Hook::Receipt { id, state, reason } => vec![Heard::Receipt { of: OfOurs::Key(id), state: self::state(state, reason) }],
        Hook::Other => Vec::new(),
    })
}

fn state(state: ReceiptState, reason: Option<String>) -> Delivery {
    match state {
        ReceiptState::Sent => Delivery::Sent,
        ReceiptState::Delivered => Delivery::Delivered,
        ReceiptState::Unknown => Delivery::Unknown,
        ReceiptState::Failed => {
            let reason = reason.unwrap_or_else(|| "not delivered".to_owned());
            Delivery::Failed { reason: reason.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect() }
        }
    }
}
