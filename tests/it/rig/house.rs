//! A whole Hubline on loopback, with ports and a folder of its own, and everything it recorded.

use super::agent::Agent;
use super::{PATIENCE, free_port, until};
use arc_swap::ArcSwap;
use hubline::app::{Addresses, App};
use hubline::auth::{Cookies, Gate};
use hubline::clock::Clock;
use hubline::config::{Config, Loaded};
use hubline::desk::fact::Fact;
use hubline::desk::id::{AgentId, At};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";

/// A running house.
pub struct House {
    pub app: App,
    pub web: SocketAddr,
    pub sip: SocketAddr,
    pub sip_tcp: SocketAddr,
    pub sip_tls: Option<SocketAddr>,
    gate: Gate,
    facts: Arc<Mutex<Vec<(At, Fact)>>>,
    folder: TempDir,
}

/// Where a house listens.
#[derive(Clone, Copy)]
pub struct Ports {
    pub web: SocketAddr,
    /// For those who want the customers' side on a listener of its own.
    pub public: SocketAddr,
    pub sip: SocketAddr,
    pub sip_tcp: SocketAddr,
    /// The browsers' audio.
    pub media: SocketAddr,
    /// The telephones' audio, first and last.
    pub rtp: (u16, u16),
}

impl Ports {
    /// Ports that the kernel chooses when they are opened; the house tells them then.
    pub fn any() -> Ports {
        let any = local(0);
        Ports { web: any, public: any, sip: any, sip_tcp: any, media: any, rtp: rtp_ports() }
    }

    /// Ports that are free now, for a process that cannot tell.
    pub fn free() -> Ports {
        let free = || local(free_port());
        Ports { web: free(), public: free(), sip: free(), sip_tcp: free(), media: free(), rtp: rtp_ports() }
    }
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Ports for the telephones' audio: each house takes a hundred, below those that the system gives to clients, and other test processes
/// begin elsewhere.
fn rtp_ports() -> (u16, u16) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let slot = (std::process::id() * 37 + NEXT.fetch_add(1, Ordering::Relaxed)) % 210;
    let first = 11_000 + slot as u16 * 100;
    (first, first + 99)
}

/// A configuration: the machine's part, and the business that the test is about.
pub fn machine(ports: &Ports, business: &str) -> String {
    let Ports { web, sip, sip_tcp, media, rtp: (first, last), .. } = ports;
    format!(
        r#"[site]
name = "Test House"
language = "en"
timezone = "UTC"
[server]
listen = "{web}"
tls = "off"
[sip]
udp = "{sip}"
tcp = "{sip_tcp}"
tls = "127.0.0.1:0"
[media]
threads = 1
bind = "127.0.0.1"
rtp_ports = "{first}-{last}"
web_port = {}
[[trunks]]
id = "line"
sources = ["127.0.0.1"]
{business}"#,
        media.port()
    )
}

impl House {
    /// Opens a house with this business.
    pub async fn open(business: &str) -> House {
        House::with(&machine(&Ports::any(), business)).await
    }

    /// Opens a house with this configuration.
    pub async fn with(text: &str) -> House {
        super::logs();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hubline.toml");
        std::fs::write(&path, text).expect("written");
        let loaded = Config::load(&path).unwrap_or_else(|report| panic!("{report}"));
        House::run(loaded, folder).await
    }

    async fn run(loaded: Loaded, folder: TempDir) -> House {
        let app = App::start(loaded.clone(), false).await.unwrap_or_else(|error| panic!("{error:#}"));
        let mut recorded = app.switchboard.recorded();
        let facts: Arc<Mutex<Vec<(At, Fact)>>> = Arc::default();
        let kept = facts.clone();
        tokio::spawn(async move {
            while let Ok(step) = recorded.recv().await {
                kept.lock().expect("facts").extend(step.facts.iter().map(|fact| (step.at, fact.clone())));
            }
        });
        let Addresses { web, sip_udp, sip_tcp, sip_tls, .. } = app.addresses();
        let gate =
            Gate::new(app.store.clone(), Clock::system(), Arc::new(ArcSwap::from_pointee(loaded)), Cookies::Localhost).expect("a gate");
        let (sip, sip_tcp) = (sip_udp.expect("SIP over UDP"), sip_tcp.expect("SIP over TCP"));
        House { web, sip, sip_tcp, sip_tls, app, gate, facts, folder }
    }

    /// The certificate of the house's own authority.
    pub fn authority(&self) -> PathBuf {
        self.data().join("tls").join("ca.pem")
    }

    /// Stops and starts again with the same data, at the same SIP address.
    pub async fn again(self) -> House {
        self.again_after(|_| {}).await
    }

    /// The same, and what it remembers is changed between.
    pub async fn again_after(self, change: impl FnOnce(&rusqlite::Connection)) -> House {
        let House { app, folder, sip, .. } = self;
        tokio::time::timeout(PATIENCE, app.stop()).await.expect("stopped in time");
        change(&rusqlite::Connection::open(folder.path().join("data").join("hubline.db")).expect("the database"));
        let path = folder.path().join("hubline.toml");
        let text = std::fs::read_to_string(&path).expect("the configuration");
        std::fs::write(&path, text.replacen("udp = \"127.0.0.1:0\"", &format!("udp = \"{sip}\""), 1)).expect("written");
        let loaded = Config::load(&path).unwrap_or_else(|report| panic!("{report}"));
        House::run(loaded, folder).await
    }

