//! What agents do by the keys of desk phones that have lines of their own, without any page.

use crate::rig::baresip::{Baresip, Login};
use crate::rig::extension::Extension;
use crate::rig::house::House;
use crate::rig::phone::Caller;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ, OTHER_CUSTOMER_HZ, until};

/// Two agents whose phones log in; the queue's calls are recorded.
async fn house(more: &str) -> House {
    House::open(&format!(
        "[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n[[lines]]\nnumber = \"4100\"\nagent = \"dora\"\n\
         [[queues]]\nid = \"sales\"\nname = \"Sales\"\nrecord = true\nwrap_up = \"0s\"\n\
         [[agents]]\nid = \"dora\"\nname = \"Dora\"\nqueues = [\"sales\"]\nalways_available = true\n\
         phone = {{ username = \"d100\", password = \"s3cret\" }}\n\
         [[agents]]\nid = \"emil\"\nname = \"Emil\"\nqueues = [\"sales\"]\nalways_available = true\n\
         phone = {{ username = \"d200\", password = \"s3cret\" }}\n{more}"
    ))
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_is_parked_at_by_the_transfer_key_and_fetched_by_dialling_it() {
    let house = house("").await;
    let dora = Extension::registered(&house, "d100", "s3cret", AGENT_HZ).await;
    house.stands("dora Available 0/100").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    dora.hears(0, CUSTOMER_HZ).await;
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
    caller.hang_up().await;
    house.quiet().await;
    page.leave().await;
    phone.quit().await;
    assert!(phone.heard(CUSTOMER_HZ) > 500, "baresip heard the customer for {} ms\n{}", phone.heard(CUSTOMER_HZ), phone.log());
    house.close().await;
}
