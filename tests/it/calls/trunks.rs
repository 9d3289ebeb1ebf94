//! Several trunks: a call finds its way past the dead ones, with the number and the identity as each wants them.

use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::phone::talk;
use crate::rig::sipp::Sipp;
use crate::rig::{AGENT_HZ, free_port};
use hubline::desk::dial::book::TrunkProblem;
use hubline::desk::fact::{Fact, TrunkFact};
use hubline::desk::id::{AgentId, At};
use hubline::desk::input::{Callee, Command, Input};
use hubline::desk::person::{Identity, Who};
use hubline::desk::refusal::Refusal;
use hubline::desk::step::Answer;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;

/// A customer who is reached through a trunk: rings, checks what the INVITE says, picks up, waits for the end.
const CUSTOMER: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="customer behind a trunk">
<recv request="INVITE"><action>
<ereg regexp="INVITE sip:4930123456@" search_in="msg" check_it="true" assign_to="1"/>
<ereg regexp="sip:493055500@" search_in="hdr" header="From:" check_it="true" assign_to="2"/>
<ereg regexp="sip:493055500@" search_in="hdr" header="P-Asserted-Identity:" check_it="true" assign_to="3"/>
</action></recv>
<Reference variables="1,2,3"/>
<send><![CDATA[
SIP/2.0 180 Ringing
[last_Via:]
[last_From:]
[last_To:];tag=[pid]c[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:c@[local_ip]:[local_port]>
Content-Length: 0

]]></send>
<pause milliseconds="300"/>
<send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]c[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:c@[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

{sdp}]]></send>
<recv request="ACK"/>
<recv request="BYE"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>"#;

