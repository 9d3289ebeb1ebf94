//! A number: what it is told, and what it sends to a simulated Cloud API by real sockets.

use super::*;
use crate::channels::platform::{Answers, Approval, LocalFile, MediaAt, OfOurs, Wrote};
use crate::desk::id::{At, ConversationId, MessageId};
use crate::desk::input::{Delivery, Extra};
use crate::fuzz_tests::{Rounds, fuzz};
use crate::sim::meta::whatsapp::{Account, Customer, Whatsapp as Sim};
use crate::sim::meta::{escaped, signature};
use crate::sim::plan::Plan;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

const ANN: &str = "16505551234";
const BSUID: &str = "US.13491208655302741918";

fn number(base: &str) -> Whatsapp {
    let text = format!(
        "phone_number_id = \"PNID\"\nbusiness_account_id = \"WABA\"\ntoken = \"wa-token\"\napp_secret = \"app\"\nverify_token = \"word\"\nbase_url = \"{base}\"\n"
    );
    let section: WhatsappSection = toml::from_str(&text).expect("a section");
    let abroad = crate::reach::Abroad { allowed: vec!["127.0.0.1/32".parse().expect("a network")] };
    Whatsapp::open(&section, Path::new("."), Client::new(abroad)).expect("a number")
}

fn quiet() -> Whatsapp {
    number("http://127.0.0.1:1")
}

async fn sim(plan: Plan) -> Sim {
    let account = Account { number_id: "PNID".into(), business_id: "WABA".into(), token: "wa-token".into(), app_secret: "app".into() };
    Sim::open(account, plan).await.expect("a simulator")
}

fn told(value: Value) -> Value {
    let mut value = value;
    value["metadata"] = json!({ "display_phone_number": "15550001111", "phone_number_id": "PNID" });
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "WABA", "changes": [{ "field": "messages", "value": value }] }] })
}

fn heard(value: Value) -> Vec<Heard> {
    let number = quiet();
    let events = number.events(told(value).to_string().as_bytes());
    events.iter().flat_map(|raw| number.read(&raw.body).expect("readable")).collect()
}

fn wrote(content: Value) -> Wrote {
    let mut message = json!({ "from": ANN, "from_user_id": BSUID, "id": "wamid.1", "timestamp": "1700000000" });
    message.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
    let contact = json!({ "profile": { "name": "Ann", "username": "ann_x" }, "wa_id": ANN, "user_id": BSUID });
    match heard(json!({ "contacts": [contact], "messages": [message] })).pop() {
        Some(Heard::Message(wrote)) => wrote,
        other => panic!("{other:?}"),
    }
}

fn known(value: &str) -> Identity {
    read::identity("PNID", value)
}

fn phone() -> Identity {
    Identity { kind: "phone".into(), namespace: String::new(), value: format!("+{ANN}") }
}

fn piece(to: &str, text: &str) -> Piece {
    Piece {
        message: MessageId(7),
        part: 0,
        parts: 1,
        conversation: ConversationId(1),
        to: known(to),
        key: "7-0-ab".into(),
        text: text.into(),
        files: Vec::new(),
        extra: None,
        answers: Answers::default(),
    }
}

