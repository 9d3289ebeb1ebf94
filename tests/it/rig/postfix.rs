//! Postfix as the smarthost of a firm: takes letters without asking who signs in, hands those of the shop to Dovecot, and others to a server
//! abroad that refuses them; what is refused comes back as a report, by the way on which any letter comes.

use super::dovecot::Dovecot;
use super::{free_port, present, until};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Debian's master daemon, which starts all others.
const MASTER: &str = "/usr/lib/postfix/sbin/master";

const MAIN: &str = r"
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log.txt
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mta.shop.example
mydestination =
local_recipient_maps =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
alias_maps =
alias_database =
transport_maps = texthash:{folder}/conf/transport
default_transport = error:5.1.2 there is no such server here
smtp_host_lookup = native
smtp_tls_security_level = none
smtputf8_enable = no
";

const TRANSPORT: &str =
    "shop.example lmtp:[127.0.0.1]:{lmtp}\ncustomer.example lmtp:[127.0.0.1]:{lmtp}\nabroad.example smtp:[127.0.0.1]:{abroad}\n";

/// Nothing is locked up in the queue's folder: what the daemons need of the system stands outside of it.
const SERVICES: &str = r"
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
";

pub struct Postfix {
    pub port: u16,
    master: Child,
    folder: TempDir,
}

impl Postfix {
    /// `None` (said aloud) where it is not installed, or must not start: its master insists on being root.
    pub async fn open(dovecot: &Dovecot) -> Option<Postfix> {
        if !present("postfix", "postfix") {
            return None;
        }
        if !rustix::process::geteuid().is_root() {
            eprintln!("SKIPPED: postfix is started by root alone");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let (port, abroad) = (free_port(), abroad());
        let path = folder.path().to_str().expect("a path").to_owned();
        for inner in ["conf", "queue", "data"] {
            std::fs::create_dir(folder.path().join(inner)).expect("a folder");
        }
        let filled = |text: &str| {
            let numbers = [("{port}", port), ("{lmtp}", dovecot.lmtp), ("{abroad}", abroad)];
            numbers.iter().fold(text.replace("{folder}", &path), |text, (name, number)| text.replace(name, &number.to_string()))
        };
        for (name, text) in [("main.cf", MAIN), ("master.cf", SERVICES), ("transport", TRANSPORT)] {
            std::fs::write(folder.path().join("conf").join(name), filled(text)).expect("written");
        }
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("open to its daemons");
        let passwd = std::fs::read_to_string("/etc/passwd").expect("readable");
        let owner = passwd.lines().find_map(|line| line.strip_prefix("postfix:")?.split(':').nth(1)?.parse().ok());
        chown(folder.path().join("data"), Some(owner.expect("Debian's user of that name")), None).expect("given away");
        // Makes the folders of its queue.
        let checked = Command::new("postfix").arg("-c").arg(folder.path().join("conf")).arg("check").output().expect("postfix runs");
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        let out = std::fs::File::create(folder.path().join("start.txt")).expect("a log");
        let mut command = Command::new(MASTER);
        command.arg("-c").arg(folder.path().join("conf")).arg("-d").process_group(0);
        let master = command.stdin(Stdio::null()).stdout(out.try_clone().expect("a log")).stderr(out).spawn().expect("postfix starts");
        let mut running = Postfix { port, master, folder };
        until("postfix answers", || {
            let ended = running.master.try_wait().expect("postfix ran");
            assert!(ended.is_none(), "postfix has ended:\n{}", running.log());
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        })
        .await;
        Some(running)
    }

    /// What it says about itself.
    pub fn log(&self) -> String {
        let read = |name: &str| std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        format!("{}{}", read("start.txt"), read("log.txt"))
    }

    /// Waits until nothing of this is on its way any more, and gives what became of each letter: `bounced`, `sent`.
    pub async fn rests(&self, letters: usize) -> Vec<String> {
        let done = || self.log().lines().filter(|line| line.ends_with(": removed")).count();
        until(&format!("{letters} letters are done with"), || done() >= letters).await;
        let fate = |line: &str| Some(line.split_once("status=")?.1.split(' ').next()?.to_owned());
        self.log().lines().filter_map(fate).collect()
    }
}

impl Drop for Postfix {
    /// Its master ends the others when it is asked to.
    fn drop(&mut self) {
        if let Some(pid) = Pid::from_raw(self.master.id().cast_signed()) {
            // It may have ended by itself, which is as good.
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.master.wait();
    }
}

/// A server abroad that has nobody's mailbox, and one that is full. It ends with the process.
fn abroad() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || refuses(&stream));
        }
    });
    port
}

/// As much of RFC 5321 as a refusal needs.
fn refuses(stream: &TcpStream) {
    let mut out = stream;
    let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes()).is_ok();
    if !say("220 mx.abroad.example ESMTP") {
        return;
    }
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let line = line.to_ascii_lowercase();
        let answer = match line.split(' ').next().unwrap_or_default() {
            "ehlo" => "250-mx.abroad.example\r\n250 ENHANCEDSTATUSCODES",
            "rcpt" if line.contains("<full@") => "552 5.2.2 The mailbox is full",
            "rcpt" => "550 5.1.1 There is no such user here",
            "data" => "554 5.5.1 No valid recipients",
            _ => "250 2.0.0 Fine",
        };
        if !say(answer) || line.starts_with("quit") {
            return;
        }
    }
}
