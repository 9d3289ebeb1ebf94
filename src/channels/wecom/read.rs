//! What an item of `sync_msg` means.

use super::wire::{Event, Item, Medium};
use crate::channels::platform::{Heard, Media, MediaAt, OfOurs, Sender, Unreadable, Wrote};
use crate::channels::taps;
use crate::desk::card;
use crate::desk::id::At;
use crate::desk::input::{Delivery, Extra};
use crate::desk::person::{Identity, Unreachable};

/// Messages that were forwarded together are shown up to so many.
const MERGED: usize = 50;

#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub corp_id: String,
}

impl Reader {
    pub fn identity(&self, external: &str) -> Identity {
        Identity { kind: "wecom_kf".into(), namespace: self.corp_id.clone(), value: external.to_owned() }
    }

    pub fn read(&self, raw: &[u8]) -> Result<Vec<Heard>, Unreadable> {
        let item: Item = serde_json::from_slice(raw).map_err(|error| Unreadable(error.to_string()))?;
        if item.msgid.is_empty() {
            return Err(Unreadable("it has no msgid".into()));
        }
        if item.msgtype == "event" {
            return Ok(self.event(&item.event, &item));
        }
        if item.external_userid.is_empty() {
            return Err(Unreadable("it has no external_userid".into()));
        }
        let wrote = self.wrote(&item);
        let wrote = message(&item, wrote);
        // Something is always there to be seen.
        let text = if wrote.text.trim().is_empty() && wrote.media.is_empty() { format!("[{}]", item.msgtype) } else { wrote.text };
        let wrote = Wrote { text, ..wrote };
        Ok(vec![if item.origin == 5 { Heard::Echo(wrote) } else { Heard::Message(wrote) }])
    }

    fn wrote(&self, item: &Item) -> Wrote {
        Wrote {
            key: item.msgid.clone(),
            from: Sender { identity: self.identity(&item.external_userid), name: None, also: Vec::new(), language: None },
            text: String::new(),
            extra: None,
            media: Vec::new(),
            sent: At(item.send_time.saturating_mul(1_000)),
            seq: 0,
            threads: Vec::new(),
            automatic: false,
            window: None,
        }
    }

    fn event(&self, event: &Event, item: &Item) -> Vec<Heard> {
        let from = self.identity(&event.external_userid);
        let named = !event.external_userid.is_empty();
        match event.event_type.as_str() {
            // From which page or code they come, where that was given a name.
            "enter_session" if named && !(event.scene.is_empty() && event.scene_param.is_empty()) => {
                let scene = format!("[enter] {} {}", event.scene, event.scene_param).trim().to_owned();
                let from = Sender { identity: from, name: None, also: Vec::new(), language: None };
                vec![Heard::Message(Wrote { from, text: scene, automatic: true, ..self.wrote(item) })]
            }
            "msg_send_fail" if !event.fail_msgid.is_empty() => {
                let state = Delivery::Failed { reason: why(event.fail_type).to_owned() };
                vec![Heard::Receipt { of: OfOurs::Key(event.fail_msgid.clone()), state }]
            }
            "user_recall_msg" | "servicer_recall_msg" if named && !event.recall_msgid.is_empty() => {
                vec![Heard::Recalled { key: event.recall_msgid.clone(), from }]
            }
            "reject_customer_msg_switch_change" if named && event.reject_switch == 1 => {
                vec![Heard::Unreachable { who: from, why: Unreachable::SwitchedOff }]
            }
            _ => Vec::new(),
        }
    }
}

