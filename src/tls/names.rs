//! Under which names this machine can be reached: what the local certificate must cover.

use std::net::{IpAddr, Ipv6Addr};

/// Names and addresses: the hosts of the public addresses first, then the machine's name, its addresses, localhost.
pub fn names<'u>(urls: impl Iterator<Item = &'u String>) -> Vec<String> {
    let hosts = urls.filter_map(|url| Some(url.parse::<http::Uri>().ok()?.host()?.trim_matches(['[', ']']).to_ascii_lowercase()));
    let mut names: Vec<String> = Vec::new();
    for name in hosts.chain(hostnames()).chain(addresses().iter().map(IpAddr::to_string)).chain(own()) {
        if usable(&name) && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn own() -> [String; 3] {
    ["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()]
}

/// The machine's name and, as a single word, its name by multicast DNS.
fn hostnames() -> Vec<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_ascii_lowercase();
    if name.is_empty() || name == "localhost" {
        return Vec::new();
    }
    let local = (!name.contains('.')).then(|| format!("{name}.local"));
    std::iter::once(name).chain(local).collect()
}

/// All addresses of this machine but loopback and link-local ones, which no URL names.
fn addresses() -> Vec<IpAddr> {
    let v4 = std::fs::read_to_string("/proc/net/fib_trie").map(|table| local_v4(&table)).unwrap_or_default();
    let v6 = std::fs::read_to_string("/proc/net/if_inet6").map(|table| local_v6(&table)).unwrap_or_default();
    v4.into_iter().chain(v6).collect()
}

/// In the kernel's route table an own address stands above a line `/32 host LOCAL`.
pub(super) fn local_v4(table: &str) -> Vec<IpAddr> {
    let mut found: Vec<IpAddr> = Vec::new();
    let mut last: Option<IpAddr> = None;
    for line in table.lines() {
        if let Some(address) = line.trim().strip_prefix("|-- ") {
            last = address.parse().ok();
        } else if line.contains("/32 host LOCAL")
            && let Some(address @ IpAddr::V4(v4)) = last
            && !v4.is_loopback()
            && !v4.is_link_local()
            && !found.contains(&address)
        {
            found.push(address);
        }
    }
    found
}

/// 32 hexadecimal digits begin each line.
pub(super) fn local_v6(table: &str) -> Vec<IpAddr> {
    let parse = |line: &str| Some(Ipv6Addr::from(u128::from_str_radix(line.split_whitespace().next()?, 16).ok()?));
    table.lines().filter_map(parse).filter(|v6| !v6.is_loopback() && !v6.is_unicast_link_local()).map(IpAddr::V6).collect()
}

/// What a certificate can hold: an address, or a DNS name of letters, digits, dots and dashes.
fn usable(name: &str) -> bool {
    rustls::pki_types::ServerName::try_from(name).is_ok() && name.is_ascii()
}
