//! The bot against what Telegram says, and against a simulated Telegram by real sockets.

use super::config::TelegramSection;
use super::*;
use crate::channels::platform::{Answers, LocalFile, MediaAt, Wrote};
use crate::channels::rehearsal::amend;
use crate::desk::id::{At, ConversationId, MessageId};
use crate::desk::input::{Change, Delivery, Extra};
use crate::fuzz_tests::{Rounds, fuzz};
use crate::sim::plan::Plan;
use crate::sim::telegram::Telegram as Sim;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

const TOKEN: &str = "4242:AAH-secret";

fn bot(base: &str, more: &str) -> Telegram {
    let section: TelegramSection =
        toml::from_str(&format!("token = \"{TOKEN}\"\nbase_url = \"{base}\"\npoll_wait = \"1s\"\n{more}")).expect("a section");
    Telegram::open(&section, Path::new("."), Client::default(), Clock::system()).expect("a bot")
}

fn quiet() -> Telegram {
    bot("http://127.0.0.1:1", "")
}

fn kept(update: &Value) -> Vec<u8> {
    json!({ "heard": 1_700_000_009_000_i64, "update": update }).to_string().into_bytes()
}

fn read(update: &Value) -> Vec<Heard> {
    quiet().read(&kept(update)).expect("readable")
}

fn ann(more: Value) -> Value {
    let mut message = json!({
        "message_id": 5, "date": 1_700_000_000, "chat": { "id": 777, "type": "private", "first_name": "Ann" },
        "from": { "id": 777, "is_bot": false, "first_name": "Ann", "username": "ann", "language_code": "zh-hans" },
    });
    message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "update_id": 1001, "message": message })
}

fn wrote(more: Value) -> Wrote {
    match read(&ann(more)).pop() {
        Some(Heard::Message(wrote)) => wrote,
        other => panic!("{other:?}"),
    }
}

fn piece(to: i64, text: &str) -> Piece {
    Piece {
        message: MessageId(1),
        part: 0,
        parts: 1,
        conversation: ConversationId(1),
        to: read::identity(to),
        key: "k1".into(),
        text: text.into(),
        files: Vec::new(),
        extra: None,
        answers: Answers::default(),
    }
}

#[test]
fn what_a_customer_writes_is_read() {
    let said = wrote(json!({ "text": "hi" }));
    assert_eq!((said.key.as_str(), said.text.as_str(), said.sent, said.seq), ("777/5", "hi", At(1_700_000_000_000), 5));
    assert_eq!((said.from.identity.value.as_str(), said.from.name.as_deref()), ("777", Some("Ann")));
    assert_eq!(said.from.language.as_deref(), Some("zh-hans"));
    let sizes = json!([{ "file_id": "small" }, { "file_id": "large" }]);
    let photo = wrote(json!({ "photo": sizes, "caption": "broken", "media_group_id": "9" }));
    assert_eq!((photo.text.as_str(), photo.extra), ("broken", Some(Extra::Picture)));
    assert_eq!(photo.media[0].at, MediaAt::Elsewhere("large".into()));
    let media = [
        ("voice", "voice.ogg", Some(Extra::Voice)),
        ("audio", "audio.mp3", None),
        ("video", "video.mp4", None),
        ("video_note", "video.mp4", None),
        ("animation", "animation.mp4", None),
        ("document", "document", None),
        ("sticker", "sticker.webp", Some(Extra::Picture)),
    ];
    for (kind, name, extra) in media {
        let said = wrote(json!({ kind: { "file_id": "F", "emoji": "👍" } }));
        assert_eq!((said.media.len(), said.media[0].name.as_str(), said.extra), (1, name, extra), "{kind}");
    }
    let place =
        wrote(json!({ "venue": { "location": { "latitude": 52.5163, "longitude": 13.3777 }, "title": "Gate", "address": "Platz" } }));
    assert_eq!(
        place.extra,
        Some(Extra::Place { latitude: 52_516_300, longitude: 13_377_700, label: "Gate, Platz".into(), address: String::new() })
    );
    assert!(matches!(wrote(json!({ "dice": { "value": 6 } })).extra, Some(Extra::Other { kind }) if kind == "dice"));
    assert_eq!(wrote(json!({ "text": "x", "reply_to_message": {}, "entities": [] })).extra, None);
}

