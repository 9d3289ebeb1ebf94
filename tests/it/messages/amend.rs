//! Agents edit and recall what they have written: the customer sees it, in the window and on a platform, and what failed says so.

use super::{HOUSE, on_duty, replies, takes};
use crate::rig::AGENT_HZ;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::http::request;
use hubline::sim::plan::Plan;
use hubline::sim::telegram::Telegram;
use serde_json::json;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);
const OURS: &str = "SELECT text, changed, delivery FROM message WHERE kind = 'out' ORDER BY id";
const AMENDED: &str = "SELECT message, text, was, delivery FROM amendment ORDER BY id";

fn by_bot(sim: &Telegram) -> String {
    format!(
        "[[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n[[channels]]\nkind = \"telegram\"\nid = \"tg\"\nqueue = \"sales\"\n[channels.telegram]\n\
         token = \"4242:amend\"\nbase_url = \"{}\"\npoll_wait = \"2s\"\n[[agents]]\nid = \"mara\"\nqueues = [\"sales\"]\n",
        sim.url()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn telegram_shows_what_an_agent_has_made_of_a_message() {
    let sim = Telegram::open("4242:amend", Plan::default()).await.expect("a simulator");
    let house = House::open(&by_bot(&sim)).await;
    let mara = on_duty(&house, "mara").await;
    sim.customer_writes(777, "Is it ready?");
    takes(&mara, 1).await;
    replies(&mara, 1, "It is raedy.").await;
    house.shows(OURS, &["It is raedy.|-|sent"]).await;
    // The answer is lost: it is asked again, and done once.
    sim.cuts_next_amendment();
    let edit = "/work/conversation/1/edit";
    mara.does(edit, &[("message", "2"), ("text", "It is ready.")]).await;
    sim.shows(&["It is ready."], PATIENCE).await;
    house.shows(OURS, &["It is ready.|edited|sent"]).await;
    house.shows(AMENDED, &["2|It is ready.|It is raedy.|sent"]).await;
    let customers = mara.post(edit, &[("message", "1"), ("text", "It was ready.")]).await;
    assert_eq!(customers.status, 409, "{}", customers.text());
    // What was taken back, or got other words, while it waited behind another one, goes out so, or not at all.
    sim.is_flooded(true);
    for text in ["One moment", "Wrong window", "See yuo"] {
        replies(&mara, 1, text).await;
    }
    mara.does("/work/conversation/1/recall", &[("message", "5")]).await;
    mara.does(edit, &[("message", "6"), ("text", "See you")]).await;
    sim.is_flooded(false);
    sim.shows(&["It is ready.", "One moment", "See you"], PATIENCE).await;
    mara.does("/work/conversation/1/recall", &[("message", "2")]).await;
    sim.shows(&["One moment", "See you"], PATIENCE).await;
    house.shows(OURS, &["|recalled|sent", "One moment|-|sent", "|recalled|failed", "See you|edited|sent"]).await;
    let amended: Vec<String> = sim.refused().into_iter().filter(|why| why.contains("Message")).collect();
    assert!(amended.iter().all(|why| why.contains("not modified")), "{amended:?}");
    let again = mara.post("/work/conversation/1/recall", &[("message", "2")]).await;
    assert!(again.status == 409 && again.text().contains("already"), "{} {}", again.status, again.text());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_platform_refuses_stays_as_the_customer_sees_it() {
    let sim = Telegram::open("4242:amend", Plan::default()).await.expect("a simulator");
    let house = House::open(&by_bot(&sim)).await;
    let mara = on_duty(&house, "mara").await;
    sim.customer_writes(777, "Is it ready?");
    takes(&mara, 1).await;
    replies(&mara, 1, "It is.").await;
    house.shows(OURS, &["It is.|-|sent"]).await;
    sim.pass(Duration::from_secs(49 * 3_600));
    mara.does("/work/conversation/1/recall", &[("message", "2")]).await;
    house.shows("SELECT delivery FROM amendment", &["failed"]).await;
    house.shows(OURS, &["It is.|-|sent"]).await;
    mara.pushed("amended", "The customer still sees this message").await;
    sim.shows(&["It is."], PATIENCE).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_sees_what_an_agent_edits_and_recalls() {
    let house = House::open(HOUSE).await;
    let Some(visitor) = Browser::start(AGENT_HZ).await else { return };
    super::widget::opens_the_window(&visitor, house.web).await;
    super::widget::types(&visitor, "Where is my order?").await;
    house.shows("SELECT text FROM message", &["Where is my order?"]).await;
    let desk = Browser::at_the_desk(&house, "sumi", AGENT_HZ).await.expect("a browser, as before");
    let sumi = on_duty(&house, "sumi").await;
    takes(&sumi, 1).await;
    replies(&sumi, 1, "On its wya.").await;
    visitor.reads_inside("On its wya.").await;
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.sees("#message-2 .msgm").await;
    desk.run(
        "document.querySelector('#message-2 .msgm').open = true; document.querySelector('#message-2 [data-amend]').click()",
        json!([]),
    )
    .await;
    let written = "const text = document.querySelector('#amendtext'), was = text.value; text.value = 'On its way.'; text.form.requestSubmit(); return was";
    assert_eq!(desk.run(written, json!([])).await, json!("On its wya."));
    visitor.reads_inside("On its way.\nEdited").await;
    desk.reads("#message-2", "Edited by you").await;
    super::widget::opens_the_window(&visitor, house.web).await;
    visitor.reads_inside("On its way.\nEdited").await;
    desk.run(
        "document.querySelector('#message-2 .msgm').open = true; document.querySelector('#message-2 .msgm [data-post]').click()",
        json!([]),
    )
    .await;
    visitor.reads_inside("This message was recalled").await;
    desk.reads("#message-2", "This message was recalled.").await;
    desk.loses("#message-2 .msgm").await;
    super::widget::opens_the_window(&visitor, house.web).await;
    visitor.reads_inside("This message was recalled").await;
    assert!(!visitor.inside().await.contains("On its way."), "nothing of it is left");
    house.shows(AMENDED, &["2|On its way.|On its wya.|sent", "2|-|On its way.|sent"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_asks_hears_of_what_became_different_once() {
    let house = House::open(HOUSE).await;
    let mara = on_duty(&house, "mara").await;
    let origin = ("origin", "https://shop.example");
    let kind = ("content-type", "application/json");
    let session = request(house.web, "POST", "/chat/site/session", &[origin, kind], "{}").await.json();
    let bearer = format!("Bearer {}", session["token"].as_str().expect("a token"));
    let headers = [origin, kind, ("authorization", bearer.as_str())];
    let says = json!({ "type": "message", "key": "k", "text": "Where is it?" }).to_string();
    request(house.web, "POST", "/chat/site/say", &headers, says).await;
    takes(&mara, 1).await;
    replies(&mara, 1, "Hree.").await;
    house.shows(OURS, &["Hree.|-|sent"]).await;
    let hear = async |query: &str| request(house.web, "POST", &format!("/chat/site/hear{query}"), &headers, "{}").await.json();
    let first = hear("").await;
    let known =
        |frames: &serde_json::Value| frames.as_array().and_then(|all| all.last()?["state"].as_str().map(str::to_owned)).expect("a state");
    mara.does("/work/conversation/1/edit", &[("message", "2"), ("text", "Here.")]).await;
    house.shows(OURS, &["Here.|edited|sent"]).await;
    let second = hear(&format!("?after=2&state={}", known(&first))).await;
    let line = &second[0]["history"][0];
    assert_eq!((&line["id"], &line["text"], &line["changed"]), (&json!(2), &json!("Here."), &json!("edited")), "{second}");
    mara.does("/work/conversation/1/recall", &[("message", "2")]).await;
    house.shows(OURS, &["|recalled|sent"]).await;
    let third = hear(&format!("?after=2&state={}", known(&second))).await;
    let line = &third[0]["history"][0];
    assert_eq!((&line["text"], &line["changed"]), (&json!(""), &json!("recalled")), "{third}");
    house.close().await;
}
