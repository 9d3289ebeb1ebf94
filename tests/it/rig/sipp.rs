//! SIPp as the other party: it speaks the signalling, a line of ours beside it sends the tone and listens.

use super::bad_line::{BadLine, Weather};
use super::ear::Ear;
use super::{Ended, free_port, present, until};
use hubline::sim::{g711, tone};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::UdpSocket;

/// What every party of these scenarios offers or answers, where they say `{sdp}`.
const SDP: &str = "v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio {rtp} RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
";

/// The scenario with the audio at this port.
fn sounding(scenario: &str, rtp: u16) -> String {
    scenario.replace("{sdp}", SDP).replace("{rtp}", &rtp.to_string())
}

/// A running SIPp.
pub struct Sipp {
    process: Ended,
    folder: TempDir,
    /// Where it takes calls, as a desk phone.
    pub address: SocketAddr,
    pub audio: Audio,
}

impl Sipp {
    /// Calls a number of the house and hangs up after `talk`; `None` (said aloud) where SIPp is not installed.
    pub async fn caller(house: SocketAddr, number: &str, from: &str, hz: f64, talk: Duration) -> Option<Sipp> {
        Sipp::calls(house, "u1", number, from, hz, talk).await
    }

    /// The same, and a key is told by INFO when the call is up, as phones without RFC 4733 do.
    pub async fn caller_informing(house: SocketAddr, number: &str, from: &str, hz: f64, key: char, talk: Duration) -> Option<Sipp> {
        if !present("sipp", "sip-tester") {
            return None;
        }
        let audio = Audio::new(hz).await;
        let informs = INFO.replace("{from}", from).replace("{key}", &key.to_string());
        let scenario =
            caller(from, audio.port, talk).replace("<pause ", &format!("{informs}<pause ")).replace("CSeq: 2 BYE", "CSeq: 3 BYE");
        Some(Sipp::start(&["-s", number, &house.to_string()], &scenario, audio))
    }

    /// The same over one TCP connection.
    pub async fn caller_by_tcp(house: SocketAddr, number: &str, from: &str, hz: f64, talk: Duration) -> Option<Sipp> {
        Sipp::calls(house, "t1", number, from, hz, talk).await
    }

    /// The same, and the audio goes over a bad line.
    pub async fn caller_over(
        weather: Weather,
        seed: u64,
        house: SocketAddr,
        number: &str,
        from: &str,
        hz: f64,
        talk: Duration,
    ) -> Option<(Sipp, BadLine)> {
        if !present("sipp", "sip-tester") {
            return None;
        }
        let audio = Audio::new(hz).await;
        let line = BadLine::before(SocketAddr::from(([127, 0, 0, 1], audio.port)), weather, seed).await;
        let scenario = caller(from, line.address.port(), talk);
        Some((Sipp::start(&["-s", number, &house.to_string()], &scenario, audio), line))
    }

    async fn calls(house: SocketAddr, transport: &str, number: &str, from: &str, hz: f64, talk: Duration) -> Option<Sipp> {
        if !present("sipp", "sip-tester") {
            return None;
        }
        let audio = Audio::new(hz).await;
        let scenario = caller(from, audio.port, talk);
        Some(Sipp::start(&["-t", transport, "-s", number, &house.to_string()], &scenario, audio))
    }

    /// A desk phone that rings for half a second, is picked up, and waits for the other side to hang up.
    pub async fn desk_phone(hz: f64) -> Option<Sipp> {
        if !present("sipp", "sip-tester") {
            return None;
        }
        let audio = Audio::new(hz).await;
        let scenario = sounding(DESK_PHONE, audio.port);
        Some(Sipp::start(&[], &scenario, audio))
    }

    /// A server of somebody's: this scenario, with `{sdp}` for the audio beside it.
    pub async fn server(args: &[&str], scenario: &str) -> Option<Sipp> {
        Sipp::server_sounding(args, scenario, 425.0).await
    }

    /// The same with another tone.
    pub async fn server_sounding(args: &[&str], scenario: &str, hz: f64) -> Option<Sipp> {
        if !present("sipp", "sip-tester") {
            return None;
        }
        let audio = Audio::new(hz).await;
        Some(Sipp::start(args, &sounding(scenario, audio.port), audio))
    }

