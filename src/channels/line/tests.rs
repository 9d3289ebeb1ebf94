//! An account: whom it believes, what it is told, and how it answers a simulated LINE by real sockets.

use super::*;
use crate::channels::platform::{Answers, Found, LocalFile, MediaAt, Wrote};
use crate::desk::id::{ConversationId, MessageId};
use crate::desk::input::Extra;
use crate::fuzz_tests::{Rounds, fuzz};
use crate::sim::line::{Line as Sim, signature};
use crate::sim::plan::Plan;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::json;

const SECRET: &str = "8c570fa6dd201bb328f1c1eac23a96d8";
const USER: &str = "U4af4980629";

fn account(base: &str, more: &str) -> Line {
    let text = format!("channel_secret = \"{SECRET}\"\nbase_url = \"{base}\"\ndata_url = \"{base}\"\n{more}");
    let section: LineSection = toml::from_str(&text).expect("a section");
    Line::open("line", &section, Path::new("."), Client::default(), Some("http://127.0.0.1/hooks/line".into()), Clock::system())
        .expect("an account")
}

fn plain(base: &str) -> Line {
    account(base, "token = \"line-token\"\n")
}

fn quiet() -> Line {
    plain("http://127.0.0.1:1")
}

async fn sim(plan: Plan) -> Sim {
    Sim::open(SECRET, "line-token", plan).await.expect("a simulator")
}

fn event(kind: &str, content: Value) -> Value {
    let mut event = json!({
        "type": kind, "mode": "active", "timestamp": 1_700_000_000_000_i64, "webhookEventId": "01HX", "source": { "type": "user", "userId": USER },
    });
    event.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
    event
}

fn heard(event: &Value) -> Vec<Heard> {
    quiet().read(event.to_string().as_bytes()).expect("readable")
}

fn wrote(message: Value) -> Wrote {
    let mut content = json!({ "id": "444" });
    content.as_object_mut().unwrap().extend(message.as_object().unwrap().clone());
    match heard(&event("message", json!({ "message": content }))).pop() {
        Some(Heard::Message(wrote)) => wrote,
        other => panic!("{other:?}"),
    }
}

fn ann() -> Identity {
    Identity { kind: "line".into(), namespace: "line".into(), value: USER.into() }
}

fn piece(key: &str, text: &str) -> Piece {
    Piece {
        message: MessageId(7),
        part: 0,
        parts: 1,
        conversation: ConversationId(1),
        to: ann(),
        key: key.into(),
        text: text.into(),
        files: Vec::new(),
        extra: None,
        answers: Answers::default(),
    }
}

fn call(account: &Line, method: Method, name: &'static str, signed: &str, body: &[u8]) -> Result<Hooked, StatusCode> {
    let (mut headers, body) = (HeaderMap::new(), Bytes::copy_from_slice(body));
    if !name.is_empty() {
        headers.insert(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), signed.parse().unwrap());
    }
    let from = [127, 0, 0, 1].into();
    let request = HookRequest { method: &method, url: "", query: "", headers: &headers, body: &body, from, now: At(0) };
    account.hook(&request).map_err(|refused| refused.status)
}

/// Published vector (Appendix A.10 of the channels' reference), and what is not it.
#[test]
fn callbacks_that_are_not_lines_are_refused() {
    let account = quiet();
    let body = br#"{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}"#;
    let good = "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=";
    let post = |name, signed: &str, body: &[u8]| call(&account, Method::POST, name, signed, body).map(|hooked| hooked.events.len());
    assert_eq!(post("X-Line-Signature", good, body), Ok(0), "the console's button Verify");
    assert_eq!(post("x-line-signature", good, body), Ok(0));
    let refused = Err(StatusCode::UNAUTHORIZED);
    assert_eq!(post("", "", body), refused);
    assert_eq!(post("x-line-signature", good, &body[..body.len() - 1]), refused, "truncated");
    assert_eq!(post("x-line-signature", &signature("another", body), body), refused);
    for forged in ["", "=", &good[1..], &good[..20], "not base64 at all"] {
        assert_eq!(post("x-line-signature", forged, body), refused, "{forged}");
    }
    let large = vec![b' '; (1 << 20) + 1];
    assert_eq!(post("x-line-signature", &signature(SECRET, &large), &large), Err(StatusCode::PAYLOAD_TOO_LARGE));
    assert_eq!(call(&account, Method::GET, "x-line-signature", good, body).err(), Some(StatusCode::METHOD_NOT_ALLOWED));
    let broken = b"{\"events\":";
    let kept = call(&account, Method::POST, "x-line-signature", &signature(SECRET, broken), broken).expect("signed, so it is kept");
    assert!(account.read(&kept.events[0].body).is_err());
    // Told again, it has its name again.
    let again = |redelivery: bool| {
        let event = event(
            "message",
            json!({ "message": { "type": "text", "id": "1", "text": "x" }, "deliveryContext": { "isRedelivery": redelivery } }),
        );
        let body = json!({ "destination": "U", "events": [event] }).to_string();
        call(&account, Method::POST, "x-line-signature", &signature(SECRET, body.as_bytes()), body.as_bytes()).expect("taken").events[0]
            .key
            .clone()
    };
    assert_eq!((again(false).as_str(), again(true).as_str()), ("01HX", "01HX"));
}