#[test]
fn what_a_customer_writes_is_read() {
    let said = wrote(json!({ "type": "text", "text": { "body": "hi" } }));
    assert_eq!((said.key.as_str(), said.text.as_str(), said.sent), ("wamid.1", "hi", At(1_700_000_000_000)));
    assert_eq!((said.from.identity, said.from.name.as_deref()), (known(BSUID), Some("Ann")));
    assert_eq!(said.from.also, [known(ANN), phone()]);
    for (kind, name, extra) in [
        ("image", "photo.jpg", Some(Extra::Picture)),
        ("sticker", "sticker.webp", Some(Extra::Picture)),
        ("video", "video.mp4", None),
        ("audio", "voice.ogg", None),
        ("document", "bill.pdf", None),
    ] {
        let said =
            wrote(json!({ "type": kind, kind: { "id": "55", "caption": "look", "filename": (kind == "document").then_some("bill.pdf") } }));
        assert_eq!((said.media[0].name.as_str(), &said.media[0].at, said.extra), (name, &MediaAt::Elsewhere("55".into()), extra), "{kind}");
        assert_eq!(said.text, "look");
    }
    assert_eq!(wrote(json!({ "type": "audio", "audio": { "id": "5", "voice": true } })).extra, Some(Extra::Voice));
    let place = wrote(json!({ "type": "location", "location": { "latitude": 1.5, "longitude": -2.5, "name": "Shop" } }));
    assert_eq!(
        place.extra,
        Some(Extra::Place { latitude: 1_500_000, longitude: -2_500_000, label: "Shop".into(), address: String::new() })
    );
    let card = json!([{ "name": { "formatted_name": "Bo" }, "phones": [{ "phone": "+1 555" }], "emails": [{ "email": "b@x" }] }]);
    let card = wrote(json!({ "type": "contacts", "contacts": card }));
    assert_eq!(card.extra, Some(Extra::Contact { name: "Bo".into(), values: vec!["+1 555".into(), "b@x".into()] }));
    let two = json!([{ "name": { "formatted_name": "Bo" }, "phones": [{ "phone": "+1 555" }] }, { "name": { "formatted_name": "Cy" } }]);
    let two = wrote(json!({ "type": "contacts", "contacts": two }));
    assert_eq!((two.text.as_str(), two.extra), ("Bo +1 555\nCy", None));
    let tapped = |reply: Value| wrote(json!({ "type": "interactive", "interactive": reply })).text;
    assert_eq!(
        tapped(json!({ "type": "button_reply", "button_reply": { "id": "=A long answer in full", "title": "A long answer in f…" } })),
        "A long answer in full"
    );
    assert_eq!(tapped(json!({ "type": "list_reply", "list_reply": { "id": "x", "title": "Red" } })), "Red");
    let third = wrote(
        json!({ "type": "interactive", "interactive": { "type": "list_reply", "list_reply": { "id": "=88.3=Blue", "title": "Blue" } } }),
    );
    let chosen = Extra::Chosen { question: MessageId(88), number: 3, choice: String::new(), asked: String::new() };
    assert_eq!((third.text.as_str(), third.extra), ("Blue", Some(chosen)));
    assert_eq!(wrote(json!({ "type": "button", "button": { "text": "Stop", "payload": "p" } })).text, "Stop");
    assert_eq!(
        wrote(json!({ "type": "reaction", "reaction": { "message_id": "w", "emoji": "👍" } })).extra,
        Some(Extra::Reaction { emoji: "👍".into() })
    );
    assert_eq!(
        wrote(json!({ "type": "reaction", "reaction": { "message_id": "w" } })).extra,
        Some(Extra::Reaction { emoji: String::new() })
    );
    let ad = json!({ "source_url": "https://fb.me/x", "headline": "Sale", "body": "Now" });
    let ad = wrote(json!({ "type": "text", "text": { "body": "hi" }, "referral": ad }));
    assert_eq!(
        ad.extra,
        Some(Extra::Link { url: "https://fb.me/x".into(), title: "Sale".into(), about: "Now".into(), picture: String::new() })
    );
    let other = wrote(json!({ "type": "unsupported", "errors": [{ "code": 131_051 }] }));
    assert_eq!((other.text.as_str(), other.extra), ("[unsupported]", Some(Extra::Other { kind: "unsupported".into() })));
}

#[test]
fn customers_without_a_number_are_known_and_change_their_names() {
    let contact = json!({ "profile": { "username": "ann_x" }, "user_id": BSUID });
    let message = json!({ "from_user_id": BSUID, "id": "w", "timestamp": "1", "type": "text", "text": { "body": "x" } });
    let [Heard::Message(said)] = &heard(json!({ "contacts": [contact], "messages": [message] }))[..] else { panic!("no message") };
    assert_eq!((&said.from.identity, &said.from.also, said.from.name.as_deref()), (&known(BSUID), &vec![], Some("ann_x")));
    let message = json!({ "from": ANN, "id": "w", "timestamp": "1", "type": "text", "text": { "body": "x" } });
    let [Heard::Message(said)] = &heard(json!({ "messages": [message] }))[..] else { panic!("no message") };
    assert_eq!((&said.from.identity, &said.from.also), (&known(ANN), &vec![phone()]), "by number alone, and nobody's name");
    let system = json!({ "body": "Ann changed", "type": "user_changed_user_id", "user_id": "US.2", "previous_user_id": BSUID });
    let changed = wrote(json!({ "type": "system", "system": system, "from_user_id": BSUID }));
    assert_eq!((changed.from.identity, changed.automatic), (known("US.2"), true));
    assert!(changed.from.also.contains(&known(BSUID)), "{:?}", changed.from.also);
    let number = quiet();
    let nobody = number.events(told(json!({ "messages": [{ "id": "w", "type": "text" }] })).to_string().as_bytes());
    assert!(number.read(&nobody[0].body).is_err());
}