    fn start(args: &[&str], scenario: &str, audio: Audio) -> Sipp {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("scenario.xml"), scenario).expect("written");
        let port = free_port();
        let (sip_port, audio_port) = (port.to_string(), free_port().to_string());
        let common =
            "-sf scenario.xml -m 1 -i 127.0.0.1 -mi 127.0.0.1 -nostdin -timeout 60 -timeout_error -trace_err -error_file errors.log";
        let mut command = Command::new("sipp");
        command.args(args).args(common.split(' ')).args(["-p", &sip_port, "-mp", &audio_port]);
        command.current_dir(folder.path()).env("TERM", "dumb").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Sipp { process: Ended(command.spawn().expect("sipp starts")), folder, address: SocketAddr::from(([127, 0, 0, 1], port)), audio }
    }

    /// Waits for its end, which must be the scenario's.
    pub async fn succeeds(mut self) {
        let mut status = None;
        until("sipp ends", || {
            status = self.process.0.try_wait().expect("sipp ran");
            status.is_some()
        })
        .await;
        let errors = std::fs::read_to_string(self.folder.path().join("errors.log")).unwrap_or_default();
        assert!(status.is_some_and(|status| status.success()), "sipp: {status:?}\n{errors}");
    }
}

/// A line's audio: answers to wherever audio comes from.
pub struct Audio {
    pub port: u16,
    heard: Arc<Mutex<Ear>>,
    keys: Arc<Mutex<String>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Audio {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Audio {
    pub async fn new(hz: f64) -> Audio {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let port = socket.local_addr().expect("an address").port();
        let heard: Arc<Mutex<Ear>> = Arc::default();
        let kept = heard.clone();
        let keys: Arc<Mutex<String>> = Arc::default();
        let pressed = keys.clone();
        let task = tokio::spawn(async move {
            let (mut to, mut at, mut buffer) = (None, 0u32, [0; 2_048]);
            let mut last_key = None;
            let mut tick = tokio::time::interval(Duration::from_millis(20));
            loop {
                tokio::select! {
                    Ok((n, from)) = socket.recv_from(&mut buffer) => {
                        if n > 12 && buffer[1] & 0x7f == 0 {
                            to = Some(from);
                            kept.lock().expect("audio").hear(&buffer[..n]);
                        } else if n >= 16 && buffer[1] & 0x7f == 101 && last_key.replace(buffer[4..8].to_vec()) != Some(buffer[4..8].to_vec()) {
                            pressed.lock().expect("keys").extend("0123456789*#".chars().nth(usize::from(buffer[12])));
                        }
                    }
                    _ = tick.tick() => if let Some(to) = to {
                        let mut packet = vec![0x80, 0];
                        packet.extend(((at / 160) as u16).to_be_bytes());
                        packet.extend(at.to_be_bytes());
                        packet.extend(0x51bb_u32.to_be_bytes());
                        packet.extend(tone::sine(hz, u64::from(at), 160).into_iter().map(g711::encode));
                        let _ = socket.send_to(&packet, to).await;
                        at += 160;
                    }
                }
            }
        });
        Audio { port, heard, keys, task }
    }

    /// Keys that were pressed at the other end.
    pub fn keys(&self) -> String {
        self.keys.lock().expect("keys").clone()
    }

    /// The share of a tone in the last half second, 0 to 1.
    pub fn share(&self, hz: f64) -> f64 {
        tone::share(self.heard.lock().expect("audio").last(4_000), hz)
    }

    pub async fn hears(&self, hz: f64) {
        until(&format!("SIPp's line hears {hz} Hz"), || self.share(hz) > 0.5).await;
    }
}

fn caller(from: &str, rtp: u16, talk: Duration) -> String {
    sounding(CALLER, rtp).replace("{from}", from).replace("{talk}", &talk.as_millis().to_string())
}

const CALLER: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="caller">
<send retrans="500"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "Sipp" <sip:{from}@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:c@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

{sdp}]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="200"/>
<send><![CDATA[
ACK sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "Sipp" <sip:{from}@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
<pause milliseconds="{talk}"/>
<send retrans="500"><![CDATA[
BYE sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "Sipp" <sip:{from}@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>
</scenario>"#;

const INFO: &str = r#"<pause milliseconds="1500"/>
<send retrans="500"><![CDATA[
INFO sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "Sipp" <sip:{from}@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 INFO
Max-Forwards: 70
Content-Type: application/dtmf-relay
Content-Length: [len]

Signal={key}
Duration=160
]]></send>
<recv response="200"/>
"#;

const DESK_PHONE: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="desk phone">
<recv request="INVITE"/>
<send><![CDATA[
SIP/2.0 180 Ringing
[last_Via:]
[last_From:]
[last_To:];tag=[pid]p[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:desk@[local_ip]:[local_port]>
Content-Length: 0

]]></send>
<pause milliseconds="500"/>
<send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]p[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:desk@[local_ip]:[local_port]>
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
