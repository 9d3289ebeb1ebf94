//! Against the simulated Twilio: both directions, media behind a password, and what is refused.

use super::config::TwilioSection;
use super::*;
use crate::desk::id::{At, ConversationId, MessageId};
use crate::desk::input::{Delivery, Extra};
use crate::desk::person::Identity;
use crate::reach::Abroad;
use crate::sim::plan::Plan;
use crate::sim::twilio::{Twilio as Sim, signature};
use http::HeaderMap;
use std::path::PathBuf;

const HOOK: &str = "https://desk.example/hooks/texts";

fn house(sim: &Sim, token: &str, hook: Option<&str>) -> Twilio {
    let section = format!(
        "account = \"{}\"\ntoken = \"x\"\nfrom = \"+15550001111\"\nmms = true\nbase_url = \"{}\"\ncontent_url = \"{}\"",
        sim.account(),
        sim.url(),
        sim.url()
    );
    let section: TwilioSection = toml::from_str(&section).expect("a section");
    let client = Client::new(Abroad { allowed: vec!["127.0.0.0/8".parse().expect("a network")] });
    Twilio::new("texts".into(), section, SecretString::from(token.to_owned()), hook.map(str::to_owned), client, Clock::system())
}

async fn sim() -> Sim {
    Sim::open("the token", Plan::default()).await.expect("a port")
}

fn piece(to: &str, text: &str) -> Piece {
    Piece {
        message: MessageId(1),
        part: 0,
        parts: 1,
        conversation: ConversationId(1),
        to: Identity { kind: "phone".into(), namespace: String::new(), value: to.into() },
        key: "1-0-ab".into(),
        text: text.into(),
        files: Vec::new(),
        extra: None,
        answers: Answers::default(),
    }
}