#[test]
fn receipts_are_read_with_our_own_key() {
    let status = |more: Value| {
        let mut status = json!({ "id": "wamid.OUT", "timestamp": "1", "recipient_id": ANN });
        status.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        heard(json!({ "statuses": [status] }))
    };
    let receipt = |of, state| vec![Heard::Receipt { of, state }];
    let id = || OfOurs::External("wamid.OUT".into());
    assert_eq!(status(json!({ "status": "sent" })), receipt(id(), Delivery::Sent));
    assert_eq!(
        status(json!({ "status": "delivered", "biz_opaque_callback_data": "7-0-ab" })),
        receipt(OfOurs::Key("7-0-ab".into()), Delivery::Delivered)
    );
    assert_eq!(status(json!({ "status": "played" })), receipt(id(), Delivery::Read));
    assert_eq!(status(json!({ "status": "read", "biz_opaque_callback_data": "SOMEBODY ELSE'S" })), receipt(id(), Delivery::Read));
    let failed = status(json!({ "status": "failed", "errors": [{ "code": 131_026, "title": "Message undeliverable" }] }));
    assert_eq!(failed, receipt(id(), Delivery::Failed { reason: "131026 Message undeliverable".into() }));
    assert_eq!(status(json!({ "status": "warning" })), []);
}

#[test]
fn batches_are_taken_apart() {
    let number = quiet();
    let message = |id: &str| json!({ "from": ANN, "id": id, "timestamp": "1", "type": "text", "text": { "body": "x" } });
    let change = |pnid: &str, value: Value| {
        let mut value = value;
        value["metadata"] = json!({ "phone_number_id": pnid });
        json!({ "field": "messages", "value": value })
    };
    let body = json!({ "object": "whatsapp_business_account", "entry": [
        { "id": "WABA", "changes": [change("PNID", json!({ "messages": [message("w1"), message("w2")] })), change("OTHER", json!({ "messages": [message("w9")] }))] },
        { "id": "WABA", "changes": [
            change("PNID", json!({ "statuses": [{ "id": "o1", "status": "sent" }, { "id": "o1", "status": "read" }] })),
            { "field": "message_template_status_update", "value": { "event": "PAUSED" } },
        ] },
    ] });
    let keys: Vec<String> = number.events(body.to_string().as_bytes()).into_iter().map(|raw| raw.key).collect();
    assert_eq!(keys[..4], ["message/w1", "message/w2", "status/o1/sent", "status/o1/read"]);
    assert_eq!(keys.len(), 5);
    assert!(number.read(&number.events(body.to_string().as_bytes())[4].body).expect("readable").is_empty());
}

#[test]
fn signed_bytes_are_what_counts() {
    let number = quiet();
    let body = told(json!({ "messages": [{ "from": ANN, "id": "w", "timestamp": "1", "type": "text", "text": { "body": "你好 😀" } }] }));
    let call = |signed: &str, body: &str| {
        let (mut headers, method, body) = (HeaderMap::new(), Method::POST, Bytes::copy_from_slice(body.as_bytes()));
        headers.insert("x-hub-signature-256", signed.parse().unwrap());
        let from = [127, 0, 0, 1].into();
        let request = HookRequest { method: &method, url: "", query: "", headers: &headers, body: &body, from, now: At(0) };
        number.hook(&request).map_err(|refused| refused.status)
    };
    let wire = escaped(&body);
    assert!(wire.contains("\\u4f60") && wire.is_ascii());
    let hooked = call(&signature("app", wire.as_bytes()), &wire).expect("taken");
    let [Heard::Message(said)] = &number.read(&hooked.events[0].body).expect("readable")[..] else { panic!("no message") };
    assert_eq!(said.text, "你好 😀");
    assert_eq!(
        call(&signature("app", wire.as_bytes()), &body.to_string()).err(),
        Some(StatusCode::UNAUTHORIZED),
        "the same, written again"
    );
    let broken = &wire[..wire.len() / 2];
    let kept = call(&signature("app", broken.as_bytes()), broken).expect("signed, so it is kept");
    assert!(number.read(&kept.events[0].body).is_err());
}

