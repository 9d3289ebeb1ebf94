//! Questions with choices, links and places: sent from the desk, tapped or answered with a number, and heard once.

use super::{HOUSE, on_duty, takes};
use crate::rig::AGENT_HZ;
use crate::rig::agent::Agent;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::until;
use hubline::sim::meta::whatsapp::{Account, Customer, Whatsapp};
use hubline::sim::plan::Plan;
use hubline::sim::smsc::{Habits, Smsc};
use hubline::sim::telegram::Telegram;
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);
const TAPPED: &str = "SELECT text, json_extract(extra, '$.is'), json_extract(extra, '$.number'), json_extract(extra, '$.choice'), json_extract(extra, '$.asked') FROM message WHERE kind = 'in' ORDER BY id";

fn house_with(channel: &str) -> String {
    format!(
        "[[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n{channel}\n[[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n[[agents]]\nid = \"sumi\"\nname = \"Sumi Tanaka\"\nqueues = [\"sales\"]\n"
    )
}

fn question(choices: &[&str]) -> String {
    json!({ "kind": "choices", "question": "How shall it come?", "choices": choices }).to_string()
}

async fn sends(agent: &Agent, card: &str, key: &str) {
    agent.does("/work/conversation/1/card", &[("card", card), ("key", key)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whatsapp_button_answers_its_question_once() {
    let account = Account { number_id: "106".into(), business_id: "102".into(), token: "wa".into(), app_secret: "app".into() };
    let sim = Whatsapp::open(account, Plan { twice: 1_000, ..Plan::default() }).await.expect("a simulator");
    let ann = Customer { wa_id: Some("16505551234".into()), user_id: None, name: "Ann".into() };
    let channel = format!(
        "[[channels]]\nkind = \"whatsapp\"\nid = \"wa\"\nqueue = \"sales\"\nprivate_networks = [\"127.0.0.0/8\"]\n[channels.whatsapp]\n\
         phone_number_id = \"106\"\nbusiness_account_id = \"102\"\ntoken = \"wa\"\napp_secret = \"app\"\nverify_token = \"word\"\nbase_url = \"{}\"\n",
        sim.url()
    );
    let house = House::open(&house_with(&channel)).await;
    sim.calls(&format!("http://{}/hooks/wa", house.web));
    let mara = on_duty(&house, "mara").await;
    sim.customer_writes(&ann, "Where is my order?");
    takes(&mara, 1).await;
    let long =
        mara.post("/work/conversation/1/card", &[("card", &question(&["By post", "A choice of more than twenty"])), ("key", "k0")]).await;
    assert!(long.status == 409 && long.text().contains("at most 20 characters"), "{} {}", long.status, long.text());
    sends(&mara, &question(&["By post", "I fetch it"]), "k1").await;
    sends(&mara, &question(&["By post", "I fetch it"]), "k1").await;
    until("the question", || sim.sent().len() == 1).await;
    let buttons = sim.sent()[0].body["interactive"]["action"]["buttons"].clone();
    assert_eq!(buttons.as_array().map(Vec::len), Some(2));
    let tap = buttons[1]["reply"].clone();
    // Told twice, and told late: another question stands by then.
    sends(&mara, &question(&["Today", "Tomorrow"]), "k2").await;
    sim.customer_sends(&ann, json!({ "type": "interactive", "interactive": { "type": "button_reply", "button_reply": tap } }));
    let chosen = "I fetch it|chosen|2|I fetch it|How shall it come?";
    house.shows(TAPPED, &["Where is my order?|-|-|-|-", chosen]).await;
    // A payload that names a question of nobody's is only its words.
    let forged = json!({ "id": "=99.1=By post", "title": "By post" });
    sim.customer_sends(&ann, json!({ "type": "interactive", "interactive": { "type": "button_reply", "button_reply": forged } }));
    house.shows(TAPPED, &["Where is my order?|-|-|-|-", chosen, "By post|-|-|-|-"]).await;
    assert_eq!(sim.refused(), Vec::<String>::new());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn telegram_shows_choices_links_and_places() {
    let sim = Telegram::open("4242:cards", Plan::default()).await.expect("a simulator");
    let channel = format!(
        "[[channels]]\nkind = \"telegram\"\nid = \"tg\"\nqueue = \"sales\"\n[channels.telegram]\ntoken = \"4242:cards\"\nbase_url = \"{}\"\npoll_wait = \"2s\"\n",
        sim.url()
    );
    let house = House::open(&house_with(&channel)).await;
    let mara = on_duty(&house, "mara").await;
    sim.customer_writes(777, "hi");
    takes(&mara, 1).await;
    sends(&mara, &question(&["By post", "I fetch it"]), "k1").await;
    let asked = sim.sent_by(1, PATIENCE).await.remove(0);
    sim.customer_taps(777, asked.id, 0);
    let heard = ["hi|-|-|-|-", "By post|chosen|1|By post|How shall it come?"];
    house.shows(TAPPED, &heard).await;
    sends(&mara, &json!({ "kind": "link", "title": "Order 42", "url": "https://shop.example/42" }).to_string(), "k2").await;
    sends(&mara, &json!({ "kind": "place", "name": "Shop", "latitude": 52.5163, "longitude": 13.3777 }).to_string(), "k3").await;
    let sent = sim.sent_by(3, PATIENCE).await;
    assert_eq!(sent[1].buttons, [("shop.example".to_owned(), "https://shop.example/42".to_owned())]);
    assert_eq!((sent[2].method.as_str(), sent[2].place), ("sendVenue", Some((52.5163, 13.3777))));
    assert_eq!(sim.refused(), Vec::<String>::new());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_sms_a_number_is_the_answer() {
    let habits = Habits { two_ids: false, plain_receipts: false, receipt_first: false, torn: false };
    let smsc = Smsc::open("sim", "secret", habits, Plan::default()).await.expect("a message centre");
    let channel = format!(
        "[[channels]]\nkind = \"smpp\"\nid = \"sms\"\nqueue = \"sales\"\nprivate_networks = [\"127.0.0.0/8\"]\n[channels.smpp]\nserver = \"{}\"\nuser = \"sim\"\npassword = \"secret\"\nfrom = \"Acme\"\n",
        smsc.address
    );
    let house = House::open(&house_with(&channel)).await;
    let mara = on_duty(&house, "mara").await;
    smsc.customer_writes("+4915100138193", "hi");
    takes(&mara, 1).await;
    sends(&mara, &question(&["By post", "I fetch it", "A choice of more than twenty"]), "k1").await;
    until("the question", || smsc.texts().len() == 1).await;
    assert_eq!(smsc.texts()[0].text, "How shall it come?\n1. By post\n2. I fetch it\n3. A choice of more than twenty");
    smsc.customer_writes("+4915100138193", "2.");
    let heard = ["hi|-|-|-|-", "2.|chosen|2|I fetch it|How shall it come?"];
    house.shows(TAPPED, &heard).await;
    // It has been answered: the next number means something else.
    smsc.customer_writes("+4915100138193", "1");
    house.shows(TAPPED, &[heard[0], heard[1], "1|-|-|-|-"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_taps_in_the_window_what_an_agent_wrote_by_keyboard() {
    let house = House::open(HOUSE).await;
    let Some(visitor) = Browser::start(AGENT_HZ).await else { return };
    super::widget::opens_the_window(&visitor, house.web).await;
    super::widget::types(&visitor, "Where is my order?").await;
    house.shows("SELECT text FROM message", &["Where is my order?"]).await;
    let desk = Browser::at_the_desk(&house, "sumi", AGENT_HZ).await.expect("a browser, as before");
    let sumi = on_duty(&house, "sumi").await;
    takes(&sumi, 1).await;
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.sees("#cardb").await;
    let opened = "document.querySelector('#text').blur(); document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'z', code: 'KeyZ', bubbles: true })); return !document.querySelector('#card').hidden";
    assert_eq!(desk.run(opened, json!([])).await, json!(true), "the key opens it");
    let written = "const fill = (name, text) => { const el = document.querySelector(`[name=card-${name}]`); el.value = text; el.dispatchEvent(new Event('input', { bubbles: true })); }; \
                   fill('question', 'How shall it come?'); fill('choices', 'By post\\nI fetch it'); document.querySelector('#composer').requestSubmit(); return document.querySelector('#card').hidden";
    assert_eq!(desk.run(written, json!([])).await, json!(true), "it is sent");
    let inside = "document.querySelector('#hubline-chat').shadowRoot";
    let buttons = format!("return [...{inside}.querySelectorAll('.opts button')].map(b => `${{b.textContent}} ${{b.disabled}}`)");
    shows(&visitor, &buttons, &json!(["By post false", "I fetch it false"])).await;
    visitor.run(&format!("const b = {inside}.querySelectorAll('.opts button')[1]; b.click(); b.click()"), json!([])).await;
    house.shows(TAPPED, &["Where is my order?|-|-|-|-", "I fetch it|chosen|2|I fetch it|How shall it come?"]).await;
    shows(&visitor, &buttons, &json!(["By post true", "I fetch it true"])).await;
    desk.reads("#conv", "to “How shall it come?”").await;
    // A link is a card, after a reload too.
    sends(
        &sumi,
        &json!({ "kind": "link", "title": "Order 42", "about": "On its way", "url": "https://shop.example/42" }).to_string(),
        "k2",
    )
    .await;
    let link = format!("const a = {inside}.querySelector('a.card'); return a && [a.href, a.textContent]");
    shows(&visitor, &link, &json!(["https://shop.example/42", "Order 42On its wayshop.example"])).await;
    super::widget::opens_the_window(&visitor, house.web).await;
    shows(&visitor, &link, &json!(["https://shop.example/42", "Order 42On its wayshop.example"])).await;
    house.close().await;
}

/// What no customer could use is refused in words and reaches nobody; what goes out is a card where the channel has one, else words that say the same.
#[tokio::test(flavor = "multi_thread")]
async fn cards_are_refused_in_words_and_go_as_the_channel_shows_them() {
    let bot = Telegram::open("4242:cards", Plan::default()).await.expect("a simulator");
    let habits = Habits { two_ids: false, plain_receipts: false, receipt_first: false, torn: false };
    let smsc = Smsc::open("sim", "secret", habits, Plan::default()).await.expect("a message centre");
    let channels = format!(
        "[[channels]]\nkind = \"telegram\"\nid = \"tg\"\nqueue = \"sales\"\n[channels.telegram]\ntoken = \"4242:cards\"\nbase_url = \"{}\"\npoll_wait = \"2s\"\n\
         [[channels]]\nkind = \"smpp\"\nid = \"sms\"\nqueue = \"sales\"\nprivate_networks = [\"127.0.0.0/8\"]\n[channels.smpp]\nserver = \"{}\"\nuser = \"sim\"\npassword = \"secret\"\nfrom = \"Acme\"\n",
        bot.url(),
        smsc.address
    );
    let house = House::open(&house_with(&channels)).await;
    let mara = on_duty(&house, "mara").await;
    bot.customer_writes(777, "hi");
    takes(&mara, 1).await;
    smsc.customer_writes("+4915100138193", "hi");
    takes(&mara, 2).await;
    let many = |count: usize| json!((1..=count).map(|n| format!("Choice {n}")).collect::<Vec<_>>());
    let choices = |choices: Value| json!({ "kind": "choices", "question": "Which?", "choices": choices });
    let link = |title: &str, url: &str, picture: &str| json!({ "kind": "link", "title": title, "url": url, "picture": picture });
    let place = |latitude: f64| json!({ "kind": "place", "name": "Shop", "latitude": latitude, "longitude": 13.3777 });
    let (long, longer) = ("x".repeat(61), "x".repeat(101));
    let refused = [
        (1, choices(many(13)), "This channel shows at most 12 choices."),
        (2, choices(many(21)), "This channel shows at most 20 choices."),
        (1, choices(json!(["Yes", long])), "a choice here has at most 60 characters."),
        (2, choices(json!(["Yes", longer])), "a choice here has at most 100 characters."),
        (1, choices(json!(["Yes"])), "One choice is none"),
        (2, choices(json!(["Yes", "yes "])), "is there twice."),
        (1, link(&longer, "https://shop.example/42", ""), "A title here has at most 100 characters."),
        (1, link("Order 42", "javascript:alert(1)", ""), "An address begins with https:// or http://"),
        (2, link("Order 42", "https://shop.example@evil.example/", ""), "An address begins with https:// or http://"),
        (2, link("Order 42", "https://shop.example/42", "file:///etc/passwd"), "An address begins with https:// or http://"),
        (1, place(91.0), "Latitude is -90 to 90"),
    ];
    for (conversation, card, why) in refused {
        let card = card.to_string();
        let answer = mara.post(&format!("/work/conversation/{conversation}/card"), &[("card", &card), ("key", "k0")]).await;
        assert!(answer.status == 409 && answer.text().contains(why), "{card}: {} {}", answer.status, answer.text());
    }
    for broken in ["", "{}", "[]", "{\"kind\":\"picture\"}"] {
        let answer = mara.post("/work/conversation/1/card", &[("card", broken), ("key", "k0")]).await;
        assert_eq!(answer.status, 400, "{broken}: {}", answer.text());
    }
    assert_eq!(house.rows("SELECT count(*) FROM message WHERE kind = 'out'"), ["0"]);
    let cards = [
        json!({ "kind": "choices", "question": "How shall it come?", "choices": ["By post", "I fetch it"] }),
        json!({ "kind": "link", "title": "Order 42", "about": "On its way", "url": "https://shop.example/42" }),
        json!({ "kind": "place", "name": "Shop", "address": "1 Main Street", "latitude": 52.5163, "longitude": 13.3777 }),
    ];
    for (conversation, (at, card)) in
        [1, 2].into_iter().flat_map(|conversation| cards.iter().enumerate().map(move |card| (conversation, card)))
    {
        let (path, key) = (format!("/work/conversation/{conversation}/card"), format!("k{conversation}{at}"));
        mara.does(&path, &[("card", &card.to_string()), ("key", &key)]).await;
    }
    let shown = bot.sent_by(3, PATIENCE).await;
    let buttons: Vec<&str> = shown[0].buttons.iter().map(|(label, _)| label.as_str()).collect();
    assert_eq!((shown[0].text.as_str(), buttons), ("How shall it come?", vec!["By post", "I fetch it"]));
    assert_eq!(shown[1].buttons, [("shop.example".to_owned(), "https://shop.example/42".to_owned())]);
    assert_eq!((shown[2].method.as_str(), shown[2].place), ("sendVenue", Some((52.5163, 13.3777))));
    until("the texts", || smsc.texts().len() == 3).await;
    let texts: Vec<String> = smsc.texts().into_iter().map(|text| text.text).collect();
    let words = [
        "How shall it come?\n1. By post\n2. I fetch it",
        "Order 42\nOn its way\nhttps://shop.example/42",
        "Shop\n1 Main Street\n52.516300, 13.377700",
    ];
    assert_eq!(texts, words);
    assert_eq!(bot.refused(), Vec::<String>::new());
    house.close().await;
}

/// The forms for a link and a place, filled in by hand: what is wrong is said beside it, and what is sent stands in the timeline and in the chat window.
#[tokio::test(flavor = "multi_thread")]
async fn links_and_places_are_filled_in_and_seen_on_both_sides() {
    let house = House::open(HOUSE).await;
    let Some(visitor) = Browser::start(AGENT_HZ).await else { return };
    super::widget::opens_the_window(&visitor, house.web).await;
    super::widget::types(&visitor, "Where are you?").await;
    let desk = Browser::at_the_desk(&house, "sumi", AGENT_HZ).await.expect("a browser, as before");
    let sumi = on_duty(&house, "sumi").await;
    takes(&sumi, 1).await;
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    let choose = async |kind: &str| {
        desk.click("#cardb").await;
        desk.run("document.querySelector(`[name=cardkind][value=${arguments[0]}]`).click()", json!([kind])).await;
    };
    choose("link").await;
    desk.keys("[name=card-title]", "Order 42").await;
    desk.keys("[name=card-about]", "On its way").await;
    desk.keys("[name=card-url]", "shop.example/42").await;
    desk.click("#send").await;
    desk.reads("#cardbad", "An address begins with https:// or http://.").await;
    assert_eq!(desk.run("return document.activeElement.name", json!([])).await, json!("card-url"));
    assert_eq!(house.rows("SELECT count(*) FROM message WHERE kind = 'out'"), ["0"], "nothing is lost, nothing is sent");
    desk.run("document.querySelector('[name=card-url]').value = ''", json!([])).await;
    desk.keys("[name=card-url]", "https://shop.example/42").await;
    desk.reads("#cardp", "https://shop.example/42").await;
    desk.click("#send").await;
    let inside = "document.querySelector('#hubline-chat').shadowRoot";
    let cards = format!("return [...{inside}.querySelectorAll('a.card')].map(a => [a.href, a.textContent])");
    let link = json!(["https://shop.example/42", "Order 42On its wayshop.example"]);
    shows(&visitor, &cards, &json!([link])).await;
    desk.reads("#conv a.att[href='https://shop.example/42']", "Order 42").await;
    choose("place").await;
    desk.keys("[name=card-name]", "Shop").await;
    desk.keys("[name=card-address]", "1 Main Street").await;
    desk.keys("[name=card-latitude]", "95").await;
    desk.keys("[name=card-longitude]", "13.3777").await;
    desk.click("#send").await;
    desk.reads("#cardbad", "Latitude is -90 to 90").await;
    desk.run("document.querySelector('[name=card-latitude]').value = ''", json!([])).await;
    // As some write it.
    desk.keys("[name=card-latitude]", "52,5163").await;
    desk.click("#send").await;
    let map = "https://www.openstreetmap.org/?mlat=52.5163&mlon=13.3777#map=16/52.5163/13.3777";
    let place = json!([map, "Shop1 Main Street52.5163, 13.3777"]);
    shows(&visitor, &cards, &json!([link, place])).await;
    desk.reads("#conv a.att[href^='https://www.openstreetmap.org/']", "Shop").await;
    let extras = "SELECT json_extract(extra, '$.is') FROM message WHERE kind = 'out' ORDER BY id";
    house.shows(extras, &["link", "place"]).await;
    // Also after both have loaded their pages again.
    super::widget::opens_the_window(&visitor, house.web).await;
    shows(&visitor, &cards, &json!([link, place])).await;
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.reads("#conv a.att[href^='https://www.openstreetmap.org/']", "Shop").await;
    house.close().await;
}

/// Waits until a script gives this.
async fn shows(browser: &Browser, script: &str, wanted: &Value) {
    let start = std::time::Instant::now();
    loop {
        let is = browser.run(script, json!([])).await;
        if is == *wanted {
            return;
        }
        assert!(start.elapsed() < crate::rig::PATIENCE, "{is}, not {wanted}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
