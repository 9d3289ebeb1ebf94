//! A page against a simulated Send API, by real sockets.

use super::*;
use crate::channels::platform::{Answers, LocalFile};
use crate::desk::id::{At, ConversationId, MessageId};
use crate::desk::input::Extra;
use crate::sim::meta::pages::{Page, Pages as Sim};
use crate::sim::plan::Plan;
use serde_json::json;

async fn sim(plan: Plan) -> Sim {
    let page = Page { object: "page", id: "PAGE".into(), token: "page-token".into(), app_secret: "app".into(), human_agent: true };
    Sim::open(page, plan).await.expect("a simulator")
}

fn page(base: &str, more: &str, clock: Clock) -> Messenger {
    let text =
        format!("page_id = \"PAGE\"\ntoken = \"page-token\"\napp_secret = \"app\"\nverify_token = \"word\"\nbase_url = \"{base}\"\n{more}");
    let section: MessengerSection = toml::from_str(&text).expect("a section");
    let abroad = crate::reach::Abroad { allowed: vec!["127.0.0.1/32".parse().expect("a network")] };
    Messenger::open(&section, Path::new("."), Client::new(abroad), clock).expect("a page")
}

fn piece(text: &str) -> Piece {
    let to = Identity { kind: "messenger".into(), namespace: "PAGE".into(), value: "2400000000000001".into() };
    Piece {
        message: MessageId(7),
        part: 0,
        parts: 1,
        conversation: ConversationId(1),
        to,
        key: "7-0-ab".into(),
        text: text.into(),
        files: Vec::new(),
        extra: None,
        answers: Answers::default(),
    }
}

#[tokio::test]
async fn it_sends_what_a_page_can_send() {
    let sim = sim(Plan::default()).await;
    let page = page(&sim.url(), "proof = true\n", Clock::system());
    assert!(matches!(page.send(&piece("hello")).await, Err(Trouble::Blocked(_))), "nobody who never wrote");
    sim.customer_writes("2400000000000001", "hi");
    let handed = page.send(&piece("hello")).await.expect("sent");
    let sent = sim.sent().pop().expect("a message");
    assert_eq!((handed.ids, sent.body["messaging_type"].as_str()), (vec![sent.id], Some("RESPONSE")));
    assert_eq!(sent.body["message"]["metadata"], "hubline/7-0-ab");
    let options = vec!["Yes".to_owned(), "An answer that has no room on a button".to_owned()];
    page.send(&Piece { extra: Some(Extra::Choices { options }), ..piece("Well?") }).await.expect("sent");
    let replies = sim.sent().pop().expect("a message").body["message"]["quick_replies"].clone();
    assert_eq!(replies[1]["payload"], format!("={}.2=An answer that has no room on a button", piece("").message));
    let link = Extra::Link {
        url: "https://shop.example/1".into(),
        title: "Order".into(),
        about: "On its way".into(),
        picture: "https://shop.example/a.png".into(),
    };
    page.send(&Piece { extra: Some(link), ..piece("Order") }).await.expect("a card");
    let opens = |title: &str| json!({ "type": "web_url", "url": "https://shop.example/1", "title": title });
    assert_eq!(
        sim.sent().pop().expect("a message").body["message"]["attachment"]["payload"],
        json!({ "template_type": "generic", "elements": [{
            "title": "Order", "subtitle": "On its way", "image_url": "https://shop.example/a.png",
            "default_action": { "type": "web_url", "url": "https://shop.example/1" }, "buttons": [opens("shop.example")],
        }] })
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file");
    std::fs::write(&path, b"%PDF").expect("written");
    let file = LocalFile { name: "a.pdf".into(), mime: "application/pdf".into(), bytes: 4, path };
    page.send(&Piece { files: vec![file], ..piece("") }).await.expect("sent");
    assert_eq!(sim.sent().pop().and_then(|sent| sent.file).map(|file| (file.0, file.2.len())), Some(("a.pdf".into(), 4)));
    let profile = page.profile(&piece("").to).await.expect("a profile");
    assert_eq!(profile.name.as_deref(), Some("Ann 2400000000000001"));
    let picture = sim.file("pump.jpg", &b"jpeg"[..]);
    assert_eq!(page.fetch(&picture).await.expect("a picture").bytes, &b"jpeg"[..]);
    assert!(matches!(page.fetch("http://10.0.0.1/x").await, Err(Trouble::Refused(_))), "an address inside");
    page.signal(&piece("").to, Signal::Typing).await;
    page.signal(&piece("").to, Signal::Read).await;
    let actions: Vec<String> = sim.actions().into_iter().map(|(_, action)| action).collect();
    assert_eq!(actions, ["typing_on", "mark_seen"]);
    assert!(page.probe().await.iter().all(|probe| probe.works()), "{:?}", page.probe().await);
    let refused: Vec<String> = sim.refused().into_iter().filter(|why| !why.contains("No matching user")).collect();
    assert_eq!(refused, Vec::<String>::new());
}

#[tokio::test]
async fn after_a_day_only_people_may_answer() {
    let sim = sim(Plan::default()).await;
    let clock = Clock::test(At(crate::sim::web::millis()));
    let (plain, people) = (page(&sim.url(), "", clock.clone()), page(&sim.url(), "human_agent = true\n", clock.clone()));
    sim.customer_writes("2400000000000001", "hi");
    let newest = Some(("m_1".to_owned(), clock.now()));
    let late = Piece { answers: Answers { newest, ..Answers::default() }, ..piece("late") };
    people.send(&late).await.expect("sent");
    assert_eq!(sim.sent().pop().expect("a message").body["messaging_type"], "RESPONSE", "within the day");
    sim.later(25 * 3_600_000);
    clock.advance(25 * 3_600_000);
    assert_eq!(plain.send(&late).await, Err(Trouble::WindowClosed));
    people.send(&late).await.expect("sent");
    assert_eq!(sim.sent().pop().expect("a message").body["tag"], "HUMAN_AGENT");
    sim.later(7 * DAY_MS);
    clock.advance(7 * DAY_MS);
    assert_eq!(people.send(&late).await, Err(Trouble::WindowClosed));
    assert_eq!(
        (plain.traits().window.map(|window| window.ms), people.traits().window.map(|window| window.ms)),
        (Some(DAY_MS), Some(7 * DAY_MS))
    );
}

#[tokio::test]
async fn what_goes_wrong_is_named() {
    let at = |plan: Plan| async move {
        let sim = sim(plan).await;
        sim.customer_writes("2400000000000001", "hi");
        (page(&sim.url(), "", Clock::system()).send(&piece("hello")).await, sim.sent().len())
    };
    assert!(matches!(at(Plan { flood: 1_000, ..Plan::default() }).await, (Err(Trouble::Retry(_)), 0)));
    assert!(matches!(at(Plan { busy: 1_000, ..Plan::default() }).await, (Err(Trouble::Retry(_)), 0)));
    assert!(matches!(at(Plan { cut: 1_000, ..Plan::default() }).await, (Err(Trouble::Uncertain(_)), 1)));
    let sim = sim(Plan::default()).await;
    sim.customer_writes("2400000000000001", "hi");
    sim.customer_blocks("2400000000000001");
    let page = page(&sim.url(), "", Clock::system());
    assert!(matches!(page.send(&piece("hello")).await, Err(Trouble::Blocked(_))));
    let stranger = self::page(&sim.url(), "", Clock::system());
    stranger.pages.graph.renew("another".to_owned().into());
    let Err(Trouble::Down(why)) = stranger.send(&piece("x")).await else { panic!("a wrong token was taken") };
    assert!(!why.contains("another") && why.contains("190"));
}
