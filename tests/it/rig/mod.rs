//! What the tests are made with: a house to test, and the people and machines around it.

pub mod agent;
pub mod aiortc;
pub mod bad_line;
pub mod baresip;
pub mod browser;
pub mod deskphone;
pub mod ear;
pub mod handset;
pub mod house;
pub mod http;
pub mod kamailio;
pub mod linphone;
pub mod noise;
pub mod phone;
pub mod picture;
pub mod proxy;
pub mod relay;
pub mod served;
pub mod sipp;
pub mod story;
pub mod stranger;
pub mod tls;
pub mod visitor;
pub mod wav;
pub mod writer;

use std::process::Child;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long anything may take on a busy machine. What is quicker ends the wait at once.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The tones of the parties: far apart, in no simple ratio, within the telephone's band.
pub const CUSTOMER_HZ: f64 = 440.0;
pub const OTHER_CUSTOMER_HZ: f64 = 620.0;
pub const AGENT_HZ: f64 = 1_000.0;
pub const OTHER_AGENT_HZ: f64 = 1_350.0;
pub const OUTSIDE_HZ: f64 = 1_810.0;

/// Waits until something holds, looking again and again.
#[track_caller]
pub fn until<F: FnMut() -> bool>(what: &str, done: F) -> impl Future<Output = ()> + use<F> {
    within(PATIENCE, what, done)
}

/// The same, for things that take their time by design.
#[track_caller]
pub fn within<F: FnMut() -> bool>(patience: Duration, what: &str, mut done: F) -> impl Future<Output = ()> + use<F> {
    let asked = std::panic::Location::caller();
    let what = what.to_owned();
    async move {
        let start = Instant::now();
        while !done() {
            assert!(start.elapsed() < patience, "{what}: not within {patience:?} ({asked})");
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }
}

/// True when this program can be run. Says so aloud when it cannot, and fails then where CI is set.
pub fn present(program: &str, package: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).any(|folder| folder.join(program).is_file());
    if !found {
        assert!(std::env::var_os("CI").is_none(), "{program} (Debian: {package}) must be installed in CI");
        eprintln!("SKIPPED: {program} (Debian: {package}) is not installed");
    }
    found
}

/// A port of loopback that is free for UDP and TCP, above those that Linux gives to clients: until its program opens it, nobody else is given it.
pub fn free_port() -> u16 {
    const FIRST: u32 = 61_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let ports = u32::from(u16::MAX) - FIRST;
    let mut tried = (0..ports).map(|_| (FIRST + (std::process::id() * 97 + NEXT.fetch_add(1, Ordering::Relaxed)) % ports) as u16);
    let free = |port: &u16| {
        let at = ("127.0.0.1", *port);
        std::net::UdpSocket::bind(at).is_ok() && std::net::TcpListener::bind(at).is_ok()
    };
    tried.find(free).expect("a free port")
}

/// A process that does not outlive its test.
pub struct Ended(pub Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Shows the house's log when RUST_LOG is set.
pub fn logs() {
    if std::env::var_os("RUST_LOG").is_some() {
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
    }
}
