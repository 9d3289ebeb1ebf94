//! The documented example, both directions against a simulated program, profiles, and what is refused.

use super::config::HttpSection;
use super::*;
use crate::channels::rehearsal;
use crate::desk::id::{At, ConversationId, MessageId};
use crate::desk::input::{Change, Delivery, Extra};
use crate::reach::Abroad;
use crate::sim::generic::{Bridge, headers};
use crate::sim::plan::Plan;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderMap;
use serde_json::json;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const DOCS: &str = include_str!("../../../docs/channel.md");
const NOW: At = At(1_795_258_860_000);

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

fn open(section: HttpSection, networks: &[&str]) -> Generic {
    let secrets = Secrets { verify: Some(secret("partner")), headers: vec![("access-token".into(), secret("token"))] };
    let keys = vec![Key::read(&secret(SECRET)).expect("a secret")];
    let client = Client::new(Abroad { allowed: networks.iter().map(|network| network.parse().expect("a network")).collect() });
    let traits = traits(&section, 2_000, 1 << 20);
    Generic::new("forum".into(), section, traits, (keys, secrets), client, Clock::system())
}

fn house(url: &str) -> Generic {
    let section = format!("url = \"{url}\"\nsecret = \"x\"\nsignals = true\ntimeout = \"2s\"");
    open(toml::from_str(&section).expect("a section"), &["127.0.0.0/8"])
}

/// The fenced blocks of the documentation in this language.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("```{language}\n");
    DOCS.split(opening.as_str()).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

/// The section in a block of configuration.
fn documented(block: &str, url: &str) -> HttpSection {
    #[derive(serde::Deserialize)]
    struct File {
        channels: Vec<crate::channels::config::ChannelSection>,
    }
    let file: File = toml::from_str(block).expect("configuration");
    let mut section = file.channels.into_iter().next().and_then(|channel| channel.http).expect("a section");
    section.url = toml::Spanned::new(0..0, url.to_owned());
    section
}

