//! Pebble as the public authority: Let's Encrypt's own test server, which checks every request and proof as the real one does.

use super::{Ended, free_port, present, tls, until};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

/// A running authority, for which every name is on this machine.
pub struct Pebble {
    port: u16,
    management: SocketAddr,
    /// Who has signed its own certificate, PEM.
    authority: String,
    _processes: [Ended; 2],
}

impl Pebble {
    /// Proves names at this port, where a browser would ask at 443. `authority` has signed the pair for `localhost` in these files. `None`
    /// (said aloud) where it is not installed.
    pub async fn open(folder: &Path, proves_at: u16, authority: &str, (certificate, key): (&Path, &Path)) -> Option<Pebble> {
        if !present("pebble", "pebble") || !present("pebble-challtestsrv", "pebble") {
            return None;
        }
        let local = |port: u16| format!("127.0.0.1:{port}");
        let (port, management, names, names_admin) = (free_port(), free_port(), free_port(), free_port());
        let config = serde_json::json!({ "pebble": {
            "listenAddress": local(port), "managementListenAddress": local(management),
            "certificate": certificate, "privateKey": key, "httpPort": 1, "tlsPort": proves_at,
            "ocspResponderURL": "", "externalAccountBindingRequired": false,
        } });
        let path = folder.join("pebble.json");
        std::fs::write(&path, config.to_string()).expect("written");
        let quiet = |command: &mut Command| Ended(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts"));
        let resolver = quiet(
            Command::new("pebble-challtestsrv")
                .args(["-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", ""])
                .args(["-dns01", &local(names), "-management", &local(names_admin)]),
        );
        let server =
            quiet(Command::new("pebble").arg("-config").arg(&path).args(["-dnsserver", &local(names)]).env("PEBBLE_VA_NOSLEEP", "1"));
        until("the authority listens", || std::net::TcpStream::connect(local(port)).is_ok()).await;
        let management = SocketAddr::from(([127, 0, 0, 1], management));
        Some(Pebble { port, management, authority: authority.to_owned(), _processes: [resolver, server] })
    }

    pub fn directory(&self) -> String {
        format!("https://localhost:{}/dir", self.port)
    }

    /// The root of what it signs, PEM: what browsers would trust.
    pub async fn root(&self) -> String {
        tls::request(self.management, "localhost", &self.authority, "GET", "/roots/0", &[], "").await.expect("its root").text()
    }
}