#[test]
fn what_happens_is_read() {
    let said = wrote(json!({ "type": "text", "text": "hi" }));
    assert_eq!((said.key.as_str(), said.text.as_str(), said.sent, said.from.identity), ("444", "hi", At(1_700_000_000_000), ann()));
    for (kind, name, extra) in [
        ("image", "photo.jpg", Some(Extra::Picture)),
        ("video", "video.mp4", None),
        ("audio", "voice.m4a", Some(Extra::Voice)),
        ("file", "bill.pdf", None),
    ] {
        let said =
            wrote(json!({ "type": kind, "fileName": (kind == "file").then_some("bill.pdf"), "contentProvider": { "type": "line" } }));
        assert_eq!(
            (said.media[0].name.as_str(), &said.media[0].at, said.extra),
            (name, &MediaAt::Elsewhere("content/444".into()), extra),
            "{kind}"
        );
    }
    let elsewhere =
        wrote(json!({ "type": "image", "contentProvider": { "type": "external", "originalContentUrl": "https://x.example/a.jpg" } }));
    assert_eq!(elsewhere.media[0].at, MediaAt::Elsewhere("https://x.example/a.jpg".into()));
    let place = wrote(json!({ "type": "location", "title": "Shop", "latitude": 1.5, "longitude": -2.5 }));
    assert_eq!(
        place.extra,
        Some(Extra::Place { latitude: 1_500_000, longitude: -2_500_000, label: "Shop".into(), address: String::new() })
    );
    assert_eq!(wrote(json!({ "type": "sticker", "packageId": "1", "stickerId": "2", "keywords": ["happy"] })).text, "[happy]");
    assert!(matches!(wrote(json!({ "type": "hologram" })).extra, Some(Extra::Other { kind }) if kind == "hologram"));
    assert_eq!(heard(&event("unsend", json!({ "unsend": { "messageId": "444" } }))), [Heard::Recalled { key: "444".into(), from: ann() }]);
    assert!(matches!(&heard(&event("unfollow", json!({})))[..], [Heard::Unreachable { .. }]));
    let [Heard::Message(tapped)] = &heard(&event("postback", json!({ "postback": { "data": "=Yes, please" } })))[..] else {
        panic!("no message")
    };
    assert_eq!(tapped.text, "Yes, please");
    assert_eq!(heard(&event("follow", json!({}))), []);
    assert_eq!(
        heard(&event("message", json!({ "source": { "type": "group", "groupId": "C", "userId": USER }, "message": { "type": "text" } }))),
        []
    );
    let standby = heard(&event("message", json!({ "mode": "standby", "message": { "type": "text", "id": "1", "text": "x" } })));
    assert!(matches!(&standby[..], [Heard::Message(wrote)] if wrote.automatic));
}

#[test]
fn fuzz_line_events() {
    let account = quiet();
    let seeds = [
        event("message", json!({ "replyToken": "r", "message": { "type": "text", "id": "1", "text": "x", "markAsReadToken": "m" } })),
        event("message", json!({ "message": { "type": "location", "latitude": 1e300, "longitude": -1e300 } })),
        event("postback", json!({ "postback": { "data": "=x" } })),
        event("unsend", json!({ "unsend": { "messageId": "1" } })),
    ];
    fuzz(Rounds::new("line", 3_000, 44), &seeds.map(|seed| seed.to_string().into_bytes()), |input, _| {
        assert!(!format!("{:?}", account.read(input)).is_empty());
    });
}

