//! A call that goes on at another desk phone of its agent (INVITE with Replaces, RFC 3891), and nobody else's that does.

use super::recording;
use crate::rig::extension::Extension;
use crate::rig::house::House;
use crate::rig::phone::{Caller, talk};
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ, OTHER_AGENT_HZ, OUTSIDE_HZ};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;

async fn house() -> House {
    House::open(
        "[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n\
         [[queues]]\nid = \"sales\"\nname = \"Sales\"\nrecord = true\nwrap_up = \"0s\"\nmusic = \"music\"\n\
         [[agents]]\nid = \"dora\"\nname = \"Dora\"\nqueues = [\"sales\"]\nalways_available = true\n\
         phone = { username = \"d100\", password = \"s3cret\" }\n\
         [[agents]]\nid = \"emil\"\nname = \"Emil\"\nqueues = [\"sales\"]\nalways_available = true\n\
         phone = { username = \"d200\", password = \"s3cret\" }\n",
    )
    .await
}

/// A caller who talks to dora at her desk; her second phone logs in then.
async fn talking(house: &House) -> (Caller, Extension, Extension) {
    let desk = Extension::registered(house, "d100", "s3cret", AGENT_HZ).await;
    house.stands("dora Available 0/100").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    caller.hears(AGENT_HZ).await;
    desk.hears(0, CUSTOMER_HZ).await;
    let other = Extension::registered(house, "d100", "s3cret", OUTSIDE_HZ).await;
    (caller, desk, other)
}

