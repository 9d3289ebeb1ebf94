//! Desk phones that register: baresip over UDP, TCP, and TLS with encrypted audio, linphone likewise, heard in both directions.

use super::recording;
use crate::rig::baresip::{Baresip, Login};
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::linphone::Linphone;
use crate::rig::phone::{Caller, talk};
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ, OUTSIDE_HZ, until};
use std::time::Duration;

async fn house(srtp: &str) -> House {
    House::open(&format!(
        "[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n[[queues]]\nid = \"sales\"\nname = \"Sales\"\nrecord = true\nwrap_up = \"0s\"\n\
         [[agents]]\nid = \"dora\"\nname = \"Dora\"\nqueues = [\"sales\"]\nalways_available = true\n\
         phone = {{ username = \"d100\", password = \"s3cret\", srtp = \"{srtp}\" }}\n"
    ))
    .await
}

async fn registered(house: &House, phones: usize) {
    house.shows("SELECT count(*) FROM phone WHERE reachable = 1", &[&phones.to_string()]).await;
}

/// Another's TLS and another's SRTP: the certificate is verified, the audio is encrypted both ways, and each side hears the other.
#[tokio::test(flavor = "multi_thread")]
async fn linphone_over_tls_with_encrypted_audio() {
    let house = house("required").await;
    let Some(mut phone) = Linphone::registered(&house, "d100", "s3cret", AGENT_HZ) else { return };
    registered(&house, 1).await;
    house.stands("dora Available 0/100").await;
    assert_eq!(house.rows("SELECT transport FROM phone"), ["tls"]);
    for by in ["customer", "agent"] {
        let caller = Caller::dial(house.sip, "4001", "+4930111", CUSTOMER_HZ).await;
        caller.hears(AGENT_HZ).await;
        talk(Duration::from_secs(3)).await;
        if by == "agent" {
            phone.hang_up();
            caller.hung_up_on().await;
        } else {
            caller.hang_up().await;
        }
        house.quiet().await;
    }
    house.shows("SELECT agent, ended_by, end_cause FROM call ORDER BY id", &["dora|customer|normal", "dora|agent|normal"]).await;
    house.shows("SELECT packets > 50, loss_percent < 5.0 FROM leg WHERE agent = 'dora'", &["1|1", "1|1"]).await;
    phone.quit().await;
    assert!(phone.heard(CUSTOMER_HZ) > 1_000, "linphone heard the customer for {} ms\n{}", phone.heard(CUSTOMER_HZ), phone.log());
    for file in house.rows("SELECT file FROM recording") {
        let recording = Recording::read(&house.data().join("recordings").join(file));
        assert!(Recording::heard(&recording.left, CUSTOMER_HZ) > 1_000 && Recording::heard(&recording.right, AGENT_HZ) > 1_000);
    }
    house.stands("dora Offline 0/100").await;
    house.close().await;
}

