//! Calls that agents make: to customers and to colleagues.

use super::{house_of, recording, way_out};
use crate::rig::deskphone::DeskPhone;
use crate::rig::phone::{Caller, talk};
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ, OUTSIDE_HZ, until};
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
async fn what_is_said_before_the_answer_is_heard_by_whoever_waits() {
    let (phone, outside) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OUTSIDE_HZ, false).await);
    let house = house_of(&[&phone], "", &way_out(&outside)).await;
    let dora = house.agent("dora").await;
    dora.post("/work/call", &[("number", "0301234567")]).await;
    outside.rings().await;
    phone.hears_music(&[OUTSIDE_HZ]).await;
    outside.says_before_answering().await;
    phone.hears(OUTSIDE_HZ).await;
    house.shows("SELECT bridged_at FROM leg ORDER BY id", &["-", "-"]).await;
    // "The number you have dialled …", and then a refusal.
    outside.refuse().await;
    phone.is_idle().await;
    house.quiet().await;
    house.shows("SELECT end_cause FROM call", &["not_reached"]).await;
    // A caller who is handed on outside hears it likewise, and then whoever answers.
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    dora.does("/work/call/2/transfer", &[("to", "outside/0301234567")]).await;
    outside.rings().await;
    caller.hears_music(&[AGENT_HZ, OUTSIDE_HZ]).await;
    outside.says_before_answering().await;
    caller.hears(OUTSIDE_HZ).await;
    assert!(!house.story().iter().any(|line| line.contains("joined by outside")), "{}", house.told());
    outside.pick_up().await;
    outside.hears(CUSTOMER_HZ).await;
    caller.hears(OUTSIDE_HZ).await;
    caller.hang_up().await;
    outside.is_idle().await;
    house.quiet().await;
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

/// A trunk with a minute a day of which seconds are left: who talks is told, and let go when they are gone; nobody is called after that.
#[tokio::test(flavor = "multi_thread")]
async fn a_running_call_ends_with_the_minutes_of_its_trunks_day() {
    let (phone, customer) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OUTSIDE_HZ, true).await);
    let way = way_out(&customer).replace("allow = [\"any\"]", "allow = [\"any\"]\nminutes_per_day = 1");
    let house = house_of(&[&phone], "", &way).await;
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
    let spent = serde_json::json!({ "day": today, "calls": 3, "talked_ms": 38_000 }).to_string();
    let house = house.again_after(|db| {
        let put = "INSERT INTO live (key, state) VALUES ('trunk/out', ?1) ON CONFLICT (key) DO UPDATE SET state = excluded.state";
        db.execute(put, [spent]).expect("written");
    });
    let house = house.await;
    let dora = house.agent("dora").await;
    let answer = dora.post("/work/call", &[("number", "030 1234567")]).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    phone.hears(OUTSIDE_HZ).await;
    customer.hears(AGENT_HZ).await;
    talk(Duration::from_secs(10)).await;
    phone.is_idle().await;
    house.quiet().await;
    let talked = house.rows("SELECT ended_at - bridged_at FROM call").remove(0).parse::<i64>().expect("a length");
    assert!((21_000..25_000).contains(&talked), "{talked} ms");
    house.shows("SELECT ended_by, end_cause FROM call", &["system|normal"]).await;
    let order = "SELECT group_concat(kind, ' ') FROM (SELECT kind FROM event WHERE kind LIKE 'call.limit%' ORDER BY seq)";
    house.shows(order, &["call.limit_near call.limit_reached"]).await;
    // Both heard that there is little left.
    let recording = recording(&house).await;
    assert!(Recording::heard(&recording.left, OUTSIDE_HZ) > 3_000 && Recording::heard(&recording.right, AGENT_HZ) > 3_000);
    let refused = dora.post("/work/call", &[("number", "030 1234567")]).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    house.shows("SELECT count(*) FROM call", &["1"]).await;
    assert_eq!(customer.rung(), 1, "nobody is called any more");
    dora.leave().await;
    house.close().await;
}
