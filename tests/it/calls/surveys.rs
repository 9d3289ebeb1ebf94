//! The agent hangs up and the caller stays on the line: they hear the question, press a key, hear goodbye, and are let go; the agent is free
//! meanwhile, and what is recorded ends with the talk.

use super::pages::{HOUSE, in_a_talk};
use super::{house_of, recording};
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::phone::{Caller, talk};
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, PATIENCE};
use serde_json::json;
use std::time::{Duration, Instant};

const SURVEY: &str = "[[surveys]]\nid = \"after\"\ntalked = \"1s\"\nonce = \"0s\"\n[surveys.low]\nticket = {}\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_key_answers_after_the_agent_has_hung_up() {
    let dora = DeskPhone::new(AGENT_HZ, true).await;
    let house = house_of(&[&dora], SURVEY, "").await;
    let caller = Caller::dial(house.sip, "4001", "+4930111222", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    dora.hears(CUSTOMER_HZ).await;
    talk(Duration::from_millis(1_500)).await;
    dora.hang_up().await;
    house.shows("SELECT by, agent, queue, channel, score FROM survey", &["keys|dora|sales|calls|-"]).await;
    // A voice, and nobody's tone.
    let asked = Instant::now();
    talk(Duration::from_millis(1_500)).await;
    assert!(caller.music(asked, Instant::now(), AGENT_HZ) > Duration::from_millis(400), "the question is not heard");
    dora.is_idle().await;
    caller.press("2").await;
    house.shows("SELECT score, low, ticket FROM survey", &["2|1|1"]).await;
    let thanked = Instant::now();
    talk(Duration::from_millis(1_500)).await;
    assert!(caller.music(thanked, Instant::now(), AGENT_HZ) > Duration::from_millis(400), "goodbye is not heard");
    caller.hung_up_on().await;
    house.quiet().await;
    let kept = recording(&house).await;
    assert!(kept.millis() < 5_000, "the recording goes on after the talk: {} ms", kept.millis());
    house.shows("SELECT ended_by, end_cause FROM call", &["system|normal"]).await;

    // Who hangs up first is asked nothing on the line, and has no number that takes texts here.
    let second = Caller::dial(house.sip, "4001", "+4930111333", CUSTOMER_HZ).await;
    second.hears(AGENT_HZ).await;
    talk(Duration::from_millis(1_500)).await;
    second.hang_up().await;
    house.quiet().await;
    house.shows("SELECT count(*) FROM survey", &["1"]).await;
    house.close().await;
}

const RATE: &str = "document.querySelector('#hubline-chat').shadowRoot.querySelector('.call [data-act=rate]')";

/// Who calls from a page presses no keys after the talk: the page asks them, whoever has hung up.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_asks_whoever_called_from_it() {
    for agent_ends in [true, false] {
        let house = House::open(&format!("{HOUSE}{SURVEY}")).await;
        let Some((mara, visitor)) = in_a_talk(&house).await else { return };
        talk(Duration::from_millis(1_200)).await;
        if agent_ends {
            mara.click("#end").await;
        } else {
            visitor.click_inside("[data-act=hangup]").await;
        }
        house.quiet().await;
        visitor.reads_inside("The call has ended").await;
        visitor.has_inside(".call [data-act=rate]").await;
        house.shows("SELECT by, agent, queue, channel, score FROM survey", &["window|mara|sales|calls|-"]).await;
        let shown = visitor.run(&format!("const a = {RATE}; return [a.textContent, a.target, a.rel, a.tagName]"), json!([])).await;
        assert_eq!(shown, json!(["Rate this call", "_blank", "noopener", "A"]));
        // It stays where it is, however the former connection ends.
        talk(Duration::from_millis(1_500)).await;
        let link = visitor.run(&format!("return {RATE}?.href ?? null"), json!([])).await.as_str().expect("an address").to_owned();
        let path = link.get(link.find("/survey/").expect("a survey")..).expect("a path").to_owned();
        // As their browser opens it: the page of every survey, which needs no script.
        visitor.go(&format!("http://{}{path}", house.web)).await;
        visitor.reads("body", "How content are you").await;
        visitor.run("document.querySelector('input[name=score][value=\"4\"]').click()", json!([])).await;
        visitor.run("document.querySelector('form').requestSubmit()", json!([])).await;
        let answered = Instant::now();
        while house.rows("SELECT score FROM survey") != ["4"] {
            assert!(answered.elapsed() < PATIENCE, "the answer is not kept: {}", visitor.text().await);
            talk(Duration::from_millis(100)).await;
        }
        house.close().await;
    }
}