/// Registers, is called, talks; each side hears the other, and the recording holds both.
async fn talks(transport: &str, srtp: &str) {
    let house = house(srtp).await;
    house.stands("dora Offline 0/100").await;
    let Some(mut phone) =
        Baresip::registered(&house, &Login { user: "d100", password: "s3cret", transport, srtp: srtp == "required" }, AGENT_HZ)
    else {
        return;
    };
    registered(&house, 1).await;
    house.stands("dora Available 0/100").await;
    let at = house.rows("SELECT transport FROM phone");
    assert_eq!(at, [transport]);
    let caller = Caller::dial(house.sip, "4001", "+4930111", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    talk(Duration::from_secs(3)).await;
    caller.hang_up().await;
    house.quiet().await;
    house.shows("SELECT agent, ended_by, end_cause FROM call", &["dora|customer|normal"]).await;
    phone.quit().await;
    assert!(phone.heard(CUSTOMER_HZ) > 1_000, "baresip heard the customer for {} ms\n{}", phone.heard(CUSTOMER_HZ), phone.log());
    let recording = recording(&house).await;
    assert!(Recording::heard(&recording.left, CUSTOMER_HZ) > 1_000 && Recording::heard(&recording.right, AGENT_HZ) > 1_000);
    // A phone that says goodbye is gone, and so is its agent.
    house.stands("dora Offline 0/100").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_udp() {
    talks("udp", "accept").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tcp() {
    talks("tcp", "off").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_with_encrypted_audio() {
    talks("tls", "required").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_never_gets_in() {
    let house = house("accept").await;
    let login = Login { user: "d100", password: "guess", transport: "udp", srtp: false };
    let Some(mut phone) = Baresip::registered(&house, &login, AGENT_HZ) else { return };
    until("baresip is refused", || phone.log().contains("401")).await;
    assert_eq!(house.rows("SELECT count(*) FROM phone"), ["0"]);
    house.stands("dora Offline 0/100").await;
    phone.quit().await;
    house.close().await;
}

/// Both ring; the one that is picked up has the call, the other falls silent.
#[tokio::test(flavor = "multi_thread")]
async fn two_phones_of_one_agent_ring_together() {
    let house = house("accept").await;
    let login = Login { user: "d100", password: "s3cret", transport: "udp", srtp: false };
    let Some(mut slow) = Baresip::registered_ringing(&house, &login, OTHER_AGENT_HZ) else { return };
    registered(&house, 1).await;
    let Some(mut quick) = Baresip::registered(&house, &Login { transport: "tcp", ..login }, AGENT_HZ) else { return };
    registered(&house, 2).await;
    let caller = Caller::dial(house.sip, "4001", "+4930111", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    until("the other phone rang and was called off", || {
        let log = slow.log();
        log.contains("ncoming call") && log.contains("closed")
    })
    .await;
    caller.hang_up().await;
    house.quiet().await;
    house.shows("SELECT agent, ended_by, end_cause FROM call", &["dora|customer|normal"]).await;
    slow.quit().await;
    quick.quit().await;
    assert_eq!(slow.heard(CUSTOMER_HZ), 0);
    house.close().await;
}

/// The house forgets nobody: after a restart the phone is asked, answers, and is rung without registering anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_the_phones() {
    let house = house("accept").await;
    let login = Login { user: "d100", password: "s3cret", transport: "udp", srtp: false };
    let Some(mut phone) = Baresip::registered(&house, &login, AGENT_HZ) else { return };
    registered(&house, 1).await;
    house.stands("dora Available 0/100").await;
    let house = house.again().await;
    house.stands("dora Available 0/100").await;
    let caller = Caller::dial(house.sip, "4001", "+4930111", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    caller.hang_up().await;
    house.quiet().await;
    phone.quit().await;
    house.close().await;
}

/// An agent dials a colleague on their own phone: both are heard, and it is a call of the desk.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_dials_a_colleague() {
    let house = House::open(
        "[[queues]]\nid = \"sales\"\nname = \"Sales\"\nwrap_up = \"0s\"\n\
         [[agents]]\nid = \"dora\"\nname = \"Dora\"\nqueues = [\"sales\"]\nalways_available = true\n\
         phone = { username = \"d100\", password = \"s3cret\" }\n\
         [[agents]]\nid = \"emil\"\nname = \"Emil\"\nqueues = [\"sales\"]\nalways_available = true\n\
         phone = { username = \"d200\", password = \"s3cret\" }\n",
    )
    .await;
    let emil = Login { user: "d200", password: "s3cret", transport: "udp", srtp: false };
    let Some(mut called) = Baresip::registered(&house, &emil, AGENT_HZ) else { return };
    registered(&house, 1).await;
    let dora = Login { user: "d100", password: "s3cret", transport: "udp", srtp: false };
    let Some(mut caller) = Baresip::registered(&house, &dora, CUSTOMER_HZ) else { return };
    registered(&house, 2).await;
    caller.dial(&house, &dora, "emil").await;
    house.shows("SELECT count(*) FROM call", &["1"]).await;
    talk(Duration::from_secs(6)).await;
    caller.quit().await;
    house.quiet().await;
    called.quit().await;
    assert!(called.heard(CUSTOMER_HZ) > 1_000, "emil heard dora for {} ms\n{}", called.heard(CUSTOMER_HZ), called.log());
    assert!(caller.heard(AGENT_HZ) > 1_000, "dora heard emil for {} ms\n{}", caller.heard(AGENT_HZ), caller.log());
    house.close().await;
}

/// A trunk and a phone behind one address, as a router in front of both makes them: who is logged in is the agent, and calls out as the agent;
/// whoever else comes from there is a customer of the trunk.
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_behind_a_trunks_address_is_the_agent_and_nobody_else_is() {
    let outside = DeskPhone::new(OUTSIDE_HZ, true).await;
    let house = House::open(&format!(
        "[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n[[trunks]]\nid = \"out\"\nserver = \"{}\"\nping = \"0s\"\n\
         [trunks.outbound]\nallow = [\"any\"]\n[dial]\ncountry = \"de\"\n\
         [[queues]]\nid = \"sales\"\nname = \"Sales\"\nwrap_up = \"0s\"\n\
         [[agents]]\nid = \"dora\"\nname = \"Dora\"\nqueues = [\"sales\"]\nalways_available = true\n\
         phone = {{ username = \"d100\", password = \"s3cret\" }}\n",
        outside.address
    ))
    .await;
    let dora = Login { user: "d100", password: "s3cret", transport: "udp", srtp: false };
    let Some(mut phone) = Baresip::registered(&house, &dora, AGENT_HZ) else { return };
    registered(&house, 1).await;
    phone.dial(&house, &dora, "0301234567").await;
    outside.hears(AGENT_HZ).await;
    talk(Duration::from_secs(3)).await;
    outside.hang_up().await;
    house.quiet().await;
    house.stands("dora Available 0/100").await;
    let caller = Caller::dial(house.sip, "4001", "d100", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    caller.hang_up().await;
    house.quiet().await;
    house.shows("SELECT direction, trunk, agent FROM call ORDER BY id", &["outbound|out|dora", "inbound|line|dora"]).await;
    assert_eq!(outside.rung(), 1);
    phone.quit().await;
    assert!(phone.heard(OUTSIDE_HZ) > 500, "dora heard the customer for {} ms\n{}", phone.heard(OUTSIDE_HZ), phone.log());
    house.close().await;
}