#[test]
fn fuzz_whatsapp_events() {
    let number = quiet();
    let seeds = [
        told(json!({ "messages": [{ "from": ANN, "id": "w", "timestamp": "1", "type": "text", "text": { "body": "x" } }] })),
        told(json!({ "messages": [{ "from": ANN, "id": "w", "type": "location", "location": { "latitude": 1e300, "longitude": 1 } }] })),
        told(json!({ "statuses": [{ "id": "o", "status": "failed", "errors": [{ "code": 1, "title": "x" }] }] })),
        told(
            json!({ "messages": [{ "from_user_id": BSUID, "id": "w", "type": "interactive", "interactive": { "list_reply": { "id": "=x", "title": "x" } } }] }),
        ),
    ];
    fuzz(Rounds::new("whatsapp", 3_000, 43), &seeds.map(|seed| seed.to_string().into_bytes()), |input, _| {
        for raw in number.events(input) {
            assert!(!raw.key.is_empty() && raw.key.len() <= 256);
            assert!(!format!("{:?}", number.read(&raw.body)).is_empty());
        }
    });
}

#[tokio::test]
async fn it_sends_what_a_number_can_send() {
    let sim = sim(Plan::default()).await;
    let number = number(&sim.url());
    let ann = Customer { wa_id: Some(ANN.into()), user_id: Some(BSUID.into()), name: "Ann".into() };
    assert_eq!(number.send(&piece(ANN, "hello")).await, Err(Trouble::WindowClosed), "who never wrote gets templates only");
    let newest = sim.customer_writes(&ann, "hi");
    let handed = number.send(&piece(ANN, "hello")).await.expect("sent");
    let sent = sim.sent().pop().expect("a message");
    assert_eq!((handed.ids, sent.body["biz_opaque_callback_data"].as_str()), (vec![sent.id], Some("7-0-ab")));
    number.send(&piece(BSUID, "hello")).await.expect("sent");
    assert_eq!(sim.sent().pop().expect("a message").body["recipient"], BSUID);
    let choices = |count: usize| Piece {
        extra: Some(Extra::Choices { options: (0..count).map(|n| format!("Answer {n} that has no room on any button")).collect() }),
        ..piece(ANN, "Well?")
    };
    number.send(&choices(3)).await.expect("buttons");
    assert_eq!(sim.sent().pop().expect("a message").body["interactive"]["type"], "button");
    number.send(&choices(10)).await.expect("a list");
    assert_eq!(
        sim.sent().pop().expect("a message").body["interactive"]["action"]["sections"][0]["rows"][9]["id"],
        format!("={}.10=Answer 9 that has no room on any button", choices(1).message)
    );
    let link = |picture: &str| Piece {
        extra: Some(Extra::Link {
            url: "https://www.shop.example/o/42".into(),
            title: "Order 42".into(),
            about: "On its way".into(),
            picture: picture.into(),
        }),
        ..piece(ANN, "Order 42")
    };
    number.send(&link("https://shop.example/a.png")).await.expect("a link");
    assert_eq!(
        sim.sent().pop().expect("a message").body["interactive"],
        json!({
            "type": "cta_url",
            "header": { "type": "image", "image": { "link": "https://shop.example/a.png" } },
            "body": { "text": "Order 42\nOn its way" },
            "action": { "name": "cta_url", "parameters": { "display_text": "shop.example", "url": "https://www.shop.example/o/42" } },
        })
    );
    number.send(&link("")).await.expect("a link");
    assert!(sim.sent().pop().expect("a message").body["interactive"].get("header").is_none());
    let place = Extra::Place { latitude: 52_516_300, longitude: 13_377_700, label: "Shop".into(), address: "Seestr. 1".into() };
    number.send(&Piece { extra: Some(place), ..piece(ANN, "Shop") }).await.expect("a place");
    assert_eq!(
        sim.sent().pop().expect("a message").body["location"],
        json!({ "latitude": 52.5163, "longitude": 13.3777, "name": "Shop", "address": "Seestr. 1" })
    );
    let folder = tempfile::tempdir().expect("a folder");
    for (name, mime, text, kind) in [
        ("a.png", "image/png", "look", "image"),
        ("f.mp4", "video/mp4", "", "video"),
        ("v.ogg", "audio/ogg", "", "audio"),
        ("v.ogg", "audio/ogg", "with words", "document"),
        ("发票.pdf", "application/pdf", "bill", "document"),
    ] {
        let path = folder.path().join("file");
        std::fs::write(&path, b"bytes").expect("written");
        let file = LocalFile { name: name.into(), mime: mime.into(), bytes: 5, path };
        let voice = (kind == "audio").then_some(Extra::Voice);
        number.send(&Piece { files: vec![file], extra: voice, ..piece(ANN, text) }).await.expect("sent");
        let sent = sim.sent().pop().expect("a message");
        assert_eq!((sent.body["type"].as_str(), sent.file.map(|file| file.0)), (Some(kind), Some(name.to_owned())));
    }
    // Nothing is shown before somebody was heard.
    number.signal(&known(BSUID), Signal::Read).await;
    let events = number.events(
        told(json!({ "contacts": [{ "wa_id": ANN, "user_id": BSUID }], "messages": [{ "from": ANN, "id": newest, "type": "text", "text": { "body": "hi" } }] }))
            .to_string()
            .as_bytes(),
    );
    number.read(&events[0].body).expect("readable");
    number.signal(&known(BSUID), Signal::Read).await;
    number.signal(&known(BSUID), Signal::Typing).await;
    assert_eq!(sim.shown(), [(newest.clone(), false), (newest, true)]);
    let picture = sim.file("pump.jpg", "image/jpeg", &b"jpeg"[..]);
    assert_eq!(number.fetch(&picture).await.expect("a picture").bytes, &b"jpeg"[..]);
    assert!(number.fetch("../me").await.is_err() && number.fetch("77").await.is_err());
    assert!(number.probe().await.iter().all(|probe| probe.works()), "{:?}", number.probe().await);
}

