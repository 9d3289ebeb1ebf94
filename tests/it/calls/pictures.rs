//! Calls with pictures between a customer's page and an agent's: a camera of bars that move, looked at on the other side.

use super::pages::{HOUSE, in_a_talk, mara_is_here};
use crate::rig::browser::Browser;
use crate::rig::house::House;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ};
use serde_json::json;

fn house() -> String {
    HOUSE.replace("[channels.calls]", "[channels.calls]\nvideo = true")
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_and_agent_see_each_other() {
    let house = House::open(&house()).await;
    let Some((mara, visitor)) = in_a_talk(&house).await else { return };
    // Nobody is filmed who has not asked for it.
    mara.films(0).await;
    visitor.films(0).await;
    visitor.click_inside("[data-act=camera]").await;
    mara.sees_motion("#theirs").await;
    // It is the customer whom she sees, and nothing comes back of it.
    visitor.sees_motion(".stage .mine").await;
    visitor.sees_nothing(".stage .theirs").await;
    mara.click("#camera").await;
    visitor.sees_motion(".stage .theirs").await;
    mara.sees_motion("#mine").await;
    // The sound goes on beside it.
    mara.hears(CUSTOMER_HZ).await;
    visitor.hears(AGENT_HZ).await;
    // On hold nobody sees anybody; then they do again.
    mara.click("#hold").await;
    mara.sees_nothing("#theirs").await;
    visitor.sees_nothing(".stage .theirs").await;
    mara.sees("#hold[aria-pressed=true]").await;
    mara.click("#hold").await;
    mara.sees_motion("#theirs").await;
    visitor.sees_motion(".stage .theirs").await;
    // Who turns the camera off is not seen any more.
    mara.click("#camera").await;
    visitor.sees_nothing(".stage .theirs").await;
    mara.films(0).await;
    mara.click("#camera").await;
    visitor.sees_motion(".stage .theirs").await;
    mara.click("#end").await;
    house.quiet().await;
    visitor.reads_inside("The call has ended").await;
    mara.sees_nothing("#theirs").await;
    mara.sees_nothing("#mine").await;
    mara.films(0).await;
    visitor.films(0).await;
    house.shows("SELECT ended_by, end_cause FROM call", &["agent|normal"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn screens_are_shared_both_ways() {
    let house = House::open(&house()).await;
    let Some((mara, visitor)) = in_a_talk(&house).await else { return };
    mara.click("#video").await;
    mara.click("#screen").await;
    visitor.sees_motion(".stage .theirs").await;
    visitor.click_inside("[data-act=screen]").await;
    mara.sees_motion("#theirs").await;
    // The camera takes the screen's place, and the screen is let go.
    visitor.click_inside("[data-act=camera]").await;
    visitor.has_inside("[data-act=camera][aria-pressed=true]").await;
    mara.sees_motion("#theirs").await;
    visitor.films(1).await;
    visitor.click_inside("[data-act=hangup]").await;
    house.quiet().await;
    mara.films(0).await;
    visitor.films(0).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_pages_find_sound_and_picture_again_when_they_are_loaded_again() {
    let house = House::open(&house()).await;
    let Some(mara) = mara_is_here(&house).await else { return };
    let Some(visitor) = Browser::start(CUSTOMER_HZ).await else { return };
    visitor.at_the_shop(house.web).await;
    visitor.click_inside(".launch").await;
    visitor.click_inside("[aria-label='Video call us']").await;
    // They see themselves while they wait.
    visitor.sees_motion(".stage .mine").await;
    mara.click(".ringcard .accept").await;
    mara.sees_motion("#theirs").await;
    mara.click("#camera").await;
    visitor.sees_motion(".stage .theirs").await;
    visitor.reload().await;
    mara.hears(CUSTOMER_HZ).await;
    visitor.sees("#hubline-chat").await;
    visitor.hears(AGENT_HZ).await;
    visitor.run("document.querySelector('#hubline-chat').shadowRoot.querySelector('.win').hidden = false", json!([])).await;
    mara.sees_motion("#theirs").await;
    visitor.sees_motion(".stage .theirs").await;
    mara.reload().await;
    visitor.hears(AGENT_HZ).await;
    mara.hears(CUSTOMER_HZ).await;
    mara.sees_motion("#theirs").await;
    visitor.sees_motion(".stage .theirs").await;
    visitor.click_inside("[data-act=hangup]").await;
    house.quiet().await;
    mara.films(0).await;
    visitor.films(0).await;
    house.shows("SELECT count(*), count(DISTINCT agent) FROM call", &["1|1"]).await;
    house.close().await;
}
