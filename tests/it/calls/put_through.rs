//! Flows that put callers through to a number outside: who hears what, who hangs up, what is recorded, and who comes back.

use super::{house_of, recording, way_out};
use crate::rig::baresip::Baresip;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::phone::{Caller, talk};
use crate::rig::sipp::Sipp;
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OUTSIDE_HZ};
use std::time::Duration;

/// 5000 rings outside; who is not reached there comes to dora.
async fn house(dora: &DeskPhone, outside: &str) -> House {
    let flow = "flows = [\"+49\"]\n[[lines]]\nnumber = \"5000\"\nflow = \"night\"\n\
                [flows.night.nodes.start]\nkind = \"outside\"\nnumber = \"+4915112345678\"\nwait = \"4s\"\notherwise = \"queue:sales\"\n";
    house_of(&[dora], "", &format!("{outside}{flow}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_is_put_through_and_either_side_ends_it_unrecorded() {
    let (dora, outside) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OUTSIDE_HZ, false).await);
    let house = house(&dora, &way_out(&outside)).await;
    for outside_hangs_up in [true, false] {
        let caller = Caller::dial(house.sip, "5000", "+491", CUSTOMER_HZ).await;
        outside.rings().await;
        caller.hears_music(&[OUTSIDE_HZ]).await;
        outside.pick_up().await;
        caller.hears(OUTSIDE_HZ).await;
        outside.hears(CUSTOMER_HZ).await;
        if outside_hangs_up {
            outside.hang_up().await;
            caller.hung_up_on().await;
        } else {
            caller.hang_up().await;
            outside.is_idle().await;
        }
        house.quiet().await;
    }
    assert_eq!(dora.rung(), 0);
    house.shows("SELECT count(*) FROM recording", &["0"]).await;
    house.shows("SELECT ended_by, end_cause FROM call ORDER BY id", &["outside|normal", "customer|normal"]).await;
    house.shows("SELECT count(*) FROM callback", &["0"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_busy_or_silent_outside_leaves_the_caller_to_an_agent() {
    let (dora, outside) = (DeskPhone::new(AGENT_HZ, true).await, DeskPhone::new(OUTSIDE_HZ, false).await);
    let house = house(&dora, &way_out(&outside)).await;
    let caller = Caller::dial(house.sip, "5000", "+491", CUSTOMER_HZ).await;
    outside.refuse().await;
    caller.hears(AGENT_HZ).await;
    dora.hears(CUSTOMER_HZ).await;
    talk(Duration::from_millis(1_500)).await;
    caller.hang_up().await;
    house.quiet().await;
    house
        .tells(&[
            "person added",
            "call 1 from +491 to 5000",
            "call 1 answered",
            "call 1 enters night",
            "call 1 dials +4915112345678 for outside 1",
            "call 1 not joined by outside 1: Some(Busy)",
            "call 1 leaves night for queue:sales",
            "call 1 waits in sales (New)",
            "call 1 offered to dora",
            "call 1 Accepted by dora",
            "call 1 with dora",
            "call 1 recorded",
            "call 1 leaves dora",
            "call 1 ended by Customer: Normal",
        ])
        .await;
    let recording = recording(&house).await;
    assert!(Recording::heard(&recording.left, CUSTOMER_HZ) > 700 && Recording::heard(&recording.right, AGENT_HZ) > 700);
    // Nobody picks up outside: it rings for four seconds, then stops.
    let patient = Caller::dial(house.sip, "5000", "+492", CUSTOMER_HZ).await;
    outside.rings().await;
    patient.hears(AGENT_HZ).await;
    outside.stops_ringing().await;
    patient.hang_up().await;
    house.quiet().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn baresip_is_put_through_to_sipp() {
    let dora = DeskPhone::new(AGENT_HZ, true).await;
    let Some(outside) = Sipp::desk_phone(OUTSIDE_HZ).await else { return };
    let way_out = format!(
        "[[trunks]]\nid = \"out\"\nserver = \"{}\"\nping = \"0s\"\n[trunks.outbound]\nallow = [\"+49\"]\n[dial]\ncountry = \"de\"\n",
        outside.address
    );
    let house = house(&dora, &way_out).await;
    let Some(mut caller) = Baresip::caller(house.sip, "5000", "+4930446", CUSTOMER_HZ) else { return };
    outside.audio.hears(CUSTOMER_HZ).await;
    talk(Duration::from_secs(2)).await;
    caller.quit().await;
    outside.succeeds().await;
    house.quiet().await;
    assert!(caller.heard(OUTSIDE_HZ) > 1_000, "baresip heard for {} ms\n{}", caller.heard(OUTSIDE_HZ), caller.log());
    house.shows("SELECT count(*) FROM recording", &["0"]).await;
    house.close().await;
}