#[tokio::test]
async fn outside_the_window_templates_are_sent() {
    let sim = sim(Plan::default()).await;
    let number = number(&sim.url());
    sim.template("order_ready", "zh_CN", "APPROVED", "你好 {{1}}，订单 {{2}} 已备好");
    sim.template("sale", "en_US", "REJECTED", "Buy!");
    sim.template("news", "en_US", "PENDING", "News");
    let listed = number.templates().await.expect("a list");
    let states: Vec<(&str, usize, bool)> =
        listed.iter().map(|one| (one.name.as_str(), one.variables.len(), one.state == Approval::Approved)).collect();
    assert_eq!(states, [("order_ready", 2, true), ("sale", 0, false), ("news", 0, false)], "two pages");
    assert_eq!(listed[2].state, Approval::Waiting);
    sim.customer_writes(&Customer::number(ANN), "hi");
    sim.later(24 * HOUR_MS);
    assert_eq!(number.send(&piece(ANN, "late")).await, Err(Trouble::WindowClosed));
    let template = |variables: &[&str]| Piece {
        extra: Some(Extra::Template {
            name: "order_ready".into(),
            language: "zh_CN".into(),
            variables: variables.iter().map(|text| (*text).to_owned()).collect(),
        }),
        ..piece(ANN, "words")
    };
    number.send(&template(&["安", "4\n2"])).await.expect("sent");
    assert_eq!(sim.sent()[0].body["template"]["components"][0]["parameters"][1]["text"], "4 2", "no line ends in variables");
    assert!(matches!(number.send(&template(&["安"])).await, Err(Trouble::Refused(why)) if why.starts_with("132000")));
}

