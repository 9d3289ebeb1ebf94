//! Keys of and for callers whose telephones know no events: told by INFO, or as tones in the audio.

use super::flows::{MENU_HZ, business, voice};
use super::house_of;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::phone::{Caller, talk};
use crate::rig::sipp::Sipp;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ, until};
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

/// The keys in what was heard, by their frequencies (ITU-T Q.23).
fn keys(samples: &[i16]) -> String {
    const ROWS: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
    const COLUMNS: [f64; 3] = [1_209.0, 1_336.0, 1_477.0];
    let pressed = |piece: &[i16]| {
        let strong = |tones: &[f64]| tones.iter().position(|hz| tone::share(piece, *hz) > 0.3);
        let (row, column) = strong(&ROWS).zip(strong(&COLUMNS))?;
        b"123456789*0#".get(row * 3 + column).map(|&key| char::from(key))
    };
    let mut pieces: Vec<Option<char>> = samples.chunks_exact(320).map(pressed).collect();
    pieces.dedup();
    pieces.into_iter().flatten().collect()
}

/// What an agent presses, on a page or on a desk phone, is heard by a caller who takes no events; the talk goes on around it.
#[tokio::test(flavor = "multi_thread")]
async fn an_agents_keys_are_tones_for_who_takes_no_events() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = house_of(&[&phone], "", "").await;
    let dora = house.agent("dora").await;
    let caller = Caller::without_events(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    phone.press('7').await;
    until("a key of the desk phone is heard", || keys(&caller.everything()) == "7").await;
    dora.does("/work/call/1/digits", &[("digits", "12#")]).await;
    until("keys of the page are heard", || keys(&caller.everything()) == "712#").await;
    caller.hears(AGENT_HZ).await;
    phone.hears(CUSTOMER_HZ).await;
    assert_eq!(phone.keys(), "", "the agent is pressed nothing");
    dora.does("/work/call/1/hangup", &[]).await;
    house.quiet().await;
    house.close().await;
}