fn message(item: &Item, wrote: Wrote) -> Wrote {
    let media = |medium: &Medium, name: &str| -> Vec<Media> {
        let at = MediaAt::Elsewhere(format!("media:{}", medium.media_id));
        if medium.media_id.is_empty() { Vec::new() } else { vec![Media { name: name.to_owned(), at }] }
    };
    let other = |text: String, wrote: Wrote| {
        let kind = item.msgtype.chars().take(40).collect();
        Wrote { text: text.trim().to_owned(), extra: Some(Extra::Other { kind }), ..wrote }
    };
    let words = |text: String, wrote: Wrote| Wrote { text: text.trim().to_owned(), ..wrote };
    match item.msgtype.as_str() {
        "text" => Wrote { text: item.text.content.clone(), extra: taps::chosen(&item.text.menu_id), ..wrote },
        "image" => Wrote { media: media(&item.image, "picture.jpg"), extra: Some(Extra::Picture), ..wrote },
        "voice" => Wrote { media: media(&item.voice, "voice.amr"), extra: Some(Extra::Voice), ..wrote },
        "video" => Wrote { media: media(&item.video, "video.mp4"), ..wrote },
        "file" => Wrote { media: media(&item.file, "file"), ..wrote },
        "location" => {
            let place = &item.location;
            let label = format!("{} {}", place.name, place.address).trim().to_owned();
            let millionths = |degrees: f64| (degrees.abs() <= 180.0).then(|| card::millionths(degrees));
            let text = if label.is_empty() { format!("{}, {}", place.latitude, place.longitude) } else { label.clone() };
            match (millionths(place.latitude), millionths(place.longitude)) {
                (Some(latitude), Some(longitude)) => {
                    Wrote { text, extra: Some(Extra::Place { latitude, longitude, label, address: String::new() }), ..wrote }
                }
                _ => other(text, wrote),
            }
        }
        "link" => {
            let link = &item.link;
            let extra = Extra::Link { url: link.url.clone(), title: link.title.clone(), about: link.desc.clone(), picture: String::new() };
            Wrote { text: format!("{}\n{}", link.title, link.url).trim().to_owned(), extra: Some(extra), ..wrote }
        }
        "business_card" => {
            let name = item.business_card.userid.clone();
            Wrote { text: name.clone(), extra: Some(Extra::Contact { name, values: Vec::new() }), ..wrote }
        }
        "miniprogram" => words(format!("{}\n{}", item.miniprogram.title, item.miniprogram.pagepath), wrote),
        "channels" => words(format!("{} {}", item.channels.nickname, item.channels.title), wrote),
        "merged_msg" => {
            let lines = item.merged_msg.item.iter().take(MERGED).map(|each| {
                let inner: Item = serde_json::from_str(&each.msg_content).unwrap_or_default();
                let words = if inner.text.content.is_empty() { format!("[{}]", each.msgtype) } else { inner.text.content };
                format!("{}: {words}", each.sender_name)
            });
            let lines: Vec<String> = std::iter::once(item.merged_msg.title.clone()).chain(lines).collect();
            words(lines.join("\n"), wrote)
        }
        _ => other(item.text.content.clone(), wrote),
    }
}