/// Lets the account hear what a simulated customer writes, without a hook.
fn hear(account: &Line, reply: &str, at: i64) {
    let message = json!({ "type": "text", "id": "4", "text": "hi", "markAsReadToken": "read-4" });
    let event = event("message", json!({ "replyToken": reply, "timestamp": at, "message": message }));
    account.read(event.to_string().as_bytes()).expect("readable");
}

#[tokio::test]
async fn it_replies_within_the_minute_and_pushes_later() {
    let sim = sim(Plan::default()).await;
    let account = plain(&sim.url());
    sim.customer_writes(USER, "hi");
    let now = crate::sim::web::millis();
    hear(&account, "r0000000002", now);
    let handed = account.send(&piece("k1", "first")).await.expect("sent");
    account.send(&piece("k2", "second")).await.expect("sent");
    let ways: Vec<(String, bool)> = sim.sent().into_iter().map(|sent| (sent.text, sent.reply)).collect();
    assert_eq!(ways, [("first".to_owned(), true), ("second".to_owned(), false)], "a token answers once");
    assert_eq!(handed.ids, [sim.sent()[0].id.clone()]);
    // LINE has ended the token before we thought so: it is pushed.
    sim.customer_writes(USER, "again");
    hear(&account, "r0000000099", now);
    account.send(&piece("k3", "third")).await.expect("sent");
    assert!(!sim.sent()[2].reply);
    hear(&account, "r0000000099", now - 51_000);
    account.send(&piece("k4", "fourth")).await.expect("sent");
    assert_eq!(sim.refused(), ["400 Invalid reply token"], "an old token is not tried");
    let options = vec!["Yes".to_owned(), "An answer that has no room on a button".to_owned()];
    account.send(&Piece { extra: Some(Extra::Choices { options }), ..piece("k5", "Well?") }).await.expect("sent");
    assert_eq!(sim.sent()[4].items[1].1, format!("={}.2=An answer that has no room on a button", piece("k5", "").message));
    let link = Extra::Link {
        url: "https://shop.example/1".into(),
        title: "Order".into(),
        about: String::new(),
        picture: "https://shop.example/a.png".into(),
    };
    account.send(&Piece { extra: Some(link), ..piece("k6", "Order") }).await.expect("a card");
    let sent = sim.sent().pop().expect("a message");
    assert_eq!((sent.text.as_str(), sent.picture.as_deref()), ("Order\nshop.example", Some("https://shop.example/a.png")));
    assert_eq!(sent.items, [("shop.example".to_owned(), "https://shop.example/1".to_owned())]);
    let place = Extra::Place { latitude: 52_516_300, longitude: 13_377_700, label: "Shop".into(), address: "Seestr. 1".into() };
    account.send(&Piece { extra: Some(place), ..piece("k7", "Shop") }).await.expect("a place");
    assert_eq!(sim.sent().pop().expect("a message").text, "Shop\nSeestr. 1");
    let folder = tempfile::tempdir().expect("a folder");
    for (name, mime) in [("a.png", "image/png"), ("b.pdf", "application/pdf")] {
        let path = folder.path().join(name);
        std::fs::write(&path, b"bytes").expect("written");
        let file = LocalFile { name: name.into(), mime: mime.into(), bytes: 5, path };
        account.send(&Piece { files: vec![file], ..piece(name, "") }).await.expect("sent");
        let sent = sim.sent().pop().expect("a message");
        let url = sent.picture.clone().or_else(|| sent.text.split_once('\n').map(|(_, url)| url.to_owned())).expect("an address");
        assert_eq!(sent.picture.is_some(), mime == "image/png");
        let query = url.split_once('?').expect("a name").1.to_owned();
        let (method, headers, body, from) = (Method::GET, HeaderMap::new(), Bytes::new(), [127, 0, 0, 1].into());
        let request = HookRequest { method: &method, url: &url, query: &query, headers: &headers, body: &body, from, now: At(now) };
        assert_eq!(account.hook(&request).expect("lent").answer.body, &b"bytes"[..]);
    }
    account.signal(&ann(), Signal::Typing).await;
    account.signal(&ann(), Signal::Read).await;
    assert_eq!(sim.shown(), (vec![USER.to_owned()], vec!["4".to_owned()]));
    let profile = account.profile(&ann()).await.expect("a profile");
    assert_eq!((profile.name.as_deref(), profile.language.as_deref()), (Some("LINE U4af4980629"), Some("ja")));
}

