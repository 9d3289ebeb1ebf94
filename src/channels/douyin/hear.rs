//! Webhooks of Douyin: believed by a plain SHA-1 over secret and body (no HMAC; that is how the platform does it), and what they mean.

use crate::channels::platform::{Heard, Media, MediaAt, Sender, Unreadable, Wrote};
use crate::desk::id::At;
use crate::desk::input::Extra;
use crate::desk::person::Identity;
use serde::Deserialize;
use serde_json::Value;
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

/// Between the message's id and its conversation's, both of which an answer must name.
pub(super) const BETWEEN: char = ' ';
/// Ids of the platform's are longer than most, but not without end, bytes.
const LONGEST_ID: usize = 240;

/// Whether the platform signed this body.
pub(super) fn is_signed(secret: &str, body: &[u8], given: &str) -> bool {
    let signature = hex::encode(Sha1::new().chain_update(secret).chain_update(body).finalize());
    bool::from(signature.as_bytes().ct_eq(given.as_bytes()))
}

/// A webhook as it comes.
#[derive(Debug, Deserialize)]
pub(super) struct Event {
    pub event: String,
    #[serde(default)]
    pub from_user_id: String,
    #[serde(default)]
    pub to_user_id: String,
    #[serde(default)]
    content: Value,
}

impl Event {
    pub fn read(bytes: &[u8]) -> Result<Event, Unreadable> {
        serde_json::from_slice(bytes).map_err(|error| Unreadable(error.to_string()))
    }

    /// An object, or a text with an object in it.
    pub fn content(&self) -> Value {
        match &self.content {
            Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
            other => other.clone(),
        }
    }

    /// By what is signed: the header with the id of the delivery is not.
    pub fn key(&self, bytes: &[u8]) -> String {
        let content = self.content();
        match content["server_message_id"].as_str().filter(|id| !id.is_empty() && id.len() < LONGEST_ID / 2) {
            Some(id) => format!("{}{BETWEEN}{id}", self.event),
            None => format!("{}{BETWEEN}{}", self.event, hex::encode(Sha1::digest(bytes))),
        }
    }
}

pub(super) fn identity(client_key: &str, open_id: &str) -> Identity {
    Identity { kind: "douyin".into(), namespace: client_key.to_owned(), value: open_id.to_owned() }
}

