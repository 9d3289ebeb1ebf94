//! A bot: whom it believes, what it is told, and how it answers a simulated Viber by real sockets.

use super::*;
use crate::channels::platform::{Found, Media, MediaAt, OfOurs, Wrote};
use crate::channels::rehearsal::{House, last, piece, with_extra, with_file};
use crate::desk::id::{At, MessageId};
use crate::desk::input::{Delivery, Extra};
use crate::desk::person::{Identity, Unreachable};
use crate::fuzz_tests::{Rounds, fuzz};
use crate::sim::plan::Plan;
use crate::sim::viber::{Viber as Sim, signature};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

const TOKEN: &str = "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9";
const USER: &str = "01234567890A=";
const HOOK: &str = "http://127.0.0.1:1/hooks/viber";

fn bot(base: &str, hook: &str) -> Viber {
    let text = format!("token = \"{TOKEN}\"\nsender = \"Shop\"\nbase_url = \"{base}\"\n");
    let section: ViberSection = toml::from_str(&text).expect("a section");
    Viber::open("viber", &section, Path::new("."), House::client(), Some(hook.to_owned()), Clock::system()).expect("a bot")
}

fn quiet() -> Viber {
    bot("http://127.0.0.1:1", HOOK)
}

/// A simulator that has an address of ours, and one customer.
async fn sim(plan: Plan) -> Sim {
    let sim = Sim::open(TOKEN, plan).await.expect("a simulator");
    sim.calls(HOOK);
    sim.customer_writes(USER, "hi");
    sim
}

fn ann() -> Identity {
    Identity { kind: "viber".into(), namespace: "viber".into(), value: USER.into() }
}

fn call(bot: &Viber, method: Method, signed: &str, body: &[u8]) -> Result<Vec<String>, StatusCode> {
    let mut headers = HeaderMap::new();
    headers.insert("x-viber-content-signature", signed.parse().expect("a value"));
    let (body, from) = (Bytes::copy_from_slice(body), [127, 0, 0, 1].into());
    let request = HookRequest { method: &method, url: HOOK, query: "", headers: &headers, body: &body, from, now: At(0) };
    bot.hook(&request).map(|hooked| hooked.events.into_iter().map(|raw| raw.key).collect()).map_err(|refused| refused.status)
}

fn heard(event: &Value) -> Vec<Heard> {
    quiet().read(event.to_string().as_bytes()).expect("readable")
}

