//! A real peer: SIPp in both roles, on loopback.

use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::registrar::endpoint;
use super::rig::SDP;
use crate::sip::{
    DialogEvent, Endpoint, Incoming, IncomingCall, NameAddr, Outgoing, Peer, Transport, Uri,
};

/// A test that hangs is a failure.
const PATIENCE: Duration = Duration::from_secs(60);

/// True when SIPp can be run; says so when it cannot, and fails then where CI is set.
fn present() -> bool {
    let found = Command::new("sipp")
        .arg("-v")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    if !found {
        assert!(
            std::env::var_os("CI").is_none(),
            "sipp (Debian: sip-tester) must be installed in CI"
        );
        eprintln!("SKIPPED: sipp (Debian: sip-tester) is not installed");
    }
    found
}

fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a port")
        .port()
}

struct Sipp {
    child: Child,
    folder: TempDir,
}

fn sipp(args: &[&str], scenario: Option<&str>) -> Sipp {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new("sipp");
    command.args(args).args([
        "-i",
        "127.0.0.1",
        "-nostdin",
        "-timeout",
        "40",
        "-timeout_error",
        "-trace_err",
        "-error_file",
        "errors.log",
    ]);
    command
        .args(["-mi", "127.0.0.1", "-mp"])
        .arg(free_port().to_string());
    if let Some(xml) = scenario {
        std::fs::write(folder.path().join("scenario.xml"), xml).expect("written");
        command.args(["-sf", "scenario.xml"]);
    }
    command
        .current_dir(folder.path())
        .env("TERM", "dumb")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Sipp {
        child: command.spawn().expect("sipp starts"),
        folder,
    }
}