pub(super) fn read(client_key: &str, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
    let event = Event::read(raw)?;
    let content = event.content();
    let text = |name: &str| content[name].as_str().unwrap_or_default().to_owned();
    let (id, conversation) = (text("server_message_id"), text("conversation_short_id"));
    let key = format!("{id}{BETWEEN}{conversation}");
    let customer = match event.event.as_str() {
        "im_send_msg" => &event.to_user_id,
        _ => &event.from_user_id,
    };
    let known = !id.is_empty() && !customer.is_empty() && key.len() < 2 * LONGEST_ID;
    if !matches!(event.event.as_str(), "im_receive_msg" | "im_send_msg" | "im_recall_msg") {
        return Ok(Vec::new());
    }
    if !known {
        return Err(Unreadable("it has no server_message_id or nobody who wrote it".into()));
    }
    let from = identity(client_key, customer);
    if event.event == "im_recall_msg" {
        return Ok(vec![Heard::Recalled { key, from }]);
    }
    let infos = content["user_infos"].as_array().cloned().unwrap_or_default();
    let name = infos.iter().find(|info| info["open_id"] == customer.as_str()).and_then(|info| info["nick_name"].as_str());
    let kind = text("message_type");
    let url = text("resource_url");
    // Not every application is told where files are; those that are not see that there was one.
    let media = match kind.as_str() {
        _ if url.is_empty() => None,
        "image" | "user_local_image" | "emoji" => Some("picture.jpg"),
        "video" | "user_local_video" => Some("video.mp4"),
        _ => None,
    };
    let media: Vec<Media> =
        media.map(|name| Media { name: name.to_owned(), at: MediaAt::Elsewhere(format!("at:{url}")) }).into_iter().collect();
    let extra = match kind.as_str() {
        "text" => None,
        "image" | "user_local_image" if !media.is_empty() => Some(Extra::Picture),
        _ => Some(Extra::Other { kind: kind.chars().take(40).collect() }),
    };
    let words = text("text");
    let wrote = Wrote {
        key,
        from: Sender { identity: from, name: name.map(str::to_owned), also: Vec::new(), language: None },
        text: if words.trim().is_empty() && media.is_empty() { format!("[{kind}]") } else { words },
        extra,
        media,
        sent: At(content["create_time"].as_i64().unwrap_or(0)),
        seq: 0,
        threads: Vec::new(),
        automatic: false,
        window: None,
    };
    Ok(vec![if event.event == "im_send_msg" { Heard::Echo(wrote) } else { Heard::Message(wrote) }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz_tests::{Rounds, fuzz};

    const RECEIVED: &str = r#"{"event":"im_receive_msg","client_key":"ck","from_user_id":"open_id_C","to_user_id":"open_id_B","log_id":"x","content":{"conversation_short_id":"@conv","server_message_id":"@smid","conversation_type":1,"create_time":1700000000000,"source":"","message_type":"text","text":"你好","user_infos":[{"open_id":"open_id_C","nick_name":"n","avatar":"https://a.example/1"}]}}"#;

    fn heard(raw: &str) -> Vec<Heard> {
        read("ck", raw.as_bytes()).expect("readable")
    }

    /// The published vector.
    #[test]
    fn signatures_are_plain_hashes() {
        let body = br#"{"event":"verify_webhook","client_key":"","content":{"challenge":12345}}"#;
        assert!(is_signed("client_secret", body, "c3507ed54d0b6a16079b8de28a0c16741443223b"));
        for forged in ["", "c3507ed54d0b6a16079b8de28a0c16741443223c", "C3507ED54D0B6A16079B8DE28A0C16741443223B", "c350"] {
            assert!(!is_signed("client_secret", body, forged), "{forged}");
        }
        assert!(!is_signed("client_secreT", body, "c3507ed54d0b6a16079b8de28a0c16741443223b"));
        assert!(!is_signed("client_secret", &body[1..], "c3507ed54d0b6a16079b8de28a0c16741443223b"));
    }

    #[test]
    fn content_may_be_an_object_or_a_text_with_one() {
        let Heard::Message(wrote) = heard(RECEIVED).remove(0) else { panic!("a message") };
        assert_eq!((wrote.text.as_str(), wrote.key.as_str(), wrote.sent), ("你好", "@smid @conv", At(1_700_000_000_000)));
        assert_eq!((wrote.from.identity, wrote.from.name.as_deref()), (identity("ck", "open_id_C"), Some("n")));
        let mut event: Value = serde_json::from_str(RECEIVED).expect("JSON");
        event["content"] = Value::String(event["content"].to_string());
        assert_eq!(heard(&event.to_string()), heard(RECEIVED));
        let key = |raw: &str| Event::read(raw.as_bytes()).expect("an event").key(raw.as_bytes());
        assert_eq!(key(&event.to_string()), key(RECEIVED));
    }

    #[test]
    fn echoes_recalls_and_kinds() {
        let sent = RECEIVED
            .replace("im_receive_msg", "im_send_msg")
            .replace("open_id_C\",\"to_user_id\":\"open_id_B", "open_id_B\",\"to_user_id\":\"open_id_C");
        assert!(matches!(heard(&sent).as_slice(), [Heard::Echo(wrote)] if wrote.from.identity.value == "open_id_C"));
        let recalled = RECEIVED.replace("im_receive_msg", "im_recall_msg");
        assert_eq!(heard(&recalled), [Heard::Recalled { key: "@smid @conv".into(), from: identity("ck", "open_id_C") }]);
        let picture = RECEIVED.replace("\"message_type\":\"text\",\"text\":\"你好\"", "\"message_type\":\"image\"");
        assert!(matches!(heard(&picture).as_slice(), [Heard::Message(wrote)] if wrote.text == "[image]" && wrote.media.is_empty()));
        let there = picture.replace("\"message_type\"", "\"resource_url\":\"https://p.example/1\",\"message_type\"");
        assert!(
            matches!(heard(&there).as_slice(), [Heard::Message(wrote)] if wrote.media.len() == 1 && wrote.extra == Some(Extra::Picture))
        );
        assert_eq!(heard(&RECEIVED.replace("im_receive_msg", "im_authorize")), []);
        assert!(read("ck", RECEIVED.replace("@smid", "").as_bytes()).is_err());
    }

    #[test]
    fn fuzz_webhooks_never_panic() {
        fuzz(Rounds::new("douyin webhooks", 4_000, 67), &[RECEIVED.as_bytes().to_vec()], |input, _| {
            let _ = read("ck", input);
        });
    }
}
