//! What the tests are made with: a house to test, and the people and machines around it.

pub mod agent;
pub mod aiortc;
pub mod bad_line;
pub mod baresip;
pub mod browser;
pub mod deskphone;
pub mod digest;
pub mod dovecot;
pub mod ear;
pub mod extension;
pub mod firefox;
pub mod handset;
pub mod house;
pub mod http;
pub mod kamailio;
pub mod linphone;
pub mod nginx;
pub mod noise;
pub mod pebble;
pub mod phone;
pub mod picture;
pub mod postfix;
pub mod proxy;
pub mod python;
pub mod relay;
pub mod served;
pub mod sipp;
pub mod story;
pub mod stranger;
pub mod tls;
pub mod visitor;
pub mod wav;
pub mod writer;

use std::ops::Range;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::UnixListener;
use std::process::Child;
use std::sync::{Mutex, PoisonError};
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

/// The ports that this process takes for its peers: blocks of which other test processes know that they are taken.
struct Blocks {
    /// A name each, free again when the process ends however it ends.
    held: Vec<UnixListener>,
    left: Range<u16>,
}

/// A port of loopback that is free for UDP and TCP, above those that Linux gives to clients: until its program opens it, nobody else is given it.
/// The three after it are its program's, too: baresip speaks TLS at the next, SIPp opens the second one after that of its audio.
pub fn free_port() -> u16 {
    static BLOCKS: Mutex<Blocks> = Mutex::new(Blocks { held: Vec::new(), left: 0..0 });
    let mut blocks = BLOCKS.lock().unwrap_or_else(PoisonError::into_inner);
    let free = |port: u16| {
        let at = ("127.0.0.1", port);
        std::net::UdpSocket::bind(at).is_ok() && std::net::TcpListener::bind(at).is_ok()
    };
    loop {
        while blocks.left.len() >= usize::from(Blocks::EACH) {
            let port = blocks.left.start;
            blocks.left.start += Blocks::EACH;
            if (port..port + Blocks::EACH).all(free) {
                return port;
            }
        }
        blocks.another();
    }
}

impl Blocks {
    const FIRST: u16 = 61_000;
    const LENGTH: u16 = 100;
    /// What one program is given.
    const EACH: u16 = 4;
    const ALL: u16 = 45;

    /// Takes a block that no process has; after the last one those of this process's earlier tests.
    fn another(&mut self) {
        for _ in 0..2 {
            for block in 0..Blocks::ALL {
                let name = format!("hubline-test-ports-{block}");
                let name = std::os::unix::net::SocketAddr::from_abstract_name(name).expect("a name");
                if let Ok(held) = UnixListener::bind_addr(&name) {
                    self.held.push(held);
                    let first = Blocks::FIRST + block * Blocks::LENGTH;
                    self.left = first..first + Blocks::LENGTH;
                    return;
                }
            }
            self.held.clear();
        }
        panic!("other test processes have all ports");
    }
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
