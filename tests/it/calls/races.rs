//! What crosses: a caller who gives up as the telephone is picked up, two who hang up at once, a click that comes a moment too late. Whoever
//! wins, both sides end, nothing stays behind, and the next call is served.

use super::house_of;
use crate::rig::browser::Browser;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::noise::Noise;
use crate::rig::phone::{Caller, talk};
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ, PATIENCE, until, within};
use hubline::sim::phone::PhoneEvent;
use std::time::{Duration, Instant};

/// How often each race is run.
const RACES: usize = 16;
/// By how much the one may be earlier or later than the other, ms.
const APART: usize = 24;

/// Nothing of any call is left: no row of the desk, no open leg, nobody taken.
async fn nothing_is_left(house: &House, calls: usize) {
    house.quiet().await;
    house.shows("SELECT count(*) FROM call WHERE state = 'ended' AND ended_at IS NOT NULL", &[&calls.to_string()]).await;
    house.shows("SELECT count(*) FROM call", &[&calls.to_string()]).await;
    house.shows("SELECT count(*) FROM leg WHERE ended_at IS NULL", &["0"]).await;
    house.shows("SELECT count(*) FROM live WHERE key LIKE 'call/%'", &["0"]).await;
    house.shows("SELECT count(*) FROM recording WHERE state = 'recording'", &["0"]).await;
}

/// Two things at nearly the same time, in an order that only the seed knows.
async fn at_once(noise: &mut Noise, one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (early, late) = (noise.below(APART), noise.below(APART));
    let first = async {
        talk(Duration::from_millis(early as u64)).await;
        one.await;
    };
    let second = async {
        talk(Duration::from_millis(late as u64)).await;
        other.await;
    };
    tokio::join!(first, second);
}

/// CANCEL against 200: a direct line is answered by its agent only, so that the caller's giving up crosses the picking up.
#[tokio::test(flavor = "multi_thread")]
async fn a_caller_gives_up_as_the_phone_is_picked_up() {
    let phone = DeskPhone::new(AGENT_HZ, false).await;
    let house = house_of(&[&phone], "", "[routing]\ncallback_after = \"0s\"").await;
    let (mut noise, mut answered, mut cancelled) = (Noise::new(7), 0, 0);
    for n in 1..=RACES {
        let caller = Caller::dial(house.sip, "4100", "+4930111", CUSTOMER_HZ).await;
        phone.rings().await;
        until("the caller hears that it rings", || caller.told(&PhoneEvent::Ringing)).await;
        at_once(&mut noise, caller.hang_up(), phone.answer()).await;
        caller.is_over().await;
        phone.is_idle().await;
        nothing_is_left(&house, n).await;
        house.stands("dora Available 0/100").await;
        let ends = house.rows("SELECT ended_by || ' ' || end_cause FROM call ORDER BY id DESC LIMIT 1").remove(0);
        match ends.as_str() {
            "customer normal" => answered += 1,
            "customer abandoned" => cancelled += 1,
            other => panic!("round {n}: {other}\n{}", house.told()),
        }
    }
    eprintln!("{answered} were answered, {cancelled} given up");
    is_served(&house, &phone, "4100", RACES + 1).await;
    house.close().await;
}

/// BYE against BYE.
#[tokio::test(flavor = "multi_thread")]
async fn both_hang_up_at_once() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = house_of(&[&phone], "", "").await;
    let mut noise = Noise::new(11);
    for n in 1..=RACES {
        let caller = Caller::dial(house.sip, "4001", "+4930111", CUSTOMER_HZ).await;
        caller.hears(AGENT_HZ).await;
        at_once(&mut noise, caller.hang_up(), phone.hang_up()).await;
        phone.is_idle().await;
        nothing_is_left(&house, n).await;
        house.stands("dora Available 0/100").await;
    }
    let ends = house.rows("SELECT DISTINCT ended_by || ' ' || end_cause FROM call ORDER BY 1");
    assert!(ends.iter().all(|end| end == "agent normal" || end == "customer normal"), "{ends:?}");
    is_served(&house, &phone, "4001", RACES + 1).await;
    house.close().await;
}

/// The offer runs out as the phone is picked up, and the next one is rung: whoever has the caller, the other has nobody.
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_runs_out_as_the_phone_is_picked_up() {
    let (first, second) = (DeskPhone::new(AGENT_HZ, false).await, DeskPhone::new(OTHER_AGENT_HZ, true).await);
    let house = house_of(&[&first, &second], "offer = \"1s\"", "").await;
    let dora = house.agent("dora").await;
    let mut noise = Noise::new(13);
    for n in 1..=6 {
        // The first to be asked is who has waited longest.
        let caller = Caller::dial(house.sip, "4001", "+4930111", CUSTOMER_HZ).await;
        within(PATIENCE, "somebody is rung", || first.is_ringing() || second.is_talking()).await;
        if first.is_ringing() {
            talk(Duration::from_millis(960 + noise.below(80) as u64)).await;
            first.answer().await;
        }
        until("the caller hears one of them", || caller.share(AGENT_HZ) > 0.5 || caller.share(OTHER_AGENT_HZ) > 0.5).await;
        talk(Duration::from_millis(600)).await;
        let (one, other) = (caller.share(AGENT_HZ) > 0.5, caller.share(OTHER_AGENT_HZ) > 0.5);
        assert!(one != other, "one of them, not both\n{}", house.told());
        let (mine, theirs) = if one { (&first, &second) } else { (&second, &first) };
        mine.hears(CUSTOMER_HZ).await;
        theirs.is_idle().await;
        caller.hang_up().await;
        mine.is_idle().await;
        nothing_is_left(&house, n).await;
        // Who let it ring is set aside; they come back for the next round.
        if !house.floor().iter().any(|line| line == "dora Available 0/100") {
            dora.available().await;
            house.stands("dora Available 0/100").await;
        }
    }
    dora.leave().await;
    house.close().await;
}

