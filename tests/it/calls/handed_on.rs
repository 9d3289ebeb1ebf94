//! What an agent does with a call: hold, transfer, keys, pausing the recording.

use super::{house_of, recording};
use crate::rig::deskphone::DeskPhone;
use crate::rig::phone::{Caller, talk};
use crate::rig::sipp::Sipp;
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ, until};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_to_a_colleague_keeps_audio_and_recording() {
    let (first, second) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, false).await);
    let house = house_of(&[&first, &second], "", "").await;
    let dora = house.agent("dora").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    talk(Duration::from_millis(1_500)).await;
    dora.does("/work/call/1/transfer", &[("to", "agent/emil"), ("note", "wants the blue one")]).await;
    first.is_idle().await;
    caller.hears_music(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    second.pick_up().await;
    caller.hears(OTHER_AGENT_HZ).await;
    second.hears(CUSTOMER_HZ).await;
    talk(Duration::from_millis(1_500)).await;
    caller.hang_up().await;
    house.quiet().await;
    let story = house.story();
    let after = story.iter().skip_while(|line| !line.contains("transferred")).map(String::as_str).collect::<Vec<_>>();
    assert_eq!(
        after,
        [
            "call 1 transferred by dora to emil",
            "call 1 leaves dora",
            "call 1 waits in sales at the head (Transferred)",
            "call 1 offered to emil",
            "call 1 Accepted by emil",
            "call 1 with emil",
            "call 1 leaves emil",
            "call 1 ended by Customer: Normal",
        ]
    );
    house.shows("SELECT agent, ended_at IS NOT NULL FROM leg ORDER BY id", &["-|1", "dora|1", "emil|1"]).await;
    let recording = recording(&house).await;
    assert!(Recording::heard(&recording.left, CUSTOMER_HZ) > 2_500, "the customer throughout");
    assert!(Recording::heard(&recording.right, AGENT_HZ) > 1_000 && Recording::heard(&recording.right, OTHER_AGENT_HZ) > 1_000);
    assert!(
        Recording::stretch(&recording.right, AGENT_HZ).1 <= Recording::stretch(&recording.right, OTHER_AGENT_HZ).0,
        "one after the other"
    );
    dora.leave().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_to_a_queue_reaches_its_agent() {
    let (first, second) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let other = format!(
        "[[queues]]\nid = \"workshop\"\nname = \"Workshop\"\nwrap_up = \"0s\"\n[[agents]]\nid = \"wim\"\nname = \"Wim\"\nqueues = [\"workshop\"]\nphone = \"{}\"\nalways_available = true\n",
        second.uri()
    );
    let house = house_of(&[&first], "", &other).await;
    let dora = house.agent("dora").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    assert_eq!(dora.post("/work/call/1/transfer", &[("to", "queue/nowhere")]).await.status, 409);
    dora.does("/work/call/1/transfer", &[("to", "queue/workshop")]).await;
    caller.hears(OTHER_AGENT_HZ).await;
    second.hears(CUSTOMER_HZ).await;
    caller.hang_up().await;
    house.quiet().await;
    house.shows("SELECT queue, agent FROM call", &["workshop|wim"]).await;
    dora.leave().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hold_gives_music_and_takes_the_customer_out_of_hearing() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = house_of(&[&phone], "", "").await;
    let dora = house.agent("dora").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    phone.hears(CUSTOMER_HZ).await;
    dora.does("/work/call/1/hold", &[("on", "true")]).await;
    caller.hears_music(&[AGENT_HZ]).await;
    phone.forget();
    talk(Duration::from_millis(800)).await;
    assert!(phone.share(CUSTOMER_HZ) < 0.1, "on hold the agent hears nothing");
    dora.does("/work/call/1/hold", &[("on", "false")]).await;
    caller.hears(AGENT_HZ).await;
    phone.hears(CUSTOMER_HZ).await;
    assert!(house.story().iter().any(|line| line == "call 1 held true") && house.story().iter().any(|line| line == "call 1 held false"));
    caller.hang_up().await;
    house.quiet().await;
    house.shows("SELECT hold_ms > 500, held_since FROM leg WHERE agent = 'dora'", &["1|-"]).await;
    dora.leave().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customers_keys_reach_the_desk_and_the_agent() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = house_of(&[&phone], "", "").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    caller.press("42#").await;
    until("the customer's keys reach the desk phone", || phone.keys() == "42#").await;
    let digits = || house.story().into_iter().filter(|line| line.contains("digit")).collect::<Vec<_>>();
    until("the desk hears the keys", || digits() == ["call 1 digit 4", "call 1 digit 2", "call 1 digit #"]).await;
    caller.hang_up().await;
    house.quiet().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agents_keys_reach_the_customer() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = house_of(&[&phone], "", "").await;
    let dora = house.agent("dora").await;
    let Some(caller) = Sipp::caller(house.sip, "4001", "+491", CUSTOMER_HZ, Duration::from_secs(60)).await else { return };
    caller.audio.hears(AGENT_HZ).await;
    phone.press('7').await;
    until("a key of the desk phone reaches the customer", || caller.audio.keys() == "7").await;
    dora.does("/work/call/1/digits", &[("digits", "12#")]).await;
    until("keys of the page reach the customer", || caller.audio.keys() == "712#").await;
    dora.does("/work/call/1/hangup", &[]).await;
    house.quiet().await;
    house.shows("SELECT ended_by, end_cause FROM call", &["agent|normal"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_recording_keeps_quiet_and_keeps_time() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = house_of(&[&phone], "", "").await;
    let dora = house.agent("dora").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    dora.does("/work/call/1/record", &[("on", "true")]).await;
    talk(Duration::from_secs(3)).await;
    dora.does("/work/call/1/record", &[("on", "false")]).await;
    talk(Duration::from_secs(1)).await;
    caller.hang_up().await;
    house.quiet().await;
    let recording = recording(&house).await;
    let heard = Recording::heard(&recording.left, CUSTOMER_HZ);
    assert!(heard + 2_500 < recording.millis() && heard > 700, "{heard} of {} ms", recording.millis());
    dora.leave().await;
    house.close().await;
}
