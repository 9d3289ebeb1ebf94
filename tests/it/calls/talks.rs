//! Talks of more than two, listened to from every side: consult and hand-over, conference, numbers outside, parking.

use super::{house_of, recording, way_out};
use crate::rig::deskphone::DeskPhone;
use crate::rig::phone::{Caller, talk};
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ, OUTSIDE_HZ};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_consult_is_not_heard_by_the_customer_and_ends_in_the_colleagues_hands() {
    let (first, second) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, false).await);
    let house = house_of(&[&first, &second], "", "").await;
    let dora = house.agent("dora").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    dora.does("/work/call/1/consult", &[("to", "agent/emil"), ("note", "a discount?")]).await;
    caller.hears_music(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    first.hears_music(&[CUSTOMER_HZ]).await;
    second.pick_up().await;
    first.hears(OTHER_AGENT_HZ).await;
    second.hears(AGENT_HZ).await;
    caller.hears_music(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    assert!(second.share(CUSTOMER_HZ) < 0.1, "the customer is not heard in the consult");
    talk(Duration::from_millis(1_500)).await;
    dora.does("/work/call/1/swap", &[]).await;
    caller.hears(AGENT_HZ).await;
    first.hears(CUSTOMER_HZ).await;
    second.hears_music(&[AGENT_HZ, CUSTOMER_HZ]).await;
    dora.does("/work/call/1/swap", &[]).await;
    second.hears(AGENT_HZ).await;
    dora.does("/work/call/1/complete", &[]).await;
    first.is_idle().await;
    caller.hears(OTHER_AGENT_HZ).await;
    second.hears(CUSTOMER_HZ).await;
    talk(Duration::from_millis(1_000)).await;
    caller.hang_up().await;
    second.is_idle().await;
    house.quiet().await;
    house
        .shows("SELECT agent, bridged_at IS NOT NULL, ended_at IS NOT NULL FROM leg ORDER BY id", &["-|1|1", "dora|1|1", "emil|1|1"])
        .await;
    house
        .shows(
            "SELECT kind, agent FROM chapter ORDER BY id",
            &["talk|dora", "consult|emil", "joined|emil", "consult_end|dora", "talk|emil"],
        )
        .await;
    let recording = recording(&house).await;
    assert!(Recording::heard(&recording.left, CUSTOMER_HZ) > 3_000, "the customer throughout");
    let (said, after) = (Recording::heard(&recording.right, AGENT_HZ), Recording::heard(&recording.right, OTHER_AGENT_HZ));
    assert!(said > 300 && after > 700, "{said} and {after} ms");
    let begins = Recording::stretch(&recording.right, OTHER_AGENT_HZ).0;
    assert!(begins > 2_000, "the colleague is in the recording only once they talk to the customer: from {begins} ms");
    dora.leave().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_conference_each_hears_all_others() {
    let (first, second) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let outside = DeskPhone::new(OUTSIDE_HZ, true).await;
    let house = house_of(&[&first, &second], "", &way_out(&outside)).await;
    let dora = house.agent("dora").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    dora.does("/work/call/1/add", &[("to", "agent/emil")]).await;
    caller.hears_all(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    first.hears_all(&[CUSTOMER_HZ, OTHER_AGENT_HZ]).await;
    second.hears_all(&[CUSTOMER_HZ, AGENT_HZ]).await;
    dora.does("/work/call/1/add", &[("to", "outside/030 999888")]).await;
    outside.hears_all(&[CUSTOMER_HZ, AGENT_HZ, OTHER_AGENT_HZ]).await;
    caller.hears_all(&[AGENT_HZ, OTHER_AGENT_HZ, OUTSIDE_HZ]).await;
    // Whoever holds is not heard and hears nothing; the others go on.
    dora.does("/work/call/1/hold", &[("on", "true")]).await;
    caller.hears_all(&[OTHER_AGENT_HZ, OUTSIDE_HZ]).await;
    first.forget();
    talk(Duration::from_millis(700)).await;
    assert!(first.share(CUSTOMER_HZ) < 0.1 && caller.share(AGENT_HZ) < 0.1, "on hold");
    dora.does("/work/call/1/hold", &[("on", "false")]).await;
    first.hears_all(&[CUSTOMER_HZ, OTHER_AGENT_HZ, OUTSIDE_HZ]).await;
    dora.does("/work/call/1/remove", &[("party", "outside/1")]).await;
    outside.is_idle().await;
    dora.does("/work/call/1/leave", &[]).await;
    first.is_idle().await;
    caller.hears(OTHER_AGENT_HZ).await;
    second.hears(CUSTOMER_HZ).await;
    second.hang_up().await;
    house.quiet().await;
    house.shows("SELECT ended_by, agent FROM call", &["agent|emil"]).await;
    house.shows("SELECT agent, outside FROM leg ORDER BY id", &["-|-", "dora|-", "emil|-", "-|+4930999888"]).await;
    let talked = house.rows("SELECT max(ended_at) - min(bridged_at) FROM leg").remove(0).parse::<usize>().expect("ms");
    let recorded = recording(&house).await.millis();
    assert!(recorded.abs_diff(talked) < 500, "one recording for all of it: {recorded} of {talked} ms");
    dora.leave().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn handed_on_to_a_number_outside_and_back_when_it_is_not_reached() {
    let (phone, outside) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OUTSIDE_HZ, false).await);
    let house = house_of(&[&phone], "", &way_out(&outside)).await;
    let dora = house.agent("dora").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    dora.does("/work/call/1/transfer", &[("to", "outside/+49 30 999888")]).await;
    outside.rings().await;
    caller.hears_music(&[AGENT_HZ, OUTSIDE_HZ]).await;
    outside.refuse().await;
    // Back to the one who handed on.
    caller.hears(AGENT_HZ).await;
    dora.does("/work/call/1/consult", &[("to", "outside/+49 30 999888")]).await;
    outside.pick_up().await;
    outside.hears(AGENT_HZ).await;
    dora.does("/work/call/1/digits", &[("digits", "3")]).await;
    crate::rig::until("a key reaches the number that is consulted", || outside.keys() == "3").await;
    dora.does("/work/call/1/complete", &[]).await;
    phone.is_idle().await;
    caller.hears(OUTSIDE_HZ).await;
    outside.hears(CUSTOMER_HZ).await;
    talk(Duration::from_millis(1_000)).await;
    outside.hang_up().await;
    caller.hung_up_on().await;
    house.quiet().await;
    house.shows("SELECT ended_by, end_cause FROM call", &["outside|normal"]).await;
    let recording = recording(&house).await;
    assert!(Recording::heard(&recording.right, OUTSIDE_HZ) < 300, "what strangers say to each other is not recorded");
    dora.leave().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_customer_has_music_until_a_colleague_fetches_them() {
    let (first, second) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let house = house_of(&[&first, &second], "", "").await;
    let (dora, emil) = (house.agent("dora").await, house.agent("emil").await);
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    let parked = dora.post("/work/call/1/park", &[]).await;
    assert_eq!((parked.status, parked.text().as_str()), (200, "701"));
    first.is_idle().await;
    caller.hears_music(&[AGENT_HZ]).await;
    house.shows("SELECT state FROM call", &["parked"]).await;
    assert_eq!(emil.post("/work/pickup", &[("slot", "702")]).await.status, 409);
    assert_eq!(emil.post("/work/pickup", &[("slot", "701")]).await.status, 201);
    caller.hears(OTHER_AGENT_HZ).await;
    second.hears(CUSTOMER_HZ).await;
    caller.hang_up().await;
    house.quiet().await;
    dora.leave().await;
    emil.leave().await;
    house.close().await;
}