#[test]
fn only_ones_own_number_proves_who_one_is() {
    let contact = |user: i64| wrote(json!({ "contact": { "phone_number": "49 151 123", "first_name": "Ann", "user_id": user } }));
    let own = contact(777);
    assert_eq!(own.extra, Some(Extra::Contact { name: "Ann".into(), values: vec!["+49151123".into()] }));
    assert_eq!(own.from.also, [Identity { kind: "phone".into(), namespace: String::new(), value: "+49151123".into() }]);
    assert_eq!(contact(778).from.also, [], "a friend's number");
}

#[test]
fn what_happens_besides_messages_is_read() {
    let edited = read(&json!({ "update_id": 1, "edited_message": ann(json!({ "text": "hello" }))["message"] }));
    assert_eq!(edited, [Heard::Edited { key: "777/5".into(), from: read::identity(777), text: "hello".into() }]);
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "0" }], [{ "text": "No", "callback_data": "1" }]] });
    let under = json!({ "message_id": 4, "chat": { "id": 777, "type": "private" }, "reply_markup": keyboard });
    let tap = json!({ "update_id": 2, "callback_query": { "id": "33", "from": { "id": 777, "first_name": "Ann" }, "message": under, "data": "1" } });
    let [Heard::Message(tapped)] = &read(&tap)[..] else { panic!("no message") };
    assert_eq!((tapped.key.as_str(), tapped.text.as_str(), tapped.sent), ("777/tap33", "No", At(1_700_000_009_000)));
    let chat = json!({ "id": 777, "type": "private" });
    let member = |status: &str| {
        read(&json!({ "update_id": 3, "my_chat_member": { "chat": chat, "from": { "id": 777 }, "new_chat_member": { "status": status } } }))
    };
    assert_eq!(member("kicked"), [Heard::Unreachable { who: read::identity(777), why: crate::desk::person::Unreachable::Blocked }]);
    assert_eq!(member("member"), []);
    let reaction = json!({ "chat": chat, "message_id": 4, "user": { "id": 777 }, "date": 1_700_000_000, "new_reaction": [{ "type": "emoji", "emoji": "❤" }] });
    let [Heard::Message(reacted)] = &read(&json!({ "update_id": 4, "message_reaction": reaction }))[..] else { panic!("no message") };
    assert_eq!(reacted.extra, Some(Extra::Reaction { emoji: "❤".into() }));
    assert_eq!(read(&json!({ "update_id": 5, "poll": { "id": "1" } })), [], "unknown kinds say nothing");
    let group = json!({ "message_id": 1, "date": 1, "from": { "id": 777 }, "chat": { "id": -5, "type": "group" }, "text": "x" });
    assert_eq!(read(&json!({ "update_id": 6, "message": group })), []);
}

#[test]
fn the_firms_own_account_is_heard_on_both_sides() {
    let message = |from: i64, more: Value| {
        let mut update = ann(more);
        let mut message = update["message"].take();
        message["business_connection_id"] = "bc1".into();
        message["from"]["id"] = from.into();
        message
    };
    let [Heard::Message(theirs)] = &read(&json!({ "update_id": 1, "business_message": message(777, json!({ "text": "hi" })) }))[..] else {
        panic!("no message")
    };
    assert_eq!((theirs.key.as_str(), wire::connection(&theirs.key)), ("b/bc1/777/5", Some("bc1")));
    let [Heard::Echo(ours)] = &read(&json!({ "update_id": 2, "business_message": message(900, json!({ "text": "hello" })) }))[..] else {
        panic!("no echo")
    };
    assert_eq!(ours.from.identity.value, "777", "to whom it was written");
    let by_bot = message(900, json!({ "text": "hello", "sender_business_bot": { "id": 4242 } }));
    assert_eq!(read(&json!({ "update_id": 3, "business_message": by_bot })), []);
    let deleted = json!({ "business_connection_id": "bc1", "chat": { "id": 777 }, "message_ids": [5, 6] });
    let recalled = read(&json!({ "update_id": 4, "deleted_business_messages": deleted }));
    assert!(matches!(&recalled[..], [Heard::Recalled { key, .. }, _] if *key == "b/bc1/777/5"));
}

