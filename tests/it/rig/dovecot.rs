//! Dovecot as a firm's own mail server: mailboxes by IMAP, letters taken by its submission service and delivered by its LMTP, under TLS of an
//! authority that the test has made. Python's mail libraries carry letters between the two, and are the customers' mail program.

use super::{free_port, present, until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Everybody's.
pub const PASSWORD: &str = "correct-horse-9";
/// Who serves when the tests run as root, which Dovecot's services refuse to be.
const NOBODY: u32 = 65_534;
const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/rig/mail_client.py");

const CONFIG: &str = r#"
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log.txt
protocols = imap lmtp submission
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
auth_mechanisms = plain login
auth_username_chars =
recipient_delimiter = +
hostname = mail.shop.example
postmaster_address = postmaster@shop.example
lda_original_recipient_header = X-Original-To
mail_location = maildir:{folder}/mail/%u
# Letters that are put into a folder within one tick of its clock are seen by the next check alone.
mailbox_idle_check_interval = 1 secs
ssl = required
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
ssl_dh =
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
submission_relay_trusted = no
passdb {
  driver = static
  args = password={password}
}
userdb {
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u allow_all_users=yes
}
namespace inbox {
  inbox = yes
  mailbox 客服 {
    auto = create
  }
}
service anvil {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    address = 127.0.0.1
    port = {imap}
  }
  inet_listener imaps {
    address = 127.0.0.1
    port = {imaps}
    ssl = yes
  }
}
service submission-login {
  chroot =
  inet_listener submission {
    address = 127.0.0.1
    port = {submission}
  }
  inet_listener submissions {
    address = 127.0.0.1
    port = {submissions}
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = {lmtp}
  }
}
service stats {
  chroot =
}
"#;

/// A running server and its post.
pub struct Dovecot {
    pub imaps: u16,
    pub submission: u16,
    pub submissions: u16,
    pub lmtp: u16,
    server: Child,
    post: Child,
    folder: TempDir,
}