#[tokio::test(flavor = "multi_thread")]
async fn another_phone_of_the_agent_goes_on_with_the_call() {
    let house = house().await;
    let (caller, desk, other) = talking(&house).await;
    let former = desk.replaces(0);
    let asked = Instant::now();
    other.dial_replacing(0, "dora", &former).await;
    other.talks(0).await;
    desk.is_idle(0).await;
    let again = caller.hears_since(OUTSIDE_HZ, asked).await;
    assert!(caller.quiet(asked, again) < Duration::from_millis(800), "{:?} of silence", caller.quiet(asked, again));
    assert!(caller.music(asked, again, AGENT_HZ) < Duration::from_millis(400), "no music between");
    other.hears(0, CUSTOMER_HZ).await;
    // Who has lost it gets no further by its old name, nor does anybody by one that never was; and one that is only to be had while it rings is up.
    desk.dial_replacing(0, "dora", &former).await;
    assert_eq!(desk.refused(0).await, 603);
    desk.dial_replacing(0, "dora", "never;to-tag=a;from-tag=b").await;
    assert_eq!(desk.refused(0).await, 481);
    desk.dial_replacing(0, "dora", &format!("{};early-only", other.replaces(0))).await;
    assert_eq!(desk.refused(0).await, 486);
    // A colleague's phone does not get it either.
    let emil = Extension::registered(&house, "d200", "s3cret", OTHER_AGENT_HZ).await;
    emil.dial_replacing(0, "dora", &other.replaces(0)).await;
    assert_eq!(emil.refused(0).await, 603);
    caller.hears(OUTSIDE_HZ).await;
    other.hears(0, CUSTOMER_HZ).await;
    talk(Duration::from_millis(1_500)).await;
    caller.hang_up().await;
    other.is_idle(0).await;
    house.quiet().await;
    house.shows("SELECT agent, ended_by, end_cause FROM call", &["dora|customer|normal"]).await;
    house.shows("SELECT agent, bridged_at IS NOT NULL, ended_at IS NOT NULL FROM leg ORDER BY id", &["-|1|1", "dora|1|1"]).await;
    let recording = recording(&house).await;
    let (left, right) = (&recording.left, &recording.right);
    let (heard, whole) = (Recording::heard(left, CUSTOMER_HZ), recording.millis());
    assert!(heard + 400 > whole, "the customer throughout: {heard} of {whole} ms");
    let (said, begins) = (Recording::stretch(right, AGENT_HZ).1, Recording::stretch(right, OUTSIDE_HZ).0);
    assert!(
        Recording::heard(right, OUTSIDE_HZ) > 1_200 && begins >= said && begins - said < 1_000,
        "one phone until {said}, the other from {begins}"
    );
    assert_eq!(Recording::heard(right, OTHER_AGENT_HZ), 0);
    house.stands("dora Available 0/100").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_at_one_phone_is_taken_up_at_the_other() {
    let house = house().await;
    let (caller, desk, other) = talking(&house).await;
    desk.hold(0, true).await;
    caller.hears_music(&[AGENT_HZ]).await;
    other.dial_replacing(0, "dora", &desk.replaces(0)).await;
    caller.hears(OUTSIDE_HZ).await;
    other.hears(0, CUSTOMER_HZ).await;
    desk.is_idle(0).await;
    // And back.
    desk.dial_replacing(0, "dora", &other.replaces(0)).await;
    caller.hears(AGENT_HZ).await;
    desk.hears(0, CUSTOMER_HZ).await;
    other.is_idle(0).await;
    desk.hang_up(0).await;
    caller.hung_up_on().await;
    house.quiet().await;
    house.shows("SELECT agent, ended_by FROM call", &["dora|agent"]).await;
    house.stands("dora Available 0/100").await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rings_at_one_phone_is_picked_up_at_the_other() {
    let house = house().await;
    let desk = Extension::unattended(&house, "d100", "s3cret", AGENT_HZ).await;
    house.stands("dora Available 0/100").await;
    let caller = Caller::dial(house.sip, "4001", "+491", CUSTOMER_HZ).await;
    desk.rings(0).await;
    let other = Extension::registered(&house, "d100", "s3cret", OUTSIDE_HZ).await;
    other.dial_replacing(0, "dora", &format!("{};early-only", desk.replaces(0))).await;
    other.talks(0).await;
    caller.hears(OUTSIDE_HZ).await;
    other.hears(0, CUSTOMER_HZ).await;
    desk.is_idle(0).await;
    caller.hang_up().await;
    other.is_idle(0).await;
    house.quiet().await;
    house.shows("SELECT agent, ended_by FROM call", &["dora|customer"]).await;
    house.close().await;
}

/// An INVITE from here, with these headers more; gives the final answer without what differs from one to the next.
async fn answer(house: &House, from: &UdpSocket, more: &str) -> String {
    let local = from.local_addr().expect("an address");
    let branch: u32 = rand::random();
    let text = format!(
        "INVITE sip:dora@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{branch};rport\r\nFrom: <sip:x@{local}>;tag={branch}\r\n\
         To: <sip:dora@{to}>\r\nCall-ID: {branch}@{local}\r\nCSeq: 1 INVITE\r\nContact: <sip:x@{local}>\r\nMax-Forwards: 70\r\n{more}\
         Content-Length: 0\r\n\r\n",
        to = house.sip
    );
    from.send_to(text.as_bytes(), house.sip).await.expect("sent");
    let mut buffer = [0; 4_096];
    loop {
        let (n, _) =
            tokio::time::timeout(Duration::from_secs(10), from.recv_from(&mut buffer)).await.expect("an answer").expect("received");
        let text = String::from_utf8_lossy(&buffer[..n]).into_owned();
        if !text.contains(&branch.to_string()) || text.starts_with("SIP/2.0 1") {
            continue;
        }
        let names: Vec<&str> = text.lines().filter_map(|line| line.split(':').next()).collect();
        return names.join("|");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_trunks_learn_nothing_by_it() {
    let house = house().await;
    let (caller, desk, _other) = talking(&house).await;
    let live = format!("Replaces: {}\r\n", desk.replaces(0));
    let early = format!("Replaces: {};early-only\r\n", desk.replaces(0));
    let forged = [live.as_str(), &early, "Replaces: never;to-tag=a;from-tag=b\r\n", "Replaces: rubbish\r\n"];
    // Nobody's address: as to one who asks for no call's place at all.
    for (n, more) in forged.into_iter().enumerate() {
        let nobody = UdpSocket::bind(SocketAddr::from(([127, 0, 0, 10 + n as u8], 0))).await.expect("a port");
        let plain = answer(&house, &nobody, "").await;
        assert_eq!(answer(&house, &nobody, more).await, plain, "{more}");
        assert!(plain.starts_with("SIP/2.0 401 "), "{plain}");
    }
    // A trunk: one answer, whatever it names.
    let trunk = UdpSocket::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a port");
    for more in forged {
        let answer = answer(&house, &trunk, more).await;
        assert!(answer.starts_with("SIP/2.0 403 "), "{more}: {answer}");
    }
    caller.hears(AGENT_HZ).await;
    desk.hears(0, CUSTOMER_HZ).await;
    caller.hang_up().await;
    house.quiet().await;
    house.shows("SELECT count(*) FROM call", &["1"]).await;
    house.close().await;
}
