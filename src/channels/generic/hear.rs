//! From what the program tells us to what it means.

use super::wire::{Chosen, Person, ReceiptState, TheirMedia, Told};
use crate::channels::platform::*;
use crate::channels::{numbers, taps};
use crate::desk::card;
use crate::desk::id::{At, ChannelId, MessageId};
use crate::desk::input::{Delivery, Extra};
use crate::desk::person::{Identity, Unreachable};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Longest id of a message or a customer, characters.
const LONGEST_ID: usize = 128;
const LONGEST_TEXT: usize = 20_000;
const LONGEST_REASON: usize = 200;
/// Most files of one message.
const FILES: usize = 20;

/// What is kept of a request.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub at: i64,
    pub told: Value,
}

/// By what the same thing told again is known.
pub(super) fn key(told: &Value, otherwise: &str) -> String {
    let of = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default();
    if of("type") == "message" && !of("id").is_empty() { format!("message:{}", of("id")) } else { otherwise.to_owned() }
}

pub(super) fn read(channel: &ChannelId, kept: Kept) -> Result<Vec<Heard>, Unreadable> {
    let told: Told = serde_json::from_value(kept.told).map_err(|error| Unreadable(error.to_string()))?;
    let named = |id: String| {
        if id.is_empty() || id.chars().count() > LONGEST_ID { Err(Unreadable("an id that is none".into())) } else { Ok(id) }
    };
    let who = |from: &Person| named(from.id.clone()).map(|id| identity(channel, &id));
    Ok(vec![match told {
        Told::Message { id, from, text, media, place, kind, at, seq, automatic, echo, chosen } => {
            let chosen = chosen.filter(|chosen| i64::try_from(chosen.question).is_ok());
            let extra = match (place, kind.as_deref()) {
                (None, _) if chosen.is_some() => chosen.map(|Chosen { question, number }| taps::claimed(MessageId(question), number)),
                (Some(place), _) => self::place(place.latitude, place.longitude, place.label),
                (None, Some("voice")) => Some(Extra::Voice),
                (None, Some("picture")) => Some(Extra::Picture),
                (None, Some("text") | None) => None,
                (None, Some(kind)) => Some(Extra::Other { kind: kind.chars().take(40).collect() }),
            };
            // So that who does not know the kind still reads something.
            let instead = match &extra {
                Some(Extra::Place { label, latitude, longitude, .. }) => {
                    format!("{label} {:.5}, {:.5}", f64::from(*latitude) / 1e6, f64::from(*longitude) / 1e6)
                }
                Some(Extra::Other { kind }) if media.is_empty() => format!("[{kind}]"),
                _ => String::new(),
            };
            let wrote = Wrote {
                key: named(id)?,
                from: sender(channel, from)?,
                text: if text.trim().is_empty() { instead.trim().to_owned() } else { clean(&text) },
                extra,
                media: media.into_iter().take(FILES).map(attached).collect::<Result<_, _>>()?,
                sent: At(at.filter(|at| (0..=kept.at).contains(at)).unwrap_or(kept.at)),
                seq,
                threads: Vec::new(),
                automatic,
                window: None,
            };
            if echo { Heard::Echo(wrote) } else { Heard::Message(wrote) }
        }
        Told::Edited { id, from, text } => Heard::Edited { key: named(id)?, from: who(&from)?, text: clean(&text) },
        Told::Recalled { id, from } => Heard::Recalled { key: named(id)?, from: who(&from)? },
        Told::Receipt { id, state, reason } => Heard::Receipt { of: of_ours(named(id)?), state: self::state(state, reason) },
        Told::Read { from, at } => Heard::Receipt { of: OfOurs::UpTo { to: who(&from)?, at: At(at.min(kept.at)) }, state: Delivery::Read },
        Told::Typing { from } => Heard::Typing { from: who(&from)? },
        Told::Unreachable { from } => Heard::Unreachable { who: who(&from)?, why: Unreachable::Unspecified },
        Told::Other => return Ok(Vec::new()),
    }])
}

/// Ours are `<digits>-<digits>-<hexadecimal>`; whatever else it is, the program gave it.
pub(super) fn of_ours(id: String) -> OfOurs {
    let is = |part: Option<&str>, fits: fn(&u8) -> bool| part.is_some_and(|part| !part.is_empty() && part.as_bytes().iter().all(fits));
    let mut parts = id.splitn(3, '-');
    let ours = is(parts.next(), u8::is_ascii_digit) && is(parts.next(), u8::is_ascii_digit) && is(parts.next(), u8::is_ascii_hexdigit);
    if ours { OfOurs::Key(id) } else { OfOurs::External(id) }
}

pub(super) fn state(state: ReceiptState, reason: Option<String>) -> Delivery {
    match state {
        ReceiptState::Sent => Delivery::Sent,
        ReceiptState::Delivered => Delivery::Delivered,
        ReceiptState::Read => Delivery::Read,
        ReceiptState::Unknown => Delivery::Unknown,
        ReceiptState::Failed => {
            let reason = reason.unwrap_or_else(|| "not delivered".to_owned());
            Delivery::Failed { reason: reason.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect() }
        }
    }
}

pub(super) fn identity(channel: &ChannelId, id: &str) -> Identity {
    Identity { kind: "http".into(), namespace: channel.as_str().to_owned(), value: id.to_owned() }
}

fn sender(channel: &ChannelId, person: Person) -> Result<Sender, Unreadable> {
    if person.id.is_empty() || person.id.chars().count() > LONGEST_ID {
        return Err(Unreadable("a customer without an id".into()));
    }
    let phone = person.phone.and_then(|phone| numbers::e164(&phone, false, None)).map(|value| ("phone", value));
    let email = person.email.filter(|email| email.contains('@') && email.len() <= 254).map(|value| ("email", value.to_lowercase()));
    let also = [phone, email].into_iter().flatten();
    Ok(Sender {
        identity: identity(channel, &person.id),
        name: person.name,
        also: also.map(|(kind, value)| Identity { kind: kind.into(), namespace: String::new(), value }).collect(),
        language: person.language.filter(|tag| tag.len() <= 35),
    })
}

fn attached(media: TheirMedia) -> Result<Media, Unreadable> {
    let at = match (media.data, media.url) {
        (Some(data), _) => MediaAt::Here(BASE64.decode(data.trim()).map_err(|error| Unreadable(error.to_string()))?.into()),
        (None, Some(url)) => MediaAt::Elsewhere(url),
        (None, None) => return Err(Unreadable("a file without url and data".into())),
    };
    Ok(Media { name: media.name, at })
}

fn place(latitude: f64, longitude: f64, label: String) -> Option<Extra> {
    let millionths = |degrees: f64, most: f64| (degrees.abs() <= most).then_some(card::millionths(degrees));
    Some(Extra::Place { latitude: millionths(latitude, 90.0)?, longitude: millionths(longitude, 180.0)?, label, address: String::new() })
}

pub(super) fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').take(LONGEST_TEXT).collect()
}
