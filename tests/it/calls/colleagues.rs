//! Agents who call each other from page to page: WebRTC on both sides, heard on both, ended by each.

use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::phone::talk;
use crate::rig::{AGENT_HZ, OTHER_AGENT_HZ, until};
use serde_json::json;
use std::time::Duration;

/// An agent in their page, available, whose phone works.
pub(super) async fn at_the_desk(house: &House, agent: &str, hz: f64) -> Option<Browser> {
    let page = Browser::at_the_desk(house, agent, hz).await?;
    page.can_be_called(house, agent).await;
    page.click("#status").await;
    page.click(".mestat [value=available]").await;
    until("available", || house.floor().iter().any(|line| line.starts_with(&format!("{agent} Available")))).await;
    page.can_be_called(house, agent).await;
    Some(page)
}

/// Mara calls Wim, as her page does, when the phone of his page is there.
async fn calls_wim(house: &House, mara: &Browser, wim: &Browser) {
    wim.can_be_called(house, "wim").await;
    let call = "return (await fetch('/work/call', { method: 'POST', body: new URLSearchParams({ colleague: 'wim' }) })).status";
    assert_eq!(mara.run(&format!("return (async () => {{ {call} }})()"), json!([])).await, json!(201));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_pages_talk_and_either_hangs_up() {
    let house = House::open(
        "[[queues]]\nid = \"sales\"\nname = \"Sales\"\nwrap_up = \"0s\"\n\
         [[agents]]\nid = \"mara\"\nname = \"Mara\"\nqueues = [\"sales\"]\n[[agents]]\nid = \"wim\"\nname = \"Wim\"\nqueues = [\"sales\"]\n",
    )
    .await;
    let Some(mara) = at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    let Some(wim) = at_the_desk(&house, "wim", OTHER_AGENT_HZ).await else { return };
    for (ends, call) in [("mara", 1), ("wim", 2)] {
        calls_wim(&house, &mara, &wim).await;
        wim.click(".ringcard .accept").await;
        wim.hears(AGENT_HZ).await;
        mara.hears(OTHER_AGENT_HZ).await;
        talk(Duration::from_secs(1)).await;
        if ends == "mara" {
            mara.click("#end").await;
        } else {
            wim.click("#end").await;
        }
        house.quiet().await;
        house.shows(&format!("SELECT direction, state, end_cause FROM call WHERE id = {call}"), &["internal|ended|normal"]).await;
        house.stands("mara Available 0/100").await;
        house.stands("wim Available 0/100").await;
        mara.loses("#end").await;
        wim.loses("#end").await;
    }
    // Given up while it rings, and declined: both are free again, and nothing rings on.
    calls_wim(&house, &mara, &wim).await;
    wim.sees(".ringcard .accept").await;
    mara.click("#end").await;
    wim.loses(".ringcard").await;
    house.quiet().await;
    calls_wim(&house, &mara, &wim).await;
    wim.click(".ringcard .decline").await;
    house.quiet().await;
    mara.loses("#end").await;
    house.shows("SELECT end_cause FROM call ORDER BY id", &["normal", "normal", "not_reached", "not_reached"]).await;
    house.stands("mara Available 0/100").await;
    house.stands("wim Available 0/100").await;
    house.close().await;
}
