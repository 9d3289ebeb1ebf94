//! What Meta's platforms share: who is believed, what a refusal means, and what events say.

use super::door::{Door, Opened};
use super::errors::{Said, common};
use super::messaging::{Account, events, read};
use super::pages::{judge, title};
use crate::channels::platform::{Heard, HookRequest, MediaAt, OfOurs, Trouble, Wrote};
use crate::desk::id::{At, MessageId};
use crate::desk::input::{Delivery, Extra};
use crate::desk::person::Identity;
use crate::fuzz_tests::{Rounds, fuzz};
use crate::sim::meta::signature;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use secrecy::SecretString;
use serde_json::{Value, json};

fn door() -> Door {
    let secret = |text: &str| SecretString::from(text.to_owned());
    Door { verify_token: secret("our word"), secrets: vec![("app_secret", secret("app_secret")), ("other", secret("second"))] }
}

/// The status with which a request is refused; `Ok` with the challenge or an empty text.
fn knock(method: Method, query: &str, signed: Option<&str>, body: &[u8]) -> Result<Bytes, StatusCode> {
    let mut headers = HeaderMap::new();
    if let Some(signed) = signed {
        headers.insert("x-hub-signature-256", signed.parse().unwrap());
    }
    let body = Bytes::copy_from_slice(body);
    let url = "https://x.example/hooks/wa";
    let request = HookRequest { method: &method, url, query, headers: &headers, body: &body, from: [127, 0, 0, 1].into(), now: At(0) };
    match door().open(&request) {
        Ok(Opened::Verified(answer)) => Ok(answer.body),
        Ok(Opened::Told) => Ok(Bytes::new()),
        Err(refused) => Err(refused.status),
    }
}

#[test]
fn the_question_of_the_console_is_answered_with_its_challenge() {
    let asked = |query: &str| knock(Method::GET, query, None, b"");
    assert_eq!(asked("hub.mode=subscribe&hub.verify_token=our%20word&hub.challenge=1158201444"), Ok(Bytes::from("1158201444")));
    assert_eq!(asked("hub.mode=subscribe&hub.verify_token=our+word&hub.challenge=7"), Ok(Bytes::from("7")));
    for forged in [
        "",
        "hub.mode=subscribe",
        "hub.mode=subscribe&hub.verify_token=&hub.challenge=1",
        "hub.mode=subscribe&hub.verify_token=our%20wor&hub.challenge=1",
        "hub.mode=subscribe&hub.verify_token=our%20word%20&hub.challenge=1",
        "hub.mode=unsubscribe&hub.verify_token=our%20word&hub.challenge=1",
        "hub.mode=subscribe&hub.verify_token=our%20word&hub.challenge=%3Cscript%3E",
        "hub.mode=subscribe&hub.verify_token=our%20word&hub.challenge=%0d%0aset-cookie",
    ] {
        assert_eq!(asked(forged), Err(StatusCode::FORBIDDEN), "{forged}");
    }
    let long = format!("hub.mode=subscribe&hub.verify_token=our%20word&hub.challenge={}", "1".repeat(500));
    assert_eq!(asked(&long), Err(StatusCode::FORBIDDEN));
}

