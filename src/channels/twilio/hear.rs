//! What Twilio tells us: a form for each message and for each state of one of ours, in any order.

use super::sign::MOST;
use super::{ANSWER, errors};
use crate::channels::platform::*;
use crate::channels::{form, numbers};
use crate::desk::card;
use crate::desk::id::{At, ChannelId};
use crate::desk::input::{Delivery, Extra};
use crate::desk::person::{Identity, Unreachable};
use bytes::Bytes;
use http::StatusCode;
use serde::{Deserialize, Serialize};

/// Most files of one message; Twilio sends ten.
const FILES: usize = 20;

/// What is kept: the form as it came, and when; Twilio tells no time.
#[derive(Serialize, Deserialize)]
struct Kept {
    at: i64,
    form: String,
}

/// The events of a request whose signature is good.
pub(super) fn events(body: &[u8], now: At) -> Result<Hooked, HookRefused> {
    let refused = |why| HookRefused { status: StatusCode::BAD_REQUEST, why };
    let pairs = form::pairs(body, MOST).ok_or(refused("too many parameters"))?;
    let answer = HookAnswer { status: StatusCode::OK, content_type: "text/xml; charset=utf-8", body: Bytes::from_static(ANSWER) };
    let Some(sid) = form::value(&pairs, "MessageSid").filter(|sid| !sid.is_empty() && sid.len() <= 64) else {
        return Err(refused("no MessageSid"));
    };
    let key = match state_of(&pairs) {
        Some(state) => format!("{sid}:{state}"),
        None => sid.to_owned(),
    };
    let kept = Kept { at: now.0, form: String::from_utf8_lossy(body).into_owned() };
    let body = serde_json::to_vec(&kept).map_err(|_| refused("not to be kept"))?;
    Ok(Hooked { events: vec![Raw { key, body }], answer, poll: false })
}

/// A receipt's state. Messages of customers have one, too, which is `received`.
fn state_of(pairs: &[(String, String)]) -> Option<&str> {
    form::value(pairs, "MessageStatus").filter(|state| *state != "received" && *state != "receiving")
}

pub(super) fn read(channel: &ChannelId, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
    let kept: Kept = serde_json::from_slice(raw).map_err(|error| Unreadable(error.to_string()))?;
    let pairs = form::pairs(kept.form.as_bytes(), MOST).ok_or_else(|| Unreadable("too many parameters".into()))?;
    let get = |name: &str| form::value(&pairs, name).filter(|value| !value.is_empty());
    let sid = get("MessageSid").ok_or_else(|| Unreadable("no MessageSid".into()))?;
    if let Some(state) = state_of(&pairs) {
        let state = match state {
            "sent" => Delivery::Sent,
            "delivered" => Delivery::Delivered,
            "read" => Delivery::Read,
            "undelivered" | "failed" | "canceled" => Delivery::Failed { reason: errors::reason(get("ErrorCode").unwrap_or_default()) },
            // On its way, which we know.
            _ => return Ok(Vec::new()),
        };
        return Ok(vec![Heard::Receipt { of: OfOurs::External(sid.to_owned()), state }]);
    }
    let from = get("From").ok_or_else(|| Unreadable("no From".into()))?;
    let (identity, also) = who(channel, from, get("To").unwrap_or_default());
    let count = get("NumMedia").and_then(|count| count.parse::<usize>().ok()).unwrap_or(0).min(FILES);
    let media = (0..count).filter_map(|nth| {
        let at = MediaAt::Elsewhere(get(&format!("MediaUrl{nth}"))?.to_owned());
        Some(Media { name: String::new(), at })
    });
    let mut heard = vec![Heard::Message(Wrote {
        key: sid.to_owned(),
        from: Sender { identity: identity.clone(), name: get("ProfileName").map(str::to_owned), also, language: None },
        text: get("Body").or(get("ButtonText")).map_or_else(|| place_in_words(&get), str::to_owned),
        extra: place(&get),
        media: media.collect(),
        sent: At(kept.at),
        seq: 0,
        threads: Vec::new(),
        automatic: false,
        window: None,
    })];
    // Twilio itself has answered, and sends this customer nothing more.
    if get("OptOutType") == Some("STOP") {
        heard.push(Heard::Unreachable { who: identity, why: Unreachable::SwitchedOff });
    }
    Ok(heard)
}

/// So that who does not know the kind still reads something.
fn place_in_words<'a>(get: &impl Fn(&str) -> Option<&'a str>) -> String {
    let words = [get("Label"), get("Address"), get("Latitude"), get("Longitude")];
    words.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn place<'a>(get: &impl Fn(&str) -> Option<&'a str>) -> Option<Extra> {
    let millionths = |name: &str, most: f64| {
        let degrees: f64 = get(name)?.parse().ok()?;
        (degrees.abs() <= most).then_some(card::millionths(degrees))
    };
    let (latitude, longitude) = (millionths("Latitude", 90.0)?, millionths("Longitude", 180.0)?);
    Some(Extra::Place {
        latitude,
        longitude,
        label: get("Label").or(get("Address")).unwrap_or_default().to_owned(),
        address: String::new(),
    })
}

/// `whatsapp:+1650…` is a customer of that app, known to us by our own number there, and by their telephone.
fn who(channel: &ChannelId, from: &str, to: &str) -> (Identity, Vec<Identity>) {
    let own = to.rsplit(':').next().unwrap_or_default();
    match from.split_once(':') {
        Some(("whatsapp", number)) => {
            let identity = Identity { kind: "whatsapp".into(), namespace: own.to_owned(), value: number.to_owned() };
            let phone = numbers::e164(number, false, None).map(|value| Identity { kind: "phone".into(), namespace: String::new(), value });
            (identity, phone.into_iter().collect())
        }
        Some((kind, value)) if kind.len() <= 16 => {
            (Identity { kind: kind.to_owned(), namespace: own.to_owned(), value: value.to_owned() }, Vec::new())
        }
        _ => (numbers::identity(channel, from, false, None), Vec::new()),
    }
}
