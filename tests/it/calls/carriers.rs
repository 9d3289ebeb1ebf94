//! A carrier's proxy between us and the telephones: Kamailio, which stays in the way of every request (RFC 3261 §16.6, Record-Route). What
//! does not follow the route does not arrive.

use super::recording;
use crate::rig::deskphone::DeskPhone;
use crate::rig::house::House;
use crate::rig::kamailio::Kamailio;
use crate::rig::phone::talk;
use crate::rig::sipp::Sipp;
use crate::rig::wav::Recording;
use crate::rig::{AGENT_HZ, CUSTOMER_HZ};
use hubline::desk::id::AgentId;
use hubline::desk::input::{Callee, Command, Input};
use hubline::desk::person::{Identity, Who};
use std::net::SocketAddr;
use std::time::Duration;

/// Calls through the proxy; follows the route it was given.
const CALLER: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="caller behind a proxy">
<send retrans="500"><![CDATA[
INVITE sip:4001@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:+4930777@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:4001@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:c@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

{sdp}]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="200" rrs="true"/>
<send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
[routes]
From: <sip:+4930777@[local_ip]:[local_port]>;tag=[pid]c[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
{end}
</scenario>"#;

/// The caller hangs up.
const CALLER_ENDS: &str = r#"<pause milliseconds="4000"/>
<send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
[routes]
From: <sip:+4930777@[local_ip]:[local_port]>;tag=[pid]c[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>"#;

/// The house hangs up, by the way of the proxy.
const HOUSE_ENDS: &str = r#"<recv request="BYE"><action>
<ereg regexp="127.0.0.1:{proxy};" search_in="hdr" header="Via:" check_it="true" assign_to="9"/>
</action></recv>
<Reference variables="9"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>"#;

/// Is called through the proxy; ACK and BYE must come by it too.
const CALLED: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="called behind a proxy">
<recv request="INVITE" rrs="true"><action>
<ereg regexp="127.0.0.1:{proxy};" search_in="hdr" header="Via:" check_it="true" assign_to="1"/>
</action></recv>
<send><![CDATA[
SIP/2.0 180 Ringing
[last_Via:]
[last_Record-Route:]
[last_From:]
[last_To:];tag=[pid]a[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:a@[local_ip]:[local_port]>
Content-Length: 0

]]></send>
<pause milliseconds="300"/>
<send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_Record-Route:]
[last_From:]
[last_To:];tag=[pid]a[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:a@[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

{sdp}]]></send>
<recv request="ACK"><action>
<ereg regexp="127.0.0.1:{proxy};" search_in="hdr" header="Via:" check_it="true" assign_to="2"/>
</action></recv>
<Reference variables="1,2"/>
{end}
</scenario>"#;

/// A queue that records and a desk phone; out through the proxy.
async fn house(phone: &DeskPhone, proxy: SocketAddr) -> House {
    House::open(&format!(
        "[[trunks]]\nid = \"carrier\"\nserver = \"{proxy}\"\nping = \"0s\"\n[trunks.outbound]\nallow = [\"+49\"]\nform = \"plain\"\nnumber = \"+493055500\"\n\
         [dial]\ncountry = \"de\"\n[[lines]]\nnumber = \"4001\"\nqueue = \"sales\"\n\
         [[queues]]\nid = \"sales\"\nname = \"Sales\"\nrecord = true\nrecord_outbound = true\nwrap_up = \"0s\"\n\
         [[agents]]\nid = \"dora\"\nname = \"Dora\"\nqueues = [\"sales\"]\nphone = \"{}\"\nalways_available = true\n",
        phone.uri()
    ))
    .await
}

async fn both_were_recorded(house: &House) {
    let recording = recording(house).await;
    let (left, right) = (Recording::heard(&recording.left, CUSTOMER_HZ), Recording::heard(&recording.right, AGENT_HZ));
    assert!(left > 1_000 && right > 1_000, "left {left} ms, right {right} ms of {} ms", recording.millis());
}

/// A call in, ended by the caller or by the house.
async fn comes_in(end: &str, ended_by: &str) {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let proxy = Kamailio::address();
    let house = house(&phone, proxy).await;
    let end = end.replace("{proxy}", &proxy.port().to_string());
    let Some(kamailio) = Kamailio::between(proxy, house.sip, SocketAddr::from(([127, 0, 0, 1], 9))).await else { return };
    let scenario = CALLER.replace("{end}", &end);
    let Some(caller) = Sipp::server_sounding(&[&proxy.to_string()], &scenario, CUSTOMER_HZ).await else { return };
    phone.hears(CUSTOMER_HZ).await;
    caller.audio.hears(AGENT_HZ).await;
    if ended_by == "agent" {
        talk(Duration::from_secs(2)).await;
        phone.hang_up().await;
    }
    caller.succeeds().await;
    phone.is_idle().await;
    house.quiet().await;
    house.shows("SELECT caller, agent, ended_by, end_cause FROM call", &[&format!("+4930777|dora|{ended_by}|normal")]).await;
    both_were_recorded(&house).await;
    drop(kamailio);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_in_that_its_caller_ends() {
    comes_in(CALLER_ENDS, "customer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_in_that_the_agent_ends() {
    comes_in(HOUSE_ENDS, "agent").await;
}

/// A call out; it is the agent's hanging up that must find its way.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_out_that_the_agent_ends() {
    let phone = DeskPhone::new(AGENT_HZ, true).await;
    let proxy = Kamailio::address();
    let house = house(&phone, proxy).await;
    let scenario = CALLED.replace("{end}", HOUSE_ENDS).replace("{proxy}", &proxy.port().to_string());
    let Some(called) = Sipp::server_sounding(&[], &scenario, CUSTOMER_HZ).await else { return };
    let Some(kamailio) = Kamailio::between(proxy, house.sip, called.address).await else { return };
    let identity = Identity { kind: "phone".into(), namespace: String::new(), value: "+4930123456".into() };
    let callee = Callee::Number { who: Who { identity, display: None, person: None }, number: "030 123456".into(), line: None };
    let call = Command::Call { callee, queue: Some("sales".into()), chat: None };
    house.app.switchboard.ask(Input::Command(AgentId::from("dora"), call)).await.expect("called");
    phone.hears(CUSTOMER_HZ).await;
    called.audio.hears(AGENT_HZ).await;
    talk(Duration::from_secs(2)).await;
    phone.hang_up().await;
    called.succeeds().await;
    house.quiet().await;
    house.shows("SELECT direction, agent, ended_by, end_cause FROM call", &["outbound|dora|agent|normal"]).await;
    both_were_recorded(&house).await;
    drop(kamailio);
    house.close().await;
}