    /// Somebody signs in with their password and opens the desk.
    pub async fn agent(&self, id: &str) -> Agent {
        let cookie = self.sign_in(id).await;
        Agent::open(self.web, id, cookie).await
    }

    /// Sets somebody's password.
    pub async fn password(&self, id: &str) {
        self.gate.set_password(&AgentId::from(id), PASSWORD).await.expect("a password");
    }

    /// Signs in by the log-in form; gives the cookie.
    pub async fn sign_in(&self, id: &str) -> String {
        self.password(id).await;
        super::agent::sign_in(self.web, id, PASSWORD).await
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Everything recorded so far.
    pub fn facts(&self) -> Vec<Fact> {
        self.facts.lock().expect("facts").iter().map(|(_, fact)| fact.clone()).collect()
    }

    /// With the time of each.
    pub fn timed_facts(&self) -> Vec<(At, Fact)> {
        self.facts.lock().expect("facts").clone()
    }

    /// What happened, in order and complete, in a few words each. What comes at its own time after a call (figures, the end of a recording)
    /// is left to the rows.
    pub fn story(&self) -> Vec<String> {
        self.facts().iter().filter_map(super::story::words).collect()
    }

    /// Waits until the story ends so, then compares it whole.
    #[track_caller]
    pub fn tells<'a>(&'a self, expected: &'a [&'a str]) -> impl Future<Output = ()> + 'a {
        let asked = std::panic::Location::caller();
        async move {
            let start = std::time::Instant::now();
            while self.story() != expected {
                assert!(
                    start.elapsed() < PATIENCE,
                    "the story ({asked}) is\n  {}\nnot\n  {}",
                    self.story().join("\n  "),
                    expected.join("\n  ")
                );
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }

    /// The facts as text, for a failed test.
    pub fn told(&self) -> String {
        self.timed_facts().iter().map(|(at, fact)| format!("{} {fact:?}\n", at.0 % 1_000_000)).collect()
    }

    /// Rows of the database, their columns joined by `|`.
    pub fn rows(&self, sql: &str) -> Vec<String> {
        rows(&self.data(), sql)
    }

    /// Waits until a query gives exactly these rows.
    #[track_caller]
    pub fn shows<'a>(&'a self, sql: &'a str, expected: &'a [&'a str]) -> impl Future<Output = ()> + 'a {
        let asked = std::panic::Location::caller();
        async move {
            let start = std::time::Instant::now();
            while self.rows(sql) != expected {
                assert!(start.elapsed() < PATIENCE, "{sql}\n  is {:?}\n  not {expected:?} ({asked})\n{}", self.rows(sql), self.told());
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }

    /// The status of each agent and the points of capacity they use, as the floor shows it.
    pub fn floor(&self) -> Vec<String> {
        self.app.switchboard.floor().agents.iter().map(|a| format!("{} {:?} {}/{}", a.id, a.status, a.used, a.capacity)).collect()
    }

    /// Waits until an agent stands so on the floor, for example `mara Available 0/100`.
    pub async fn stands(&self, line: &str) {
        let what = format!("{line} on the floor");
        until(&what, || self.floor().iter().any(|agent| agent == line)).await;
    }

    /// Waits until an agent's page is their telephone.
    pub async fn can_call(&self, agent: &str) {
        let ready =
            || self.app.switchboard.floor().agents.iter().any(|a| a.id.as_str() == agent && a.page_open && a.voice_problem.is_none());
        until(&format!("{agent} can be called"), ready).await;
    }

    /// Waits until no call has a task any more.
    pub async fn quiet(&self) {
        until("all calls over", || self.app.switchboard.lines_open() == 0).await;
    }

    pub async fn close(self) {
        let House { app, folder, .. } = self;
        tokio::time::timeout(PATIENCE, app.stop()).await.expect("stopped in time");
        drop(folder);
    }
}

/// Rows of a data folder's database, their columns joined by `|`.
pub fn rows(data: &Path, sql: &str) -> Vec<String> {
    use rusqlite::types::ValueRef;
    let db = rusqlite::Connection::open(data.join("hubline.db")).expect("the database");
    db.busy_timeout(PATIENCE).expect("a timeout");
    let mut statement = db.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let columns = statement.column_count();
    let text = |value: ValueRef<'_>| match value {
        ValueRef::Null => "-".to_owned(),
        ValueRef::Integer(n) => n.to_string(),
        ValueRef::Real(n) => format!("{n:.2}"),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => format!("{} bytes", bytes.len()),
    };
    let rows = statement.query_map([], |row| (0..columns).map(|n| row.get_ref(n).map(text)).collect::<Result<Vec<_>, _>>());
    rows.expect("rows").map(|row| row.expect("a row").join("|")).collect()
}
