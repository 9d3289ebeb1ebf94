//! A customer who calls from the chat window in the hands of an agent in a page and one at a desk phone: handed on, asked first, joined, parked;
//! by ear, and ended by each of the three.

use super::pages::{HOUSE, in_a_talk};
use super::recording;
use crate::rig::browser::Browser;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::phone::talk;
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ};
use std::time::Duration;

/// Mara in her page talks with a visitor; Dora's phone is on her desk.
async fn three(dora: &DeskPhone) -> Option<(House, Browser, Browser)> {
    let dora = format!("[[agents]]\nid = \"dora\"\nname = \"Dora\"\nphone = \"{}\"\nalways_available = true\n", dora.uri());
    let house = House::open(&format!("{HOUSE}{dora}")).await;
    let (mara, visitor) = in_a_talk(&house).await?;
    Some((house, mara, visitor))
}

/// Chooses Dora in the dialog, and presses this button.
async fn chooses_dora(mara: &Browser, button: &str) {
    mara.click("#transfer").await;
    mara.click("#targets input[value='agent/dora']").await;
    mara.click(&format!("#transferbox {button}")).await;
    mara.loses("#transferbox[open]").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn handed_on_and_ended_by_the_visitor() {
    let dora = DeskPhone::new(OTHER_AGENT_HZ, false).await;
    let Some((house, mara, visitor)) = three(&dora).await else { return };
    talk(Duration::from_millis(1_000)).await;
    chooses_dora(&mara, "[data-go]").await;
    mara.loses("#end").await;
    dora.rings().await;
    dora.pick_up().await;
    visitor.hears(OTHER_AGENT_HZ).await;
    dora.hears(CUSTOMER_HZ).await;
    visitor.reads_inside("Talking with Dora").await;
    talk(Duration::from_millis(1_000)).await;
    visitor.click_inside("[data-act=hangup]").await;
    dora.is_idle().await;
    house.quiet().await;
    house.shows("SELECT agent, ended_by, end_cause FROM call", &["dora|customer|normal"]).await;
    house.shows("SELECT agent, ended_at IS NOT NULL FROM leg ORDER BY id", &["-|1", "mara|1", "dora|1"]).await;
    let kept = recording(&house).await;
    assert!(Recording::heard(&kept.left, CUSTOMER_HZ) > 1_500, "the customer throughout");
    let (before, after) = (Recording::stretch(&kept.right, AGENT_HZ), Recording::stretch(&kept.right, OTHER_AGENT_HZ));
    assert!(before.0 < before.1 && before.1 <= after.0 && after.0 < after.1, "one after the other: {before:?}, {after:?}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_first_joined_and_ended_by_who_stayed() {
    let dora = DeskPhone::new(OTHER_AGENT_HZ, true).await;
    let Some((house, mara, visitor)) = three(&dora).await else { return };
    chooses_dora(&mara, "[value=consult]").await;
    dora.hears(AGENT_HZ).await;
    mara.hears(OTHER_AGENT_HZ).await;
    dora.forget();
    talk(Duration::from_millis(1_200)).await;
    assert!(dora.share(CUSTOMER_HZ) < 0.1, "the customer is not heard in the consult");
    mara.click("#merge").await;
    visitor.hears_all(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    mara.hears_all(&[CUSTOMER_HZ, OTHER_AGENT_HZ]).await;
    dora.hears_all(&[CUSTOMER_HZ, AGENT_HZ]).await;
    mara.click("#members summary").await;
    mara.click("#leave").await;
    mara.loses("#end").await;
    house.shows("SELECT agent FROM call", &["dora"]).await;
    visitor.hears(OTHER_AGENT_HZ).await;
    dora.hears(CUSTOMER_HZ).await;
    dora.hang_up().await;
    visitor.reads_inside("The call has ended").await;
    house.quiet().await;
    house.shows("SELECT agent, ended_by, end_cause FROM call", &["dora|agent|normal"]).await;
    let chapters = "SELECT kind, agent FROM chapter ORDER BY id LIMIT 4";
    house.shows(chapters, &["talk|mara", "consult|dora", "joined|dora", "consult_end|mara"]).await;
    let kept = recording(&house).await;
    assert!(Recording::heard(&kept.right, AGENT_HZ) > 300 && Recording::heard(&kept.right, OTHER_AGENT_HZ) > 300);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parked_fetched_and_ended_by_the_agent() {
    let dora = DeskPhone::new(OTHER_AGENT_HZ, false).await;
    let Some((house, mara, visitor)) = three(&dora).await else { return };
    mara.click("#morecall summary").await;
    mara.click("#park").await;
    house.shows("SELECT state FROM call", &["parked"]).await;
    mara.loses("#end").await;
    mara.click("#dial").await;
    mara.click("#dialto [data-post='/work/pickup']").await;
    visitor.hears(AGENT_HZ).await;
    mara.hears(CUSTOMER_HZ).await;
    mara.click("#end").await;
    visitor.reads_inside("The call has ended").await;
    house.quiet().await;
    house.shows("SELECT count(*), agent, ended_by, end_cause FROM call", &["1|mara|agent|normal"]).await;
    house.shows("SELECT count(*), state FROM recording", &["1|done"]).await;
    house.close().await;
}