#[tokio::test]
async fn heads_names_and_buttons_of_templates_are_filled() {
    let sim = sim(Plan::default()).await;
    let parcel = json!([
        { "type": "HEADER", "format": "TEXT", "text": "Order {{order}}" },
        { "type": "BODY", "text": "Hello {{first_name}}, it is on its way." },
        { "type": "FOOTER", "text": "Larkspur" },
        { "type": "BUTTONS", "buttons": [
            { "type": "QUICK_REPLY", "text": "Stop" },
            { "type": "URL", "text": "Track", "url": "https://shop.example/t/{{1}}" },
        ] },
    ]);
    sim.template_of("parcel", "en", "APPROVED", parcel);
    let unusable = [
        ("picture", json!([{ "type": "HEADER", "format": "IMAGE" }, { "type": "BODY", "text": "Look" }]), "its head needs a file"),
        (
            "code",
            json!([{ "type": "BODY", "text": "{{1}}" }, { "type": "BUTTONS", "buttons": [{ "type": "COPY_CODE", "text": "Copy" }] }]),
            "one of its buttons needs a code or a form",
        ),
        (
            "twice",
            json!([{ "type": "HEADER", "format": "TEXT", "text": "{{1}}" }, { "type": "BODY", "text": "{{head}}" }]),
            "two of its variables have one name",
        ),
    ];
    for (name, components, _) in &unusable {
        sim.template_of(name, "en", "APPROVED", components.clone());
    }
    sim.customer_writes(&Customer::number(ANN), "hi");
    let template = |variables: &[&str]| Piece {
        extra: Some(Extra::Template {
            name: "parcel".into(),
            language: "en".into(),
            variables: variables.iter().map(|text| (*text).to_owned()).collect(),
        }),
        ..piece(ANN, "words")
    };
    // Nothing was listed yet: it asks before it sends.
    let number = number(&sim.url());
    number.send(&template(&["4711", "Ann", "x7"])).await.expect("sent");
    assert_eq!(
        sim.sent()[0].body["template"]["components"],
        json!([
            { "type": "header", "parameters": [{ "type": "text", "parameter_name": "order", "text": "4711" }] },
            { "type": "body", "parameters": [{ "type": "text", "parameter_name": "first_name", "text": "Ann" }] },
            { "type": "button", "sub_type": "url", "index": "1", "parameters": [{ "type": "text", "text": "x7" }] },
        ])
    );
    let listed = number.templates().await.expect("a list");
    assert_eq!(listed[0].text, "Order {{order}}\nHello {{first_name}}, it is on its way.\nTrack: https://shop.example/t/{{link}}");
    let names: Vec<&str> = listed[0].variables.iter().map(|variable| variable.name.as_str()).collect();
    assert_eq!((names, &listed[0].state), (vec!["order", "first_name", "link"], &Approval::Approved));
    for (one, (name, _, why)) in listed[1..].iter().zip(&unusable) {
        assert_eq!((one.name.as_str(), &one.state), (*name, &Approval::Unusable((*why).into())));
    }
    assert!(matches!(number.send(&template(&["4711", "Ann"])).await, Err(Trouble::Refused(why)) if why.starts_with("132000")));
}

#[tokio::test]
async fn what_goes_wrong_is_named() {
    let at = |plan: Plan| async move {
        let sim = sim(plan).await;
        sim.customer_writes(&Customer::number(ANN), "hi");
        (number(&sim.url()).send(&piece(ANN, "hello")).await, sim.sent().len())
    };
    assert!(matches!(at(Plan { flood: 1_000, ..Plan::default() }).await, (Err(Trouble::Retry(_)), 0)));
    assert!(matches!(at(Plan { busy: 1_000, ..Plan::default() }).await, (Err(Trouble::Retry(_)), 0)));
    assert!(matches!(at(Plan { cut: 1_000, ..Plan::default() }).await, (Err(Trouble::Uncertain(_)), 1)));
    let code = |code: i64| errors::judge(&crate::channels::meta::errors::Said { code, ..Default::default() });
    assert_eq!(code(131_056), Some(Trouble::LaterForThem(std::time::Duration::from_secs(6))));
    assert!(matches!(code(131_026), Some(Trouble::Blocked(_))));
    assert!(matches!(code(131_048), Some(Trouble::Quota(_))));
    assert!(matches!((code(131_031), code(133_010)), (Some(Trouble::Down(_)), Some(Trouble::Down(_)))));
    assert!(matches!(
        (code(131_049), code(131_062), code(132_015)),
        (Some(Trouble::Refused(_)), Some(Trouble::Refused(_)), Some(Trouble::Refused(_)))
    ));
    assert_eq!(code(190), None, "what is the same on all of Meta's platforms");
}