#[test]
fn callbacks_that_are_not_telegrams_are_refused() {
    let bot = bot("http://127.0.0.1:1", "[webhook]\nurl = \"https://x.example/hooks/tg\"\nsecret = \"only_telegram_knows\"\n");
    let call = |method: Method, secret: Option<&str>, body: &[u8]| {
        let mut headers = HeaderMap::new();
        if let Some(secret) = secret {
            headers.insert("x-telegram-bot-api-secret-token", secret.parse().unwrap());
        }
        let body = Bytes::copy_from_slice(body);
        let request = HookRequest {
            method: &method,
            url: "https://x.example/hooks/tg",
            query: "",
            headers: &headers,
            body: &body,
            from: [127, 0, 0, 1].into(),
            now: At(7),
        };
        bot.hook(&request).map_err(|refused| refused.status)
    };
    let (good, body) = (Some("only_telegram_knows"), ann(json!({ "text": "hi" })).to_string());
    let hooked = call(Method::POST, good, body.as_bytes()).expect("taken");
    assert_eq!((hooked.events.len(), hooked.events[0].key.as_str(), hooked.answer.status), (1, "1001", StatusCode::OK));
    assert!(matches!(&bot.read(&hooked.events[0].body).expect("readable")[..], [Heard::Message(_)]));
    for forged in [None, Some(""), Some("only_telegram_know"), Some("only_telegram_knowsx"), Some("ONLY_TELEGRAM_KNOWS")] {
        assert_eq!(call(Method::POST, forged, body.as_bytes()).err(), Some(StatusCode::UNAUTHORIZED), "{forged:?}");
    }
    for truncated in ["", "{", "[]", "{}", r#"{"update_id":"x"}"#, &body[..body.len() / 2]] {
        assert_eq!(call(Method::POST, good, truncated.as_bytes()).err(), Some(StatusCode::BAD_REQUEST), "{truncated}");
    }
    assert_eq!(call(Method::GET, good, b"").err(), Some(StatusCode::METHOD_NOT_ALLOWED));
    assert_eq!(call(Method::POST, good, &vec![b' '; 2 << 20]).err(), Some(StatusCode::PAYLOAD_TOO_LARGE));
    // A replay is the same event: its key says so.
    assert_eq!(call(Method::POST, good, body.as_bytes()).unwrap().events[0].key, "1001");
    let tap = json!({ "update_id": 7, "callback_query": { "id": "33", "from": { "id": 7 }, "data": "1" } }).to_string();
    let confirmed = call(Method::POST, good, tap.as_bytes()).expect("taken").answer;
    assert_eq!(
        serde_json::from_slice::<Value>(&confirmed.body).unwrap(),
        json!({ "method": "answerCallbackQuery", "callback_query_id": "33" })
    );
    assert_eq!(quiet().hook_status(), StatusCode::NOT_FOUND, "a bot that asks is not called");
}

impl Telegram {
    fn hook_status(&self) -> StatusCode {
        let (method, headers, body) = (Method::POST, HeaderMap::new(), Bytes::new());
        let request =
            HookRequest { method: &method, url: "", query: "", headers: &headers, body: &body, from: [127, 0, 0, 1].into(), now: At(0) };
        self.hook(&request).err().map_or(StatusCode::OK, |refused| refused.status)
    }
}

#[test]
fn fuzz_telegram_updates() {
    let seeds = [
        ann(json!({ "text": "hi" })),
        ann(json!({ "photo": [{ "file_id": "x" }], "contact": { "phone_number": "1", "user_id": 777 } })),
        ann(json!({ "location": { "latitude": 1e300, "longitude": -1e300 } })),
        json!({ "update_id": 2, "callback_query": { "id": "3", "from": { "id": 7 }, "data": "0", "message": ann(json!({}))["message"] } }),
        json!({ "update_id": 2, "deleted_business_messages": { "business_connection_id": "b", "chat": { "id": 7 }, "message_ids": [1, 2] } }),
    ];
    let bot = quiet();
    fuzz(Rounds::new("telegram", 3_000, 41), &seeds.map(|seed| kept(&seed)), |input, _| {
        for heard in bot.read(input).unwrap_or_default() {
            assert!(!format!("{heard:?}").is_empty());
        }
    });
}