/// A caller gives up as the page accepts, and the page hangs up as its caller does.
#[tokio::test(flavor = "multi_thread")]
async fn clicks_that_come_a_moment_too_late() {
    let house = House::open(
        "[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n[[queues]]\nid = \"sales\"\nname = \"Sales\"\nrecord = true\nwrap_up = \"0s\"\n\
         [[channels]]\nkind = \"webchat\"\nid = \"site\"\nqueue = \"sales\"\n[channels.calls]\n\
         [[agents]]\nid = \"mara\"\nname = \"Mara Voss\"\nqueues = [\"sales\"]\n",
    )
    .await;
    let Some(mara) = Browser::at_the_desk(&house, "mara", AGENT_HZ).await else { return };
    mara.can_be_called(&house, "mara").await;
    mara.click("#status").await;
    mara.click(".mestat [value=available]").await;
    until("mara is available", || house.floor().iter().any(|line| line.starts_with("mara Available"))).await;
    let Some(visitor) = Browser::start(CUSTOMER_HZ).await else { return };
    visitor.at_the_shop(house.web).await;
    visitor.click_inside(".launch").await;
    let mut noise = Noise::new(17);
    let mut calls = 0;
    for round in 0..4 {
        // A telephone gives up, or the visitor in the window does, as Mara accepts. Her click may find no button any more.
        calls += 1;
        if round % 2 == 0 {
            let caller = Caller::dial(house.sip, "4001", "+4930111", CUSTOMER_HZ).await;
            mara.sees(".ringcard .accept").await;
            at_once(&mut noise, caller.hang_up(), mara.tries_to_click(".ringcard .accept")).await;
        } else {
            visitor.click_inside("[aria-label='Call us']").await;
            mara.sees(".ringcard .accept").await;
            at_once(&mut noise, visitor.tries_to_click_inside("[data-act=hangup]"), mara.tries_to_click(".ringcard .accept")).await;
            // The window may have been drawn anew between finding its button and clicking it: then they talk until it is clicked.
            hung_up(&house, || visitor.tries_to_click_inside("[data-act=hangup]")).await;
            visitor.reads_inside("The call has ended").await;
            visitor.click_inside("[data-act=close]").await;
        }
        nothing_is_left(&house, calls).await;
        mara.loses(".ringcard").await;
        house.stands("mara Available 0/100").await;
        // Both hang up at once.
        calls += 1;
        visitor.click_inside("[aria-label='Call us']").await;
        mara.click(".ringcard .accept").await;
        mara.hears(CUSTOMER_HZ).await;
        visitor.hears(AGENT_HZ).await;
        at_once(&mut noise, visitor.tries_to_click_inside("[data-act=hangup]"), mara.tries_to_click("#end")).await;
        // Both may have found a button that was just being drawn anew.
        hung_up(&house, || mara.tries_to_click("#end")).await;
        visitor.reads_inside("The call has ended").await;
        visitor.click_inside("[data-act=close]").await;
        nothing_is_left(&house, calls).await;
        house.stands("mara Available 0/100").await;
    }
    let ends = house.rows("SELECT DISTINCT ended_by || ' ' || end_cause FROM call ORDER BY 1");
    let fair = ["agent normal", "customer abandoned", "customer normal"];
    assert!(ends.iter().all(|end| fair.contains(&end.as_str())), "{ends:?}");
    house.close().await;
}

/// Clicks until nobody talks any more.
async fn hung_up<C: Future<Output = ()>>(house: &House, click: impl Fn() -> C) {
    let asked = Instant::now();
    while house.app.switchboard.lines_open() > 0 {
        assert!(asked.elapsed() < PATIENCE, "nobody can hang up\n{}", house.told());
        talk(Duration::from_millis(500)).await;
        click().await;
    }
}

/// An ordinary call after all that.
async fn is_served(house: &House, phone: &DeskPhone, number: &str, calls: usize) {
    let caller = Caller::dial(house.sip, number, "+4930111", CUSTOMER_HZ).await;
    until("the desk phone rings, or was picked up at once", || phone.is_ringing() || phone.is_talking()).await;
    if phone.is_ringing() {
        phone.answer().await;
    }
    caller.hears(AGENT_HZ).await;
    phone.hears(CUSTOMER_HZ).await;
    caller.hang_up().await;
    phone.is_idle().await;
    nothing_is_left(house, calls).await;
}
