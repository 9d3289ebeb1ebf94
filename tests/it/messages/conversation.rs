//! One conversation from the first line to its end.

use super::{HOUSE, on_duty, replies, takes};
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::visitor::{Page, ask};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_writes_and_is_answered() {
    let house = House::open(HOUSE).await;
    let visitor = Page::open(house.web, None).await;
    visitor.hears("welcome", "").await;
    let first = visitor.writes("Are you open on Sunday?").await;
    let waits = visitor.hears("waiting", "").await;
    assert_eq!(waits["position"], 1, "{waits}");
    let mara = on_duty(&house, "mara").await;
    let ring = mara.pushed("ring", "conversation/1/accept").await;
    assert!(ring["html"].as_str().is_some_and(|html| html.contains("Are you open on Sunday?")), "the card shows what was written: {ring}");
    takes(&mara, 1).await;
    let joined = visitor.hears("joined", "").await;
    assert_eq!(joined["agent"], "Mara Voss");
    mara.does("/work/conversation/1/read", &[("upto", &first.to_string())]).await;
    assert_eq!(visitor.hears("read", "").await["upto"], first);
    mara.say(json!({ "type": "typing", "conversation": 1 })).await;
    visitor.hears("typing", "true").await;
    replies(&mara, 1, "Yes, from ten to four.").await;
    let line = visitor.hears("message", "from ten to four").await["line"].clone();
    assert_eq!((&line["from"], &line["name"]), (&json!("agent"), &json!("Mara Voss")));
    let reply = line["id"].as_u64().expect("a number");
    visitor.sends(json!({ "type": "got", "upto": reply })).await;
    house.shows("SELECT delivery FROM message WHERE kind = 'out'", &["delivered"]).await;
    visitor.sends(json!({ "type": "read", "upto": reply })).await;
    house.shows("SELECT read_by_customer FROM conversation", &[&reply.to_string()]).await;
    visitor.writes("Thank you!").await;
    mara.does("/work/conversation/1/resolve", &[]).await;
    visitor.hears("ended", "").await;
    house
        .shows(
            "SELECT kind, agent, text FROM message ORDER BY id",
            &["in|-|Are you open on Sunday?", "out|mara|Yes, from ten to four.", "in|-|Thank you!"],
        )
        .await;
    house.shows("SELECT state, agent, resolved_by, channel FROM conversation", &["resolved|mara|mara|site"]).await;
    house.stands("mara Available 0/100").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_sent_twice_is_one_message() {
    let house = House::open(HOUSE).await;
    let visitor = Page::open(house.web, None).await;
    for _ in 0..3 {
        visitor.says("same-key", "Hello").await;
    }
    crate::rig::until("three answers", || visitor.frames("recorded").len() == 3).await;
    let ids: Vec<Value> = visitor.frames("recorded").iter().map(|frame| frame["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    // Also after the connection was lost.
    let token = visitor.close().await;
    let again = Page::open(house.web, Some(&token)).await;
    again.says("same-key", "Hello").await;
    assert_eq!(again.hears("recorded", "same-key").await["id"], ids[0]);
    house.shows("SELECT text FROM message", &["Hello"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_reply_sent_twice_is_one_reply() {
    let house = House::open(HOUSE).await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("Hello").await;
    let mara = on_duty(&house, "mara").await;
    takes(&mara, 1).await;
    for _ in 0..2 {
        mara.does("/work/conversation/1/reply", &[("text", "Good morning"), ("key", "page-1")]).await;
    }
    visitor.hears("message", "Good morning").await;
    house.shows("SELECT text FROM message WHERE kind = 'out'", &["Good morning"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_sees_the_history_and_who_serves() {
    let house = House::open(HOUSE).await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("I ordered a lock").await;
    let mara = on_duty(&house, "mara").await;
    takes(&mara, 1).await;
    crate::rig::until("the floor shows it", || !house.app.switchboard.floor().serving.is_empty()).await;
    let token = visitor.close().await;
    replies(&mara, 1, "Which one?").await;
    let again = Page::open(house.web, Some(&token)).await;
    let welcome = again.hears("welcome", "").await;
    let texts: Vec<&str> = welcome["history"].as_array().expect("history").iter().filter_map(|line| line["text"].as_str()).collect();
    assert_eq!(texts, ["I ordered a lock", "Which one?"]);
    assert_eq!(welcome["agent"], "Mara Voss");
    house.shows("SELECT count(*) FROM person", &["1"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_sockets_the_same_by_requests() {
    let house = House::open(HOUSE).await;
    let origin = format!("http://{}", house.web);
    let token = ask(house.web, &origin, None, "POST", "session", json!({ "token": null })).await.json()["token"]
        .as_str()
        .expect("a token")
        .to_owned();
    let say = json!({ "type": "message", "key": "p1", "text": "No sockets here", "page": null });
    let recorded = ask(house.web, &origin, Some(&token), "POST", "say", say).await.json();
    assert_eq!((&recorded["type"], &recorded["key"]), (&json!("recorded"), &json!("p1")));
    let mara = on_duty(&house, "mara").await;
    takes(&mara, 1).await;
    let (web, polled_origin, polled_token, after) = (house.web, origin.clone(), token.clone(), recorded["id"].clone());
    let poll = tokio::spawn(async move {
        let mut state = String::new();
        loop {
            let path = format!("hear?after={after}&state={state}");
            let frames = ask(web, &polled_origin, Some(&polled_token), "POST", &path, Value::Null).await.json();
            for frame in frames.as_array().expect("frames") {
                match frame["type"].as_str() {
                    Some("state") => state = frame["state"].as_str().expect("a state").to_owned(),
                    // As it came, or with what was missed between two polls.
                    Some("message") => return frame["line"]["text"].clone(),
                    Some("welcome") => {
                        if let Some(line) = frame["history"].as_array().and_then(|history| history.first()) {
                            return line["text"].clone();
                        }
                    }
                    _ => {}
                }
            }
        }
    });
    replies(&mara, 1, "We see you all the same").await;
    let heard = tokio::time::timeout(crate::rig::PATIENCE, poll).await.expect("in time").expect("no panic");
    assert_eq!(heard, "We see you all the same");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_handed_to_a_colleague_with_its_history() {
    let house = House::open(HOUSE).await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("My brake squeals").await;
    let mara = on_duty(&house, "mara").await;
    takes(&mara, 1).await;
    let sumi = on_duty(&house, "sumi").await;
    mara.does("/work/conversation/1/transfer", &[("to", "agent/sumi"), ("note", "front disc")]).await;
    takes(&sumi, 1).await;
    visitor.hears("joined", "Sumi Tanaka").await;
    assert_eq!(mara.post("/work/conversation/1/reply", &[("text", "too late"), ("key", "x")]).await.status, 409);
    let page = sumi.get("/inbox/conversation/1").await.text();
    assert!(page.contains("My brake squeals") && page.contains("front disc"), "{page}");
    replies(&sumi, 1, "Bring it in").await;
    visitor.hears("message", "Bring it in").await;
    house.shows("SELECT state, agent FROM conversation", &["serving|sumi"]).await;
    house.stands("mara Available 0/100").await;
    house.stands("sumi Available 25/100").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_of_a_chat_that_rings_at_once_shows_what_was_written() {
    let house = House::open(HOUSE).await;
    let mara = on_duty(&house, "mara").await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("Is the lamp in stock?").await;
    let ring = mara.pushed("ring", "conversation/1/accept").await;
    assert!(ring["html"].as_str().is_some_and(|html| html.contains("Is the lamp in stock?")), "{ring}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_leaves_is_said_to_have_left() {
    let house = House::open(HOUSE).await;
    let visitor = Page::open(house.web, None).await;
    visitor.writes("Never mind").await;
    let mara = on_duty(&house, "mara").await;
    takes(&mara, 1).await;
    visitor.leaves().await;
    house.shows("SELECT customer_left_at IS NOT NULL FROM conversation", &["1"]).await;
    let Some(browser) = Browser::at_the_desk(&house, "mara", 440.0).await else { return };
    browser.sees("#row-conversation-1.away").await;
    mara.does("/work/conversation/1/resolve", &[]).await;
    house.stands("mara Available 0/100").await;
    house.close().await;
}