/// Published vector (Appendix A.10 of the channels' reference), and what is not it.
#[test]
fn only_what_the_apps_secret_signed_is_told() {
    let body = br#"{"object":"page","entry":[]}"#;
    let good = "sha256=22d3988d1017c437ea81a89d41e2d3266c00a508cffdb23f8ad8746d232d77e9";
    let told = |signed: Option<&str>, body: &[u8]| knock(Method::POST, "", signed, body);
    assert_eq!(told(Some(good), body), Ok(Bytes::new()));
    assert_eq!(told(Some(&signature("second", body)), body), Ok(Bytes::new()), "each of the secrets");
    let refused = Err(StatusCode::UNAUTHORIZED);
    assert_eq!(told(None, body), refused);
    assert_eq!(told(Some(good), &body[..body.len() - 1]), refused, "truncated");
    assert_eq!(told(Some(good), br#"{"object":"page","entry":[] }"#), refused, "written again");
    assert_eq!(told(Some(&signature("third", body)), body), refused);
    for forged in ["", "sha256=", "sha256=zz", &good[..good.len() - 2], &good["sha256=".len()..], &good.replace("sha256", "sha1")] {
        assert_eq!(told(Some(forged), body), refused, "{forged}");
    }
    let large = vec![b' '; (3 << 20) + 1];
    assert_eq!(told(Some(&signature("app_secret", &large)), &large), Err(StatusCode::PAYLOAD_TOO_LARGE));
    assert_eq!(knock(Method::PUT, "", Some(good), body), Err(StatusCode::METHOD_NOT_ALLOWED));
}

#[test]
fn a_refusal_is_read_by_its_code() {
    let of = |status: u16, error: Value| {
        let said = Said::read(json!({ "error": error }).to_string().as_bytes());
        judge(&said).unwrap_or_else(|| common(StatusCode::from_u16(status).unwrap(), &said, None))
    };
    assert_eq!(of(400, json!({ "code": 10, "error_subcode": 2_018_278, "message": "x" })), Trouble::WindowClosed);
    assert!(matches!(of(400, json!({ "code": 551, "message": "x" })), Trouble::Blocked(_)));
    assert!(matches!(of(400, json!({ "code": 100, "error_subcode": 2_018_001 })), Trouble::Blocked(_)));
    assert!(matches!(of(400, json!({ "code": 100, "message": "parameter" })), Trouble::Refused(_)));
    for (status, code) in [(401, 190), (400, 10), (403, 200), (400, 299), (400, 0)] {
        assert!(matches!(of(status, json!({ "code": code, "message": "x" })), Trouble::Down(_)), "{code}");
    }
    for (status, code) in [(400, 4), (400, 32), (400, 613), (400, 80_006), (500, 2), (500, 1_200), (500, 1)] {
        assert!(matches!(of(status, json!({ "code": code, "message": "x" })), Trouble::Retry(_)), "{code}");
    }
    assert!(matches!(of(502, json!({})), Trouble::Uncertain(_)), "something in between");
    assert!(matches!(of(503, json!({})), Trouble::Retry(_)));
}

fn account() -> Account {
    Account { object: "page", kind: "messenger", id: "PAGE".into() }
}

fn told(event: Value) -> Value {
    json!({ "object": "page", "entry": [{ "id": "PAGE", "time": 1, "messaging": [event] }] })
}

fn heard(event: Value) -> Vec<Heard> {
    let mut from = json!({ "sender": { "id": "PSID" }, "recipient": { "id": "PAGE" }, "timestamp": 1_700_000_000_000_i64 });
    from.as_object_mut().unwrap().extend(event.as_object().unwrap().clone());
    let events = events(&account(), told(from).to_string().as_bytes());
    assert_eq!(events.len(), 1);
    read(&account(), &events[0].body).expect("readable")
}

fn wrote(message: Value) -> Wrote {
    match heard(json!({ "message": message })).pop() {
        Some(Heard::Message(wrote)) => wrote,
        other => panic!("{other:?}"),
    }
}

fn ann() -> Identity {
    Identity { kind: "messenger".into(), namespace: "PAGE".into(), value: "PSID".into() }
}

#[test]
fn messages_are_read() {
    let said = wrote(json!({ "mid": "m_1", "text": "hi" }));
    assert_eq!((said.key.as_str(), said.text.as_str(), said.sent, said.from.identity), ("m_1", "hi", At(1_700_000_000_000), ann()));
    let picture =
        wrote(json!({ "mid": "m_2", "attachments": [{ "type": "image", "payload": { "url": "https://cdn.example/v/t/pump.jpg?oh=1" } }] }));
    assert_eq!((picture.extra, picture.media[0].name.as_str()), (Some(Extra::Picture), "pump.jpg"));
    assert_eq!(picture.media[0].at, MediaAt::Elsewhere("https://cdn.example/v/t/pump.jpg?oh=1".into()));
    let place =
        wrote(json!({ "mid": "m_3", "attachments": [{ "type": "location", "payload": { "coordinates": { "lat": 1.5, "long": -2.5 } } }] }));
    assert_eq!(
        place.extra,
        Some(Extra::Place { latitude: 1_500_000, longitude: -2_500_000, label: String::new(), address: String::new() })
    );
    let link = wrote(json!({ "mid": "m_4", "attachments": [{ "type": "fallback", "title": "Shop", "url": "https://x.example" }] }));
    assert_eq!((link.text.as_str(), link.media.len()), ("https://x.example", 0));
    let story = wrote(json!({ "mid": "m_5", "text": "nice", "reply_to": { "story": { "url": "https://cdn.example/a/b/s", "id": "1" } } }));
    assert_eq!((story.text.as_str(), story.media[0].name.as_str()), ("nice", "story"));
    assert!(matches!(story.extra, Some(Extra::Other { kind }) if kind == "story_reply"));
    let reply = wrote(json!({ "mid": "m_6", "text": "The first of tho…", "quick_reply": { "payload": "=The first of those answers" } }));
    assert_eq!(reply.text, "The first of those answers");
    let chosen = Extra::Chosen { question: MessageId(88), number: 2, choice: String::new(), asked: String::new() };
    let reply = wrote(json!({ "mid": "m_9", "text": "No", "quick_reply": { "payload": "=88.2=No" } }));
    assert_eq!((reply.text.as_str(), reply.extra), ("No", Some(chosen)));
    assert_eq!(wrote(json!({ "mid": "m_7", "is_unsupported": true })).text, "[unsupported]");
    let [Heard::Message(tapped)] = &heard(json!({ "postback": { "mid": "m_8", "title": "Start", "payload": "GO" } }))[..] else { panic!() };
    assert_eq!((tapped.key.as_str(), tapped.text.as_str()), ("m_8", "Start"));
}

#[test]
fn what_happens_to_messages_is_read() {
    let receipt = |of, state| Heard::Receipt { of, state };
    let up_to = |at| OfOurs::UpTo { to: ann(), at: At(at) };
    assert_eq!(heard(json!({ "delivery": { "watermark": 5 } })), [receipt(up_to(5), Delivery::Delivered)], "without mids");
    assert_eq!(
        heard(json!({ "delivery": { "watermark": 5, "mids": ["m_1"] } })),
        [receipt(OfOurs::External("m_1".into()), Delivery::Delivered), receipt(up_to(5), Delivery::Delivered)]
    );
    assert_eq!(heard(json!({ "read": { "watermark": 6 } })), [receipt(up_to(6), Delivery::Read)]);
    assert_eq!(heard(json!({ "read": { "mid": "m_2" } })), [receipt(OfOurs::External("m_2".into()), Delivery::Read)]);
    let deleted = heard(json!({ "message": { "mid": "m_3", "is_deleted": true } }));
    assert_eq!(deleted, [Heard::Recalled { key: "m_3".into(), from: ann() }]);
    let edited = heard(json!({ "message_edit": { "mid": "m_3", "text": "hello", "num_edit": 1 } }));
    assert_eq!(edited, [Heard::Edited { key: "m_3".into(), from: ann(), text: "hello".into() }]);
    let [Heard::Message(liked)] = &heard(json!({ "reaction": { "mid": "m_4", "action": "react", "emoji": "❤" } }))[..] else { panic!() };
    assert_eq!(liked.extra, Some(Extra::Reaction { emoji: "❤".into() }));
    assert_eq!(heard(json!({ "optin": { "ref": "x" } })), [], "kinds that say nothing");
}

#[test]
fn echoes_are_ours_or_somebody_elses() {
    let mut echo = json!({ "sender": { "id": "PAGE" }, "recipient": { "id": "PSID" }, "timestamp": 1, "message": { "mid": "m_1", "is_echo": true, "text": "hi" } });
    let read_one =
        |echo: &Value| read(&account(), &events(&account(), told(echo.clone()).to_string().as_bytes())[0].body).expect("readable");
    let [Heard::Echo(wrote)] = &read_one(&echo)[..] else { panic!("no echo") };
    assert_eq!((wrote.key.as_str(), &wrote.from.identity), ("m_1", &ann()), "to whom it was written");
    echo["message"]["metadata"] = "hubline/7-0-ab".into();
    assert_eq!(read_one(&echo), [Heard::Receipt { of: OfOurs::Key("7-0-ab".into()), state: Delivery::Sent }]);
}

#[test]
fn batches_are_taken_apart_and_the_same_event_has_the_same_name() {
    let message = |mid: &str| json!({ "sender": { "id": "PSID" }, "timestamp": 1, "message": { "mid": mid, "text": "x" } });
    let batch = json!({ "object": "page", "entry": [
        { "id": "PAGE", "messaging": [message("m_1"), message("m_2")] },
        { "id": "ANOTHER", "messaging": [message("m_9")] },
        { "id": "PAGE", "standby": [message("m_3")] },
    ] });
    let all = events(&account(), batch.to_string().as_bytes());
    assert_eq!(all.iter().map(|raw| raw.key.as_str()).collect::<Vec<_>>(), ["message/m_1", "message/m_2", "message/m_3"]);
    let [Heard::Message(standby)] = &read(&account(), &all[2].body).expect("readable")[..] else { panic!("no message") };
    assert!(standby.automatic, "another app answers");
    let again = events(&account(), told(message("m_1")).to_string().as_bytes());
    assert_eq!(again[0].key, "message/m_1", "a replay is the same event");
    let read_at =
        |at: i64| events(&account(), told(json!({ "sender": { "id": "P" }, "read": { "watermark": at } })).to_string().as_bytes());
    assert_eq!(read_at(1)[0].key, read_at(1)[0].key);
    assert_ne!(read_at(1)[0].key, read_at(2)[0].key);
    assert_eq!(events(&account(), br#"{"object":"instagram","entry":[]}"#).len(), 0, "another product");
    let odd = events(&account(), b"{");
    assert!(read(&account(), &odd[0].body).is_err(), "kept, though nobody understands it");
}

#[test]
fn titles_are_cut_where_they_are_too_long() {
    assert_eq!(title("short", 20), "short");
    assert_eq!(title("an answer that is too long", 20), "an answer that is t…");
    assert_eq!(title("一二三四", 3), "一二…");
}

#[test]
fn fuzz_meta_events() {
    let seeds = [
        told(
            json!({ "sender": { "id": "P" }, "timestamp": 1, "message": { "mid": "m", "text": "hi", "attachments": [{ "type": "image", "payload": { "url": "https://x/y/z/a.jpg" } }] } }),
        ),
        told(
            json!({ "sender": { "id": "P" }, "timestamp": 1, "message": { "mid": "m", "attachments": [{ "type": "location", "payload": { "coordinates": { "lat": 1e300, "long": 1 } } }] } }),
        ),
        told(json!({ "sender": { "id": "P" }, "delivery": { "watermark": 1, "mids": ["m"] } })),
        told(json!({ "sender": { "id": "P" }, "reaction": { "mid": "m", "action": "react", "emoji": "x" } })),
    ];
    fuzz(Rounds::new("meta", 3_000, 42), &seeds.map(|seed| seed.to_string().into_bytes()), |input, _| {
        for raw in events(&account(), input) {
            assert!(!raw.key.is_empty() && raw.key.len() <= 256);
            assert!(!format!("{:?}", read(&account(), &raw.body)).is_empty());
        }
    });
}