#[tokio::test]
async fn it_asks_for_updates_and_acknowledges_what_is_kept() {
    let sim = Sim::open(TOKEN, Plan::default()).await.expect("a simulator");
    let bot = bot(&sim.url(), "");
    let picture = sim.file("pump.jpg", &b"\xff\xd8jpeg"[..]);
    sim.customer_writes(777, "hi");
    sim.customer_sends(777, json!({ "photo": [{ "file_id": picture }], "media_group_id": "1" }));
    let polled = bot.poll(None).await.expect("updates");
    assert_eq!((polled.events.len(), sim.waiting()), (2, 2));
    let again = bot.poll(None).await.expect("updates");
    assert_eq!(again.events[0].key, polled.events[0].key, "not acknowledged: told again under the same name");
    let [Heard::Message(wrote)] = &bot.read(&polled.events[1].body).expect("readable")[..] else { panic!("no message") };
    let MediaAt::Elsewhere(media) = &wrote.media[0].at else { panic!("no media") };
    assert_eq!(bot.fetch(media).await.expect("a picture").bytes, &b"\xff\xd8jpeg"[..]);
    let none = bot.poll(polled.cursor.as_deref()).await.expect("nothing new");
    assert_eq!((none.events.len(), sim.waiting()), (0, 0), "acknowledged by its cursor");
    let large = sim.file("film.mp4", vec![0; (20 << 20) + 1]);
    assert!(matches!(bot.fetch(&large).await, Err(Trouble::Refused(_))));
    assert!(matches!(bot.fetch("nothing").await, Err(Trouble::Refused(_))));
}