#[tokio::test]
async fn what_was_not_answered_is_never_sent_twice() {
    // Pushes: each try is cut, and its key says that it is the same.
    let cut = sim(Plan { cut: 1_000, ..Plan::default() }).await;
    cut.customer_writes(USER, "hi");
    let pushes = account(&cut.url(), "token = \"line-token\"\nreply_within = \"0s\"\n");
    assert!(pushes.traits().tells.repeats_safely && !quiet().traits().tells.repeats_safely);
    assert!(pushes.send(&piece("k1", "once")).await.is_ok(), "it has it already");
    assert!(pushes.send(&piece("k1", "once")).await.is_ok(), "and after a restart");
    assert_eq!(cut.sent().len(), 1);
    // Replies: the used token says that it is there.
    let replies = plain(&cut.url());
    hear(&replies, "r0000000002", crate::sim::web::millis());
    assert!(replies.send(&piece("k2", "reply")).await.is_ok());
    assert_eq!(cut.sent().len(), 2);
    assert_eq!(send::uuid("7-0-ab"), send::uuid("7-0-ab"));
    assert_ne!(send::uuid("7-0-ab"), send::uuid("7-1-ab"));
}

#[tokio::test]
async fn what_goes_wrong_is_named() {
    let at = |plan: Plan| async move {
        let sim = sim(plan).await;
        sim.customer_writes(USER, "hi");
        plain(&sim.url()).send(&piece("k", "hello")).await
    };
    assert!(matches!(at(Plan { flood: 1_000, ..Plan::default() }).await, Err(Trouble::Retry(_))));
    assert!(matches!(at(Plan { busy: 1_000, ..Plan::default() }).await, Err(Trouble::Retry(_))));
    let sim = sim(Plan::default()).await;
    sim.customer_writes(USER, "hi");
    sim.quota(1);
    let line = plain(&sim.url());
    assert!(line.probe().await.iter().all(|probe| probe.works()), "{:?}", line.probe().await);
    line.send(&piece("k1", "the last")).await.expect("sent");
    assert!(matches!(line.send(&piece("k2", "one more")).await, Err(Trouble::Quota(_))), "not a rate");
    assert!(line.probe().await.iter().any(|probe| matches!(probe.found, Found::Bad(Trouble::Quota(_)))));
    assert!(matches!(
        line.send(&Piece { to: Identity { value: "Unobody".into(), ..ann() }, ..piece("k3", "x") }).await,
        Err(Trouble::Refused(_))
    ));
    let stranger = account(&sim.url(), "token = \"another\"\n");
    assert!(matches!(stranger.send(&piece("k4", "x")).await, Err(Trouble::Down(_))));
}

#[tokio::test]
async fn tokens_are_fetched_and_fetched_again() {
    let sim = sim(Plan::default()).await;
    let line = account(&sim.url(), "channel_id = \"1234567890\"\n");
    sim.customer_writes(USER, "hi");
    line.send(&piece("k1", "hello")).await.expect("sent");
    sim.forget_tokens();
    line.send(&piece("k2", "hello again")).await.expect("sent with a new token");
    assert_eq!(sim.sent().len(), 2);
}

#[tokio::test]
async fn files_are_fetched_when_they_are_ready() {
    let sim = sim(Plan::default()).await;
    let line = plain(&sim.url());
    sim.file("444", &b"jpeg"[..], 0);
    sim.file("445", &b"film"[..], 1);
    assert_eq!(line.fetch("content/444").await.expect("a picture").bytes, &b"jpeg"[..]);
    assert_eq!(line.fetch("content/445").await.expect("a film that was prepared").bytes, &b"film"[..]);
    assert!(matches!(line.fetch("content/446").await, Err(Trouble::Refused(_))));
    assert!(matches!(line.fetch("content/../../v2/bot/info").await, Err(Trouble::Refused(_))));
    assert!(matches!(line.fetch("http://127.0.0.1:1/x").await, Err(Trouble::Refused(_))), "an address inside");
}