fn told(twilio: &Twilio, method: Method, url: &str, headers: &[(&'static str, &str)], body: &[u8]) -> Result<Hooked, HookRefused> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().expect("a header"));
    }
    let body = bytes::Bytes::copy_from_slice(body);
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let from = "203.0.113.1".parse().expect("an address");
    twilio.hook(&HookRequest { method: &method, url, query, headers: &map, body: &body, from, now: At(1_795_258_800_000) })
}

fn signed(twilio: &Twilio, body: &str) -> Vec<Heard> {
    let signature = signature("the token", HOOK, body.as_bytes());
    let hooked = told(twilio, Method::POST, HOOK, &[("x-twilio-signature", &signature)], body.as_bytes()).expect("believed");
    assert_eq!((hooked.answer.content_type, &hooked.answer.body[..]), ("text/xml; charset=utf-8", ANSWER));
    hooked.events.iter().flat_map(|raw| twilio.read(&raw.body).expect("readable")).collect()
}

#[tokio::test]
async fn templates_are_read_page_by_page() {
    let sim = sim().await;
    let texts = house(&sim, "the token", None).templates().await.expect("templates");
    let states: Vec<(&str, &str, &Approval)> = texts.iter().map(|t| (t.name.as_str(), t.title.as_str(), &t.state)).collect();
    let unusable = |why: &str| Approval::Unusable(why.to_owned());
    // A text message needs nobody's approval.
    let wanted = [
        ("HX0001", "parcel", Approval::Approved),
        ("HX0002", "waits", Approval::Approved),
        ("HX0003", "vague", Approval::Approved),
        ("HX0004", "track", unusable("one of its buttons needs a value")),
        ("HX0005", "names", unusable("its variables have names, not numbers")),
    ];
    assert_eq!(states, wanted.iter().map(|(name, title, state)| (*name, *title, state)).collect::<Vec<_>>());
    assert_eq!(texts[0].variables.len(), 2);
    let filled = texts[0].filled(&["Anna".into(), "7".into()]).expect("filled");
    assert_eq!(filled.text, "Hello Anna, parcel 7 is on its way.");
    assert!(matches!(house(&sim, "another", None).templates().await, Err(Trouble::Down(_))));
    // WhatsApp's must be approved, and nothing else may be written a day later.
    let section = format!(
        "account = \"{}\"\ntoken = \"x\"\nfrom = \"whatsapp:+15550001111\"\nbase_url = \"{}\"\ncontent_url = \"{}\"",
        sim.account(),
        sim.url(),
        sim.url()
    );
    let section: TwilioSection = toml::from_str(&section).expect("a section");
    let app = Twilio::new("wa".into(), section, SecretString::from("the token"), None, Client::default(), Clock::system());
    assert!(app.traits().window.is_some());
    let states: Vec<Approval> = app.templates().await.expect("templates").into_iter().map(|template| template.state).collect();
    assert_eq!(states[..3], [Approval::Approved, Approval::Waiting, unusable("too vague")]);
    // How many can be sent; none of them, and somebody should see to it.
    assert_eq!(app.probe().await[1].found, Found::Well("1/5".into()));
    sim.approves_none();
    let probe = app.probe().await.remove(1);
    assert_eq!((probe.what, probe.setting), ("twilio_templates", "Messaging → Content Template Builder"));
    let Found::Bad(Trouble::Refused(why)) = probe.found else { panic!("{:?}", probe.found) };
    assert!(why.starts_with("0/5; parcel: pending; waits: pending; vague: pending; track: one of its buttons"), "{why}");
    assert_eq!(house(&sim, "the token", None).probe().await[1].found, Found::Well("3/5".into()), "texts need nobody's approval");
}

#[tokio::test]
async fn what_customers_write_is_read() {
    let sim = sim().await;
    let twilio = house(&sim, "the token", Some(HOOK));
    let heard = signed(
        &twilio,
        "MessageSid=SM1&From=%2B15552223333&To=%2B15550001111&Body=Hello+%F0%9F%99%82&NumMedia=1&MediaUrl0=https%3A%2F%2Fa%2Fb&New=%20x%20",
    );
    let [Heard::Message(wrote)] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!((wrote.key.as_str(), wrote.text.as_str(), wrote.from.identity.value.as_str()), ("SM1", "Hello 🙂", "+15552223333"));
    assert_eq!(wrote.media, [Media { name: String::new(), at: MediaAt::Elsewhere("https://a/b".into()) }]);
    let heard = signed(
        &twilio,
        "MessageSid=SM2&From=whatsapp%3A%2B15552223333&To=whatsapp%3A%2B15550001111&ProfileName=Robin&Latitude=52.5&Longitude=13.4&Label=Here&Body=",
    );
    let [Heard::Message(wrote)] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!((wrote.from.identity.kind.as_str(), wrote.from.identity.namespace.as_str()), ("whatsapp", "+15550001111"));
    assert_eq!(wrote.from.also[0].kind, "phone");
    assert_eq!(
        wrote.extra,
        Some(Extra::Place { latitude: 52_500_000, longitude: 13_400_000, label: "Here".into(), address: String::new() })
    );
    let heard = signed(&twilio, "MessageSid=SM3&From=%2B15552223333&To=%2B15550001111&Body=ARRET&OptOutType=STOP");
    assert!(matches!(&heard[..], [Heard::Message(_), Heard::Unreachable { .. }]), "{heard:?}");
    // A huge number of files is not believed.
    let heard = signed(&twilio, "MessageSid=SM4&From=%2B15552223333&Body=x&NumMedia=4000000000");
    assert!(matches!(&heard[..], [Heard::Message(wrote)] if wrote.media.is_empty()));
}

#[tokio::test]
async fn receipts_are_read_in_whatever_order() {
    let sim = sim().await;
    let twilio = house(&sim, "the token", Some(HOOK));
    let state = |told: &str| {
        let heard = signed(&twilio, &format!("MessageSid=SM9&MessageStatus={told}&ErrorCode=30006"));
        heard.into_iter().next().map(|heard| match heard {
            Heard::Receipt { of: OfOurs::External(sid), state } if sid == "SM9" => state,
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(state("delivered"), Some(Delivery::Delivered));
    assert_eq!(state("sent"), Some(Delivery::Sent));
    assert_eq!(state("queued"), None);
    assert_eq!(state("tomorrows"), None);
    assert_eq!(state("undelivered"), Some(Delivery::Failed { reason: "a landline takes no texts (Twilio 30006)".into() }));
    // The same state told again is the same event, another one is not.
    let key = |told_state: &str| {
        let body = format!("MessageSid=SM9&MessageStatus={told_state}");
        let signature = signature("the token", HOOK, body.as_bytes());
        told(&twilio, Method::POST, HOOK, &[("x-twilio-signature", &signature)], body.as_bytes()).expect("believed").events.remove(0).key
    };
    assert_eq!(key("sent"), key("sent"));
    assert_ne!(key("sent"), key("delivered"));
}

#[tokio::test]
async fn what_twilio_did_not_say_is_refused() {
    let sim = sim().await;
    let twilio = house(&sim, "the token", Some(HOOK));
    let body = b"MessageSid=SM1&From=%2B15552223333&Body=x";
    let good = signature("the token", HOOK, body);
    let refused = |url: &str, signature: &str, body: &[u8]| {
        told(&twilio, Method::POST, url, &[("x-twilio-signature", signature)], body).err().map(|refused| refused.status.as_u16())
    };
    assert_eq!(refused(HOOK, &good, body), None);
    assert_eq!(refused(&HOOK.replace("example/", "example:443/"), &good, body), None);
    assert_eq!(refused(&HOOK.replace("https", "http"), &good, body), Some(403));
    assert_eq!(refused(HOOK, &signature("another", HOOK, body), body), Some(403));
    assert_eq!(refused(HOOK, &good, &body[..body.len() - 1]), Some(403));
    assert_eq!(refused(HOOK, "", body), Some(403));
    let huge = vec![b'a'; LARGEST + 1];
    assert_eq!(refused(HOOK, &signature("the token", HOOK, &huge), &huge), Some(413));
    for odd in [&b"Body=x"[..], b"", b"MessageSid="] {
        assert_eq!(refused(HOOK, &signature("the token", HOOK, odd), odd), Some(400));
    }
    assert_eq!(told(&twilio, Method::GET, &format!("{HOOK}?media=0"), &[], b"").err().map(|refused| refused.status.as_u16()), Some(404));
    for rubbish in [&b""[..], b"{}", b"{\"at\":1,\"form\":\"a=b\"}", b"\xff"] {
        assert!(twilio.read(rubbish).is_err());
    }
}

#[tokio::test]
async fn messages_go_out_and_refusals_say_what_to_do() {
    let sim = sim().await;
    let twilio = house(&sim, "the token", Some(HOOK));
    let handed = twilio.send(&piece("+15552223333", "Hello & 你好")).await.expect("taken");
    assert_eq!(handed.ids, [sim.sent()[0].sid.clone()]);
    assert_eq!(sim.sent()[0].body, "Hello & 你好");
    let mut template = piece("+15552223333", "");
    template.extra = Some(Extra::Template { name: "HX1".into(), language: "en".into(), variables: vec!["42".into()] });
    twilio.send(&template).await.expect("taken");
    assert_eq!(sim.sent()[1].template, Some(("HX1".into(), r#"{"1":"42"}"#.into())));
    sim.customer_stops("1", "+15552223333");
    assert!(matches!(twilio.send(&piece("+15552223333", "x")).await, Err(Trouble::Blocked(_))));
    assert!(matches!(twilio.send(&piece("+1", "x")).await, Err(Trouble::Blocked(_))));
    assert!(matches!(twilio.send(&piece("+15552224444", "")).await, Err(Trouble::Refused(_))));
    assert!(matches!(house(&sim, "wrong", None).send(&piece("+15552224444", "x")).await, Err(Trouble::Down(_))));
    assert!(twilio.probe().await.iter().all(|probe| probe.works()));
    assert!(house(&sim, "wrong", None).probe().await.iter().all(|probe| !probe.works()));
    let cut = Sim::open("the token", Plan { cut: 1_000, ..Plan::default() }).await.expect("a port");
    assert!(matches!(house(&cut, "the token", None).send(&piece("+15552223333", "x")).await, Err(Trouble::Uncertain(_))));
    assert_eq!(cut.sent().len(), 1, "it went out, and nobody can know");
    let flood = Sim::open("the token", Plan { flood: 1_000, ..Plan::default() }).await.expect("a port");
    let told = house(&flood, "the token", None).send(&piece("+15552223333", "x")).await;
    assert_eq!(told, Err(Trouble::RetryAfter(std::time::Duration::from_secs(1))));
    drop(flood.clone());
    let gone = house(&sim, "the token", None);
    drop(sim);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(matches!(gone.send(&piece("+15552223333", "x")).await, Err(Trouble::Retry(_) | Trouble::Uncertain(_))));
}

/// The password goes to Twilio alone; the server of files, to which Twilio leads, does not see it.
#[tokio::test]
async fn media_are_fetched_with_the_password_and_without_it() {
    let sim = sim().await;
    sim.customer_sends("7", "+15552223333", "look", b"a picture");
    let twilio = house(&sim, "the token", Some(HOOK));
    let url = format!("{}/2010-04-01/Accounts/{}/Messages/SM7/Media/ME7", sim.url(), sim.account());
    assert_eq!(&twilio.fetch(&url).await.expect("a file").bytes[..], b"a picture");
    assert_eq!(sim.refused(), Vec::<String>::new());
    assert!(matches!(twilio.fetch("http://127.0.0.1:1/x").await, Err(Trouble::Refused(_))), "our password is for nobody else");
    assert!(matches!(twilio.fetch("not an address").await, Err(Trouble::Refused(_))));
    assert!(matches!(house(&sim, "wrong", None).fetch(&url).await, Err(Trouble::Refused(_))));
}

#[tokio::test]
async fn a_picture_is_offered_under_an_address_that_nobody_guesses() {
    let folder = tempfile::tempdir().expect("a folder");
    let path: PathBuf = folder.path().join("p");
    std::fs::write(&path, b"png").expect("written");
    let sim = sim().await;
    let twilio = house(&sim, "the token", Some(HOOK));
    let file = LocalFile { name: "p.png".into(), mime: "image/png".into(), bytes: 3, path };
    let url = twilio.offered.offer(HOOK, &file, At(0)).expect("an address");
    let answer = told(&twilio, Method::GET, &url, &[], b"");
    assert!(answer.is_err(), "long over");
    let url = twilio.offered.offer(HOOK, &file, At(1_795_258_800_000)).expect("an address");
    let answer = told(&twilio, Method::GET, &url, &[], b"").expect("there").answer;
    assert_eq!((answer.content_type, &answer.body[..]), ("image/png", &b"png"[..]));
    assert_eq!(twilio.offered.offer(HOOK, &LocalFile { mime: "text/html".into(), ..file.clone() }, At(0)), None);
    let mut with_picture = piece("+15552223333", "look");
    with_picture.files = vec![file];
    assert!(matches!(house(&sim, "the token", None).send(&with_picture).await, Err(Trouble::Refused(_))), "nowhere to fetch it from");
}
