//! SIPp as the other party, and a callee of ours that it can call. Skipped aloud where SIPp is not installed; a failure where `CI` is set.

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
use crate::sip::{DialogEvent, Endpoint, Incoming, IncomingCall, Peer};

/// A test that hangs is a failure.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// True when SIPp can be run; says so when it cannot, and fails then where CI is set.
pub(super) fn present() -> bool {
    let found = Command::new("sipp").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        assert!(std::env::var_os("CI").is_none(), "sipp (Debian: sip-tester) must be installed in CI");
        eprintln!("SKIPPED: sipp (Debian: sip-tester) is not installed");
    }
    found
}

pub(super) fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port()
}

pub(super) struct Sipp {
    child: Child,
    folder: TempDir,
}

pub(super) fn sipp(args: &[&str], scenario: Option<&str>) -> Sipp {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new("sipp");
    command.args(args).args(["-i", "127.0.0.1", "-nostdin", "-timeout", "40", "-timeout_error", "-trace_err", "-error_file", "errors.log"]);
    command.args(["-mi", "127.0.0.1", "-mp"]).arg(free_port().to_string());
    if let Some(xml) = scenario {
        std::fs::write(folder.path().join("scenario.xml"), xml).expect("written");
        command.args(["-sf", "scenario.xml"]);
    }
    command.current_dir(folder.path()).env("TERM", "dumb").stdout(Stdio::null()).stderr(Stdio::null());
    Sipp { child: command.spawn().expect("sipp starts"), folder }
}

impl Sipp {
    pub async fn succeeds(mut self) {
        let ends = async {
            loop {
                if let Some(status) = self.child.try_wait().expect("sipp ran") {
                    break status;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let status = timeout(PATIENCE, ends).await.expect("sipp in time");
        let errors = std::fs::read_to_string(self.folder.path().join("errors.log")).unwrap_or_default();
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
pub(super) struct Seen {
    pub confirmed: AtomicUsize,
    pub cancelled: AtomicUsize,
    pub ended_by_peer: AtomicUsize,
    pub ended_by_us: AtomicUsize,
}

pub(super) async fn callee() -> (Endpoint, Arc<Seen>) {
    let (endpoint, incoming) = endpoint().await;
    let sources = vec!["127.0.0.0/8".parse().expect("net")];
    endpoint.set_peers(vec![Peer { name: "sipp".into(), sources, transport: None, asserts: true }]).await;
    let seen = Arc::new(Seen::default());
    tokio::spawn(serve(incoming, seen.clone()));
    (endpoint, seen)
}

async fn serve(mut incoming: mpsc::Receiver<Incoming>, seen: Arc<Seen>) {
    while let Some(Incoming::Invite(call)) = incoming.recv().await {
        tokio::spawn(take(*call, seen.clone()));
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
                let counter = if by_peer { &seen.ended_by_peer } else { &seen.ended_by_us };
                counter.fetch_add(1, Ordering::SeqCst);
            }
            _ => {}
        }
    }
}

/// The callee hears of the end a moment after SIPp has its 200.
pub(super) async fn count(counter: &AtomicUsize, wanted: usize) {
    for _ in 0..100 {
        if counter.load(Ordering::SeqCst) == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(counter.load(Ordering::SeqCst), wanted);
}

pub(super) fn port(addr: Option<SocketAddr>) -> String {
    addr.expect("bound").to_string()
}

/// A caller's scenario; `after` is what follows the INVITE.
pub(super) fn scenario(after: &str) -> String {
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

pub(super) const INVITE: &str = "INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
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

pub(super) fn within(method: &str, cseq: u32) -> String {
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
