//! Kamailio as a carrier's proxy: every request and answer between the house and who is behind it passes through, and it stays in the way
//! (Record-Route).

use super::{free_port, present, until};
use rustix::process::{Pid, Signal, kill_process};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use tokio::net::UdpSocket;

/// Where what comes from the house goes, and what comes from anybody else: a proxy of two sides (RFC 3261 §16).
const ROUTES: &str = r#"
debug=1
log_stderror=yes
fork=yes
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:{proxy}
loadmodule "pv.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
request_route {
    if (!mf_process_maxfwd_header("10")) {
        sl_send_reply("483", "Too Many Hops");
        exit;
    }
    if (is_method("OPTIONS") && !has_totag()) {
        sl_send_reply("200", "OK");
        exit;
    }
    if (has_totag()) {
        if (loose_route()) {
            t_relay();
        } else if (!is_method("ACK")) {
            sl_send_reply("404", "Not Here");
        }
        exit;
    }
    if (is_method("CANCEL")) {
        if (t_check_trans()) {
            t_relay();
        }
        exit;
    }
    record_route();
    if ($sp == {house_port}) {
        $du = "sip:{behind}";
    } else {
        $du = "sip:{house}";
    }
    t_relay();
}
"#;

/// A running proxy.
pub struct Kamailio {
    pub address: SocketAddr,
    process: Child,
    folder: TempDir,
}

impl Kamailio {
    /// Where a proxy will listen, for a configuration that must name it first.
    pub fn address() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], free_port()))
    }

    /// Starts one here, between the house and this address; `None` (said aloud) where it is not installed.
    pub async fn between(address: SocketAddr, house: SocketAddr, behind: SocketAddr) -> Option<Kamailio> {
        let found = std::path::Path::new("/usr/sbin/kamailio").exists() || present("kamailio", "kamailio");
        if !found {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let routes = ROUTES
            .replace("{proxy}", &address.to_string())
            .replace("{house_port}", &house.port().to_string())
            .replace("{house}", &house.to_string())
            .replace("{behind}", &behind.to_string());
        let config = folder.path().join("kamailio.cfg");
        std::fs::write(&config, routes).expect("written");
        let log = std::fs::File::create(folder.path().join("log.txt")).expect("a log");
        // Debian keeps it where ordinary users' paths do not lead.
        let mut command = Command::new("kamailio");
        command.env("PATH", format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default()));
        command.arg("-f").arg(&config).arg("-Y").arg(folder.path()).args(["-DD", "-E", "-m", "16", "-M", "4"]);
        command.current_dir(folder.path()).stdin(Stdio::null()).stderr(log.try_clone().expect("a log")).stdout(log);
        let mut proxy = Kamailio { address, process: command.spawn().expect("kamailio starts"), folder };
        proxy.answers().await;
        Some(proxy)
    }

    /// Waits until it answers.
    async fn answers(&mut self) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let local = socket.local_addr().expect("an address");
        let ask = format!(
            "OPTIONS sip:{0} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bKready\r\nMax-Forwards: 70\r\nFrom: <sip:t@{local}>;tag=r\r\n\
             To: <sip:{0}>\r\nCall-ID: ready\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
            self.address
        );
        let mut buffer = [0; 2_048];
        until("kamailio answers", || {
            let ended = self.process.try_wait().expect("kamailio ran");
            assert!(ended.is_none(), "kamailio has ended:\n{}", self.log());
            // Refused while nobody listens there yet.
            let _ = socket.try_send_to(ask.as_bytes(), self.address);
            socket.try_recv_from(&mut buffer).is_ok()
        })
        .await;
    }

    /// What it says about itself, for a failed test.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log.txt")).unwrap_or_default()
    }
}

impl Drop for Kamailio {
    /// It ends its own processes when it is asked to; killed, it would leave them behind.
    fn drop(&mut self) {
        if let Some(pid) = Pid::from_raw(self.process.id().cast_signed()) {
            // It may have ended by itself, which is as good.
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.process.wait();
    }
}
