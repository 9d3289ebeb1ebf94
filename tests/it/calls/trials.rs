//! `hubline call`: each thing that can be wrong with a trunk is named, and a good trunk is proven in both directions. The far side is SIPp.

use crate::rig::CUSTOMER_HZ;
use crate::rig::house::House;
use crate::rig::phone::{Caller, talk};
use crate::rig::sipp::Sipp;
use hubline::app::control;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::UdpSocket;

const HEAD: &str = "[last_Via:]\n[last_From:]\n[last_To:];tag=[pid]t[call_number]\n[last_Call-ID:]\n[last_CSeq:]\nContact: <sip:t@[local_ip]:[local_port]>\n";
const END: &str = "<recv request=\"ACK\"/>\n<recv request=\"BYE\"/>\n<send><![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n\
                   [last_CSeq:]\nContent-Length: 0\n\n]]></send>\n";

fn scenario(steps: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<scenario name=\"a trunk\">\n<recv request=\"INVITE\"/>\n{steps}</scenario>")
}

/// Picks up, with audio at this address, port and payload type.
fn picks_up(address: &str, port: &str, payload: &str) -> String {
    let sdp = format!(
        "v=0\no=- 1 1 IN IP4 {address}\ns=-\nc=IN IP4 {address}\nt=0 0\nm=audio {port} RTP/AVP {payload} 101\na=rtpmap:101 telephone-event/8000\n"
    );
    scenario(&format!(
        "<send retrans=\"500\"><![CDATA[\nSIP/2.0 200 OK\n{HEAD}Content-Type: application/sdp\nContent-Length: [len]\n\n{sdp}]]></send>\n{END}"
    ))
}

/// Says no.
fn refuses(status: &str, more: &str) -> String {
    format!("<send><![CDATA[\nSIP/2.0 {status}\n{HEAD}{more}Content-Length: 0\n\n]]></send>\n<recv request=\"ACK\"/>\n")
}

async fn house(server: SocketAddr, more: &str) -> House {
    House::open(&format!(
        "[[trunks]]\nid = \"out\"\nserver = \"{server}\"\nping = \"0s\"\n{more}\n[trunks.outbound]\nallow = [\"+49\"]\nnumber = \"+493055500\"\n\
         [dial]\ncountry = \"de\"\n[[lines]]\nnumber = \"4001\"\necho = true\n"
    ))
    .await
}

/// Runs a trial of the trunk; gives its lines, mark and text.
async fn tried(house: &House, trunk: &str, number: Option<&str>) -> Vec<String> {
    let (mut said, data) = (Vec::new(), house.data());
    let asked = control::call(&data, Some(trunk.into()), number.map(str::to_owned), "en", |mark, text| said.push(format!("{mark} {text}")));
    tokio::time::timeout(Duration::from_secs(40), asked).await.expect("in time").expect("answered");
    said
}

#[track_caller]
fn says(said: &[String], parts: &[&str]) {
    for part in parts {
        assert!(said.iter().any(|line| line.contains(part)), "nothing says `{part}`:\n{}", said.join("\n"));
    }
}

/// The trunk behaves so: this is said.
async fn told(scenario: &str, args: &[&str], more: &str, parts: &[&str]) {
    let Some(server) = Sipp::server(args, scenario).await else { return };
    let house = house(server.address, more).await;
    let said = tried(&house, "out", Some("030 123456")).await;
    says(&said, parts);
    // A trial is a call like every other: counted, and over.
    let counted =
        || house.app.switchboard.floor().trunks.iter().any(|trunk| trunk.id.as_str() == "out" && (trunk.out, trunk.calls) == (0, 1));
    crate::rig::until("the trial is counted and over", counted).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_trunk_is_proven_in_both_directions() {
    let echo = picks_up("127.0.0.1", "[media_port]", "0");
    told(
        &echo,
        &["-rtp_echo"],
        "",
        &[
            "note Calling +4930123456 through trunk out, showing +493055500",
            "ok Picked up",
            "ok Audio in both directions",
            "packets, 0.0 % lost",
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_named() {
    let challenge = "WWW-Authenticate: Digest realm=\"trunk\", nonce=\"abc\", algorithm=MD5\n";
    let again = refuses("401 Unauthorized", challenge);
    let twice = scenario(&format!("{again}<recv request=\"INVITE\"/>\n{again}"));
    told(&twice, &[], "user = \"u\"\npassword = \"wrong\"", &["bad Wrong password or user"]).await;
    told(&scenario(&again), &[], "", &["bad The server asks for a password, but the trunk has none"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_explained() {
    told(&scenario(&refuses("403 Not your number", "")), &[], "", &["bad The server forbids the call (403 Not your number)"]).await;
    told(&scenario(&refuses("404 Not Found", "")), &[], "", &["bad The provider knows no such number"]).await;
    told(&scenario(&refuses("488 Not Acceptable Here", "")), &[], "", &["bad No codec in common"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_codec_that_nobody_offered_is_named() {
    told(&picks_up("127.0.0.1", "[media_port]", "18"), &[], "", &["bad No codec in common"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_way_audio_is_named_with_its_direction() {
    let mute = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let port = mute.local_addr().expect("an address").port().to_string();
    told(&picks_up("127.0.0.1", &port, "0"), &[], "", &["ok Picked up", "bad One-way audio: we sent", "nothing came back"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_side_that_does_not_hear_us_is_named() {
    // It sends its own tone, and ours does not come back.
    told(&picks_up("127.0.0.1", "{rtp}", "0"), &[], "", &["ok Picked up", "odd We hear the other side, but our tune did not come back"])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_address_is_named() {
    told(
        &picks_up("10.98.76.54", "4000", "0"),
        &[],
        "",
        &["odd The other side tells us to send audio to 10.98.76.54", "bad One-way audio"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_is_named_and_rules_hold() {
    let deaf = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let house = house(deaf.local_addr().expect("an address"), "").await;
    let (silent, premium, unknown) = tokio::join!(
        tried(&house, "out", Some("030 123456")),
        tried(&house, "out", Some("0900 123456")),
        tried(&house, "nobody", Some("030 1"))
    );
    says(&silent, &["bad No answer from the server within 8 s"]);
    says(&premium, &["bad Not called: Premium-rate numbers are not called from here."]);
    says(&unknown, &["bad There is no trunk nobody"]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_comes_in_is_followed() {
    let deaf = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let house = house(deaf.local_addr().expect("an address"), "").await;
    let said: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = said.clone();
    let data = house.data();
    let watching = tokio::spawn(async move {
        control::call(&data, Some("line".into()), None, "en", |mark, text| kept.lock().expect("lines").push(format!("{mark} {text}"))).await
    });
    crate::rig::until("it waits", || said.lock().expect("lines").iter().any(|line| line.contains("Call one of these numbers now"))).await;
    let caller = Caller::dial(house.sip, "4001", "+491511234567", CUSTOMER_HZ).await;
    caller.hears(CUSTOMER_HZ).await;
    caller.press("7").await;
    talk(Duration::from_millis(800)).await;
    caller.hang_up().await;
    tokio::time::timeout(Duration::from_secs(20), watching).await.expect("in time").expect("watched").expect("answered");
    let said = said.lock().expect("lines").clone();
    says(
        &said,
        &[
            "4001",
            "ok A call from +491511234567 for 4001 arrived",
            "ok It was answered",
            "ok The caller's audio arrived",
            "ok Keys came through: 7",
        ],
    );
    house.quiet().await;
    house.close().await;
}
