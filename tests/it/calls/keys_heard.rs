//! Keys of callers whose telephones send no events of their own: told by INFO, or heard in the audio.

use super::flows::{MENU_HZ, business, voice};
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::phone::{Caller, talk};
use crate::rig::sipp::Sipp;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ};
use hubline::sim::tone;
use std::time::Duration;

/// The frequencies of 2 (ITU-T Q.23), 120 ms of both and as much silence.
fn two() -> Vec<i16> {
    let (low, high) = (tone::sine(697.0, 0, 960), tone::sine(1_336.0, 0, 960));
    low.iter().zip(&high).map(|(low, high)| low / 2 + high / 2).chain([0; 960]).collect()
}

/// What the house heard pressed, in its order.
fn chosen(house: &House) -> Vec<String> {
    house.story().into_iter().filter(|line| line.contains("chooses") || line.contains("digit")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_only_heard_chooses_and_a_voice_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let (dora, emil) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let house = House::open(&business(&dora, &emil, &voice(folder.path()))).await;
    let caller = Caller::without_events(house.sip, "5000", "+491", CUSTOMER_HZ).await;
    caller.hears(MENU_HZ).await;
    // One of the two frequencies alone, and both too short, are no key.
    caller.say(&tone::sine(697.0, 0, 4_000)).await;
    caller.say(&two()[..160]).await;
    talk(Duration::from_millis(900)).await;
    assert_eq!(chosen(&house), Vec::<String>::new());
    caller.say(&two()).await;
    caller.hears(OTHER_AGENT_HZ).await;
    emil.hears(CUSTOMER_HZ).await;
    assert_eq!(chosen(&house), ["call 1 chooses 2: queue:service"]);
    assert_eq!(dora.rung(), 0);
    caller.hang_up().await;
    house.quiet().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_told_by_info_chooses() {
    let folder = tempfile::tempdir().expect("a folder");
    let (dora, emil) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let house = House::open(&business(&dora, &emil, &voice(folder.path()))).await;
    let talks = Duration::from_secs(4);
    let Some(caller) = Sipp::caller_informing(house.sip, "5000", "4930777", CUSTOMER_HZ, '2', talks).await else { return };
    emil.hears(CUSTOMER_HZ).await;
    caller.audio.hears(OTHER_AGENT_HZ).await;
    assert_eq!(chosen(&house), ["call 1 chooses 2: queue:service"]);
    caller.succeeds().await;
    emil.is_idle().await;
    assert_eq!(dora.rung(), 0);
    house.quiet().await;
    house.close().await;
}
