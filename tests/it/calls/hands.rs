//! A customer in the hands of two agents in their pages: consult, conference, transfer, park, and a reload in the midst of each, by ear.

use super::browser::HOUSE;
use super::colleagues::at_the_desk;
use super::recording;
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::phone::{Caller, talk};
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ};
use std::time::Duration;

/// Mara and Wim in their pages; Mara talks with a customer.
async fn three() -> Option<(House, Browser, Browser, Caller)> {
    let wim = "[[agents]]\nid = \"wim\"\nname = \"Wim\"\n";
    let plain = HOUSE.replace("wrap_up = \"60s\"", "wrap_up = \"0s\"").replace("disposition_required = true", "");
    let house = House::open(&format!("{plain}{wim}")).await;
    let mara = at_the_desk(&house, "mara", AGENT_HZ).await?;
    let wim = at_the_desk(&house, "wim", OTHER_AGENT_HZ).await?;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    mara.click(".ringcard .accept").await;
    caller.hears(AGENT_HZ).await;
    mara.hears(CUSTOMER_HZ).await;
    Some((house, mara, wim, caller))
}

/// Chooses Wim in the dialog that is open, and presses this button.
async fn chooses_wim(mara: &Browser, button: &str) {
    mara.click("#targets input[value='agent/wim']").await;
    mara.click(&format!("#transferbox {button}")).await;
    mara.loses("#transferbox[open]").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_joined_and_left_from_page_to_page() {
    let Some((house, mara, wim, caller)) = three().await else { return };
    // Asked first: the customer has music.
    mara.click("#transfer").await;
    chooses_wim(&mara, "[value=consult]").await;
    wim.click(".ringcard .accept").await;
    wim.hears(AGENT_HZ).await;
    mara.hears(OTHER_AGENT_HZ).await;
    caller.hears_music(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    // A reload in the consult: the two hear each other again, the customer still only music.
    mara.reload().await;
    mara.sees("#swap").await;
    mara.hears(OTHER_AGENT_HZ).await;
    wim.hears(AGENT_HZ).await;
    caller.hears_music(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    // Turned to the customer and back.
    mara.click("#swap").await;
    caller.hears(AGENT_HZ).await;
    mara.hears(CUSTOMER_HZ).await;
    mara.click("#swap").await;
    mara.hears(OTHER_AGENT_HZ).await;
    caller.hears_music(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    // All three.
    mara.click("#merge").await;
    caller.hears_all(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    mara.hears_all(&[CUSTOMER_HZ, OTHER_AGENT_HZ]).await;
    wim.hears_all(&[CUSTOMER_HZ, AGENT_HZ]).await;
    // A reload in the conference disturbs nobody else.
    mara.reload().await;
    mara.sees("#members").await;
    mara.hears_all(&[CUSTOMER_HZ, OTHER_AGENT_HZ]).await;
    caller.hears_all(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    talk(Duration::from_millis(1_000)).await;
    // Mara leaves; Wim has the customer.
    mara.click("#members summary").await;
    mara.click("#leave").await;
    caller.hears(OTHER_AGENT_HZ).await;
    wim.hears(CUSTOMER_HZ).await;
    house.stands("mara Available 0/100").await;
    mara.loses("#end").await;
    wim.click("#end").await;
    caller.hung_up_on().await;
    house.quiet().await;
    house.shows("SELECT ended_by, agent, end_cause FROM call", &["agent|wim|normal"]).await;
    house
        .shows(
            "SELECT agent, bridged_at IS NOT NULL, ended_at IS NOT NULL FROM leg WHERE agent IS NOT NULL GROUP BY agent",
            &["mara|1|1", "wim|1|1"],
        )
        .await;
    let kept = recording(&house).await;
    assert!(Recording::heard(&kept.left, CUSTOMER_HZ) > 2_000, "the customer throughout");
    assert!(
        Recording::heard(&kept.right, AGENT_HZ) > 300 && Recording::heard(&kept.right, OTHER_AGENT_HZ) > 300,
        "whoever talks with the customer"
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn handed_on_held_parked_and_fetched_from_page_to_page() {
    let Some((house, mara, wim, caller)) = three().await else { return };
    mara.click("#transfer").await;
    chooses_wim(&mara, "[data-go]").await;
    caller.hears_music(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    wim.click(".ringcard .accept").await;
    caller.hears(OTHER_AGENT_HZ).await;
    wim.hears(CUSTOMER_HZ).await;
    mara.loses("#end").await;
    // On hold, and a reload meanwhile: still on hold, still music, and taken back with sound.
    wim.click("#hold").await;
    wim.sees("#hold[aria-pressed=true]").await;
    caller.hears_music(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    wim.reload().await;
    wim.sees("#hold[aria-pressed=true]").await;
    caller.hears_music(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    wim.click("#hold").await;
    caller.hears(OTHER_AGENT_HZ).await;
    wim.hears(CUSTOMER_HZ).await;
    // Parked by one, fetched by the other.
    wim.click("#morecall summary").await;
    wim.click("#park").await;
    caller.hears_music(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    house.shows("SELECT state FROM call", &["parked"]).await;
    mara.reads("#dial .n", "1").await;
    mara.click("#dial").await;
    mara.click("#dialto [data-post='/work/pickup']").await;
    caller.hears(AGENT_HZ).await;
    mara.hears(CUSTOMER_HZ).await;
    caller.hang_up().await;
    house.quiet().await;
    mara.loses("#end").await;
    house.shows("SELECT count(*), agent, ended_by, end_cause FROM call", &["1|mara|customer|normal"]).await;
    house.shows("SELECT count(*), state FROM recording", &["1|done"]).await;
    house.close().await;
}