impl Sipp {
    async fn succeeds(mut self) {
        let ends = async {
            loop {
                if let Some(status) = self.child.try_wait().expect("sipp ran") {
                    break status;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let status = timeout(PATIENCE, ends).await.expect("sipp in time");
        let errors =
            std::fs::read_to_string(self.folder.path().join("errors.log")).unwrap_or_default();
        assert!(status.success(), "sipp: {status}\n{errors}");
    }
}

impl Drop for Sipp {
    fn drop(&mut self) {
        // After a failed test; otherwise it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the callee did, for the tests to count.
#[derive(Default)]
struct Seen {
    confirmed: AtomicUsize,
    cancelled: AtomicUsize,
    ended_by_peer: AtomicUsize,
    ended_by_us: AtomicUsize,
}

async fn callee() -> (Endpoint, Arc<Seen>) {
    let (endpoint, incoming) = endpoint().await;
    let sources = vec!["127.0.0.0/8".parse().expect("net")];
    endpoint
        .set_peers(vec![Peer {
            name: "sipp".into(),
            sources,
            transport: None,
        }])
        .await;
    let seen = Arc::new(Seen::default());
    tokio::spawn(serve(incoming, seen.clone()));
    (endpoint, seen)
}

async fn serve(mut incoming: mpsc::Receiver<Incoming>, seen: Arc<Seen>) {
    while let Some(Incoming::Invite(call)) = incoming.recv().await {
        tokio::spawn(take(call, seen.clone()));
    }
}

/// `ring` only rings, `late` rings a while, `bye` hangs up once confirmed, everyone else is answered.
async fn take(mut call: IncomingCall, seen: Arc<Seen>) {
    let user = call.request_uri.user().unwrap_or_default().into_owned();
    call.dialog.ringing(None);
    if user == "late" {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    if user != "ring" {
        call.dialog.answer(SDP.to_owned());
    }
    while let Some(event) = call.dialog.recv().await {
        match event {
            DialogEvent::Confirmed { .. } => {
                seen.confirmed.fetch_add(1, Ordering::SeqCst);
                if user == "bye" {
                    call.dialog.end(Some("Q.850;cause=16".to_owned()));
                }
            }
            DialogEvent::Cancelled => {
                seen.cancelled.fetch_add(1, Ordering::SeqCst);
            }
            DialogEvent::Ended { by_peer, .. } => {
                let counter = if by_peer {
                    &seen.ended_by_peer
                } else {
                    &seen.ended_by_us
                };
                counter.fetch_add(1, Ordering::SeqCst);
            }
            _ => {}
        }
    }
}

/// The callee hears of the end a moment after SIPp has its 200.
async fn count(counter: &AtomicUsize, wanted: usize) {
    for _ in 0..100 {
        if counter.load(Ordering::SeqCst) == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(counter.load(Ordering::SeqCst), wanted);
}

fn port(addr: Option<SocketAddr>) -> String {
    addr.expect("bound").to_string()
}

/// A caller's scenario; `after` is what follows the INVITE.
fn scenario(after: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="caller">
<send retrans="500"><![CDATA[
{INVITE}
]]></send>
{after}
</scenario>"#
    )
}

const INVITE: &str = "INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-0]
From: <sip:c@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:c@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
";

fn within(method: &str, cseq: u32) -> String {
    format!(
        "<send><![CDATA[
{method} sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:c@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: {cseq} {method}
Max-Forwards: 70
Content-Length: 0

]]></send>"
    )
}

#[tokio::test]
async fn sipp_calls_over_udp_and_tcp() {
    if !present() {
        return;
    }
    let (endpoint, seen) = callee().await;
    sipp(
        &[
            "-sn",
            "uac",
            &port(endpoint.local_udp()),
            "-m",
            "20",
            "-r",
            "20",
            "-d",
            "100",
        ],
        None,
    )
    .succeeds()
    .await;
    sipp(
        &[
            "-sn",
            "uac",
            &port(endpoint.local_tcp()),
            "-t",
            "t1",
            "-m",
            "20",
            "-r",
            "20",
            "-d",
            "100",
        ],
        None,
    )
    .succeeds()
    .await;
    sipp(
        &[
            "-sn",
            "uac",
            &port(endpoint.local_tcp()),
            "-t",
            "tn",
            "-max_socket",
            "30",
            "-m",
            "10",
            "-r",
            "20",
            "-d",
            "100",
        ],
        None,
    )
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
    sipp(
        &[
            "-s",
            "bye",
            &port(endpoint.local_udp()),
            "-m",
            "5",
            "-r",
            "10",
        ],
        Some(&scenario(&after)),
    )
    .succeeds()
    .await;
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
    let ack = within("ACK", 1)
        .replace("[branch]", "z9hG4bKc[call_number]")
        .replace("sip:[remote", "sip:[service]@[remote");
    let after = format!(
        r#"<recv response="100" optional="true"/><recv response="180"/>
{cancel}
<recv response="200"/><recv response="487"/>
{ack}"#
    );
    let scenario = scenario(&after).replace("[branch-0]", "z9hG4bKc[call_number]");
    sipp(
        &[
            "-s",
            "ring",
            &port(endpoint.local_udp()),
            "-m",
            "5",
            "-r",
            "10",
        ],
        Some(&scenario),
    )
    .succeeds()
    .await;
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
    sipp(
        &[
            "-s",
            "late",
            &port(endpoint.local_udp()),
            "-m",
            "5",
            "-r",
            "10",
        ],
        Some(&scenario),
    )
    .succeeds()
    .await;
    count(&seen.confirmed, 5).await;
    count(&seen.ended_by_peer, 5).await;
}

/// Over UDP our INVITE is repeated until SIPp is there; over TCP it must be.
async fn listening(port: u16) {
    let reach = async {
        while tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .is_err()
        {
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
        let peer = sipp(
            &[
                "-sn",
                "uas",
                "-p",
                &uas.to_string(),
                "-m",
                "1",
                "-t",
                option,
            ],
            None,
        );
        if transport == Transport::Tcp {
            listening(uas).await;
        }
        let outgoing = Outgoing {
            to: Uri::parse(&format!("sip:a1@127.0.0.1:{uas}")).expect("uri"),
            from: NameAddr::parse("\"Hub\" <sip:hub@127.0.0.1>").expect("from"),
            transport,
            offer: SDP.to_owned(),
            headers: vec![("X-Call".to_owned(), "7".to_owned())],
            credentials: None,
        };
        let mut dialog = endpoint.invite(outgoing).await.expect("sent");
        let next = timeout(PATIENCE, dialog.recv()).await.expect("an event");
        assert_eq!(
            next,
            Some(DialogEvent::Progress {
                status: 180,
                sdp: None
            })
        );
        let next = timeout(PATIENCE, dialog.recv()).await.expect("an event");
        assert!(
            matches!(&next, Some(DialogEvent::Answered { sdp: Some(sdp) }) if sdp.contains("m=audio")),
            "{next:?}"
        );
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
    sipp(
        &[
            "-sn",
            "uac",
            &port(endpoint.local_udp()),
            "-m",
            "300",
            "-r",
            "100",
            "-d",
            "500",
            "-l",
            "300",
        ],
        None,
    )
    .succeeds()
    .await;
    count(&seen.ended_by_peer, 300).await;
    let counters = endpoint.counters();
    assert_eq!(
        (counters.dialogs, counters.malformed),
        (0, 0),
        "{counters:?}"
    );
    endpoint.shutdown().await;
}
