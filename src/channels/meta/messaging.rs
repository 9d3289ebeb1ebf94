//! The events of Messenger and Instagram, which have the same shape: one object for each thing that happened between a customer and the firm.

use crate::channels::platform::{Heard, Media, MediaAt, OfOurs, Raw, Sender, Unreadable, Wrote};
use crate::channels::proof;
use crate::channels::taps;
use crate::desk::card::millionths;
use crate::desk::id::At;
use crate::desk::input::{Delivery, Extra};
use crate::desk::person::Identity;
use serde::Deserialize;
use serde_json::{Value, json};

/// Begins what we put beside our messages, so that their echoes are known as ours.
pub(in crate::channels) const OURS: &str = "hubline/";
/// Longest name of a file, characters.
const LONGEST_NAME: usize = 120;

/// Whose events.
#[derive(Debug, Clone)]
pub(in crate::channels) struct Account {
    /// `page` or `instagram`.
    pub object: &'static str,
    /// The kind of its customers' identities: `messenger` or `instagram`.
    pub kind: &'static str,
    /// The page's or the account's id.
    pub id: String,
}

/// One event as it is kept.
#[derive(Debug, Deserialize)]
struct Kept {
    /// Another app answers this customer.
    #[serde(default)]
    standby: bool,
    event: Event,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event {
    sender: Party,
    recipient: Party,
    /// Milliseconds since 1970 UTC.
    timestamp: i64,
    message: Option<Message>,
    message_edit: Option<Edit>,
    postback: Option<Postback>,
    delivery: Option<Marks>,
    read: Option<Marks>,
    reaction: Option<Reaction>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Party {
    id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Message {
    mid: String,
    text: Option<String>,
    attachments: Vec<Attachment>,
    quick_reply: Option<QuickReply>,
    reply_to: Option<ReplyTo>,
    is_echo: bool,
    is_deleted: bool,
    is_unsupported: bool,
    metadata: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct QuickReply {
    payload: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ReplyTo {
    story: Option<Story>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Story {
    url: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Attachment {
    #[serde(rename = "type")]
    kind: String,
    payload: Option<Payload>,
    /// Of a `fallback`, where the rest stands beside the payload.
    url: Option<String>,
    title: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Payload {
    url: Option<String>,
    title: Option<String>,
    coordinates: Option<Coordinates>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Coordinates {
    lat: f64,
    long: f64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Edit {
    mid: String,
    text: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Postback {
    mid: Option<String>,
    title: String,
    payload: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Marks {
    mids: Vec<String>,
    /// Instagram names the message itself.
    mid: Option<String>,
    /// Milliseconds since 1970 UTC.
    watermark: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reaction {
    mid: String,
    action: String,
    emoji: Option<String>,
    reaction: Option<String>,
}

/// A verified callback, taken apart into its events. What is not for this account is left out.
pub(in crate::channels) fn events(account: &Account, body: &[u8]) -> Vec<Raw> {
    let Ok(told) = serde_json::from_slice::<Value>(body) else {
        return vec![Raw { key: proof::digest(body), body: body.to_vec() }];
    };
    if told.get("object").and_then(Value::as_str) != Some(account.object) {
        tracing::warn!(object = ?told.get("object"), "a callback for another product than this channel's");
        return Vec::new();
    }
    let mut events = Vec::new();
    for entry in told.get("entry").and_then(Value::as_array).into_iter().flatten() {
        if entry.get("id").and_then(Value::as_str) != Some(account.id.as_str()) {
            tracing::info!(entry = ?entry.get("id"), "an event of another account");
            continue;
        }
        for (list, standby) in [("messaging", false), ("standby", true)] {
            for event in entry.get(list).and_then(Value::as_array).into_iter().flatten() {
                events.push(Raw { key: key(event), body: proof::json(&json!({ "standby": standby, "event": event })).to_vec() });
            }
        }
    }
    events
}

/// The same event has the same name, whatever batch it comes in.
fn key(event: &Value) -> String {
    let at = |path: &str| event.pointer(path).and_then(Value::as_str);
    let number = |path: &str| event.pointer(path).and_then(Value::as_i64).map(|number| number.to_string());
    let (sender, timestamp) = (at("/sender/id").unwrap_or_default(), number("/timestamp").unwrap_or_default());
    if let Some(mid) = at("/message/mid") {
        let deleted = event.pointer("/message/is_deleted").and_then(Value::as_bool).unwrap_or(false);
        return proof::event_key(&[if deleted { "deleted" } else { "message" }, mid]);
    }
    if let Some(mid) = at("/message_edit/mid") {
        return proof::event_key(&["edit", mid, &number("/message_edit/num_edit").unwrap_or(timestamp)]);
    }
    if let Some(mid) = at("/postback/mid") {
        return proof::event_key(&["postback", mid]);
    }
    if let Some(mid) = at("/reaction/mid") {
        return proof::event_key(&["reaction", sender, mid, &timestamp, at("/reaction/action").unwrap_or_default()]);
    }
    proof::digest(event.to_string().as_bytes())
}

/// What one kept event means.
pub(in crate::channels) fn read(account: &Account, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
    let Kept { standby, event } = serde_json::from_slice(raw).map_err(|error| Unreadable(error.to_string()))?;
    let Event { sender, recipient, timestamp, message, .. } = event;
    let is = |party: &Party| Identity { kind: account.kind.into(), namespace: account.id.clone(), value: party.id.clone() };
    let wrote = |key: String, from: &Party, text: String| Wrote {
        key,
        from: Sender { identity: is(from), name: None, also: Vec::new(), language: None },
        text,
        extra: None,
        media: Vec::new(),
        sent: At(timestamp),
        seq: 0,
        threads: Vec::new(),
        automatic: standby,
        window: None,
    };
    if let Some(message) = message {
        let ours = message.metadata.as_deref().and_then(|metadata| metadata.strip_prefix(OURS)).map(str::to_owned);
        if message.is_deleted {
            return Ok(vec![Heard::Recalled { key: message.mid, from: is(&sender) }]);
        }
        if let Some(key) = ours.filter(|_| message.is_echo) {
            return Ok(vec![Heard::Receipt { of: OfOurs::Key(key), state: Delivery::Sent }]);
        }
        let customer = if message.is_echo { &recipient } else { &sender };
        let (echo, mid) = (message.is_echo, message.mid.clone());
        let (text, extra, media) = content(message);
        let wrote = Wrote { extra, media, ..wrote(mid, customer, text) };
        return Ok(vec![if echo { Heard::Echo(wrote) } else { Heard::Message(wrote) }]);
    }
    if let Some(edit) = event.message_edit {
        return Ok(vec![Heard::Edited { key: edit.mid, from: is(&sender), text: edit.text }]);
    }
    if let Some(postback) = event.postback {
        let key = postback.mid.unwrap_or_else(|| format!("postback/{}/{timestamp}", sender.id));
        let text = if postback.title.is_empty() { postback.payload } else { postback.title };
        return Ok(vec![Heard::Message(wrote(key, &sender, text))]);
    }
    if let Some(reaction) = event.reaction {
        let emoji = if reaction.action == "unreact" { String::new() } else { reaction.emoji.or(reaction.reaction).unwrap_or_default() };
        let key = format!("reaction/{}/{}/{timestamp}/{}", sender.id, reaction.mid, reaction.action);
        let extra = Some(Extra::Reaction { emoji: emoji.clone() });
        return Ok(vec![Heard::Message(Wrote { extra, ..wrote(key, &sender, emoji) })]);
    }
    let marks = event.delivery.map(|marks| (marks, Delivery::Delivered)).or(event.read.map(|marks| (marks, Delivery::Read)));
    let Some((marks, state)) = marks else { return Ok(Vec::new()) };
    let receipt = |of| Heard::Receipt { of, state: state.clone() };
    let up_to = marks.watermark.map(|at| receipt(OfOurs::UpTo { to: is(&sender), at: At(at) }));
    Ok(marks.mids.into_iter().chain(marks.mid).map(|mid| receipt(OfOurs::External(mid))).chain(up_to).collect())
}

fn content(message: Message) -> (String, Option<Extra>, Vec<Media>) {
    let answer = message.quick_reply.and_then(|reply| taps::told(&reply.payload).map(|(words, chosen)| (words.to_owned(), chosen)));
    let (answer, chosen) = answer.unzip();
    let text = answer.or(message.text).unwrap_or_default();
    let mut extra = message.is_unsupported.then(|| Extra::Other { kind: "unsupported".into() }).or(chosen.flatten());
    let mut media = Vec::new();
    let attached = |url: String, name: &str| Media { name: name_of(&url, name), at: MediaAt::Elsewhere(url) };
    let mut lines = vec![text];
    for Attachment { kind, payload, url, title } in message.attachments {
        let Payload { url: at, title: called, coordinates } = payload.unwrap_or_default();
        let (url, title) = (at.or(url), called.or(title).unwrap_or_default());
        match (kind.as_str(), url, coordinates) {
            (_, _, Some(Coordinates { lat, long })) => {
                lines.push(format!("{title} {lat:.6}, {long:.6}").trim().to_owned());
                extra = Some(Extra::Place { latitude: millionths(lat), longitude: millionths(long), label: title, address: String::new() });
            }
            ("image", Some(url), _) => {
                extra.get_or_insert(Extra::Picture);
                media.push(attached(url, "photo.jpg"));
            }
            // What a customer says into their telephone comes as a file like any other sound.
            ("audio", Some(url), _) => {
                extra.get_or_insert(Extra::Voice);
                media.push(attached(url, "voice.mp4"));
            }
            ("video", Some(url), _) => media.push(attached(url, "video.mp4")),
            ("file", Some(url), _) => media.push(attached(url, "file")),
            // A story is gone after a day, so it is kept as it is now.
            ("story_mention", Some(url), _) => {
                extra = Some(Extra::Other { kind });
                media.push(attached(url, "story"));
            }
            (_, Some(url), _) => {
                lines.push(url.clone());
                extra = Some(Extra::Link { url, title, about: String::new(), picture: String::new() });
            }
            (_, None, None) => extra = Some(Extra::Other { kind }),
        }
    }
    if let Some(story) = message.reply_to.and_then(|to| to.story).filter(|story| !story.url.is_empty()) {
        extra = Some(Extra::Other { kind: "story_reply".into() });
        media.push(attached(story.url, "story"));
    }
    let mut text = lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    if let (true, true, Some(Extra::Other { kind })) = (text.is_empty(), media.is_empty(), &extra) {
        text = format!("[{kind}]");
    }
    (text, extra, media)
}

/// The last part of the address, where it looks like a file's name.
fn name_of(url: &str, or: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().filter(|name| name.contains('.') && name.len() <= LONGEST_NAME && !path.ends_with('/'));
    let plain = name.filter(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) && path.matches('/').count() > 2);
    plain.unwrap_or(or).to_owned()
}
