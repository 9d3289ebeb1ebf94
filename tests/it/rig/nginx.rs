//! nginx as the proxy in front of a house, with the very lines that the README shows.

use super::{Ended, free_port, present, until};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// What stands around those lines. One process, so that ending it leaves nobody behind.
const CONFIG: &str = r#"
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/errors.txt;
events {}
http {
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {map}
    server {
        listen {address};
        {location}
    }
}
"#;

/// A running proxy.
pub struct Nginx {
    _process: Ended,
    folder: TempDir,
}

impl Nginx {
    /// Where a proxy will listen, for a configuration that must name it first.
    pub fn address() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], free_port()))
    }

    /// Starts one there. `lines` are those of the documentation: what belongs to `http`, an empty line, what belongs to `server`. `None` (said
    /// aloud) where it is not installed.
    pub async fn open(address: SocketAddr, lines: &str) -> Option<Nginx> {
        let program = "/usr/sbin/nginx";
        if !Path::new(program).exists() && !present("nginx", "nginx-light") {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let (map, location) = lines.split_once("\n\n").expect("two parts");
        let config = CONFIG
            .replace("{folder}", folder.path().to_str().expect("a path"))
            .replace("{address}", &address.to_string())
            .replace("{map}", map)
            .replace("{location}", location);
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, config).expect("written");
        let mut command = Command::new(if Path::new(program).exists() { program } else { "nginx" });
        command.arg("-e").arg(folder.path().join("errors.txt")).arg("-c").arg(&file).stdin(Stdio::null());
        let nginx = Nginx { _process: Ended(command.spawn().expect("nginx starts")), folder };
        until("nginx listens", || std::net::TcpStream::connect(address).is_ok()).await;
        Some(nginx)
    }

    /// What it found wrong.
    pub fn errors(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("errors.txt")).unwrap_or_default()
    }
}
