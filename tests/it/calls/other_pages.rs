//! Pages that are no Chromium: aiortc, another implementation of ICE, DTLS and SRTP, behind the chat's own signalling, for customers; Firefox at
//! the desk.

use super::recording;
use crate::rig::aiortc::Aiortc;
use crate::rig::browser::Browser;
use crate::rig::deskphone::DeskPhone;
use crate::rig::firefox::Firefox;
use crate::rig::house::{House, Ports, machine};
use crate::rig::phone::{Caller, talk};
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, until};
use std::time::{Duration, Instant};

fn business(agent: &str) -> String {
    format!(
        "[[queues]]\nid = \"sales\"\nname = \"Sales\"\nrecord = true\nwrap_up = \"0s\"\n\
         [[channels]]\nkind = \"webchat\"\nid = \"site\"\nqueue = \"sales\"\n[channels.calls]\n\
         [[agents]]\nid = \"mara\"\nname = \"Mara Voss\"\nqueues = [\"sales\"]\n{agent}\n"
    )
}

async fn both_were_recorded(house: &House) {
    let recording = recording(house).await;
    let (left, right) = (Recording::heard(&recording.left, CUSTOMER_HZ), Recording::heard(&recording.right, AGENT_HZ));
    assert!(left > 1_000 && right > 1_000, "left {left} ms, right {right} ms of {} ms", recording.millis());
    assert!(Recording::heard(&recording.left, AGENT_HZ) == 0 && Recording::heard(&recording.right, CUSTOMER_HZ) == 0);
}

/// WebRTC to SIP; the page hangs up.
#[tokio::test(flavor = "multi_thread")]
async fn aiortc_calls_a_desk_phone_and_hangs_up() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = House::open(&business(&format!("phone = \"{}\"\nalways_available = true", phone.uri()))).await;
    let Some(mut visitor) = Aiortc::visitor(house.web, CUSTOMER_HZ, &[AGENT_HZ]).await else { return };
    visitor.calls().await;
    phone.hears(CUSTOMER_HZ).await;
    visitor.hears(AGENT_HZ).await;
    visitor.window.hears("call", "Mara Voss").await;
    talk(Duration::from_secs(2)).await;
    visitor.hangs_up().await;
    phone.is_idle().await;
    visitor.is_let_go().await;
    house.quiet().await;
    house.shows("SELECT trunk, dialled, queue, agent, ended_by, end_cause FROM call", &["page|site|sales|mara|customer|normal"]).await;
    house.shows("SELECT agent, packets > 50, loss_percent < 5.0, mos > 3.5 FROM leg ORDER BY id", &["-|1|1|1", "mara|1|1|1"]).await;
    both_were_recorded(&house).await;
    visitor.close().await;
    house.close().await;
}

/// WebRTC to WebRTC, of two makers; the agent hangs up, and a second page that is closed in mid-call ends its call.
#[tokio::test(flavor = "multi_thread")]
async fn aiortc_talks_with_a_browser() {
    let house = House::open(&format!("{}[routing]\nagent_grace = \"3s\"\n", business(""))).await;
    let Some(mara) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    mara.can_be_called(&house, "mara").await;
    mara.click("#status").await;
    mara.click(".mestat [value=available]").await;
    until("mara is available", || house.floor().iter().any(|line| line.starts_with("mara Available"))).await;
    let Some(mut visitor) = Aiortc::visitor(house.web, CUSTOMER_HZ, &[AGENT_HZ]).await else { return };
    visitor.calls().await;
    mara.click(".ringcard .accept").await;
    mara.hears(CUSTOMER_HZ).await;
    visitor.hears(AGENT_HZ).await;
    talk(Duration::from_secs(2)).await;
    mara.click("#end").await;
    visitor.is_let_go().await;
    visitor.window.hears("call", "over").await;
    house.quiet().await;
    house.shows("SELECT ended_by, end_cause FROM call", &["agent|normal"]).await;
    both_were_recorded(&house).await;
    visitor.close().await;
    let Some(mut second) = Aiortc::visitor(house.web, CUSTOMER_HZ, &[AGENT_HZ]).await else { return };
    second.calls().await;
    mara.click(".ringcard .accept").await;
    second.hears(AGENT_HZ).await;
    second.close().await;
    house.quiet().await;
    house.shows("SELECT ended_by, end_cause FROM call ORDER BY id", &["agent|normal", "customer|normal"]).await;
    house.close().await;
}

/// Firefox sends no audio to the loopback address: it takes the machine's own, which is told beside the advertised one.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_talks_in_firefox_and_loads_the_page_again() {
    let beside =
        machine(&Ports::any(), super::browser::HOUSE).replacen("bind = \"127.0.0.1\"", "bind = \"0.0.0.0\"\nadvertise = \"127.0.0.1\"", 1);
    let house = House::with(&beside).await;
    let Some(mut mara) = Firefox::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    house.can_call("mara").await;
    mara.clicks("#status").await;
    mara.clicks(".mestat [value=available]").await;
    until("mara is available", || house.floor().iter().any(|line| line.starts_with("mara Available"))).await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    mara.clicks(".ringcard .accept").await;
    mara.hears().await;
    caller.hears(AGENT_HZ).await;
    talk(Duration::from_secs(2)).await;
    let gone = Instant::now();
    mara.reloads().await;
    mara.hears().await;
    caller.hears_since(AGENT_HZ, gone + Duration::from_secs(1)).await;
    talk(Duration::from_secs(2)).await;
    mara.clicks("#end").await;
    caller.hung_up_on().await;
    mara.sees("form.wrapup").await;
    house.shows("SELECT queue, agent, ended_by, end_cause FROM call", &["sales|mara|agent|normal"]).await;
    house.shows("SELECT agent, packets > 50, loss_percent < 5.0 FROM leg ORDER BY id", &["-|1|1", "mara|1|1"]).await;
    both_were_recorded(&house).await;
    house.close().await;
}
