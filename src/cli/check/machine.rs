//! Live checks of this machine: clock, disk, ports, certificates, its own name.

use super::live::Finding::{self, Bad, Good, Odd};
use crate::config::Config;
use crate::desk::id::At;
use crate::tls;
use crate::web::config::TlsMode;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use toml::Spanned;

/// 2026-01-01 UTC: this program is younger than that, so a clock before it is wrong.
const BORN: At = At(1_767_225_600_000);
const DAY_MS: i64 = 86_400_000;
/// A day of ten agents' recordings is about a gigabyte.
const ROOM_MB: u64 = 1_000;
const LITTLE_ROOM_MB: u64 = 5_000;

/// Dates of messages, certificates and opening hours hang on it.
pub(super) fn clock(now: At) -> Finding {
    match jiff::Timestamp::from_millisecond(now.0) {
        Ok(time) if now >= BORN => Good(format!("{}", time.strftime("%Y-%m-%d %H:%M:%S UTC"))),
        Ok(time) => Bad(format!("it shows {}, which cannot be", time.strftime("%Y-%m-%d"))),
        Err(error) => Bad(error.to_string()),
    }
}

/// Room where the data folder is, or will be.
pub(super) fn disk(data: &Path) -> Finding {
    let Some(there) = data.ancestors().find(|folder| folder.exists()) else {
        return Bad(format!("{} has no parent folder", data.display()));
    };
    match rustix::fs::statvfs(there) {
        Ok(disk) => match disk.f_bavail.saturating_mul(disk.f_frsize) / 1_000_000 {
            free if free < ROOM_MB => Bad(format!("only {free} MB free for {}", data.display())),
            free if free < LITTLE_ROOM_MB => Odd(format!("{free} MB free for {}: little for recordings", data.display())),
            free => Good(format!("{} GB free for {}", free / 1_000, data.display())),
        },
        Err(error) => Bad(format!("{}: {error}", there.display())),
    }
}

/// Each port is opened for a moment, unless a running Hubline holds them.
pub(super) fn ports(config: &Config, running: bool) -> Vec<(String, Finding)> {
    let server = &config.server;
    let mut tcp = vec![("server.listen", *server.listen.get_ref())];
    tcp.extend(server.public.iter().map(|public| ("server.public.listen", *public.listen.get_ref())));
    tcp.extend(config.sip.tcp.get_ref().0.map(|address| ("sip.tcp", address)));
    let mut udp = vec![("media.web_port", SocketAddr::new(config.media.bind, *config.media.web_port.get_ref()))];
    udp.extend(config.sip.udp.get_ref().0.map(|address| ("sip.udp", address)));
    let range = config.media.rtp_ports.get_ref();
    udp.extend([range.first, range.last].map(|port| ("media.rtp_ports", SocketAddr::new(config.media.bind, port))));
    if running {
        return vec![("ports".to_owned(), Odd("not tried: a running Hubline holds them".to_owned()))];
    }
    let tcp = tcp.into_iter().map(|(what, address)| opened(what, "TCP", address, TcpListener::bind(address).err()));
    let udp = udp.into_iter().map(|(what, address)| opened(what, "UDP", address, UdpSocket::bind(address).err()));
    tcp.chain(udp).collect()
}

fn opened(what: &str, protocol: &str, address: SocketAddr, error: Option<std::io::Error>) -> (String, Finding) {
    let finding = match error {
        None => Good(format!("{protocol} {address} is free")),
        Some(error) => Bad(format!("{protocol} {address} cannot be opened: {error}")),
    };
    (what.to_owned(), finding)
}

/// How long the certificates in use are still valid.
pub(super) fn certificates(config: &Config, now: At) -> Vec<(String, Finding)> {
    let server = &config.server;
    let mut found =
        vec![("certificate".to_owned(), certificate(config, *server.tls.get_ref(), &server.certificate, &server.private_key, now))];
    if let Some(public) = &server.public {
        found.push((
            "public certificate".to_owned(),
            certificate(config, *public.tls.get_ref(), &public.certificate, &public.private_key, now),
        ));
    }
    found
}

fn certificate(config: &Config, mode: TlsMode, file: &Option<Spanned<PathBuf>>, key: &Option<Spanned<PathBuf>>, now: At) -> Finding {
    let (file, key) = match (mode, file, key) {
        (TlsMode::Proxy, ..) => return Good("the proxy's".to_owned()),
        (TlsMode::Off, ..) => return Good("none: plain HTTP on this machine".to_owned()),
        (TlsMode::Files, Some(file), Some(key)) => (config.folder.join(file.get_ref()), config.folder.join(key.get_ref())),
        (TlsMode::Acme, ..) => tls::acme::pair(&config.data()),
        (TlsMode::Files | TlsMode::LocalCa, ..) => tls::local_pair(&config.data()),
    };
    if mode == TlsMode::LocalCa && !file.exists() {
        return Good("the local authority is made at the first start".to_owned());
    }
    if mode == TlsMode::Acme && !file.exists() {
        return Odd("the public authority has given none yet: it is asked for while Hubline runs".to_owned());
    }
    match tls::valid_until(&file, &key) {
        Ok(until) => {
            let days = (until.0 - now.0).div_euclid(DAY_MS);
            match days {
                _ if days < 0 => Bad(format!("{} has expired", file.display())),
                0..15 => Odd(format!("{} expires in {days} days", file.display())),
                _ => Good(format!("{} is valid for {days} more days", file.display())),
            }
        }
        Err(error) => Bad(error.to_string()),
    }
}

/// Whether the name that people type has an address.
pub(super) async fn public_name(config: &Config) -> Option<Finding> {
    let url = config.server.public_url.as_ref()?.get_ref();
    let host = url.parse::<http::Uri>().ok()?.host()?.trim_matches(['[', ']']).to_owned();
    Some(match tokio::net::lookup_host((host.as_str(), 0)).await {
        Ok(found) => {
            let found: Vec<String> = found.map(|address| address.ip().to_string()).collect();
            Good(format!("{host} is {}", found.join(", ")))
        }
        Err(error) => Bad(format!("{host}: {error}")),
    })
}
