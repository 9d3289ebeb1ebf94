//! What agents do by the keys of desk phones that have lines of their own, without any page.

use super::{recording, way_out};
use crate::rig::baresip::{Baresip, Login};
use crate::rig::deskphone::DeskPhone;
use crate::rig::extension::Extension;
use crate::rig::house::House;
use crate::rig::linphone::Linphone;
use crate::rig::phone::{Caller, talk};
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ, OTHER_CUSTOMER_HZ, OUTSIDE_HZ, until};
use std::time::Duration;

async fn house(more: &str) -> House {
    house_with("accept", more).await
}

/// Two agents whose phones log in, the first one's with this `srtp`; the queue's calls are recorded.
async fn house_with(srtp: &str, more: &str) -> House {
    House::open(&format!(
        "[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n[[lines]]\nnumber = \"4100\"\nagent = \"dora\"\n\
         [[queues]]\nid = \"sales\"\nname = \"Sales\"\nrecord = true\nwrap_up = \"0s\"\n\
         [[agents]]\nid = \"dora\"\nname = \"Dora\"\nqueues = [\"sales\"]\nalways_available = true\n\
         phone = {{ username = \"d100\", password = \"s3cret\", srtp = \"{srtp}\" }}\n\
         [[agents]]\nid = \"emil\"\nname = \"Emil\"\nqueues = [\"sales\"]\nalways_available = true\n\
         phone = {{ username = \"d200\", password = \"s3cret\" }}\n{more}"
    ))
    .await
}