const UNAVAILABLE: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="out of order">
<recv request="INVITE"/>
<send><![CDATA[
SIP/2.0 503 Service Unavailable
[last_Via:]
[last_From:]
[last_To:];tag=[pid]u[call_number]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
<recv request="ACK"/>
</scenario>"#;

/// The number is to be had elsewhere.
const MOVED: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="moved">
<recv request="INVITE"/>
<send><![CDATA[
SIP/2.0 302 Moved Temporarily
[last_Via:]
[last_From:]
[last_To:];tag=[pid]m[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: {to}
Content-Length: 0

]]></send>
<recv request="ACK"/>
</scenario>"#;

/// What the customer's trunk sends as its tone.
const CUSTOMER_HZ: f64 = 425.0;
/// How long a trunk may be silent, as configured below.
const FAILOVER_MS: i64 = 1_500;

async fn house(phone: &DeskPhone, first: &str, second: SocketAddr) -> House {
    House::open(&format!(
        "[[trunks]]\nid = \"first\"\n{first}\nping = \"0s\"\n[trunks.outbound]\nallow = [\"+49\"]\npriority = 1\nform = \"plain\"\nnumber = \"+493055500\"\n\
         [[trunks]]\nid = \"second\"\nserver = \"{second}\"\nping = \"0s\"\n[trunks.outbound]\nallow = [\"+49\"]\npriority = 2\nform = \"plain\"\n\
         number = \"+493055500\"\n\
         [dial]\ncountry = \"de\"\nfailover = \"1500ms\"\n\
         [[queues]]\nid = \"sales\"\nwrap_up = \"0s\"\n\
         [[agents]]\nid = \"dora\"\nqueues = [\"sales\"]\nphone = \"{}\"\nalways_available = true\n",
        phone.uri()
    ))
    .await
}

async fn call(house: &House, number: &str) -> Result<Answer, Refusal> {
    let who =
        Who { identity: Identity { kind: "phone".into(), namespace: String::new(), value: number.into() }, display: None, person: None };
    let callee = Callee::Number { who, number: number.into(), line: None };
    house.app.switchboard.ask(Input::Command(AgentId::from("dora"), Command::Call { callee, queue: None, chat: None })).await
}

/// When the number was dialled, and when the first trunk was given up and why.
fn given_up(house: &House) -> (At, At, TrunkProblem) {
    let facts = house.timed_facts();
    let dialled = facts.iter().find(|(_, fact)| format!("{fact:?}").contains("Dialled")).map(|(at, _)| *at).expect("dialled");
    let failed = facts.iter().find_map(|(at, fact)| match fact {
        Fact::Trunk(trunk, TrunkFact::RouteFailed { problem, .. }) if trunk.as_str() == "first" => Some((*at, problem.clone())),
        _ => None,
    });
    let (at, problem) = failed.unwrap_or_else(|| panic!("the first trunk did not fail:\n{}", house.told()));
    (dialled, at, problem)
}

/// The customer is reached over the second trunk, both hear each other, and both are let go at the end.
async fn reached(first: &str) -> Option<(House, i64, TrunkProblem)> {
    let customer = Sipp::server(&[], CUSTOMER).await?;
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = house(&phone, first, customer.address).await;
    call(&house, "030 123456").await.expect("called");
    phone.hears(CUSTOMER_HZ).await;
    customer.audio.hears(AGENT_HZ).await;
    let (dialled, at, problem) = given_up(&house);
    talk(Duration::from_millis(500)).await;
    phone.hang_up().await;
    customer.succeeds().await;
    house.quiet().await;
    let counted =
        || house.app.switchboard.floor().trunks.iter().any(|trunk| trunk.id.as_str() == "second" && (trunk.calls, trunk.out) == (1, 0));
    crate::rig::until("the call is counted and over", counted).await;
    Some((house, at.since(dialled), problem))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_trunk_is_left_for_the_next_in_time() {
    let deaf = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let address = deaf.local_addr().expect("an address");
    let Some((house, ms, problem)) = reached(&format!("server = \"{address}\"")).await else { return };
    assert_eq!(problem, TrunkProblem::Silent);
    assert!((FAILOVER_MS..FAILOVER_MS + 1_500).contains(&ms), "given up after {ms} ms");
    // The next caller does not wait for it: it comes last now.
    assert!(!house.app.switchboard.floor().trunks.iter().any(|trunk| trunk.id.as_str() == "first" && trunk.well));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_that_says_503_is_left_at_once() {
    let Some(broken) = Sipp::server(&[], UNAVAILABLE).await else { return };
    let Some((house, ms, problem)) = reached(&format!("server = \"{}\"", broken.address)).await else { return };
    assert_eq!(problem, TrunkProblem::Status(503));
    assert!(ms < FAILOVER_MS, "given up after {ms} ms");
    broken.succeeds().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_trunk_is_left_at_once() {
    let nobody = free_port();
    let Some((house, ms, _)) = reached(&format!("server = \"127.0.0.1:{nobody}\"\ntransport = \"tcp\"")).await else { return };
    assert!(ms < FAILOVER_MS, "given up after {ms} ms");
    house.close().await;
}

/// What of the trunk's calls are counted today.
fn calls_of(house: &House, trunk: &str) -> u32 {
    house.app.switchboard.floor().trunks.iter().find(|known| known.id.as_str() == trunk).map_or(0, |trunk| trunk.calls)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_sends_a_call_on_to_another_of_its_servers() {
    let Some(customer) = Sipp::server(&[], CUSTOMER).await else { return };
    let there = format!("<sip:4930123456@{}>", customer.address);
    let Some(moved) = Sipp::server(&[], &MOVED.replace("{to}", &there)).await else { return };
    let nobody = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let house = house(&phone, &format!("server = \"{}\"", moved.address), nobody.local_addr().expect("an address")).await;
    call(&house, "030 123456").await.expect("called");
    phone.hears(CUSTOMER_HZ).await;
    customer.audio.hears(AGENT_HZ).await;
    moved.succeeds().await;
    talk(Duration::from_millis(500)).await;
    phone.hang_up().await;
    customer.succeeds().await;
    house.quiet().await;
    // It is the same call of the same trunk.
    assert_eq!((calls_of(&house, "first"), calls_of(&house, "second")), (1, 0));
    house.shows("SELECT direction, ended_by, end_cause FROM call", &["outbound|agent|normal"]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_sends_no_call_on_to_another_number_or_to_anybody_else() {
    // Another number at the trunk's own address, and the same number at somebody else's.
    let (dear, foreign) = (UdpSocket::bind("127.0.0.1:0").await.expect("a port"), UdpSocket::bind("127.0.0.2:0").await.expect("a port"));
    let (at, far) = (dear.local_addr().expect("an address"), foreign.local_addr().expect("an address"));
    let there = format!("<sip:499001234567@{at}>, <sip:4930123456@{far}>");
    let Some(moved) = Sipp::server(&[], &MOVED.replace("{to}", &there)).await else { return };
    let Some((house, ms, problem)) = reached(&format!("server = \"{}\"", moved.address)).await else { return };
    assert_eq!(problem, TrunkProblem::Redirected);
    assert!(ms < FAILOVER_MS, "given up after {ms} ms");
    moved.succeeds().await;
    let mut packet = [0; 2_048];
    for socket in [dear, foreign] {
        let sent = tokio::time::timeout(Duration::from_millis(200), socket.recv_from(&mut packet)).await;
        assert!(sent.is_err(), "the call was sent on: {}", String::from_utf8_lossy(&packet));
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_called_is_not_and_is_kept() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let deaf = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let address = deaf.local_addr().expect("an address");
    let house = house(&phone, &format!("server = \"{address}\""), address).await;
    for (number, word) in [("0900 1234567", "Premium"), ("+44 20 7946 0018", "NotAllowed"), ("*21*0900123456#", "NotANumber")] {
        let refused = call(&house, number).await.expect_err(number);
        assert!(format!("{refused:?}").contains(word), "{number}: {refused:?}");
    }
    house.shows("SELECT count(*) FROM event WHERE kind = 'dial.blocked'", &["3"]).await;
    house.shows("SELECT count(*) FROM event WHERE kind = 'dial.alarm'", &["2"]).await;
    let mut packet = [0; 2_048];
    let sent = tokio::time::timeout(Duration::from_millis(300), deaf.recv_from(&mut packet)).await;
    assert!(sent.is_err(), "something left the house");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_that_answers_no_ping_is_down_until_it_does() {
    let server = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let address = server.local_addr().expect("an address");
    let house = House::open(&format!("[[trunks]]\nid = \"far\"\nserver = \"{address}\"\nping = \"5s\"\nping_failures = 1\n")).await;
    house.tells(&["trunk far Down { problem: Silent }"]).await;
    // It comes back: answers whatever is asked.
    let answering = tokio::spawn(async move {
        let mut packet = [0; 4_096];
        while let Ok((n, from)) = server.recv_from(&mut packet).await {
            let asked = String::from_utf8_lossy(&packet[..n]).into_owned();
            let keep = |name: &str| asked.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
            let answer = format!(
                "SIP/2.0 200 OK\r\n{}\r\n{}\r\n{};tag=x\r\n{}\r\n{}\r\nContent-Length: 0\r\n\r\n",
                keep("Via:"),
                keep("From:"),
                keep("To:"),
                keep("Call-ID:"),
                keep("CSeq:")
            );
            let _ = server.send_to(answer.as_bytes(), from).await;
        }
    });
    house.tells(&["trunk far Down { problem: Silent }", "trunk far Up"]).await;
    answering.abort();
    house.close().await;
}