impl Dovecot {
    /// `None` (said aloud) where it is not installed.
    pub async fn open() -> Option<Dovecot> {
        let parts = ["imap", "lmtp", "submission"].map(|part| PathBuf::from("/usr/lib/dovecot").join(part));
        if !parts.iter().all(|part| part.exists()) {
            // What is looked for is nowhere, which is said.
            present("dovecot's imap, lmtp and submission", "dovecot-imapd dovecot-lmtpd dovecot-submissiond");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let [imap, imaps, submission, submissions, lmtp, relay] = std::array::from_fn(|_| free_port());
        let root = rustix::process::geteuid().is_root();
        let (uid, gid) = match root {
            true => (NOBODY, NOBODY),
            false => (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw()),
        };
        certificate(&folder);
        let config = CONFIG
            .replace("{password}", PASSWORD)
            .replace("{folder}", folder.path().to_str().expect("a path"))
            .replace("{user}", &name("passwd", uid))
            .replace("{group}", &name("group", gid))
            .replace("{uid}", &uid.to_string())
            .replace("{gid}", &gid.to_string())
            .replace("{imap}", &imap.to_string())
            .replace("{imaps}", &imaps.to_string())
            .replace("{submission}", &submission.to_string())
            .replace("{submissions}", &submissions.to_string())
            .replace("{lmtp}", &lmtp.to_string())
            .replace("{relay}", &relay.to_string());
        let path = folder.path().join("dovecot.conf");
        std::fs::write(&path, config).expect("written");
        for inner in ["run", "state", "mail", "sent"] {
            std::fs::create_dir(folder.path().join(inner)).expect("a folder");
        }
        if root {
            for entry in std::fs::read_dir(folder.path()).expect("a folder").flatten() {
                chown(entry.path(), Some(uid), Some(gid)).expect("given away");
            }
            chown(folder.path(), Some(uid), Some(gid)).expect("given away");
        }
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("open to its services");
        let mut command = Command::new("/usr/sbin/dovecot");
        command.arg("-F").arg("-c").arg(&path).current_dir(folder.path());
        if root {
            command.uid(uid).gid(gid);
        }
        let log = std::fs::File::create(folder.path().join("start.txt")).expect("a log");
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
        let server = command.spawn().expect("dovecot starts");
        let mut post = Command::new("python3");
        post.arg(CLIENT).arg("relay").arg(relay.to_string()).arg(lmtp.to_string()).arg(folder.path().join("sent"));
        let post = post.stdin(Stdio::null()).spawn().expect("the post starts");
        let mut running = Dovecot { imaps, submission, submissions, lmtp, server, post, folder };
        for port in [imap, imaps, submission, submissions, running.lmtp, relay] {
            until("dovecot and its post answer", || {
                let ended = running.server.try_wait().expect("dovecot ran");
                assert!(ended.is_none(), "dovecot has ended:\n{}", running.log());
                std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
            })
            .await;
        }
        Some(running)
    }

    /// The authority that has signed its certificate, as PEM.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Somebody's mail program does this; gives what it says.
    pub async fn client(&self, user: &str, command: &str, order: Value) -> Value {
        let settings = json!({
            "user": user, "password": PASSWORD, "submission": self.submission, "imaps": self.imaps, "ca": self.authority(),
        });
        let input = json!([settings, order]).to_string();
        let command = command.to_owned();
        let output = tokio::task::spawn_blocking(move || {
            let mut child =
                Command::new("python3").arg(CLIENT).arg(command).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python");
            child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("written");
            child.wait_with_output().expect("it ends")
        })
        .await
        .expect("it ends");
        assert!(output.status.success(), "the mail program failed:\n{}", self.log());
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    /// A letter is delivered as it stands, from outside. It is Dovecot's own before it can be seen: from then on it may be moved.
    pub fn deliver(&self, to: &str, letter: &[u8]) {
        let mailbox = self.folder.path().join("mail").join(to);
        let [new, tmp, cur] = ["new", "tmp", "cur"].map(|folder| mailbox.join(folder));
        let name = format!("{}.letter", rand::random::<u64>());
        let letter_file = tmp.join(&name);
        for folder in [&new, &tmp, &cur] {
            std::fs::create_dir_all(folder).expect("a folder");
        }
        std::fs::write(&letter_file, letter).expect("written");
        if rustix::process::geteuid().is_root() {
            for entry in [&mailbox, &new, &tmp, &cur, &letter_file] {
                chown(entry, Some(NOBODY), Some(NOBODY)).expect("given away");
            }
        }
        std::fs::rename(&letter_file, new.join(&name)).expect("delivered");
    }

    /// What it says about itself, for a failed test.
    pub fn log(&self) -> String {
        let read = |name: &str| std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        format!("{}{}", read("start.txt"), read("log.txt"))
    }
}

impl Drop for Dovecot {
    /// It ends its own processes when it is asked to; killed, it would leave them behind.
    fn drop(&mut self) {
        if let Some(pid) = Pid::from_raw(self.server.id().cast_signed()) {
            // It may have ended by itself, which is as good.
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.server.wait();
        // It serves until it is ended, and has nothing to lose.
        let _ = self.post.kill();
        let _ = self.post.wait();
    }
}

/// An authority, and a certificate of its for this machine.
fn certificate(folder: &TempDir) {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut params = rcgen::CertificateParams::new(Vec::new()).expect("parameters");
    // A name of its own, or what it signs would look signed by itself.
    params.distinguished_name.push(rcgen::DnType::CommonName, "The test's authority");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).expect("an authority");
    let issuer = rcgen::Issuer::new(params, key);
    let own = rcgen::KeyPair::generate().expect("a key");
    let params = rcgen::CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).expect("parameters");
    let certificate = params.signed_by(&own, &issuer).expect("a certificate");
    for (name, text) in [("ca.pem", authority.pem()), ("cert.pem", certificate.pem()), ("key.pem", own.serialize_pem())] {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
}

/// The name of a user or a group.
fn name(file: &str, id: u32) -> String {
    let lines = std::fs::read_to_string(format!("/etc/{file}")).expect("readable");
    let id = id.to_string();
    let found = lines.lines().find(|line| line.split(':').nth(2) == Some(id.as_str())).and_then(|line| line.split(':').next());
    found.unwrap_or("nobody").to_owned()
}