/// Dora's phone has logged in, and she talks with the first caller.
async fn dora_talks(house: &House) -> (Extension, Caller) {
    let dora = Extension::registered(house, "d100", "s3cret", AGENT_HZ).await;
    house.stands("dora Available 0/100").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    dora.hears(0, CUSTOMER_HZ).await;
    (dora, caller)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_is_parked_at_by_the_transfer_key_and_fetched_by_dialling_it() {
    let house = house("").await;
    let (dora, caller) = dora_talks(&house).await;
    dora.refer(0, "705", "").await;
    dora.is_idle(0).await;
    assert_eq!(dora.referred(0), "200 OK");
    caller.hears_music(&[AGENT_HZ]).await;
    assert!(house.story().contains(&"call 1 parked at 705".to_owned()), "{}", house.told());
    // Where somebody waits already nobody else is put: the talk goes on.
    let other = Caller::dial(house.sip, "4100", "+492", OTHER_CUSTOMER_HZ).await;
    other.hears(AGENT_HZ).await;
    dora.refer(0, "705", "").await;
    until("the phone hears that the slot is taken", || dora.referred(0) == "603 Decline").await;
    dora.hears(0, OTHER_CUSTOMER_HZ).await;
    dora.refer(0, "706", "").await;
    dora.is_idle(0).await;
    let emil = Extension::registered(&house, "d200", "s3cret", OTHER_AGENT_HZ).await;
    house.stands("emil Available 0/100").await;
    emil.dial(0, "707").await;
    assert_eq!(emil.refused(0).await, 404);
    emil.dial(0, "705").await;
    caller.hears(OTHER_AGENT_HZ).await;
    emil.hears(0, CUSTOMER_HZ).await;
    emil.hang_up(0).await;
    caller.hung_up_on().await;
    house.stands("emil Available 0/100").await;
    emil.dial(0, "706").await;
    other.hears(OTHER_AGENT_HZ).await;
    emil.hears(0, OTHER_CUSTOMER_HZ).await;
    other.hang_up().await;
    emil.is_idle(0).await;
    house.quiet().await;
    house.shows("SELECT agent, ended_by FROM call ORDER BY id", &["emil|agent", "emil|customer"]).await;
    house.shows("SELECT count(*) FROM call", &["2"]).await;
    house.close().await;
}

/// Another maker's phone fetches a customer by dialling the slot, and nothing rings for it.
#[tokio::test(flavor = "multi_thread")]
async fn baresip_fetches_who_is_parked() {
    let house = house("").await;
    let login = Login { user: "d100", password: "s3cret", transport: "udp", srtp: false };
    let Some(mut phone) = Baresip::registered(&house, &login, AGENT_HZ) else { return };
    house.stands("dora Available 0/100").await;
    let page = house.agent("dora").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    page.does("/work/call/1/park", &[]).await;
    caller.hears_music(&[AGENT_HZ]).await;
    phone.dial(&house, &login, "701").await;
    caller.hears(AGENT_HZ).await;
    talk(Duration::from_secs(2)).await;
    caller.hang_up().await;
    house.quiet().await;
    page.leave().await;
    phone.quit().await;
    assert!(phone.heard(CUSTOMER_HZ) > 500, "baresip heard the customer for {} ms\n{}", phone.heard(CUSTOMER_HZ), phone.log());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attended_transfer_is_one_call_to_the_house() {
    let house = house("").await;
    let (dora, caller) = dora_talks(&house).await;
    let emil = Extension::registered(&house, "d200", "s3cret", OTHER_AGENT_HZ).await;
    house.stands("emil Available 0/100").await;
    dora.hold(0, true).await;
    caller.hears_music(&[AGENT_HZ]).await;
    dora.dial(1, "emil").await;
    dora.hears(1, OTHER_AGENT_HZ).await;
    emil.hears(0, AGENT_HZ).await;
    caller.hears_music(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    dora.forget(0);
    talk(Duration::from_millis(1_500)).await;
    assert!(emil.share(0, CUSTOMER_HZ) < 0.1 && dora.share(1, CUSTOMER_HZ) < 0.1, "the customer is not heard in the consult");
    assert!(dora.share(0, OTHER_AGENT_HZ) < 0.1, "each line has its own");
    // To the customer and back, by taking one line from hold after holding the other.
    dora.hold(1, true).await;
    dora.hold(0, false).await;
    caller.hears(AGENT_HZ).await;
    dora.hears(0, CUSTOMER_HZ).await;
    emil.hears_music(0, &[AGENT_HZ, CUSTOMER_HZ]).await;
    dora.hold(0, true).await;
    caller.hears_music(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    dora.hold(1, false).await;
    emil.hears(0, AGENT_HZ).await;
    dora.hears(1, OTHER_AGENT_HZ).await;
    dora.transfer(0, "emil", 1).await;
    dora.is_idle(0).await;
    dora.is_idle(1).await;
    assert_eq!((dora.taken(0), dora.referred(0).as_str()), (Some(202), "200 OK"));
    caller.hears(OTHER_AGENT_HZ).await;
    emil.hears(0, CUSTOMER_HZ).await;
    talk(Duration::from_millis(1_000)).await;
    caller.hang_up().await;
    emil.is_idle(0).await;
    house.quiet().await;
    house.shows("SELECT agent, ended_by, end_cause FROM call", &["emil|customer|normal"]).await;
    house
        .shows("SELECT agent, bridged_at IS NOT NULL, ended_at IS NOT NULL FROM leg ORDER BY id", &["-|1|1", "dora|1|1", "emil|1|1"])
        .await;
    house
        .shows(
            "SELECT kind, agent FROM chapter ORDER BY id",
            &["talk|dora", "consult|emil", "joined|emil", "consult_end|dora", "talk|emil"],
        )
        .await;
    let recording = recording(&house).await;
    assert!(Recording::heard(&recording.left, CUSTOMER_HZ) > 3_000, "the customer throughout");
    let after = Recording::heard(&recording.right, OTHER_AGENT_HZ);
    let (begins, said) = (Recording::stretch(&recording.right, OTHER_AGENT_HZ).0, Recording::stretch(&recording.right, AGENT_HZ).1);
    assert!(after > 700 && begins >= said, "{after} ms from {begins}, the first agent until {said}: no consult in the recording");
    house.stands("dora Available 0/100").await;
    house.stands("emil Available 0/100").await;
    house.close().await;
}

/// The phone's own conference key takes both lines from hold: the house makes one talk of them, which goes on on the first.
#[tokio::test(flavor = "multi_thread")]
async fn the_conference_key_makes_one_talk_of_both_lines() {
    let house = house("").await;
    let (dora, caller) = dora_talks(&house).await;
    let emil = Extension::registered(&house, "d200", "s3cret", OTHER_AGENT_HZ).await;
    house.stands("emil Available 0/100").await;
    dora.hold(0, true).await;
    dora.dial(1, "emil").await;
    dora.hears(1, OTHER_AGENT_HZ).await;
    dora.hold(0, false).await;
    caller.hears_all(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    emil.hears_all(0, &[AGENT_HZ, CUSTOMER_HZ]).await;
    dora.hears_all(0, &[CUSTOMER_HZ, OTHER_AGENT_HZ]).await;
    dora.is_idle(1).await;
    talk(Duration::from_millis(1_000)).await;
    // Who brought them together goes; the others talk on.
    dora.hang_up(0).await;
    house.shows("SELECT agent FROM call", &["emil"]).await;
    caller.hears(OTHER_AGENT_HZ).await;
    emil.hears(0, CUSTOMER_HZ).await;
    caller.hang_up().await;
    emil.is_idle(0).await;
    house.quiet().await;
    house.shows("SELECT agent, ended_by, end_cause FROM call", &["emil|customer|normal"]).await;
    let recording = recording(&house).await;
    assert!(Recording::heard(&recording.left, CUSTOMER_HZ) > 2_000, "the customer throughout");
    for hz in [AGENT_HZ, OTHER_AGENT_HZ] {
        assert!(Recording::heard(&recording.right, hz) > 700, "{hz} Hz in the recording");
    }
    house.close().await;
}

/// The recording key of a desk phone, as some makers send it.
#[tokio::test(flavor = "multi_thread")]
async fn the_recording_key_pauses_the_recording() {
    let house = house("").await;
    let (dora, caller) = dora_talks(&house).await;
    talk(Duration::from_millis(1_000)).await;
    dora.record(0, false).await;
    house.shows("SELECT paused FROM recording", &["1"]).await;
    talk(Duration::from_millis(2_000)).await;
    dora.record(0, true).await;
    house.shows("SELECT paused FROM recording", &["0"]).await;
    talk(Duration::from_millis(500)).await;
    caller.hang_up().await;
    house.quiet().await;
    let recording = recording(&house).await;
    let (whole, heard) = (recording.millis(), Recording::heard(&recording.left, CUSTOMER_HZ));
    assert!(heard > 1_000 && heard + 1_500 < whole, "{heard} ms of {whole}: two seconds are silent");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_hangs_up_in_a_consult_by_phone() {
    let outside = DeskPhone::new(OUTSIDE_HZ, false).await;
    // Nobody is to wait here because the trunk takes few calls a second.
    let house = house(&way_out(&outside).replace("[dial]", "calls_per_second = 50\n[dial]")).await;
    let (dora, caller) = dora_talks(&house).await;
    // The agent, while it rings there and when they have talked: the customer goes on waiting until the phone takes them back.
    dora.hold(0, true).await;
    dora.dial(1, "030999888").await;
    outside.rings().await;
    dora.hears_music(1, &[CUSTOMER_HZ, OUTSIDE_HZ]).await;
    dora.hang_up(1).await;
    outside.stops_ringing().await;
    dora.dial(1, "030999888").await;
    outside.pick_up().await;
    outside.hears(AGENT_HZ).await;
    dora.hears(1, OUTSIDE_HZ).await;
    caller.hears_music(&[AGENT_HZ, OUTSIDE_HZ]).await;
    dora.hang_up(1).await;
    outside.is_idle().await;
    caller.hears_music(&[AGENT_HZ, OUTSIDE_HZ]).await;
    dora.hold(0, false).await;
    caller.hears(AGENT_HZ).await;
    dora.hears(0, CUSTOMER_HZ).await;
    // The one consulted, by refusing and by hanging up: the phone's second line is over with it.
    dora.hold(0, true).await;
    dora.dial(1, "030999888").await;
    dora.talks(1).await;
    outside.refuse().await;
    dora.is_idle(1).await;
    dora.dial(1, "030999888").await;
    outside.pick_up().await;
    dora.hears(1, OUTSIDE_HZ).await;
    outside.hang_up().await;
    dora.is_idle(1).await;
    caller.hears_music(&[AGENT_HZ, OUTSIDE_HZ]).await;
    dora.hold(0, false).await;
    caller.hears(AGENT_HZ).await;
    // The customer: nothing is left of either line.
    dora.hold(0, true).await;
    dora.dial(1, "030999888").await;
    outside.pick_up().await;
    dora.hears(1, OUTSIDE_HZ).await;
    caller.hang_up().await;
    dora.is_idle(0).await;
    dora.is_idle(1).await;
    outside.is_idle().await;
    house.quiet().await;
    house.stands("dora Available 0/100").await;
    // The agent, by putting the customer's line on hook: the one consulted takes over.
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    dora.hold(0, true).await;
    dora.dial(1, "030999888").await;
    outside.pick_up().await;
    dora.hears(1, OUTSIDE_HZ).await;
    dora.hang_up(0).await;
    dora.is_idle(1).await;
    caller.hears(OUTSIDE_HZ).await;
    outside.hears(CUSTOMER_HZ).await;
    outside.hang_up().await;
    caller.hung_up_on().await;
    house.quiet().await;
    house.shows("SELECT count(*) FROM call", &["2"]).await;
    house.close().await;
}

/// A Replaces leads nowhere but to the other line of the same phone in the same call, or to the same agent's other phone.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_into_anybody_elses_call() {
    let house = house("").await;
    let (dora, caller) = dora_talks(&house).await;
    let emil = Extension::registered(&house, "d200", "s3cret", OTHER_AGENT_HZ).await;
    house.stands("emil Available 0/100").await;
    let other = Caller::dial(house.sip, "4001", "+492", OTHER_CUSTOMER_HZ).await;
    other.hears(OTHER_AGENT_HZ).await;
    let escaped = |replaces: String| replaces.replace(';', "%3B").replace('=', "%3D");
    let refused = async |to: &str, behind: &str, with: &str| {
        emil.refer(0, to, behind).await;
        until(&format!("{behind} is refused"), || emil.referred(0) == with).await;
    };
    let gone = "481 Call/Transaction Does Not Exist";
    // Another's call, one that never was, and the very one that asks.
    refused("dora", &format!("?Replaces={}", escaped(dora.replaces(0))), gone).await;
    refused("dora", "?Replaces=never%3Bto-tag%3Da%3Bfrom-tag%3Db", gone).await;
    refused("dora", &format!("?Replaces={}", escaped(emil.replaces(0))), gone).await;
    emil.refer(0, "dora", "?Replaces=nonsense").await;
    until("what cannot be read is refused at once", || emil.taken(0) == Some(400)).await;
    emil.hold(0, true).await;
    emil.dial_replacing(1, "dora", &dora.replaces(0)).await;
    assert_eq!(emil.refused(1).await, 603);
    emil.dial_replacing(1, "dora", "never;to-tag=a;from-tag=b").await;
    assert_eq!(emil.refused(1).await, 481);
    emil.hold(0, false).await;
    for _ in 0..2 {
        caller.hears(AGENT_HZ).await;
        other.hears(OTHER_AGENT_HZ).await;
        dora.hears(0, CUSTOMER_HZ).await;
        emil.hears(0, OTHER_CUSTOMER_HZ).await;
        dora.forget(0);
    }
    caller.hang_up().await;
    other.hang_up().await;
    house.quiet().await;
    house.shows("SELECT agent, ended_by FROM call ORDER BY id", &["dora|customer", "emil|customer"]).await;
    house.close().await;
}

/// Another maker's phone: its user pauses, dials and joins the two.
#[tokio::test(flavor = "multi_thread")]
async fn linphone_asks_a_colleague_and_hands_over() {
    let house = house_with("required", "").await;
    let Some(mut dora) = Linphone::registered(&house, "d100", "s3cret", AGENT_HZ) else { return };
    house.stands("dora Available 0/100").await;
    let caller = Caller::dial(house.sip, "4001", "+4930111", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    let emil = Extension::registered(&house, "d200", "s3cret", OTHER_AGENT_HZ).await;
    house.stands("emil Available 0/100").await;
    dora.pause();
    caller.hears_music(&[AGENT_HZ]).await;
    dora.dial("emil");
    emil.hears(0, AGENT_HZ).await;
    caller.hears_music(&[AGENT_HZ, OTHER_AGENT_HZ]).await;
    assert!(emil.share(0, CUSTOMER_HZ) < 0.1, "the customer is not heard in the consult");
    dora.join();
    caller.hears(OTHER_AGENT_HZ).await;
    emil.hears(0, CUSTOMER_HZ).await;
    house.stands("dora Available 0/100").await;
    emil.hang_up(0).await;
    caller.hung_up_on().await;
    house.quiet().await;
    house.shows("SELECT agent, ended_by FROM call", &["emil|agent"]).await;
    dora.quit().await;
    house.close().await;
}
