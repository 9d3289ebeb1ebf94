//! baresip as a caller and as a desk phone: a tone file for a microphone, a file for an ear.

use super::house::House;
use super::{Ended, free_port, present, until, wav};
use hubline::sim::tone;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Where Debian keeps baresip's modules.
const MODULES: &str = "/usr/lib/baresip/modules";

/// How a desk phone logs in.
#[derive(Clone, Copy)]
pub struct Login<'a> {
    pub user: &'a str,
    pub password: &'a str,
    /// `udp`, `tcp` or `tls`.
    pub transport: &'a str,
    /// Nothing but encrypted audio.
    pub srtp: bool,
}

impl Login<'_> {
    fn at(&self, house: &House) -> SocketAddr {
        match self.transport {
            "tls" => house.sip_tls.expect("SIP over TLS"),
            "tcp" => house.sip_tcp,
            _ => house.sip,
        }
    }

    fn account(&self, house: &House, answer: &str) -> String {
        let Login { user, password, transport, srtp } = self;
        let at = self.at(house);
        let media = if *srtp { ";mediaenc=srtp-mand" } else { "" };
        format!("<sip:{user}@{at};transport={transport}>;auth_user={user};auth_pass={password};regint=60;answermode={answer}{media}")
    }
}

/// A running baresip.
pub struct Baresip {
    process: Ended,
    folder: TempDir,
    pub address: SocketAddr,
    control: SocketAddr,
}

impl Baresip {
    /// Calls a number of the house; `None` (said aloud) where baresip is not installed.
    pub fn caller(house: SocketAddr, number: &str, from: &str, hz: f64) -> Option<Baresip> {
        Baresip::caller_speaking("g711", house, number, from, hz)
    }

    /// The same, speaking nothing but `g711`, `g722` or `opus`.
    pub fn caller_speaking(codec: &str, house: SocketAddr, number: &str, from: &str, hz: f64) -> Option<Baresip> {
        let account = format!("<sip:{from}@{house}>;regint=0;answermode=manual");
        Baresip::start(codec, hz, &account, &["-e", &format!("/dial sip:{number}@{house}")])
    }

    /// A desk phone that is picked up as soon as it rings.
    pub fn desk_phone(hz: f64) -> Option<Baresip> {
        Baresip::start("g711", hz, "<sip:desk@127.0.0.1>;regint=0;answermode=auto", &[])
    }

    /// A desk phone that logs in at the house and is picked up as soon as it rings.
    pub fn registered(house: &House, login: &Login<'_>, hz: f64) -> Option<Baresip> {
        Baresip::start_with("g711", hz, &login.account(house, "auto"), &[], Some(&house.authority()))
    }

    /// The same, but nobody picks it up.
    pub fn registered_ringing(house: &House, login: &Login<'_>, hz: f64) -> Option<Baresip> {
        Baresip::start_with("g711", hz, &login.account(house, "manual"), &[], Some(&house.authority()))
    }

    /// Calls this number, as its user would.
    pub async fn dial(&self, house: &House, login: &Login<'_>, number: &str) {
        let order = format!(r#"{{"command":"dial","params":"sip:{number}@{}"}}"#, login.at(house));
        let mut control = TcpStream::connect(self.control).await.expect("baresip's control port");
        control.write_all(format!("{}:{order},", order.len()).as_bytes()).await.expect("ordered");
        // Events may come first.
        let mut said = String::new();
        while !said.contains(r#""response":true"#) {
            let mut part = [0; 2_048];
            let length = control.read(&mut part).await.expect("an answer");
            assert!(length > 0, "baresip hung up: {said}\n{}", self.log());
            said += &String::from_utf8_lossy(&part[..length]);
        }
        assert!(said.contains(r#""ok":true"#), "{said}");
    }

    fn start(codec: &str, hz: f64, account: &str, args: &[&str]) -> Option<Baresip> {
        Baresip::start_with(codec, hz, account, args, None)
    }

    /// `authority` is the file of those whose signature makes a server trusted.
    fn start_with(codec: &str, hz: f64, account: &str, args: &[&str], authority: Option<&Path>) -> Option<Baresip> {
        if !present("baresip", "baresip-core") {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let (tone, port, control) = (folder.path().join("tone.wav"), free_port(), SocketAddr::from(([127, 0, 0, 1], free_port())));
        let rate = match codec {
            "g722" => 16_000,
            "opus" => 48_000,
            _ => 8_000,
        };
        wav::write_tone(&tone, hz, rate, 60);
        let config = format!(
            "poll_method epoll\nsip_listen 127.0.0.1:{port}\nnet_interface 127.0.0.1\ncall_local_timeout 120\ncall_max_calls 4\n\
             audio_source aufile,{tone}\naudio_player aubridge,ear\naudio_alert aubridge,bell\n{authority}module_path {MODULES}\nmodule srtp.so\nmodule {codec}.so\nopus_stereo no\nopus_sprop_stereo no\nmodule aufile.so\n\
             module aubridge.so\nmodule sndfile.so\nmodule_app account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\nctrl_tcp_listen {control}\nsnd_path {folder}\n",
            tone = tone.display(),
            authority = authority.map_or_else(String::new, |file| format!("sip_cafile {}\n", file.display())),
            folder = folder.path().display()
        );
        std::fs::write(folder.path().join("config"), config).expect("written");
        std::fs::write(folder.path().join("accounts"), format!("{account}\n")).expect("written");
        std::fs::write(folder.path().join("contacts"), "").expect("written");
        let log = std::fs::File::create(folder.path().join("log.txt")).expect("a log");
        let mut command = Command::new("baresip");
        command.arg("-f").arg(folder.path()).args(["-t", "90"]).args(args).current_dir(folder.path());
        command.stdin(Stdio::null()).stderr(log.try_clone().expect("a log")).stdout(log);
        let process = Ended(command.spawn().expect("baresip starts"));
        Some(Baresip { process, folder, address: SocketAddr::from(([127, 0, 0, 1], port)), control })
    }

    /// What it says about itself, for a failed test.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log.txt")).unwrap_or_default()
    }

    /// Hangs up and ends, as a person would quit it.
    pub async fn quit(&mut self) {
        let pid = rustix::process::Pid::from_raw(self.process.0.id().cast_signed()).expect("a pid");
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("a signal");
        until("baresip ends", || self.process.0.try_wait().expect("baresip ran").is_some()).await;
    }

    /// How much of what it has decoded so far is this tone, ms. Complete once it has ended.
    pub fn heard(&self, hz: f64) -> usize {
        let mut best = 0;
        for file in std::fs::read_dir(self.folder.path()).expect("its folder").flatten() {
            if file.file_name().to_string_lossy().ends_with("-dec.wav") {
                best = best.max(heard_in(&file.path(), hz));
            }
        }
        best
    }
}

fn heard_in(path: &Path, hz: f64) -> usize {
    wav::read_pcm(path).chunks_exact(800).filter(|window| tone::share(window, hz) > 0.5).count() * 100
}
