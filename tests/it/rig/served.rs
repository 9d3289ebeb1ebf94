//! The built program as a process of its own: `hubline serve`, killed, told, asked by its own command line.

use super::house::{Ports, machine, rows};
use super::{Ended, PATIENCE};
use rustix::process::{Pid, Signal, kill_process};
use std::net::SocketAddr;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The program under test: the one that was built with the tests, or another that is named by the environment.
pub fn program() -> PathBuf {
    std::env::var_os("HUBLINE_BIN").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_hubline")), PathBuf::from)
}

/// A folder with a configuration, and the process that runs on it.
pub struct Served {
    pub web: SocketAddr,
    pub sip: SocketAddr,
    pub ports: Ports,
    folder: TempDir,
    /// Where the process tells its service manager what it is about (sd_notify(3)).
    manager: UnixDatagram,
    process: Option<Ended>,
}

impl Served {
    /// Writes a configuration; nothing runs yet.
    pub fn new(business: &str) -> Served {
        Served::with(|ports| machine(ports, business))
    }

    /// The same for tests that write the machine's part themselves, or choose other ports.
    pub fn with(text: impl FnOnce(&mut Ports) -> String) -> Served {
        let (folder, mut ports) = (tempfile::tempdir().expect("a folder"), Ports::free());
        let text = text(&mut ports);
        let manager = UnixDatagram::bind(folder.path().join("manager.sock")).expect("a socket");
        manager.set_nonblocking(true).expect("a socket");
        let served = Served { web: ports.web, sip: ports.sip, ports, folder, manager, process: None };
        served.write(&text);
        served
    }

    /// Writes the configuration anew, with the same ports.
    pub fn configure(&self, business: &str) {
        self.write(&machine(&self.ports, business));
    }

    pub fn write(&self, text: &str) {
        std::fs::write(self.config(), text).expect("written");
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

    /// Waits until a query gives exactly these rows.
    #[track_caller]
    pub fn shows<'a>(&'a self, sql: &'a str, expected: &'a [&'a str]) -> impl Future<Output = ()> + 'a {
        super::until(&format!("{sql} is {expected:?}"), move || self.rows(sql) == expected)
    }

    /// Starts the process and waits until it says that it is ready; then its pages are there.
    pub async fn start(&mut self) {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.folder.path().join("log.txt")).expect("a log");
        let mut command = Command::new(program());
        command.arg("serve").arg("--config").arg(self.config()).env_remove("HUBLINE_DATA");
        command.env("NOTIFY_SOCKET", self.folder.path().join("manager.sock"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.process = Some(Ended(command.spawn().expect("hubline starts")));
        let start = std::time::Instant::now();
        while self.told().as_deref() != Some("READY=1") {
            assert!(start.elapsed() < PATIENCE && self.runs(), "hubline does not come up:\n{}", self.log());
            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        }
        tokio::net::TcpStream::connect(self.web).await.expect("ready means that the pages are there");
    }

    /// The next thing that the process has told its service manager.
    fn told(&self) -> Option<String> {
        let mut said = [0; 256];
        let length = self.manager.recv(&mut said).ok()?;
        Some(String::from_utf8_lossy(&said[..length]).trim_end().to_owned())
    }

    /// What it logged, for a failed test.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log.txt")).unwrap_or_default()
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.process.as_ref().expect("a process").0.id()
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.id().cast_signed()).expect("a pid")
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("a signal");
    }

    /// `kill -9`: nothing is finished, nothing is closed. Gives the moment of it.
    pub fn kill(&mut self) -> std::time::SystemTime {
        self.signal(Signal::KILL);
        let killed = std::time::SystemTime::now();
        let mut process = self.process.take().expect("a process");
        process.0.wait().expect("it ends");
        killed
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
        assert_eq!(self.told().as_deref(), Some("STOPPING=1"), "the service manager is told, and nothing else meanwhile");
        status.and_then(|status| status.code())
    }

    pub fn runs(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.0.try_wait().expect("it ran").is_none())
    }

    /// Fails when the process has ended, or anything in it has panicked.
    pub fn lives(&mut self) {
        let (runs, log) = (self.runs(), self.log());
        assert!(runs && !log.contains("panicked"), "{}\n{log}", if runs { "it panicked" } else { "it has ended" });
    }

    /// Memory in use, bytes (proc(5): `VmRSS` in `status`, KB).
    pub fn resident(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid().as_raw_pid())).expect("a running process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.split_whitespace().next().and_then(|kb| kb.parse::<usize>().ok()).expect("a number") * 1_024
    }

    /// Runs another command on the same configuration.
    pub async fn hubline(&self, arguments: &[&str], input: &str) -> Output {
        hubline(&self.config(), arguments, input).await
    }

    /// Sets somebody's password by the command line.
    pub async fn password(&self, id: &str) {
        let set = self.hubline(&["user", "passwd", id], &format!("{}\n", super::house::PASSWORD)).await;
        assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
    }

    /// Signs somebody in whose password is set by the command line.
    pub async fn agent(&self, id: &str) -> super::agent::Agent {
        self.password(id).await;
        let cookie = super::agent::sign_in(self.web, id, super::house::PASSWORD).await;
        super::agent::Agent::open(self.web, id, cookie).await
    }
}

/// Runs a command of the program to its end.
pub async fn hubline(config: &Path, arguments: &[&str], input: &str) -> Output {
    use std::io::Write;
    let mut command = Command::new(program());
    command.arg("--config").arg(config).args(arguments).env_remove("HUBLINE_DATA");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("hubline runs");
    let mut stdin = child.stdin.take().expect("its input");
    // A command that reads nothing may be gone before it is written to.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let ended = tokio::task::spawn_blocking(move || child.wait_with_output());
    tokio::time::timeout(2 * PATIENCE, ended).await.expect("in time").expect("no panic").expect("its output")
}
