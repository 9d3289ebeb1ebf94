//! The house under load: a process of its own with `benches/load.toml` and a data folder that is thrown away.

use anyhow::Context;
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Where `load.toml` has it listen.
pub const SIP: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 5_060);

pub struct House {
    process: Child,
    folder: tempfile::TempDir,
}

/// What it holds at one moment.
pub struct Sample {
    pub resident_mb: f64,
    pub anonymous_mb: f64,
    pub descriptors: usize,
    pub udp_ports: usize,
    pub database_mb: f64,
}

impl House {
    pub fn start() -> anyhow::Result<House> {
        let program = std::env::var_os("HUBLINE_BIN").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_hubline")), PathBuf::from);
        let folder = tempfile::tempdir()?;
        let config = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/load.toml");
        let mut command = Command::new(program);
        command.arg("serve").arg("--config").arg(config).env("HUBLINE_DATA", folder.path());
        // What it says goes on the screen: a warning belongs to the figures.
        let process = command.stdin(Stdio::null()).spawn().context("the house does not start")?;
        let house = House { process, folder };
        // Without the rights for it the figures are worth less, and are figures all the same.
        let pid = house.pid();
        let _ = Command::new("taskset").args(["-acp", "0", &pid]).stdout(Stdio::null()).status();
        let _ = Command::new("renice").args(["-n", "-10", "-p", &pid]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        let _ = Command::new("taskset").args(["-acp", "1", &std::process::id().to_string()]).stdout(Stdio::null()).status();
        house.answers()?;
        Ok(house)
    }

    fn pid(&self) -> String {
        self.process.id().to_string()
    }

    fn answers(&self) -> anyhow::Result<()> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(100)))?;
        let local = socket.local_addr()?;
        let ask = format!(
            "OPTIONS sip:{SIP} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bKready\r\nMax-Forwards: 70\r\nFrom: <sip:t@{local}>;tag=r\r\n\
             To: <sip:{SIP}>\r\nCall-ID: ready\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        );
        for _ in 0..100 {
            socket.send_to(ask.as_bytes(), SIP)?;
            if socket.recv(&mut [0; 2_048]).is_ok() {
                // What is begun at the start is done by then.
                std::thread::sleep(Duration::from_secs(1));
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        anyhow::bail!("the house does not answer at {SIP}")
    }

    fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.pid())).unwrap_or_default()
    }

    /// User and system time of all its threads.
    pub fn processor_time(&self) -> Duration {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.pid())).into_iter().flatten().flatten();
        let ran =
            tasks.filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok()?.split(' ').next()?.parse::<u64>().ok());
        Duration::from_nanos(ran.sum())
    }

    fn rollup(&self, what: &str) -> f64 {
        let rollup = self.proc("smaps_rollup");
        let kb = rollup.lines().find_map(|line| line.strip_prefix(what)?.trim().trim_end_matches(" kB").parse::<f64>().ok());
        kb.unwrap_or_default() / 1_024.0
    }

    pub fn resident_mb(&self) -> f64 {
        self.rollup("Rss:")
    }

    pub fn sample(&self) -> anyhow::Result<Sample> {
        let descriptors = std::fs::read_dir(format!("/proc/{}/fd", self.pid()))?.flatten();
        let links: Vec<String> =
            descriptors.map(|fd| std::fs::read_link(fd.path()).map(|to| to.to_string_lossy().into_owned()).unwrap_or_default()).collect();
        // Of the table of all sockets those that are its own, by their numbers (proc(5)).
        let table = std::fs::read_to_string("/proc/net/udp")?;
        let numbers: Vec<&str> = table.lines().skip(1).filter_map(|line| line.split_whitespace().nth(9)).collect();
        let udp_ports =
            links.iter().filter_map(|link| link.strip_prefix("socket:[")?.strip_suffix(']')).filter(|n| numbers.contains(n)).count();
        let database = std::fs::metadata(self.folder.path().join("hubline.db")).map_or(0, |file| file.len());
        Ok(Sample {
            resident_mb: self.resident_mb(),
            anonymous_mb: self.rollup("Anonymous:"),
            descriptors: links.len(),
            udp_ports,
            database_mb: database as f64 / 1_048_576.0,
        })
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // The figures are taken; how it ends is the tests' concern.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The machine's load in the last minute.
pub fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').next().unwrap_or_default().to_owned()
}
