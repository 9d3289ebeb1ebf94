//! The built program as a process of its own: `hubline serve`, killed, told, asked by its own command line.

use super::house::{rows, rtp_ports};
use super::{Ended, PATIENCE, free_port};
use rustix::process::{Pid, Signal, kill_process};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_hubline");

/// A folder with a configuration, and the process that runs on it.
pub struct Served {
    pub web: SocketAddr,
    pub sip: SocketAddr,
    folder: TempDir,
    process: Option<Ended>,
}

impl Served {
    /// Writes a configuration; nothing runs yet.
    pub fn new(business: &str) -> Served {
        let folder = tempfile::tempdir().expect("a folder");
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port");
        let served = Served { web: tcp, sip: SocketAddr::from(([127, 0, 0, 1], free_port())), folder, process: None };
        served.configure(business);
        served
    }

    /// Writes the configuration anew, with the same ports.
    pub fn configure(&self, business: &str) {
        static PORTS: std::sync::Mutex<Vec<(PathBuf, String)>> = std::sync::Mutex::new(Vec::new());
        let mut ports = PORTS.lock().expect("ports");
        let path = self.config();
        let found = ports.iter().find(|(owner, _)| *owner == path).map(|(_, ports)| ports.clone());
        let rtp = found.unwrap_or_else(|| {
            ports.push((path.clone(), rtp_ports()));
            ports[ports.len() - 1].1.clone()
        });
        let text = format!(
            "[site]\nname = \"Test House\"\nlanguage = \"en\"\ntimezone = \"UTC\"\n[server]\nlisten = \"{}\"\ntls = \"off\"\n[sip]\nudp = \"{}\"\ntcp = \"off\"\n\
             [media]\nthreads = 1\nbind = \"127.0.0.1\"\nrtp_ports = \"{rtp}\"\nweb_port = 0\n[[trunks]]\nid = \"line\"\nsources = [\"127.0.0.1\"]\n{business}",
            self.web, self.sip
        );
        std::fs::write(path, text).expect("written");
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("hubline.toml")
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn rows(&self, sql: &str) -> Vec<String> {
        rows(&self.data(), sql)
    }

    /// Starts the process and waits until its pages are there.
    pub async fn start(&mut self) {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.folder.path().join("log.txt")).expect("a log");
        let mut command = Command::new(PROGRAM);
        command.arg("serve").arg("--config").arg(self.config()).env_remove("HUBLINE_DATA");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.process = Some(Ended(command.spawn().expect("hubline starts")));
        let start = std::time::Instant::now();
        while tokio::net::TcpStream::connect(self.web).await.is_err() || !self.data().join("hubline.pid").exists() {
            assert!(start.elapsed() < PATIENCE, "hubline does not come up:\n{}", self.log());
            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        }
    }

    /// What it logged, for a failed test.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log.txt")).unwrap_or_default()
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.process.as_ref().expect("a process").0.id().cast_signed()).expect("a pid")
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("a signal");
    }

    /// `kill -9`: nothing is finished, nothing is closed.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        let mut process = self.process.take().expect("a process");
        process.0.wait().expect("it ends");
    }

    /// SIGTERM; gives the exit code.
    pub async fn stop(&mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        let mut process = self.process.take().expect("a process");
        let mut status = None;
        super::until("hubline stops", || {
            status = process.0.try_wait().expect("it ran");
            status.is_some()
        })
        .await;
        status.and_then(|status| status.code())
    }

    pub fn runs(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.0.try_wait().expect("it ran").is_none())
    }

    /// Runs another command on the same configuration.
    pub async fn hubline(&self, arguments: &[&str], input: &str) -> Output {
        hubline(&self.config(), arguments, input).await
    }

    /// Signs somebody in whose password was set by the command line.
    pub async fn agent(&self, id: &str) -> super::agent::Agent {
        let set = self.hubline(&["user", "passwd", id], &format!("{}\n", super::house::PASSWORD)).await;
        assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
        let cookie = super::agent::sign_in(self.web, id, super::house::PASSWORD).await;
        super::agent::Agent::open(self.web, id, cookie).await
    }
}

/// Runs a command of the program to its end.
pub async fn hubline(config: &Path, arguments: &[&str], input: &str) -> Output {
    use std::io::Write;
    let mut command = Command::new(PROGRAM);
    command.arg("--config").arg(config).args(arguments).env_remove("HUBLINE_DATA");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("hubline runs");
    let mut stdin = child.stdin.take().expect("its input");
    // A command that reads nothing may be gone before it is written to.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let ended = tokio::task::spawn_blocking(move || child.wait_with_output());
    tokio::time::timeout(2 * PATIENCE, ended).await.expect("in time").expect("no panic").expect("its output")
}
