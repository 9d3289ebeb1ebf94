//! linphone as a desk phone that logs in over TLS and speaks nothing but encrypted audio: a tone file for a microphone, a file for an ear.

use super::house::House;
use super::{Ended, free_port, present, until, wav};
use hubline::sim::tone;
use std::io::Write;
use std::process::{ChildStdin, Command, Stdio};
use tempfile::TempDir;

/// A running linphone.
pub struct Linphone {
    process: Ended,
    keys: ChildStdin,
    folder: TempDir,
    house: String,
}

impl Linphone {
    /// Logs in at the house, trusting its authority alone, and is picked up as soon as it rings; `None` (said aloud) where it is not installed.
    pub fn registered(house: &House, user: &str, password: &str, hz: f64) -> Option<Linphone> {
        if !present("linphonec", "linphone-cli") {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        // It makes its database only in a folder that is there.
        std::fs::create_dir_all(folder.path().join(".local/share/linphone")).expect("a folder");
        wav::write_tone(&folder.path().join("tone.wav"), hz, 8_000, 60);
        // By its name: its TLS (mbedtls) knows no addresses in certificates.
        let house_tls = format!("localhost:{}", house.sip_tls.expect("SIP over TLS").port());
        let settings = format!(
            "[sip]\nverify_server_certs=1\nverify_server_cn=1\nroot_ca={authority}\nmedia_encryption=srtp\nmedia_encryption_mandatory=1\n\
             sip_port=0\nsip_tcp_port=0\nsip_tls_port=-1\ncontact=sip:{user}@127.0.0.1\nregister_only_when_network_is_up=0\nguess_hostname=0\nipv6=0\ndefault_proxy=0\n\
             [net]\nmtu=1300\n[rtp]\naudio_rtp_port={rtp}\n[misc]\nfile_transfer_server_url=\n\
             [auth_info_0]\nusername={user}\npasswd={password}\nrealm=phones\n\
             [proxy_0]\nreg_proxy=<sip:{house_tls};transport=tls>\nreg_route=<sip:{house_tls};transport=tls;lr>\nreg_identity=sip:{user}@{house_tls}\n\
             reg_expires=60\nreg_sendregister=1\npublish=0\ndial_escape_plus=0\n",
            authority = house.authority().display(),
            rtp = free_port(),
        );
        let file = folder.path().join("linphonerc");
        std::fs::write(&file, settings).expect("written");
        let log = std::fs::File::create(folder.path().join("said.txt")).expect("a log");
        let mut command = Command::new("linphonec");
        command.arg("-a").arg("-c").arg(&file).args(["-d", "6", "-l"]).arg(folder.path().join("log.txt"));
        command.current_dir(folder.path()).env("HOME", folder.path()).stdin(Stdio::piped());
        command.stderr(log.try_clone().expect("a log")).stdout(log);
        let mut process = Ended(command.spawn().expect("linphonec starts"));
        let keys = process.0.stdin.take().expect("its keys");
        let mut phone = Linphone { process, keys, folder, house: house_tls };
        let (tone, heard) = (phone.folder.path().join("tone.wav"), phone.folder.path().join("heard.wav"));
        phone.order("soundcard use files");
        phone.order(&format!("play {}", tone.display()));
        phone.order(&format!("record {}", heard.display()));
        Some(phone)
    }

    fn order(&mut self, line: &str) {
        self.keys.write_all(format!("{line}\n").as_bytes()).expect("told");
    }

    /// Puts the call it is in on hold.
    pub fn pause(&mut self) {
        self.order("pause");
    }

    /// Calls this number, as its user would.
    pub fn dial(&mut self, number: &str) {
        let house = self.house.clone();
        self.order(&format!("call sip:{number}@{house}"));
    }

    /// Hands the first of its calls to whom it has in the second.
    pub fn join(&mut self) {
        self.order("transfer 1 --to-call 2");
    }

    pub fn hang_up(&mut self) {
        self.order("terminate");
    }

    /// What it says about itself, for a failed test.
    pub fn log(&self) -> String {
        let read = |name: &str| std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        let said = read("said.txt");
        let log = read("log.txt");
        format!("{said}\n{}", &log[log.len().saturating_sub(20_000)..])
    }

    /// Logs off and ends, as a person would quit it.
    pub async fn quit(&mut self) {
        self.order("quit");
        until("linphone ends", || self.process.0.try_wait().expect("linphone ran").is_some()).await;
    }

    /// How much of what it has heard so far is this tone, ms. Complete once it has ended.
    pub fn heard(&self, hz: f64) -> usize {
        let samples = wav::read_pcm(&self.folder.path().join("heard.wav"));
        samples.chunks_exact(800).filter(|window| tone::share(window, hz) > 0.5).count() * 100
    }
}
