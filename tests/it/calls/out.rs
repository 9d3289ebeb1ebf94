//! Calls that agents make: to customers and to colleagues.

use super::{house_of, recording, way_out};
use crate::rig::deskphone::DeskPhone;
use crate::rig::phone::talk;
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, OTHER_AGENT_HZ, OUTSIDE_HZ, until};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_called_by_a_click_heard_and_recorded() {
    let (phone, customer) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OUTSIDE_HZ, false).await);
    let house = house_of(&[&phone], "", &way_out(&customer)).await;
    let dora = house.agent("dora").await;
    let answer = dora.post("/work/call", &[("number", "030 1234567")]).await;
    assert_eq!((answer.status, answer.header("location")), (201, "/inbox/call/1"), "{}", answer.text());
    // Her own leg first; she hears it ring.
    customer.rings().await;
    phone.hears_music(&[OUTSIDE_HZ]).await;
    customer.pick_up().await;
    phone.hears(OUTSIDE_HZ).await;
    customer.hears(AGENT_HZ).await;
    dora.does("/work/call/1/hold", &[("on", "true")]).await;
    customer.hears_music(&[AGENT_HZ]).await;
    dora.does("/work/call/1/hold", &[("on", "false")]).await;
    customer.hears(AGENT_HZ).await;
    phone.press('5').await;
    until("a key of the agent reaches the customer", || customer.keys() == "5").await;
    talk(Duration::from_millis(1_000)).await;
    customer.hang_up().await;
    phone.is_idle().await;
    house.quiet().await;
    house
        .tells(&[
            "person added",
            "call 1 from dora to +49301234567",
            "call 1 with dora",
            "call 1 dials +49301234567 for the customer",
            "call 1 answered",
            "call 1 joined by the customer",
            "call 1 recorded",
            "call 1 held true",
            "call 1 held false",
            "call 1 leaves dora",
            "call 1 ended by Customer: Normal",
        ])
        .await;
    house.shows("SELECT direction, queue, agent, waited_ms FROM call", &["outbound|sales|dora|-"]).await;
    house.shows("SELECT agent, bridged_at IS NOT NULL, ended_at IS NOT NULL FROM leg ORDER BY id", &["-|1|1", "dora|1|1"]).await;
    let recording = recording(&house).await;
    assert!(Recording::heard(&recording.left, OUTSIDE_HZ) > 1_500, "left is the customer");
    assert!(Recording::heard(&recording.right, AGENT_HZ) > 700, "right is the agent");
    dora.leave().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_busy_or_called_off_leaves_nothing_behind() {
    let (phone, customer) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OUTSIDE_HZ, false).await);
    let house = house_of(&[&phone], "", &way_out(&customer)).await;
    let dora = house.agent("dora").await;
    assert_eq!(dora.post("/work/call", &[("number", "*21*0301234567#")]).await.status, 409, "no star codes");
    dora.post("/work/call", &[("number", "0301234567")]).await;
    customer.refuse().await;
    phone.is_idle().await;
    house.shows("SELECT end_cause FROM call", &["not_reached"]).await;
    dora.post("/work/call", &[("number", "0301234567")]).await;
    customer.rings().await;
    dora.does("/work/call/2/hangup", &[]).await;
    customer.stops_ringing().await;
    phone.is_idle().await;
    house.quiet().await;
    house.shows("SELECT end_cause FROM call ORDER BY id", &["not_reached", "not_reached"]).await;
    house.shows("SELECT count(*) FROM callback", &["0"]).await;
    house.stands("dora Available 0/100").await;
    dora.leave().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn colleagues_call_each_other_and_nobody_records_it() {
    let (first, second) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, false).await);
    let house = house_of(&[&first, &second], "", "").await;
    let dora = house.agent("dora").await;
    assert_eq!(dora.post("/work/call", &[("colleague", "emil")]).await.status, 201);
    second.pick_up().await;
    first.hears(OTHER_AGENT_HZ).await;
    second.hears(AGENT_HZ).await;
    second.hang_up().await;
    first.is_idle().await;
    house.quiet().await;
    house.shows("SELECT direction, end_cause FROM call", &["internal|normal"]).await;
    house.shows("SELECT count(*) FROM recording", &["0"]).await;
    house.shows("SELECT agent, bridged_at IS NOT NULL FROM leg WHERE agent IS NOT NULL ORDER BY id", &["dora|1", "emil|1"]).await;
    dora.leave().await;
    house.close().await;
}
