//! A WeChat official account from end to end: encrypted pushes in XML, three tries, and no way to tell a repetition from a new message.

use super::storm::{PNG, Pictures, Replies, Sea, has_file, line, storm};
use super::{on_duty, replies, takes};
use crate::rig::agent::Agent;
use crate::rig::house::House;
use bytes::Bytes;
use hubline::sim::wechat::{Account, Form, Plan, Says, Sim};
use std::time::Duration;

/// The channel's part of a configuration, with these keys besides.
fn section(account: &Account, sim: &Sim, besides: &str) -> String {
    let Account { app_id, secret, token, aes_key, .. } = account;
    format!(
        "[channels.wechat]\napp_id = \"{app_id}\"\nsecret = \"{secret}\"\ntoken = \"{token}\"\naes_key = \"{aes_key}\"\nbase_url = \"{}\"\nwindow_messages = 100\n{besides}\n",
        sim.url()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_official_account_weathers_the_storm() {
    // The platform gives up after three tries, and then the message was never ours; here it tries until the house is back.
    let account = Account { tries: 10_000, patience: Duration::from_secs(2), messages: 1_000, ..Account::example() };
    let plan = Plan { twice: 200, reordered: 200, busy: 40, cut: 10, expired: 10, seed: 5 };
    let sim = Sim::open(account.clone(), plan).await.expect("a simulator");
    let section = section(&account, &sim, "");
    let sea = Sea {
        kind: "wechat",
        section,
        calls: Box::new(|hook| sim.calls(hook)),
        writes: Box::new(|n| {
            // A voice message, with what the platform understood.
            let voice = || Says::Voice { bytes: Bytes::from_static(b"#!AMR\n0123456789"), recognition: line(n) };
            sim.customer("oSIM0001", if has_file(n) { voice() } else { Says::Text(line(n)) });
        }),
        arrived: Box::new(|| sim.sent().into_iter().map(|sent| sent.text).collect()),
        replies: Replies::Files,
        pictures: Pictures::Captioned,
        order: "sent_at, seq",
    };
    storm(sea, 5).await;
    let odd: Vec<String> = sim.refused().into_iter().filter(|why| !why.starts_with("-1 ") && !why.starts_with("42001 ")).collect();
    assert_eq!(odd, Vec::<String>::new());
}

/// Pictures have no words in a mini-program, and whoever asks it knows nothing more of a message than that it was taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_mini_program_weathers_the_storm() {
    let account = Account {
        tries: 10_000,
        patience: Duration::from_secs(2),
        messages: 1_000,
        mini_program: true,
        form: Form::Json,
        ..Account::example()
    };
    let plan = Plan { twice: 200, reordered: 200, busy: 40, cut: 10, expired: 10, seed: 15 };
    let sim = Sim::open(account.clone(), plan).await.expect("a simulator");
    let section = section(&account, &sim, "mini_program = true");
    let sea = Sea {
        kind: "wechat",
        section,
        calls: Box::new(|hook| sim.calls(hook)),
        writes: Box::new(|n| {
            sim.customer("oSIM0001", if has_file(n) { Says::Image(Bytes::from_static(PNG)) } else { Says::Text(line(n)) });
        }),
        arrived: Box::new(|| sim.sent().into_iter().map(|sent| sent.text).collect()),
        replies: Replies::Files,
        pictures: Pictures::Bare,
        order: "sent_at, seq",
    };
    storm(sea, 15).await;
    let odd: Vec<String> = sim.refused().into_iter().filter(|why| !why.starts_with("-1 ") && !why.starts_with("42001 ")).collect();
    assert_eq!(odd, Vec::<String>::new());
}

/// What the composer says of the reply window.
async fn meter(agent: &Agent) -> String {
    let page = agent.get("/inbox/conversation/1").await.text();
    let meter = page.split_once("data-window=\"").and_then(|(_, rest)| rest.split_once('"'));
    meter.map(|(words, _)| words.to_owned()).unwrap_or_default()
}

/// A tap on a menu may be answered three times within a minute: the page counts them, and what the platform would refuse is not sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_tap_may_be_answered_less_than_a_message() {
    let account = Account::example();
    let sim = Sim::open(account.clone(), Plan::default()).await.expect("a simulator");
    let business = format!(
        r#"
[[queues]]
id = "sales"
[[channels]]
kind = "wechat"
id = "gh"
queue = "sales"
[channels.wechat]
app_id = "{}"
secret = "{}"
token = "{}"
aes_key = "{}"
base_url = "{}"
clicks = {{ HUMAN = "I want to talk to somebody" }}
[[agents]]
id = "mara"
queues = ["sales"]
"#,
        account.app_id,
        account.secret,
        account.token,
        account.aes_key,
        sim.url()
    );
    let house = House::open(&business).await;
    sim.configure(&format!("http://{}/hooks/gh", house.web)).await.expect("greeted");
    let mara = on_duty(&house, "mara").await;
    sim.customer("oSIM0001", Says::Clicks("HUMAN".into()));
    takes(&mara, 1).await;
    let told = meter(&mara).await;
    assert!(told.starts_with("0:") && told.ends_with(" and 3 messages left to reply"), "{told}");
    for text in ["One", "Two", "Three"] {
        replies(&mara, 1, text).await;
    }
    assert_eq!(meter(&mara).await, "Window closed");
    let refused = mara.post("/work/conversation/1/reply", &[("text", "Four"), ("key", "k4")]).await;
    assert!(refused.status >= 400 && refused.text().contains("The reply window is closed"), "{}", refused.text());
    sim.customer("oSIM0001", Says::Text("Still there?".into()));
    house.shows("SELECT count(*) FROM message WHERE kind = 'in'", &["2"]).await;
    let told = meter(&mara).await;
    assert!(told.starts_with("47:59:") && told.ends_with(" and 5 messages left to reply"), "{told}");
    replies(&mara, 1, "Yes.").await;
    // Another tap takes nothing away.
    sim.customer("oSIM0001", Says::Choice { id: "101".into(), content: "Opening hours".into() });
    house.shows("SELECT count(*) FROM message WHERE kind = 'in'", &["3"]).await;
    let told = meter(&mara).await;
    assert!(told.starts_with("47:59:") && told.ends_with(" and 4 messages left to reply"), "{told}");
    replies(&mara, 1, "From nine to five.").await;
    // What they scan through the menu is a message: they wait for what comes of it.
    sim.customer("oSIM0001", Says::ScansByMenu { key: "WARRANTY".into(), result: "bike-7".into() });
    house.shows("SELECT text FROM message WHERE kind = 'in' ORDER BY id DESC LIMIT 1", &["[scan] bike-7"]).await;
    replies(&mara, 1, "Under warranty.").await;
    house
        .shows(
            "SELECT text FROM message WHERE kind = 'out' AND delivery = 'sent' ORDER BY id",
            &["One", "Two", "Three", "Yes.", "From nine to five.", "Under warranty."],
        )
        .await;
    assert_eq!(sim.sent().len(), 6);
    assert_eq!(sim.refused(), Vec::<String>::new());
    house.close().await;
}
