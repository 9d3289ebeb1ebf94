//! Real telephones: SIPp and baresip, as callers and as desk phones.

use super::{house_of, recording};
use crate::rig::baresip::Baresip;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::phone::{Caller, talk};
use crate::rig::sipp::Sipp;
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ};
use std::net::SocketAddr;
use std::time::Duration;

async fn house_with(phone: SocketAddr) -> House {
    House::open(&format!(
        "[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n[[queues]]\nid = \"sales\"\nname = \"Sales\"\nrecord = true\nwrap_up = \"0s\"\n\
         [[agents]]\nid = \"dora\"\nname = \"Dora\"\nqueues = [\"sales\"]\nphone = \"sip:desk@{phone}\"\nalways_available = true\n"
    ))
    .await
}

async fn both_sides_are_recorded(house: &House) {
    let recording = recording(house).await;
    let (left, right) = (Recording::heard(&recording.left, CUSTOMER_HZ), Recording::heard(&recording.right, AGENT_HZ));
    assert!(left > 1_000 && right > 1_000, "left {left} ms, right {right} ms of {} ms", recording.millis());
}

#[tokio::test(flavor = "multi_thread")]
async fn sipp_is_the_desk_phone() {
    let Some(phone) = Sipp::desk_phone(AGENT_HZ).await else { return };
    let house = house_with(phone.address).await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    phone.audio.hears(CUSTOMER_HZ).await;
    talk(Duration::from_secs(1)).await;
    caller.hang_up().await;
    phone.succeeds().await;
    house.quiet().await;
    both_sides_are_recorded(&house).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn baresip_is_the_desk_phone() {
    let Some(mut phone) = Baresip::desk_phone(AGENT_HZ) else { return };
    let house = house_with(phone.address).await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    talk(Duration::from_secs(3)).await;
    caller.hang_up().await;
    house.quiet().await;
    house.shows("SELECT agent, ended_by, end_cause FROM call", &["dora|customer|normal"]).await;
    phone.quit().await;
    assert!(phone.heard(CUSTOMER_HZ) > 1_000, "baresip heard the customer for {} ms\n{}", phone.heard(CUSTOMER_HZ), phone.log());
    both_sides_are_recorded(&house).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn baresip_calls() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = house_of(&[&phone], "", "").await;
    let Some(mut caller) = Baresip::caller(house.sip, "4001", "+4930444", CUSTOMER_HZ) else { return };
    phone.hears(CUSTOMER_HZ).await;
    talk(Duration::from_secs(3)).await;
    caller.quit().await;
    phone.is_idle().await;
    house.quiet().await;
    assert!(caller.heard(AGENT_HZ) > 1_000, "baresip heard the agent for {} ms\n{}", caller.heard(AGENT_HZ), caller.log());
    house.shows("SELECT caller, agent, ended_by, end_cause FROM call", &["+4930444|dora|customer|normal"]).await;
    both_sides_are_recorded(&house).await;
    house.close().await;
}

/// A telephone that speaks nothing that the agent's does: each hears the other all the same, and the recording both.
async fn baresip_calls_in(codec: &str, from: &str) {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = house_of(&[&phone], "", "").await;
    let Some(mut caller) = Baresip::caller_speaking(codec, house.sip, "4001", from, CUSTOMER_HZ) else { return };
    phone.hears(CUSTOMER_HZ).await;
    talk(Duration::from_secs(3)).await;
    caller.quit().await;
    phone.is_idle().await;
    house.quiet().await;
    assert!(caller.heard(AGENT_HZ) > 1_000, "baresip heard the agent for {} ms\n{}", caller.heard(AGENT_HZ), caller.log());
    assert!(caller.log().to_lowercase().contains(codec), "{}", caller.log());
    both_sides_are_recorded(&house).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn baresip_calls_in_g722() {
    baresip_calls_in("g722", "+4930447").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn baresip_calls_in_opus() {
    baresip_calls_in("opus", "+4930448").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sipp_calls_a_queue_over_tcp() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = house_of(&[&phone], "", "").await;
    let Some(caller) = Sipp::caller_by_tcp(house.sip_tcp, "4001", "+4930445", CUSTOMER_HZ, Duration::from_secs(4)).await else { return };
    phone.hears(CUSTOMER_HZ).await;
    caller.audio.hears(AGENT_HZ).await;
    caller.succeeds().await;
    phone.is_idle().await;
    house.quiet().await;
    house.shows("SELECT caller, agent, ended_by, end_cause FROM call", &["+4930445|dora|customer|normal"]).await;
    both_sides_are_recorded(&house).await;
    house.close().await;
}
