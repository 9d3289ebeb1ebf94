//! The agent hangs up and the caller stays on the line: they hear the question, press a key, hear goodbye, and are let go; the agent is free
//! meanwhile, and what is recorded ends with the talk.

use super::{house_of, recording};
use crate::rig::deskphone::DeskPhone;
use crate::rig::phone::{Caller, talk};
use crate::rig::{AGENT_HZ, CUSTOMER_HZ};
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
