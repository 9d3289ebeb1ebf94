//! An account against the simulated platform: real sockets, both directions.

use super::*;
use crate::channels::rehearsal::{House, last, piece};
use crate::desk::card::Card;
use crate::desk::parts::parts;
use crate::sim::plan::Plan;
use crate::sim::weibo::{Says, Sim};
use std::sync::Arc;

async fn house(plan: Plan) -> (Sim, Arc<House>) {
    let sim = Sim::open(plan).await.expect("a platform");
    let url = sim.url();
    let text = format!(
        "app_secret = \"{}\"\naccess_token = \"{}\"\nbase_url = \"{url}\"\napi_url = \"{url}\"\nupload_url = \"{url}/\"\nclicks = {{ HUMAN = \"somebody, please\" }}\n",
        crate::sim::weibo::SECRET,
        sim.token()
    );
    let section: WeiboSection = toml::from_str(&text).expect("a section");
    let house = House::open(Arc::new(Weibo::open(&section, Path::new("."), House::client()).expect("an account"))).await;
    sim.configure(&house.hook).await.expect("greeted");
    (sim, house)
}

#[tokio::test]
async fn both_directions() {
    let (sim, house) = house(Plan::default()).await;
    sim.customer(2_489_518_277, Says::Text("在吗?".into()));
    let heard = house.nth(1).await;
    assert_eq!((last(&heard).text.as_str(), last(&heard).from.identity.value.as_str()), ("在吗?", "2489518277"));
    let anna = last(&heard).from.identity.clone();
    sim.customer(2_489_518_277, Says::Image(b"\xff\xd8\xff picture".as_slice().into()));
    assert_eq!(house.file(last(&house.nth(2).await)).await.as_ref(), b"\xff\xd8\xff picture");
    sim.customer(2_489_518_277, Says::Clicks("HUMAN".into()));
    assert_eq!(last(&house.nth(3).await).text, "somebody, please");
    house.platform.send(&piece(&anna, 1, "在的 & 100% + \"quoted\"")).await.expect("sent");
    assert_eq!(sim.sent(), [("2489518277".to_owned(), "在的 & 100% + \"quoted\"".to_owned())]);
    assert_eq!(house.platform.profile(&anna).await.and_then(|profile| profile.name).as_deref(), Some("用户2489518277"));
    assert!(house.platform.probe().await.iter().all(|probe| matches!(probe.found, Found::Well(_))));
    sim.lasts(9 * 86_400 + 5);
    assert_eq!(house.platform.probe().await[0].found, Found::Odd(Odd::Ends { days: 9 }), "it works still");
    assert_eq!((sim.refused(), house.refused()), (Vec::new(), Vec::new()));
    assert!(sim.answers().iter().all(|status| *status == 200));
    sim.end_token();
    assert!(matches!(house.platform.send(&piece(&anna, 3, "x")).await, Err(Trouble::Down(why)) if why.starts_with("21327")));
    assert!(matches!(&house.platform.probe().await[0].found, Found::Bad(Trouble::Down(_))));
}

#[tokio::test]
async fn links_with_a_picture_and_places_go_as_what_they_are() {
    let (sim, house) = house(Plan::default()).await;
    sim.customer(7, Says::Text("where?".into()));
    let anna = last(&house.nth(1).await).from.identity.clone();
    let link = |picture: &str| Card::Link {
        title: "Paper lamp".into(),
        about: "in stock".into(),
        url: format!("https://shop.example/lamp?{}", "x".repeat(400)),
        picture: picture.into(),
    };
    let place = Card::Place { name: "Shop".into(), address: "5 Long Lane".into(), latitude: 39_982_525, longitude: 116_308_586 };
    let traits = house.platform.traits();
    for card in [link("https://shop.example/lamp.jpg"), link(""), place] {
        for part in parts(traits, &card.body(traits).expect("a card")).expect("carried") {
            house.platform.send(&Piece { extra: part.extra, ..piece(&anna, 1, &part.text) }).await.expect("sent");
        }
    }
    let long = format!("https://shop.example/lamp?{}", "x".repeat(400));
    let sent: Vec<String> = sim.sent().into_iter().map(|(_, text)| text).collect();
    assert_eq!(sent[0], format!("[Paper lamp] in stock https://shop.example/lamp.jpg {long}"), "one card, though its words are too many");
    // Without a picture it is no card here: words, in as many messages as they need.
    assert_eq!(sent[1..sent.len() - 2].concat(), format!("Paper lamp\nin stock\n{long}"));
    assert_eq!(sent[sent.len() - 2..], ["Shop\n5 Long Lane\n39.982525, 116.308586", "(39.982525, 116.308586)"]);
    assert_eq!(sim.refused(), Vec::<String>::new());
}

#[tokio::test]
async fn a_bad_platform_loses_and_doubles_nothing() {
    let (sim, house) = house(Plan { twice: 300, late: 200, busy: 100, cut: 200, seed: 9, ..Plan::default() }).await;
    for n in 1..=20 {
        sim.customer(7, Says::Text(n.to_string()));
    }
    let heard = house.nth(20).await;
    assert_eq!(heard.len(), 20);
    let anna = last(&heard).from.identity.clone();
    let (mut taken, mut unknown, mut busy) = (0, 0, 0);
    for n in 1..=20 {
        match house.platform.send(&piece(&anna, n, &n.to_string())).await {
            Ok(_) => taken += 1,
            Err(Trouble::Uncertain(_)) => unknown += 1,
            Err(Trouble::Retry(_)) => busy += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(sim.sent().len(), taken + unknown);
    assert!(unknown > 0 && busy > 0);
}

#[tokio::test]
async fn hooks_that_are_not_the_platforms_are_refused() {
    use crate::sim::wechat::wire::{call, now_ms};
    let (_sim, house) = house(Plan::default()).await;
    let url = format!("{}?signature=00&timestamp={}&nonce=1", house.hook, now_ms());
    for (method, url) in [("POST", url.clone()), ("GET", format!("{url}&echostr=1")), ("POST", house.hook.clone())] {
        let (status, _) = call(method, &url, &[], r#"{"type":"text","sender_id":1}"#).await.expect("an answer");
        assert!(status == 403, "{method} {url}: {status}");
    }
    assert_eq!(house.refused().len(), 3);
}

/// The published vector: the App Secret stands in the token's place.
#[test]
fn signatures_are_those_of_the_published_vector() {
    let parts = ["xyz123xyz", "1397022061823", "57155157"];
    assert_eq!(crate::channels::wechat::crypt::signature(&parts), "90e4c22c90a58f26526c2dd5b6c56c8822edeaa1");
}
