//! A TURN relay: coturn, on loopback, with the secret that the house has as well.

use super::{Ended, PATIENCE, present};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub const SECRET: &str = "between the relay and the house";

pub struct Relay {
    pub port: u16,
    _process: Ended,
    _folder: TempDir,
}

impl Relay {
    /// `None` where coturn is not installed.
    pub async fn start() -> Option<Relay> {
        if !present("turnserver", "coturn") {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        // Free a moment ago, for both; coturn takes no port 0.
        let port = loop {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port").local_addr().expect("bound").port();
            if UdpSocket::bind((Ipv4Addr::LOCALHOST, free)).is_ok() {
                break free;
            }
        };
        let mut process = Command::new("turnserver");
        process.args(["-n", "--use-auth-secret", "--realm=hubline.test", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1"]);
        process.args([
            "--allow-loopback-peers",
            "--no-tls",
            "--no-dtls",
            "--no-cli",
            "--no-stdout-log",
            "--min-port=52000",
            "--max-port=52999",
        ]);
        process.arg(format!("--static-auth-secret={SECRET}")).arg(format!("--listening-port={port}"));
        process.arg(format!("--pidfile={}", folder.path().join("pid").display()));
        process.arg(format!("--userdb={}", folder.path().join("users").display()));
        process.arg(format!("--log-file={}", folder.path().join("log").display()));
        process.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = Ended(process.spawn().expect("coturn starts"));
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(start.elapsed() < PATIENCE, "coturn does not listen");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Some(Relay { port, _process: process, _folder: folder })
    }
}
