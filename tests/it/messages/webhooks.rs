//! A program of the firm's is told what happens, and reads it with the specification's own library.

use super::HOUSE;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::python::Script;
use crate::rig::served::Served;
use crate::rig::visitor::Page;
use crate::rig::{AGENT_HZ, until};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn program(port: u64, busy: u32) -> Option<Script> {
    let arguments = [SECRET, &port.to_string(), &busy.to_string()];
    Script::start("webhook_program.py", &arguments, "standardwebhooks", "standardwebhooks")
}

fn business(port: u64) -> String {
    let hook = format!("[[webhooks]]\nid = \"crm\"\nurl = \"http://127.0.0.1:{port}/hear\"\nsecret = \"{SECRET}\"\n");
    format!("{HOUSE}{hook}events = [\"message.received\", \"conversation.opened\"]\n")
}

fn texts(program: &Script) -> Vec<String> {
    let told = program.all("event").into_iter().filter(|event| event["type"] == "message.received");
    told.map(|event| event["data"]["text"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_over_deaths_of_either_side() {
    let Some(first) = program(0, 2) else { return };
    until("the program listens", || first.port().is_some()).await;
    let port = first.port().unwrap_or_default();
    let mut house = Served::new(&business(port));
    house.start().await;
    until("the address is known", || house.rows("SELECT id FROM webhook") == ["crm"]).await;
    let visitor = Page::open(house.web, None).await;
    for n in 0..5 {
        visitor.writes(&format!("Line {n}")).await;
    }
    // Six things happened; the two that it was too busy for come later under the same names.
    until("four are taken", || first.all("event").len() == 4).await;
    assert_eq!((first.all("busy").len(), first.all("refused")), (2, Vec::<Value>::new()));
    until("two wait", || house.rows("SELECT count(*) FROM webhook_delivery WHERE state = 'waits'") == ["2"]).await;
    let mut ids: Vec<Value> = first.all("event").into_iter().map(|event| event["id"].clone()).collect();
    // The program dies, and the house in the middle of what it has to tell.
    drop(first);
    for n in 5..10 {
        visitor.writes(&format!("Line {n}")).await;
    }
    house.kill();
    house.start().await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("Line 10").await;
    let Some(second) = program(port, 0) else { return };
    until("what waited", || texts(&second).iter().any(|text| text == "Line 10")).await;
    until("nothing waits", || house.rows("SELECT count(*) FROM webhook_delivery WHERE state != 'done'") == ["0"]).await;
    ids.extend(second.all("event").into_iter().map(|event| event["id"].clone()));
    let different: BTreeSet<String> = ids.iter().map(Value::to_string).collect();
    assert_eq!((ids.len(), different.len()), (13, 13), "eleven lines and two conversations, each once: {ids:?}");
    assert_eq!(second.all("refused"), Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_sees_what_was_told_and_tells_it_again() {
    let Some(told) = program(0, 0) else { return };
    until("the program listens", || told.port().is_some()).await;
    let admin = "[[agents]]\nid = \"ada\"\nname = \"Ada\"\nrole = \"admin\"\n";
    let house = House::open(&format!("{admin}{}", business(told.port().unwrap_or_default()))).await;
    house.shows("SELECT id FROM webhook", &["crm"]).await;
    let Some(page) = Browser::at_the_desk(&house, "ada", AGENT_HZ).await else { return };
    page.go(&format!("http://{}/admin/webhooks", house.web)).await;
    page.reads("#webhook-crm", "Nothing told yet").await;
    Page::open(house.web, None).await.writes("<b>Hello</b>").await;
    until("it is told", || texts(&told) == ["<b>Hello</b>"]).await;
    page.click("#webhook-crm h2 a").await;
    page.reads(".devs", "message.received").await;
    page.click(".dev summary").await;
    page.reads(".dev pre", "\"text\": \"<b>Hello</b>\"").await;
    page.click(".dev .btn").await;
    until("it is told again", || texts(&told).len() == 2).await;
    let same: BTreeSet<String> =
        told.all("event").iter().filter(|e| e["type"] == "message.received").map(|e| e["id"].to_string()).collect();
    assert_eq!(same.len(), 1, "under the same name");
    page.click("form[action$='/try'] .btn").await;
    until("a trial", || told.all("event").iter().any(|event| event["type"] == "trial" && event["data"]["agent"] == json!("ada"))).await;
    house.close().await;
}