fn told(generic: &Generic, signed: &[(&'static str, String)], body: &[u8]) -> Result<Hooked, HookRefused> {
    let mut map = HeaderMap::new();
    for (name, value) in signed {
        map.insert(*name, value.parse().expect("a header"));
    }
    let body = Bytes::copy_from_slice(body);
    let from = "203.0.113.1".parse().expect("an address");
    generic.hook(&HookRequest { method: &Method::POST, url: "", query: "", headers: &map, body: &body, from, now: NOW })
}

fn signed(id: &str, body: &[u8]) -> Vec<(&'static str, String)> {
    let key = BASE64.decode(&SECRET[6..]).expect("base64");
    headers(&key, id, NOW.0 / 1_000, body)
}

fn heard(generic: &Generic, body: &str) -> Vec<Heard> {
    let hooked = told(generic, &signed("msg-1", body.as_bytes()), body.as_bytes()).unwrap_or_else(|refused| panic!("{body}: {refused:?}"));
    assert_eq!(&hooked.answer.body[..], br#"{"ok":true}"#);
    hooked.events.iter().flat_map(|raw| generic.read(&raw.body).unwrap_or_else(|error| panic!("{body}: {error}"))).collect()
}

fn piece(text: &str) -> Piece {
    Piece {
        message: MessageId(4_711),
        part: 0,
        parts: 1,
        conversation: ConversationId(88),
        to: hear::identity(&"forum".into(), "robin"),
        key: "4711-0-1f".into(),
        text: text.into(),
        files: Vec::new(),
        extra: None,
        answers: Answers { newest: Some(("m-1".into(), NOW)), ..Answers::default() },
    }
}

/// Every JSON of the documentation means what stands beside it.
#[tokio::test]
async fn the_documented_json_is_what_we_speak() {
    let bridge = Bridge::open(SECRET, Plan::default()).await.expect("a port");
    let generic = house(&bridge.url());
    let blocks = blocks("json");
    let from = hear::identity(&"forum".into(), "robin");
    let [Heard::Message(wrote)] = &heard(&generic, blocks[0])[..] else { panic!() };
    assert_eq!((wrote.key.as_str(), wrote.text.as_str(), wrote.sent), ("m-1", "Is my bicycle ready?", At(1_795_258_800_000)));
    assert_eq!((&wrote.from.identity, wrote.from.name.as_deref(), wrote.from.language.as_deref()), (&from, Some("Robin"), Some("en")));
    assert_eq!(wrote.media, [Media { name: "photo.jpg".into(), at: MediaAt::Elsewhere("https://files.example/photo.jpg".into()) }]);
    let text = "Is my blue bicycle ready?".into();
    assert_eq!(heard(&generic, blocks[1]), [Heard::Edited { key: "m-1".into(), from: from.clone(), text }]);
    assert_eq!(heard(&generic, blocks[2]), [Heard::Recalled { key: "m-1".into(), from: from.clone() }]);
    assert_eq!(heard(&generic, blocks[3]), [Heard::Receipt { of: OfOurs::Key("4711-0-1f".into()), state: Delivery::Delivered }]);
    let upto = OfOurs::UpTo { to: from.clone(), at: At(1_795_258_860_000) };
    assert_eq!(heard(&generic, blocks[4]), [Heard::Receipt { of: upto, state: Delivery::Read }]);
    assert_eq!(heard(&generic, blocks[5]), [Heard::Typing { from: from.clone() }]);
    assert!(matches!(&heard(&generic, blocks[6])[..], [Heard::Unreachable { who, .. }] if *who == from));
    // What we send is what stands there, field for field.
    let handed = generic.send(&piece("Yes, come by!")).await.expect("taken");
    assert_eq!(bridge.sent(), [serde_json::from_str::<Value>(blocks[7]).expect("JSON")]);
    assert_eq!(handed.ids, ["bridge-4711-0-1f"]);
    assert_eq!(generic.send(&piece("Yes, come by!")).await.expect("known").ids, Vec::<String>::new());
    assert_eq!(bridge.sent().len(), 1, "a known id is sent once only");
    let said = piece("Yes, come by!");
    let amended = |id: u64, change| {
        let amend = rehearsal::amend(&said, Some("your-id"), change);
        Amend { key: format!("{id}-0-1f"), ..amend }
    };
    let edit = amended(4_712, Change::Edited("Yes, come by at nine!".into()));
    let recall = amended(4_713, Change::Recalled);
    for (amend, block) in [(&edit, blocks[8]), (&recall, blocks[9])] {
        assert_eq!(serde_json::to_value(send::told_as(amend)).expect("JSON"), serde_json::from_str::<Value>(block).expect("JSON"));
    }
    generic.amend(&edit).await.expect("edited");
    generic.amend(&edit).await.expect("known");
    assert_eq!(bridge.sent()[0]["text"], "Yes, come by at nine!");
    generic.amend(&recall).await.expect("recalled");
    assert_eq!(bridge.sent(), Vec::<Value>::new());
    assert!(matches!(generic.amend(&amended(4_714, Change::Recalled)).await, Err(Trouble::Refused(_))), "no such message");
    assert_eq!(bridge.refused(), ["no such message"]);
    generic.signal(&from, Signal::Typing).await;
    generic.signal(&from, Signal::Read).await;
    assert_eq!(bridge.signals(), [json!({ "type": "typing", "to": "robin" }), json!({ "type": "read", "to": "robin" })]);
    assert!(generic.probe().await.iter().all(|probe| probe.works()));
}

/// The documented profile reads and writes the documented JSON.
#[tokio::test]
async fn the_documented_profile_is_one() {
    let (configuration, json) = (blocks("toml"), blocks("json"));
    let generic = open(documented(configuration[1], "http://127.0.0.1:1/"), &[]);
    let body = json[10];
    let signature = hex::encode(<md5::Md5 as md5::Digest>::digest(format!("{body}partner")));
    let hooked = told(&generic, &[("x-partner-sign", signature.clone())], body.as_bytes()).expect("believed");
    assert_eq!((&hooked.answer.body[..], hooked.events[0].key.as_str()), (&br#"{"result":1}"#[..], "message:77"));
    let read = generic.read(&hooked.events[0].body).expect("readable");
    let [Heard::Message(wrote)] = &read[..] else { panic!("{read:?}") };
    assert_eq!((wrote.from.name.as_deref(), wrote.text.as_str(), wrote.sent), (Some("小林"), "在吗？", At(1_795_258_800_000)));
    assert_eq!(
        told(&generic, &[("x-partner-sign", signature)], &body.as_bytes()[1..]).err().map(|refused| refused.status.as_u16()),
        Some(401)
    );
    let profile = documented(configuration[1], "http://127.0.0.1:1/").profile.expect("a profile");
    let send = profile.send.as_ref().expect("one that sends");
    let template: Value = serde_json::from_str(send.body.get_ref()).expect("JSON");
    let filled = profile::filled(&template, &[("to", "o-1"), ("text", "在的"), ("id", "4711-0-1f")]);
    assert_eq!(filled, serde_json::from_str::<Value>(json[11]).expect("JSON"));
    let answered = |body: &str| {
        let answer = crate::reach::Answer { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::from(body.to_owned()) };
        mapped::answered(send, &answer)
    };
    assert_eq!(answered(r#"{"code":0,"data":{"message_id":5}}"#).expect("taken").ids, ["5"]);
    assert_eq!(answered(r#"{"code":1001,"message":"m"}"#), Err(Trouble::WindowClosed));
    assert_eq!(answered(r#"{"code":1002,"message":"m"}"#), Err(Trouble::Blocked("m".into())));
    assert_eq!(answered(r#"{"code":9,"message":"m"}"#), Err(Trouble::Refused("m".into())));
    let state = |state: &str| {
        let body =
            json!({ "events": [{ "event": "MESSAGE_STATE", "data": { "message_id": 5, "state": state, "why": "gone" } }] }).to_string();
        let signature = hex::encode(<md5::Md5 as md5::Digest>::digest(format!("{body}partner")));
        let hooked = told(&generic, &[("x-partner-sign", signature)], body.as_bytes()).expect("believed");
        generic.read(&hooked.events[0].body).expect("readable")
    };
    assert_eq!(state("SEEN"), [Heard::Receipt { of: OfOurs::External("5".into()), state: Delivery::Read }]);
    let failed = Delivery::Failed { reason: "gone".into() };
    assert_eq!(state("ERROR"), [Heard::Receipt { of: OfOurs::External("5".into()), state: failed }]);
    assert_eq!(state("NEW"), []);
}

#[tokio::test]
async fn hooks_that_are_not_the_programs_are_refused() {
    let generic = house("http://127.0.0.1:1/");
    let body = br#"{"type":"message","id":"m-1","from":{"id":"robin"},"text":"x"}"#;
    let status = |signed: &[(&'static str, String)], body: &[u8]| told(&generic, signed, body).err().map(|refused| refused.status.as_u16());
    assert_eq!(status(&signed("a", body), body), None);
    assert_eq!(status(&[], body), Some(401));
    assert_eq!(status(&signed("a", body), &body[1..]), Some(401), "cut");
    let mut forged = signed("a", body);
    forged[0].1 = "b".into();
    assert_eq!(status(&forged, body), Some(401), "another id: told again under another name");
    let key = BASE64.decode(&SECRET[6..]).expect("base64");
    assert_eq!(status(&headers(&key, "a", NOW.0 / 1_000 - 301, body), body), Some(401), "too late");
    assert_eq!(status(&headers(b"another key that is long", "a", NOW.0 / 1_000, body), body), Some(401));
    let huge = vec![b' '; LARGEST + 1];
    assert_eq!(status(&signed("a", &huge), &huge), Some(413));
    for broken in [&b""[..], b"{", b"[]", b"7", b"{}", b"{\"type\":7}", b"\xff"] {
        assert_eq!(status(&signed("a", broken), broken), Some(400));
    }
    // Well formed and signed, but of no use: kept, told of, asked for no more.
    for odd in [
        json!({ "type": "message", "id": "", "from": { "id": "x" } }),
        json!({ "type": "message", "id": "x".repeat(200), "from": { "id": "x" } }),
        json!({ "type": "message", "id": "1", "from": { "id": "" } }),
        json!({ "type": "message", "id": "1", "from": { "id": "x" }, "media": [{ "name": "x" }] }),
        json!({ "type": "message", "id": "1", "from": { "id": "x" }, "media": [{ "data": "!" }] }),
        json!({ "type": "receipt", "id": "1", "state": "lost" }),
    ] {
        let body = odd.to_string();
        let hooked = told(&generic, &signed("a", body.as_bytes()), body.as_bytes()).expect("believed");
        assert!(generic.read(&hooked.events[0].body).is_err(), "{odd}");
    }
    assert_eq!(heard(&generic, r#"{"type":"weather"}"#), [], "what we do not know yet is taken");
    let odd_place = r#"{"type":"message","id":"1","from":{"id":"x"},"place":{"latitude":91,"longitude":0}}"#;
    assert!(matches!(&heard(&generic, odd_place)[..], [Heard::Message(wrote)] if wrote.extra.is_none()));
}

#[tokio::test]
async fn answers_say_what_to_do() {
    let answer = async |status: &'static str, body: &'static str| {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let generic = house(&format!("http://{}/", listener.local_addr().expect("an address")));
        let told = tokio::spawn(async move { generic.send(&piece("x")).await });
        let (mut stream, _) = listener.accept().await.expect("a connection");
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut buffer = [0; 4_096];
        let _ = stream.read(&mut buffer).await;
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.expect("written");
        told.await.expect("no panic")
    };
    assert_eq!(answer("202 Accepted", "").await.expect("taken").ids, Vec::<String>::new());
    assert_eq!(answer("200 OK", r#"{"id":"p-1"}"#).await.expect("taken").ids, ["p-1"]);
    assert!(matches!(answer("503 Busy", "").await, Err(Trouble::Retry(_))));
    assert!(matches!(answer("500 Broken", "").await, Err(Trouble::Retry(_))), "our id makes it safe");
    assert!(matches!(answer("401 No", "").await, Err(Trouble::Down(_))));
    assert_eq!(answer("422 No", r#"{"error":"too rude"}"#).await, Err(Trouble::Refused("too rude".into())));
    assert_eq!(answer("422 No", r#"{"error":"x","code":"window_closed"}"#).await, Err(Trouble::WindowClosed));
    assert_eq!(answer("422 No", r#"{"error":"x","code":"blocked"}"#).await, Err(Trouble::Blocked("x".into())));
    assert_eq!(answer("422 No", r#"{"error":"x","code":"quota"}"#).await, Err(Trouble::Quota("x".into())));
}

/// Files go both ways; an address inside our own network only where the configuration allows it.
#[tokio::test]
async fn files_go_both_ways() {
    let bridge = Bridge::open(SECRET, Plan::default()).await.expect("a port");
    let generic = house(&bridge.url());
    bridge.customer_sends("m-2", "robin", "look", b"a picture");
    let fetched = generic.fetch(&format!("http://{}/file.png", bridge.address)).await.expect("a file");
    assert_eq!((&fetched.bytes[..], fetched.name.as_deref()), (&b"a picture"[..], Some("file.png")));
    let strict = open(toml::from_str(&format!("url = \"{}\"\nsecret = \"x\"", bridge.url())).expect("a section"), &[]);
    assert!(matches!(strict.fetch(&format!("http://{}/file.png", bridge.address)).await, Err(Trouble::Refused(_))));
    assert!(matches!(strict.fetch("file:///etc/passwd").await, Err(Trouble::Refused(_))));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("p");
    std::fs::write(&path, b"ours").expect("written");
    let mut with_file = piece("look");
    with_file.files = vec![LocalFile { name: "p.txt".into(), mime: "text/plain".into(), bytes: 4, path }];
    with_file.extra = Some(Extra::Choices { options: vec!["Yes".into()] });
    generic.send(&with_file).await.expect("taken");
    let sent = bridge.sent().remove(0);
    assert_eq!(sent["media"], json!([{ "name": "p.txt", "mime": "text/plain", "data": "b3Vycw==" }]));
    assert_eq!((&sent["choices"], &sent["question"]), (&json!(["Yes"]), &json!(with_file.message.0)));
    let place = Extra::Place { latitude: 52_516_300, longitude: 13_377_700, label: "Shop".into(), address: "Seestr. 1".into() };
    generic.send(&Piece { extra: Some(place), files: Vec::new(), key: "another-0".into(), ..with_file.clone() }).await.expect("taken");
    let card = json!({ "kind": "place", "name": "Shop", "address": "Seestr. 1", "latitude": 52.5163, "longitude": 13.3777 });
    assert_eq!(bridge.sent().remove(1)["card"], card);
}