fn wrote(message: Value) -> Wrote {
    let event = json!({
        "event": "message", "timestamp": 1_457_764_197_627_i64, "message_token": 4_912_661_846_655_238_145_u64,
        "sender": { "id": USER, "name": "John", "avatar": null, "language": "en" }, "message": message, "silent": false,
    });
    match heard(&event).pop() {
        Some(Heard::Message(wrote)) => wrote,
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_viber_is_believed() {
    let bot = quiet();
    let body = json!({ "event": "message", "timestamp": 1, "message_token": 4_912_661_846_655_238_145_u64 }).to_string();
    let (body, good) = (body.as_bytes(), signature(TOKEN, body.as_bytes()));
    let key = vec!["message/4912661846655238145/".to_owned()];
    assert_eq!(call(&bot, Method::POST, &good, body), Ok(key.clone()));
    assert_eq!(call(&bot, Method::POST, &good, body), Ok(key), "told again, it has its name again");
    let refused = Err(StatusCode::UNAUTHORIZED);
    assert_eq!(call(&bot, Method::POST, &good, &body[..body.len() - 1]), refused, "truncated");
    for forged in ["", &good[2..], &good[..62], &signature("another", body), "not hexadecimal at all"] {
        assert_eq!(call(&bot, Method::POST, forged, body), refused, "{forged}");
    }
    let large = vec![b' '; (1 << 20) + 1];
    assert_eq!(call(&bot, Method::POST, &signature(TOKEN, &large), &large), Err(StatusCode::PAYLOAD_TOO_LARGE));
    assert_eq!(call(&bot, Method::GET, &good, body), Err(StatusCode::METHOD_NOT_ALLOWED));
    let knock = br#"{"event":"webhook","timestamp":1457764197627,"message_token":241256543215}"#;
    assert_eq!(call(&bot, Method::POST, &signature(TOKEN, knock), knock), Ok(vec![]), "it only tries our address");
    // What becomes of one message are several events under its name.
    let told = |event: &str| {
        let body = json!({ "event": event, "message_token": 7, "user_id": USER }).to_string();
        call(&bot, Method::POST, &signature(TOKEN, body.as_bytes()), body.as_bytes()).expect("taken").remove(0)
    };
    assert_eq!((told("delivered"), told("seen")), (format!("delivered/7/{USER}"), format!("seen/7/{USER}")));
    let broken = b"{\"event\":";
    assert!(call(&bot, Method::POST, &signature(TOKEN, broken), broken).expect("signed, so it is kept")[0].starts_with("sha256/"));
    assert!(bot.read(broken).is_err());
}

#[test]
fn what_customers_send_is_read() {
    let said = wrote(json!({ "type": "text", "text": "hi" }));
    assert_eq!((said.key.as_str(), said.text.as_str(), said.sent), ("4912661846655238145", "hi", At(1_457_764_197_627)));
    assert_eq!((said.from.identity, said.from.name.as_deref(), said.from.language.as_deref()), (ann(), Some("John"), Some("en")));
    let file = |kind: &str| {
        let said = wrote(json!({ "type": kind, "media": "https://dl.example/1", "file_name": "a.bin", "text": "look" }));
        (said.text, said.extra, said.media)
    };
    let media = vec![Media { name: "a.bin".into(), at: MediaAt::Elsewhere("https://dl.example/1".into()) }];
    assert_eq!(file("picture"), ("look".into(), Some(Extra::Picture), media.clone()));
    assert_eq!(file("video"), ("look".into(), None, media.clone()));
    assert_eq!(file("file"), ("look".into(), None, media));
    assert_eq!(wrote(json!({ "type": "picture", "media": "https://dl.example/1" })).media[0].name, "photo.jpg");
    assert_eq!(wrote(json!({ "type": "url", "media": "https://x.example" })).text, "https://x.example");
    assert_eq!(wrote(json!({ "type": "url", "media": "https://x.example" })).media, [], "an address is never fetched");
    let (latitude, longitude) = (50_768_910, 6_114_990);
    let place = Extra::Place { latitude, longitude, label: String::new(), address: String::new() };
    assert_eq!(wrote(json!({ "type": "location", "location": { "lat": 50.76891, "lon": 6.11499 } })).extra, Some(place.clone()));
    assert_eq!(wrote(json!({ "type": "location", "location": { "lat": "50.76891", "lon": "6.11499" } })).extra, Some(place));
    let contact = wrote(json!({ "type": "contact", "contact": { "name": "Alex", "phone_number": "+972511123123" } }));
    assert_eq!(contact.text, "Alex +972511123123");
    assert_eq!(contact.extra, Some(Extra::Contact { name: "Alex".into(), values: vec!["+972511123123".into()] }));
    assert_eq!(wrote(json!({ "type": "sticker", "sticker_id": 46_105 })).extra, Some(Extra::Other { kind: "sticker 46105".into() }));
    assert!(matches!(wrote(json!({ "type": "hologram" })).extra, Some(Extra::Other { kind }) if kind == "hologram"));
    // Typed or tapped, the words of a choice answer the question before them; other words only follow it.
    let answer = |text: &str, tracked: &str| wrote(json!({ "type": "text", "text": text, "tracking_data": tracked })).extra;
    let tracked = json!({ "question": 88, "options": ["Yes", "No"] }).to_string();
    let second = Extra::Chosen { question: MessageId(88), number: 2, choice: String::new(), asked: String::new() };
    assert_eq!(answer("No", &tracked), Some(second));
    for (text, tracked) in [("Perhaps", tracked.as_str()), ("No", "of another program"), ("No", r#"{"question":-1,"options":["No"]}"#)] {
        assert_eq!(answer(text, tracked), None, "{tracked}");
    }
    // Whoever taps a link has written nothing.
    let link = json!({ "link": "https://shop.example/1" }).to_string();
    let opened = |text: &str| wrote(json!({ "type": "text", "text": text, "tracking_data": link })).automatic;
    assert!(opened("https://shop.example/1") && !opened("thanks"));
}

#[test]
fn what_happens_is_read() {
    let receipt = |event: Value, state: Delivery| {
        assert_eq!(heard(&event), [Heard::Receipt { of: OfOurs::External("7".into()), state }]);
    };
    receipt(json!({ "event": "delivered", "message_token": 7, "user_id": USER }), Delivery::Delivered);
    receipt(json!({ "event": "seen", "message_token": "7", "user_id": USER }), Delivery::Read);
    let failed = Delivery::Failed { reason: "too large".into() };
    receipt(json!({ "event": "failed", "message_token": 7, "user_id": USER, "desc": "too large" }), failed);
    let left = heard(&json!({ "event": "unsubscribed", "timestamp": 1, "message_token": 8, "user_id": USER }));
    assert_eq!(left, [Heard::Unreachable { who: ann(), why: Unreachable::Unfollowed }]);
    for event in ["subscribed", "conversation_started", "action", ""] {
        assert_eq!(heard(&json!({ "event": event, "message_token": 9, "user": { "id": USER } })), [], "{event}");
    }
    let community =
        json!({ "event": "message", "message_token": 9, "chat_id": "c", "sender": { "id": USER }, "message": { "type": "text" } });
    assert_eq!(heard(&community), [], "others would read the answer");
    let nobody = json!({ "event": "message", "message_token": 9, "sender": { "id": "" }, "message": { "type": "text" } });
    assert!(quiet().read(nobody.to_string().as_bytes()).is_err());
}

#[test]
fn fuzz_viber_events() {
    let bot = quiet();
    let seeds = [
        json!({ "event": "message", "timestamp": 1, "message_token": 1, "sender": { "id": "a" }, "message": { "type": "text", "text": "x", "tracking_data": "{\"question\":1,\"options\":[\"x\"]}" } }),
        json!({ "event": "message", "timestamp": 1, "message_token": 1, "sender": { "id": "a" }, "message": { "type": "location", "location": { "lat": 1e300, "lon": "-1e300" } } }),
        json!({ "event": "failed", "message_token": 1, "desc": "x" }),
    ];
    fuzz(Rounds::new("viber", 3_000, 45), &seeds.map(|seed| seed.to_string().into_bytes()), |input, _| {
        assert!(!format!("{:?}", bot.read(input)).is_empty());
    });
}

#[tokio::test]
async fn it_sends_what_viber_takes() {
    let (sim, folder) = (sim(Plan::default()).await, tempfile::tempdir().expect("a folder"));
    let bot = bot(&sim.url(), HOOK);
    let handed = bot.send(&piece(&ann(), 1, "hello")).await.expect("sent");
    assert_eq!(handed.ids, [sim.sent()[0].token.to_string()], "the whole of a long number");
    assert_eq!((sim.sent()[0].text.as_str(), &sim.sent()[0].body["sender"]["name"]), ("hello", &json!("Shop")));
    let options = vec!["Yes & no".to_owned(), "1 < 2".to_owned()];
    bot.send(&with_extra(&ann(), 2, "Well?", Extra::Choices { options })).await.expect("a question");
    let asked = sim.sent().pop().expect("a message");
    assert_eq!(asked.buttons()[1], ("1 &lt; 2".to_owned(), "1 < 2".to_owned()), "a tap writes plain words");
    let (url, title) = ("https://shop.example/1".to_owned(), "Order <7>".to_owned());
    let link =
        |about: &str, picture: &str| Extra::Link { url: url.clone(), title: title.clone(), about: about.into(), picture: picture.into() };
    bot.send(&with_extra(&ann(), 3, "", link("On its way", "https://shop.example/a.PNG?x"))).await.expect("a card");
    let card = sim.sent().pop().expect("a message");
    assert_eq!(card.text, format!("{title}\n{url}"), "for apps that are too old");
    assert_eq!(card.buttons()[1], ("<b>Order &lt;7&gt;</b><br>On its way".to_owned(), url.clone()));
    assert!(card.body["rich_media"]["Buttons"].as_array().expect("buttons").iter().all(|button| button["Silent"] == true));
    bot.send(&with_extra(&ann(), 4, "", link(&"&".repeat(150), "https://shop.example/a.svg"))).await.expect("a card");
    let card = sim.sent().pop().expect("a message");
    assert_eq!(card.buttons()[0].0, "<b>Order &lt;7&gt;</b>", "what would be too long or not shown is left out");
    let pin = Extra::Place { latitude: 52_516_300, longitude: 13_377_700, label: "Shop".into(), address: String::new() };
    bot.send(&with_extra(&ann(), 5, "", pin)).await.expect("a pin");
    assert_eq!(sim.sent().pop().expect("a message").body["location"], json!({ "lat": 52.5163, "lon": 13.3777 }));
    let (sheet, long) = (format!("{}.pdf", "sheet".repeat(60)), format!("{}.pdf", "sheet".repeat(51).split_at(252).0));
    let files = [
        ("a.png", "image/png", "picture", "picture.png"),
        ("a.jpg", "image/jpeg", "picture", "picture.jpeg"),
        ("a.mp4", "video/mp4", "video", "video.mp4"),
        ("bill.pdf", "application/pdf", "file", "file.pdf"),
        ("of a.stranger's", "text/plain", "file", "file"),
        (&sheet, "application/pdf", "file", "file.pdf"),
    ];
    for (n, (name, mime, kind, ending)) in files.into_iter().enumerate() {
        let mut lent = Piece { text: "look".into(), ..with_file(&ann(), 10 + n as u64, folder.path(), &n.to_string(), mime, b"bytes") };
        lent.files[0].name = name.to_owned();
        bot.send(&lent).await.expect("sent");
        let sent = sim.sent().pop().expect("a message");
        let said = if kind == "picture" {
            "look"
        } else if name == sheet {
            &long
        } else if kind == "file" {
            name
        } else {
            ""
        };
        assert_eq!((sent.kind.as_str(), sent.text.as_str()), (kind, said));
        let media = sent.media().expect("an address");
        let (path, query) = media.split_once('?').expect("a name");
        assert_eq!(path, format!("{HOOK}/{ending}"));
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        let now = Clock::system().now();
        let asked =
            HookRequest { method: &Method::HEAD, url: &media, query, headers: &headers, body: &body, from: [127, 0, 0, 1].into(), now };
        assert_eq!(bot.hook(&asked).expect("lent").answer.body, &b"bytes"[..]);
    }
    let large = with_file(&ann(), 20, folder.path(), "b.png", "image/png", &vec![0; (1 << 20) + 1]);
    bot.send(&large).await.expect("sent");
    assert_eq!(sim.sent().pop().expect("a message").kind, "file", "too large to be shown");
    assert_eq!(sim.refused(), Vec::<String>::new());
}

#[tokio::test]
async fn what_goes_wrong_is_named() {
    let at = |plan: Plan| async move {
        let sim = sim(plan).await;
        let tried = bot(&sim.url(), HOOK).send(&piece(&ann(), 1, "hello")).await;
        (tried, sim.sent().len())
    };
    assert!(matches!(at(Plan { flood: 1_000, ..Plan::default() }).await, (Err(Trouble::LaterForThem(_)), 0)));
    assert!(matches!(at(Plan { busy: 1_000, ..Plan::default() }).await, (Err(Trouble::Retry(_)), 0)));
    assert!(matches!(at(Plan { cut: 1_000, ..Plan::default() }).await, (Err(Trouble::Uncertain(_)), 1)));
    let sim = sim(Plan::default()).await;
    let bot = bot(&sim.url(), HOOK);
    let stranger = Identity { value: "nobody".into(), ..ann() };
    assert!(matches!(bot.send(&piece(&stranger, 1, "x")).await, Err(Trouble::Blocked(_))));
    assert!(matches!(bot.send(&piece(&ann(), 2, "")).await, Err(Trouble::Refused(_))));
    sim.balance(0);
    assert!(matches!(bot.send(&piece(&ann(), 3, "x")).await, Err(Trouble::Quota(_))));
    sim.customer_leaves(USER);
    assert!(matches!(bot.send(&piece(&ann(), 4, "x")).await, Err(Trouble::Blocked(_))));
    let other = Sim::open("another", Plan::default()).await.expect("a simulator");
    let wrong = self::bot(&other.url(), HOOK);
    assert!(matches!(wrong.send(&piece(&ann(), 5, "x")).await, Err(Trouble::Down(_))));
    assert!(matches!(wrong.probe().await[..], [Probe { found: Found::Bad(Trouble::Down(_)), .. }]));
}

#[tokio::test]
async fn viber_is_told_where_we_are() {
    let sim = Sim::open(TOKEN, Plan { twice: 1_000, ..Plan::default() }).await.expect("a simulator");
    // What it would call does not answer, or is not called in the clear.
    assert!(matches!(bot(&sim.url(), HOOK).poll(None).await, Err(Trouble::Down(_))));
    assert!(matches!(bot(&sim.url(), "http://shop.example/hooks/viber").poll(None).await, Err(Trouble::Down(_))));
    // A house that the simulator reaches; its bot knows its own address.
    let door = House::open(Arc::new(quiet())).await;
    let bot = bot(&sim.url(), &door.hook);
    let broken = |probes: Vec<Probe>| probes.iter().filter(|probe| !probe.works()).map(|probe| probe.what).collect::<Vec<_>>();
    assert_eq!(broken(bot.probe().await), ["viber_webhook"]);
    bot.poll(None).await.expect("told");
    let (hook, events) = sim.hook();
    assert_eq!((hook.as_str(), events.len()), (door.hook.as_str(), 6));
    assert_eq!(broken(bot.probe().await), Vec::<&str>::new());
    sim.customer_opens(USER);
    sim.customer_writes(USER, "Is it ready?");
    assert_eq!(last(&door.nth(1).await).text, "Is it ready?");
    let picture = sim.file("a.jpg", &b"jpeg"[..]);
    sim.customer_sends(USER, json!({ "type": "picture", "media": picture, "text": "this one" }));
    let heard = door.nth(2).await;
    assert_eq!(last(&heard).text, "this one");
    assert_eq!(door.file(last(&heard)).await, &b"jpeg"[..]);
    sim.customer_sends(USER, json!({ "type": "file", "media": sim.file("gone", "").replace("gone", "never"), "file_name": "a" }));
    let Some(MediaAt::Elsewhere(gone)) = last(&door.nth(3).await).media.first().map(|media| media.at.clone()) else { panic!("no file") };
    assert!(matches!(bot.fetch(&gone).await, Err(Trouble::Refused(_))));
    assert_eq!(door.refused(), Vec::<&str>::new());
    // Somebody else takes the bot: it is said, and mended.
    sim.calls("https://elsewhere.example/");
    assert_eq!(broken(bot.probe().await), ["viber_webhook"]);
    bot.poll(None).await.expect("told again");
    assert_eq!(sim.hook().0, door.hook);
}
