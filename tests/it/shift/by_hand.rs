//! What an agent or a supervisor does by hand now and then: a script step by step, a list whose columns nobody can guess.

use super::{HOUSE, has_one};
use crate::rig::AGENT_HZ;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::http::request;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_script_leads_by_the_customers_answers() {
    let house = House::open(HOUSE).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    let visitor = has_one(&house, "mara", "My lamp is broken").await;
    let ada = house.agent("ada").await;
    let text = "# Greeting\nWhat is wrong with it?\n- It does not light -> Bulb\n- The shade is torn -> Shade\n# Bulb\nWe send a bulb.\n# Shade\nWe send a shade.";
    assert_eq!(ada.post("/scripts", &[("name", "Broken lamp"), ("queue", "sales"), ("text", text)]).await.status, 303);
    house.password("mara").await;
    desk.signs_in(&format!("http://{}", house.web), "mara").await;
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.click("#script").await;
    desk.reads("#scripttext p", "What is wrong with it?").await;
    // By keyboard: the second answer, which leads past the first one's step.
    let second = "const answers = [...document.querySelectorAll('#scripttext button')]; answers.find(el => el.textContent === 'The shade is torn').focus()";
    desk.run(second, json!([])).await;
    super::keys::press(&desk, &["\u{e007}"]).await;
    desk.reads("#scripttext h3", "Shade").await;
    desk.click("#scripttext .primary").await;
    desk.keys("#text", "\u{e009}\u{e007}").await;
    visitor.hears("message", "We send a shade.").await;
    desk.click("#scripttext .quiet").await;
    desk.reads("#scripttext h3", "Greeting").await;
    assert_eq!(house.rows("SELECT text FROM message WHERE kind = 'out'"), ["We send a shade."]);
    house.close().await;
}

/// Two pages look at one customer: each says who else is there, and that they write just now.
#[tokio::test(flavor = "multi_thread")]
async fn who_else_writes_is_said_before_both_have_answered() {
    let house = House::open(HOUSE).await;
    let Some(desk) = Browser::start(AGENT_HZ).await else { return };
    let _visitor = has_one(&house, "mara", "My lamp is broken").await;
    house.password("mara").await;
    desk.signs_in(&format!("http://{}", house.web), "mara").await;
    desk.go(&format!("http://{}/inbox/conversation/1", house.web)).await;
    desk.sees("#text").await;
    let sumi = house.agent("sumi").await;
    sumi.say(json!({ "type": "look", "path": "/people/1", "query": "", "person": 1 })).await;
    desk.reads("#also", "Sumi Tanaka").await;
    assert!(!desk.text().await.contains("is also writing"));
    // A note of hers, which is nobody's conversation.
    sumi.say(json!({ "type": "typing", "conversation": null })).await;
    desk.reads("#also", "Sumi Tanaka is also writing in this conversation").await;
    sumi.leave().await;
    desk.loses("#also:not([hidden])").await;
    house.close().await;
}

/// Titles in words of the house's own are guessed as nothing; what a supervisor says of them holds, for the look and for the run.
#[tokio::test(flavor = "multi_thread")]
async fn columns_nobody_can_guess_are_named_by_hand() {
    let house = House::open(&format!("{HOUSE}[dial]\ncountry = \"de\"\n")).await;
    let ada = house.agent("ada").await;
    let list = "Wer;Wo\r\nAnna;0151 2345678\r\nTom;0160 1234567\r\n";
    let headers = [("cookie", ada.cookie.as_str()), ("x-file-name", "alt.csv")];
    assert_eq!(request(house.web, "POST", "/people/import", &headers, list).await.status, 201);
    let look = ada.get("/people/import/1").await.text();
    assert!(look.contains("2 would be left out"), "{look}");
    // A column that there is not is refused, and changes nothing.
    assert_eq!(ada.post("/people/import/1/columns", &[("column0", "name"), ("column1", "shoes")]).await.status, 400);
    assert_eq!(ada.post("/people/import/1/columns", &[("column0", "name"), ("column1", "phone")]).await.status, 303);
    let look = ada.get("/people/import/1").await.text();
    assert!(look.contains("2 would be new"), "{look}");
    assert_eq!(house.rows("SELECT count(*) FROM person"), ["0"], "nothing is done before it was seen");
    assert_eq!(ada.post("/people/import/1/run", &[]).await.status, 303);
    house
        .shows(
            "SELECT p.name, i.value FROM person p JOIN identity i ON i.person = p.id ORDER BY p.id",
            &["Anna|+491512345678", "Tom|+491601234567"],
        )
        .await;
    house.close().await;
}