/// As the documentation numbers it.
fn why(fail_type: i64) -> &'static str {
    match fail_type {
        1 => "the account of the customer is gone",
        2 => "the application is closed",
        4 => "48 hours without a message of the customer",
        5 => "the session was ended",
        6 => "more than five messages without an answer",
        7 => "no channel is bound",
        8 => "the firm is not verified",
        9 => "no channel is bound and the firm is not verified",
        10 => "the customer refuses messages",
        _ => "the platform does not say why",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::id::MessageId;
    use crate::fuzz_tests::{Rounds, fuzz};
    use serde_json::{Value, json};

    fn reader() -> Reader {
        Reader { corp_id: "wwCORP".into() }
    }

    fn item(kind: &str, content: Value) -> Value {
        let mut item = json!({ "msgid": "m1", "open_kfid": "wkSIM1", "external_userid": "wmSIM1", "send_time": 1_700_000_000, "origin": 3,
            "servicer_userid": "", "msgtype": kind });
        item[kind] = content;
        item
    }

    fn event(mut event: Value) -> Vec<Heard> {
        event["external_userid"] = json!("wmSIM1");
        let item = json!({ "msgid": "ev1", "send_time": 1_700_000_000, "origin": 4, "msgtype": "event", "event": event });
        reader().read(item.to_string().as_bytes()).expect("readable")
    }

    fn wrote(item: &Value) -> Wrote {
        match reader().read(item.to_string().as_bytes()).expect("readable").remove(0) {
            Heard::Message(wrote) => wrote,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn messages_keep_what_they_are() {
        let text = wrote(&item("text", json!({ "content": "你好", "menu_id": "88.2" })));
        let chosen = Extra::Chosen { question: MessageId(88), number: 2, choice: String::new(), asked: String::new() };
        assert_eq!(text.extra, Some(chosen));
        assert_eq!(wrote(&item("text", json!({ "content": "你好", "menu_id": "101" }))).extra, None, "a menu of somebody else's");
        assert_eq!((text.text.as_str(), text.key.as_str(), text.sent), ("你好", "m1", At(1_700_000_000_000)));
        assert_eq!(text.from.identity, Identity { kind: "wecom_kf".into(), namespace: "wwCORP".into(), value: "wmSIM1".into() });
        let file = wrote(&item("file", json!({ "media_id": "M" })));
        assert_eq!(file.media, [Media { name: "file".into(), at: MediaAt::Elsewhere("media:M".into()) }]);
        assert_eq!(wrote(&item("voice", json!({ "media_id": "M" }))).extra, Some(Extra::Voice));
        let place = wrote(&item("location", json!({ "latitude": 23.106, "longitude": 113.325, "name": "塔", "address": "广州" })));
        assert_eq!(
            place.extra,
            Some(Extra::Place { latitude: 23_106_000, longitude: 113_325_000, label: "塔 广州".into(), address: String::new() })
        );
        let merged = json!({ "title": "聊天记录", "item": [
            { "sender_name": "A", "msgtype": "text", "msg_content": "{\"text\":{\"content\":\"hi\"}}" },
            { "sender_name": "B", "msgtype": "image", "msg_content": "{}" }] });
        assert_eq!(wrote(&item("merged_msg", merged)).text, "聊天记录\nA: hi\nB: [image]");
        let new = wrote(&item("hologram", json!({ "x": 1 })));
        assert_eq!((new.text.as_str(), new.extra), ("[hologram]", Some(Extra::Other { kind: "hologram".into() })));
    }

    #[test]
    fn what_a_colleague_wrote_in_wecom_is_an_echo() {
        let mut theirs = item("text", json!({ "content": "moment" }));
        theirs["origin"] = json!(5);
        let heard = reader().read(theirs.to_string().as_bytes()).expect("readable");
        assert!(matches!(heard.as_slice(), [Heard::Echo(wrote)] if wrote.text == "moment"));
    }

    #[test]
    fn events_are_receipts_recalls_and_arrivals() {
        let failed = event(json!({ "event_type": "msg_send_fail", "fail_msgid": "88-0-ab", "fail_type": 4 }));
        let state = Delivery::Failed { reason: "48 hours without a message of the customer".into() };
        assert_eq!(failed, [Heard::Receipt { of: OfOurs::Key("88-0-ab".into()), state }]);
        let recalled = event(json!({ "event_type": "user_recall_msg", "recall_msgid": "m1" }));
        assert_eq!(recalled, [Heard::Recalled { key: "m1".into(), from: reader().identity("wmSIM1") }]);
        // What a colleague has taken back in the platform's own app.
        let colleague = event(json!({ "event_type": "servicer_recall_msg", "recall_msgid": "m2", "servicer_userid": "zhangsan" }));
        assert_eq!(colleague, [Heard::Recalled { key: "m2".into(), from: reader().identity("wmSIM1") }]);
        let entered = event(json!({ "event_type": "enter_session", "scene": "123", "scene_param": "sku=7", "welcome_code": "c" }));
        assert!(matches!(entered.as_slice(), [Heard::Message(wrote)] if wrote.automatic && wrote.text == "[enter] 123 sku=7"));
        assert_eq!(event(json!({ "event_type": "enter_session" })), []);
        let off = event(json!({ "event_type": "reject_customer_msg_switch_change", "reject_switch": 1 }));
        assert!(matches!(off.as_slice(), [Heard::Unreachable { .. }]));
        for nothing in ["servicer_status_change", "session_status_change", "new"] {
            assert_eq!(event(json!({ "event_type": nothing })), [], "{nothing}");
        }
    }

    #[test]
    fn what_is_no_item_is_said_to_be_none() {
        for wrong in ["", "[]", "{}", r#"{"msgid":"x","msgtype":"text"}"#, r#"{"msgid":7}"#] {
            assert!(reader().read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn fuzz_items_never_panic() {
        let seeds = [
            item("text", json!({ "content": "你好" })),
            item("location", json!({ "latitude": 1e300, "longitude": 113.325, "name": "", "address": "" })),
            item("event", json!({ "event_type": "msg_send_fail", "fail_msgid": "1-0-a", "fail_type": 4 })),
        ];
        fuzz(Rounds::new("wecom items", 4_000, 59), &seeds.map(|seed| seed.to_string().into_bytes()), |input, _| {
            let _ = reader().read(input);
        });
    }
}
