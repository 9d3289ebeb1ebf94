//! A real peer: SIPp in both roles, on loopback.

use std::time::Duration;

use tokio::time::timeout;

use super::peer::{INVITE, PATIENCE, callee, count, free_port, port, present, scenario, sipp, within};
use super::rig::SDP;
use crate::sip::{DialogEvent, NameAddr, Outgoing, Transport, Uri};

#[tokio::test]
async fn sipp_calls_over_udp_and_tcp() {
    if !present() {
        return;
    }
    let (endpoint, seen) = callee().await;
    sipp(&["-sn", "uac", &port(endpoint.local_udp()), "-m", "20", "-r", "20", "-d", "100"], None).succeeds().await;
    sipp(&["-sn", "uac", &port(endpoint.local_tcp()), "-t", "t1", "-m", "20", "-r", "20", "-d", "100"], None).succeeds().await;
    sipp(&["-sn", "uac", &port(endpoint.local_tcp()), "-t", "tn", "-max_socket", "30", "-m", "10", "-r", "20", "-d", "100"], None)
        .succeeds()
        .await;
    count(&seen.confirmed, 50).await;
    count(&seen.ended_by_peer, 50).await;
    assert_eq!(endpoint.counters().dialogs, 0);
}

#[tokio::test]
async fn we_hang_up_on_sipp() {
    if !present() {
        return;
    }
    let (endpoint, seen) = callee().await;
    let after = format!(
        r#"<recv response="100" optional="true"/><recv response="180" optional="true"/><recv response="200"/>
{}
<recv request="BYE"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>"#,
        within("ACK", 1)
    );
    sipp(&["-s", "bye", &port(endpoint.local_udp()), "-m", "5", "-r", "10"], Some(&scenario(&after))).succeeds().await;
    count(&seen.ended_by_us, 5).await;
}

#[tokio::test]
async fn sipp_cancels() {
    if !present() {
        return;
    }
    let (endpoint, seen) = callee().await;
    let cancel = within("CANCEL", 1)
        .replace("[branch]", "[branch-2]")
        .replace("[peer_tag_param]", "")
        .replace("sip:[remote", "sip:[service]@[remote");
    // SIPp numbers branches by message: the CANCEL and the ACK of the 487 name the INVITE's.
    let cancel = cancel.replace("[branch-2]", "z9hG4bKc[call_number]");
    let ack = within("ACK", 1).replace("[branch]", "z9hG4bKc[call_number]").replace("sip:[remote", "sip:[service]@[remote");
    let after = format!(
        r#"<recv response="100" optional="true"/><recv response="180"/>
{cancel}
<recv response="200"/><recv response="487"/>
{ack}"#
    );
    let scenario = scenario(&after).replace("[branch-0]", "z9hG4bKc[call_number]");
    sipp(&["-s", "ring", &port(endpoint.local_udp()), "-m", "5", "-r", "10"], Some(&scenario)).succeeds().await;
    count(&seen.cancelled, 5).await;
    count(&seen.ended_by_peer, 5).await;
}

#[tokio::test]
async fn an_invite_sent_three_times_is_one_call() {
    if !present() {
        return;
    }
    let (endpoint, seen) = callee().await;
    let again = format!("<send><![CDATA[\n{}\n]]></send>", INVITE);
    let after = format!(
        r#"<recv response="100" optional="true"/><recv response="180"/>
{again}
{again}
<recv response="180" optional="true"/><recv response="200"/>
{}
<pause milliseconds="200"/>
{}
<recv response="200"/>"#,
        within("ACK", 1),
        within("BYE", 2)
    );
    let scenario = scenario(&after).replace("[branch-0]", "z9hG4bKr[call_number]");
    sipp(&["-s", "late", &port(endpoint.local_udp()), "-m", "5", "-r", "10"], Some(&scenario)).succeeds().await;
    count(&seen.confirmed, 5).await;
    count(&seen.ended_by_peer, 5).await;
}

/// Over UDP our INVITE is repeated until SIPp is there; over TCP it must be.
async fn listening(port: u16) {
    let reach = async {
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, reach).await.expect("sipp listens");
}

#[tokio::test]
async fn we_call_sipp() {
    if !present() {
        return;
    }
    for (transport, option) in [(Transport::Udp, "u1"), (Transport::Tcp, "t1")] {
        let (endpoint, _seen) = callee().await;
        let uas = free_port();
        let peer = sipp(&["-sn", "uas", "-p", &uas.to_string(), "-m", "1", "-t", option], None);
        if transport == Transport::Tcp {
            listening(uas).await;
        }
        let outgoing = Outgoing {
            to: Uri::parse(&format!("sip:a1@127.0.0.1:{uas}")).expect("uri"),
            from: NameAddr::parse("\"Hub\" <sip:hub@127.0.0.1>").expect("from"),
            transport: Some(transport),
            offer: SDP.to_owned(),
            headers: vec![("X-Call".to_owned(), "7".to_owned())],
            credentials: None,
            may_refer: false,
        };
        let mut dialog = endpoint.invite(outgoing).await.expect("sent");
        let next = timeout(PATIENCE, dialog.recv()).await.expect("an event");
        assert_eq!(next, Some(DialogEvent::Progress { status: 180, sdp: None }));
        let next = timeout(PATIENCE, dialog.recv()).await.expect("an event");
        assert!(matches!(&next, Some(DialogEvent::Answered { sdp: Some(sdp) }) if sdp.contains("m=audio")), "{next:?}");
        drop(dialog);
        peer.succeeds().await;
    }
}

#[tokio::test]
async fn three_hundred_calls_at_a_hundred_a_second() {
    if !present() {
        return;
    }
    let (endpoint, seen) = callee().await;
    sipp(&["-sn", "uac", &port(endpoint.local_udp()), "-m", "300", "-r", "100", "-d", "500", "-l", "300"], None).succeeds().await;
    count(&seen.ended_by_peer, 300).await;
    let counters = endpoint.counters();
    assert_eq!((counters.dialogs, counters.malformed), (0, 0), "{counters:?}");
    endpoint.shutdown().await;
}