#[tokio::test]
async fn it_sends_what_a_bot_can_send() {
    let sim = Sim::open(TOKEN, Plan::default()).await.expect("a simulator");
    let bot = bot(&sim.url(), "");
    assert!(matches!(bot.send(&piece(777, "hello")).await, Err(Trouble::Blocked(_))), "nobody who never wrote can be written to");
    sim.customer_writes(777, "hi");
    let handed = bot.send(&piece(777, "hello")).await.expect("sent");
    assert_eq!(handed, Handed { ids: vec!["777/2".into()], state: Delivery::Sent, threads: Vec::new() });
    let choices = Piece { extra: Some(Extra::Choices { options: vec!["Yes".into(), "No".into()] }), ..piece(777, "Well?") };
    bot.send(&choices).await.expect("sent");
    sim.customer_taps(777, 3, 1);
    let polled = bot.poll(Some("1002")).await.expect("a tap");
    let [Heard::Message(tapped)] = &bot.read(&polled.events[0].body).expect("readable")[..] else { panic!("no message") };
    assert_eq!(tapped.text, "No");
    let chosen = Extra::Chosen { question: choices.message, number: 2, choice: String::new(), asked: String::new() };
    assert_eq!(tapped.extra, Some(chosen));
    sim.customer_writes(778, "hi");
    let link = |picture: &str| Piece {
        extra: Some(Extra::Link {
            url: "https://shop.example/o/42".into(),
            title: "Order 42".into(),
            about: "On its way".into(),
            picture: picture.into(),
        }),
        ..piece(778, "Order 42")
    };
    for (picture, method) in
        [("", "sendMessage"), ("https://shop.example/a.png", "sendPhoto"), ("https://nowhere.example/a.png", "sendMessage")]
    {
        bot.send(&link(picture)).await.expect("a link");
        let sent = sim.sent().pop().expect("a message");
        assert_eq!((sent.method.as_str(), sent.text.as_str()), (method, "Order 42\nOn its way"), "{picture}");
        assert_eq!(sent.buttons, [("shop.example".to_owned(), "https://shop.example/o/42".to_owned())]);
    }
    for (address, shown) in [("Seestr. 1", "Shop\nSeestr. 1"), ("", "Shop\n52.516300, 13.377700")] {
        let place = Extra::Place { latitude: 52_516_300, longitude: 13_377_700, label: "Shop".into(), address: address.into() };
        bot.send(&Piece { extra: Some(place), ..piece(778, "Shop") }).await.expect("a place");
        let sent = sim.sent().pop().expect("a message");
        assert_eq!((sent.method.as_str(), sent.text.as_str(), sent.place), ("sendVenue", shown, Some((52.5163, 13.3777))));
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (name, mime, bytes, method) in [
        ("a.png", "image/png", &b"\x89PNG picture"[..], "sendPhoto"),
        ("odd.png", "image/png", b"no picture", "sendDocument"),
        ("v.ogg", "audio/ogg", b"OggS", "sendVoice"),
        ("f.mp4", "video/mp4", b"ftyp", "sendVideo"),
        ("发票.pdf", "application/pdf", b"%PDF", "sendDocument"),
    ] {
        let path = folder.path().join("file");
        std::fs::write(&path, bytes).expect("written");
        let file = LocalFile { name: name.into(), mime: mime.into(), bytes: bytes.len() as u64, path };
        bot.send(&Piece { files: vec![file], ..piece(777, "look") }).await.expect("sent");
        let sent = sim.sent().pop().expect("a message");
        let (_, its_name, its_mime, content) = sent.file.expect("a file");
        assert_eq!((sent.method.as_str(), sent.text.as_str()), (method, "look"));
        assert_eq!((its_name.as_str(), its_mime.as_str(), &content[..]), (name, mime, bytes));
    }
    let business =
        Piece { answers: Answers { newest: Some(("b/bc1/777/5".into(), At(0))), ..Answers::default() }, ..piece(777, "in your name") };
    assert_eq!(bot.send(&business).await.expect("sent").ids, ["b/bc1/777/9"]);
    assert_eq!(sim.sent().pop().and_then(|sent| sent.connection).as_deref(), Some("bc1"));
    bot.signal(&read::identity(777), Signal::Typing).await;
    assert_eq!(sim.actions(), [(777, "typing".to_owned())]);
    sim.customer_blocks(777);
    assert!(matches!(bot.send(&piece(777, "?")).await, Err(Trouble::Blocked(_))));
    assert!(matches!(bot.send(&piece(777, &"x".repeat(4_097))).await, Err(Trouble::Blocked(_))));
}

#[tokio::test]
async fn what_goes_wrong_is_named() {
    let at = |plan: Plan| async move {
        let sim = Sim::open(TOKEN, plan).await.expect("a simulator");
        sim.customer_writes(777, "hi");
        let sent = bot(&sim.url(), "").send(&piece(777, "hello")).await;
        (sent, sim.sent().len())
    };
    let always = 1_000;
    assert_eq!(at(Plan { flood: always, ..Plan::default() }).await, (Err(Trouble::RetryAfter(Duration::from_secs(1))), 0));
    assert!(matches!(at(Plan { busy: always, ..Plan::default() }).await, (Err(Trouble::Retry(_)), 0)));
    assert!(matches!(at(Plan { cut: always, ..Plan::default() }).await, (Err(Trouble::Uncertain(_)), 1)));
    let sim = Sim::open("another", Plan::default()).await.expect("a simulator");
    let stranger = bot(&sim.url(), "");
    let Err(Trouble::Down(why)) = stranger.poll(None).await else { panic!("a wrong token was taken") };
    assert!(!why.contains("secret") && !stranger.probe().await.iter().any(|probe| format!("{probe:?}").contains("secret")));
    assert!(matches!(quiet().send(&piece(777, "x")).await, Err(Trouble::Retry(_))), "nobody is there: nothing was sent");
}

#[tokio::test]
async fn two_who_ask_disturb_each_other_and_a_webhook_is_taken_away() {
    let sim = Sim::open(TOKEN, Plan::default()).await.expect("a simulator");
    let (one, other) = (bot(&sim.url(), ""), bot(&sim.url(), ""));
    let (first, second) = tokio::join!(one.poll(None), other.poll(None));
    assert!(matches!((&first, &second), (Err(Trouble::Retry(_)), Ok(_)) | (Ok(_), Err(Trouble::Retry(_)))), "{first:?} {second:?}");
    let hooked = bot(&sim.url(), "[webhook]\nurl = \"http://127.0.0.1:1/hooks/tg\"\nsecret = \"word\"\n");
    hooked.poll(None).await.expect("set");
    assert_eq!(sim.webhook().as_deref(), Some("http://127.0.0.1:1/hooks/tg"));
    assert!(hooked.probe().await.iter().all(|probe| probe.works()));
    assert!(one.probe().await.iter().any(|probe| !probe.works()), "the file says that it asks");
    assert!(matches!(one.poll(None).await, Err(Trouble::Retry(_))));
    assert_eq!(sim.webhook(), None);
    one.poll(None).await.expect("asked");
    assert!(one.probe().await.iter().all(|probe| probe.works()));
}

#[tokio::test]
async fn what_the_bot_said_gets_other_words_or_is_deleted() {
    let sim = Sim::open(TOKEN, Plan::default()).await.expect("a simulator");
    let bot = bot(&sim.url(), "");
    let theirs = sim.customer_writes(777, "hi");
    let folder = tempfile::tempdir().expect("a folder");
    let (path, png) = (folder.path().join("a.png"), b"\x89PNG\r\n\x1a\n0123456789");
    std::fs::write(&path, png).expect("written");
    let files = vec![LocalFile { name: "a.png".into(), mime: "image/png".into(), bytes: png.len() as u64, path }];
    let (plain, picture) = (piece(777, "It is raedy."), Piece { files, ..piece(777, "The pmup") });
    let mut ids = Vec::new();
    for piece in [&plain, &picture] {
        ids.extend(bot.send(piece).await.expect("sent").ids);
    }
    let edit = |piece: &Piece, id: &str, text: &str| amend(piece, Some(id), Change::Edited(text.into()));
    bot.amend(&edit(&plain, &ids[0], "It is ready.")).await.expect("edited");
    bot.amend(&edit(&plain, &ids[0], "It is ready.")).await.expect("it says so already");
    bot.amend(&edit(&picture, &ids[1], "The pump")).await.expect("edited");
    assert_eq!(sim.sent().iter().map(|sent| sent.text.as_str()).collect::<Vec<_>>(), ["It is ready.", "The pump"]);
    let refused = |result: Result<(), Trouble>| matches!(result, Err(Trouble::Refused(_)));
    assert!(refused(bot.amend(&edit(&plain, &ids[1], "a picture has no text")).await));
    assert!(refused(bot.amend(&edit(&plain, &format!("777/{theirs}"), "not ours")).await));
    assert!(refused(bot.amend(&edit(&plain, "777/99", "none of that number")).await));
    assert!(refused(bot.amend(&amend(&plain, None, Change::Recalled)).await), "Telegram never named it");
    let recall = |id: &str| amend(&plain, Some(id), Change::Recalled);
    bot.amend(&recall(&ids[0])).await.expect("deleted");
    assert!(refused(bot.amend(&recall(&ids[0])).await));
    bot.amend(&Amend { again: true, ..recall(&ids[0]) }).await.expect("deleted by the try before");
    sim.pass(Duration::from_secs(48 * 3_600 + 1));
    assert!(refused(bot.amend(&recall(&ids[1])).await), "too late");
    bot.amend(&edit(&picture, &ids[1], "Our pump")).await.expect("edited whenever one likes");
    assert_eq!(sim.sent().len(), 1);
}

#[tokio::test]
async fn the_firms_own_account_amends_by_its_connection() {
    let sim = Sim::open(TOKEN, Plan::default()).await.expect("a simulator");
    let bot = bot(&sim.url(), "");
    sim.customer_writes(777, "hi");
    let newest = Some(("b/bc1/777/1".to_owned(), At(0)));
    let said = Piece { answers: Answers { newest, ..Answers::default() }, ..piece(777, "Helo") };
    let id = bot.send(&said).await.expect("sent").ids.remove(0);
    assert!(id.starts_with("b/bc1/777/"), "{id}");
    bot.amend(&amend(&said, Some(&id), Change::Edited("Hello".into()))).await.expect("edited");
    assert_eq!(sim.sent()[0].text, "Hello");
    bot.amend(&amend(&said, Some(&id), Change::Recalled)).await.expect("deleted");
    assert_eq!((sim.sent().len(), sim.refused()), (0, Vec::new()));
}
