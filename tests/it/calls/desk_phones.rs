//! Agents with desk phones: rung, picked up, put on hook.

use super::{house_of, recording};
use crate::rig::browser::Browser;
use crate::rig::deskphone::DeskPhone;
use crate::rig::phone::{Caller, talk};
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ, until};
use hubline::sim::phone::PhoneEvent;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn the_caller_hangs_up() {
    let phone = DeskPhone::new(AGENT_HZ, false).await;
    let house = house_of(&[&phone], "open_ticket = true", "").await;
    let caller = Caller::dial(house.sip, "4001", "+4915100138193", CUSTOMER_HZ).await;
    caller.answered().await;
    phone.rings().await;
    assert!(phone.shows().contains("+4915100138193"), "{}", phone.shows());
    phone.pick_up().await;
    caller.hears(AGENT_HZ).await;
    phone.hears(CUSTOMER_HZ).await;
    talk(Duration::from_secs(2)).await;
    caller.hang_up().await;
    phone.is_idle().await;
    house.quiet().await;
    house
        .tells(&[
            "person added",
            "call 1 from +4915100138193 to 4001",
            "call 1 answered",
            "call 1 waits in sales (New)",
            "call 1 offered to dora",
            "call 1 Accepted by dora",
            "call 1 with dora",
            "ticket 1 opened",
            "call 1 recorded",
            "call 1 leaves dora",
            "call 1 ended by Customer: Normal",
        ])
        .await;
    house.shows("SELECT agent, packets > 50, loss_percent < 1.0 FROM leg ORDER BY id", &["-|1|1", "dora|1|1"]).await;
    house.shows("SELECT count(*) FROM callback", &["0"]).await;
    house.stands("dora Available 0/100").await;
    let recording = recording(&house).await;
    assert!(Recording::heard(&recording.left, CUSTOMER_HZ) > 1_500 && Recording::heard(&recording.right, AGENT_HZ) > 1_500);
    assert!(Recording::heard(&recording.left, AGENT_HZ) == 0 && Recording::heard(&recording.right, CUSTOMER_HZ) == 0);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_hangs_up() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = house_of(&[&phone], "", "").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    phone.hang_up().await;
    caller.hung_up_on().await;
    house.quiet().await;
    house.shows("SELECT state, ended_by, end_cause FROM call", &["ended|agent|normal"]).await;
    house.shows("SELECT count(*) FROM callback", &["0"]).await;
    house.stands("dora Available 0/100").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_picks_up_and_the_next_agent_does() {
    let (first, second) = (DeskPhone::new(AGENT_HZ, false).await, DeskPhone::new(OTHER_AGENT_HZ, false).await);
    let house = house_of(&[&first, &second], "offer = \"2s\"", "").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    first.rings().await;
    first.stops_ringing().await;
    second.pick_up().await;
    caller.hears(OTHER_AGENT_HZ).await;
    second.hears(CUSTOMER_HZ).await;
    caller.hang_up().await;
    house.quiet().await;
    house
        .tells(&[
            "person added",
            "call 1 from +491 to 4001",
            "call 1 answered",
            "call 1 waits in sales (New)",
            "call 1 offered to dora",
            "call 1 TimedOut by dora",
            "call 1 waits in sales at the head (OfferLost)",
            "call 1 offered to emil",
            "call 1 Accepted by emil",
            "call 1 with emil",
            "call 1 recorded",
            "call 1 leaves emil",
            "call 1 ended by Customer: Normal",
        ])
        .await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_phone_hands_the_caller_on() {
    let (first, second) = (DeskPhone::new(AGENT_HZ, false).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let house = house_of(&[&first, &second], "", "").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    first.refuse().await;
    caller.hears(OTHER_AGENT_HZ).await;
    assert!(house.story().contains(&"call 1 Declined by dora".to_owned()), "{}", house.told());
    caller.hang_up().await;
    house.quiet().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_line_rings_and_the_caller_gives_up() {
    let phone = DeskPhone::new(AGENT_HZ, false).await;
    let house = house_of(&[&phone], "", "[routing]\ncallback_after = \"0s\"").await;
    let caller = Caller::dial(house.sip, "4100", "+4930111", CUSTOMER_HZ).await;
    phone.rings().await;
    assert!(!caller.told(&PhoneEvent::Answered), "a direct line is answered by its agent only");
    caller.hang_up().await;
    phone.stops_ringing().await;
    house.quiet().await;
    house.shows("SELECT state, agent, ended_by, end_cause FROM call", &["ended|-|customer|abandoned"]).await;
    house.shows("SELECT number, why, closed_at FROM callback", &["+4930111|abandoned|-"]).await;
    house.stands("dora Available 0/100").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phones_own_hold_key_gives_music_and_takes_the_customer_back() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = house_of(&[&phone], "", "[routing]\nagent_grace = \"1s\"").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    phone.hears(CUSTOMER_HZ).await;
    phone.hold(true).await;
    caller.hears_music(&[AGENT_HZ]).await;
    phone.forget();
    // Who holds by the phone's key is not gone, however long it takes.
    talk(Duration::from_secs(3)).await;
    assert!(phone.share(CUSTOMER_HZ) < 0.1 && caller.share(AGENT_HZ) < 0.3, "held, each for themselves");
    phone.hold(false).await;
    caller.hears(AGENT_HZ).await;
    phone.hears(CUSTOMER_HZ).await;
    caller.hang_up().await;
    phone.is_idle().await;
    house.quiet().await;
    let story = house.story();
    let after = story.iter().skip_while(|line| !line.contains("recorded")).map(String::as_str).collect::<Vec<_>>();
    assert_eq!(
        after,
        [
            "call 1 recorded",
            "call 1 dora silent true",
            "call 1 dora silent false",
            "call 1 leaves dora",
            "call 1 ended by Customer: Normal"
        ]
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_transfer_key_hands_over_and_says_what_became_of_it() {
    let (first, second) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OTHER_AGENT_HZ, false).await);
    let house = house_of(&[&first, &second], "", "").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    // Nobody is to be had there: the call stays where it is.
    first.refer("0900123456").await;
    until("the phone hears that it was refused", || first.referred() == "603 Decline").await;
    caller.hears(AGENT_HZ).await;
    first.refer("emil").await;
    second.pick_up().await;
    first.is_idle().await;
    assert_eq!(first.referred(), "200 OK");
    caller.hears(OTHER_AGENT_HZ).await;
    second.hears(CUSTOMER_HZ).await;
    // A slot parks.
    second.refer("701").await;
    second.is_idle().await;
    caller.hears_music(&[OTHER_AGENT_HZ]).await;
    house.shows("SELECT state FROM call", &["parked"]).await;
    caller.hang_up().await;
    house.quiet().await;
    house.close().await;
}

/// The page measures nothing of a telephone: what the house hears of both lines is what it shows.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_beside_a_desk_phone_shows_how_the_call_sounds() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = house_of(&[&phone], "", "").await;
    let Some(page) = Browser::at_the_desk(&house, "dora", AGENT_HZ).await else { return };
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    page.reads("#quality .num", "4.").await;
    caller.hang_up().await;
    page.loses("#quality").await;
    house.quiet().await;
    house.close().await;
}
