//! Finding a server, RFC 3263: NAPTR says which transport, SRV which hosts in which order, A and AAAA where. What did not answer lately is
//! tried last.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};

use crate::sip::SipError;
use crate::sip::net::{Bound, Transport};
use crate::sip::wire::{Scheme, Uri};

/// A name server that does not answer must not hold a caller up for longer.
const PATIENCE: Duration = Duration::from_secs(3);
/// Addresses tried for one request.
const MAX_TARGETS: usize = 8;
/// How long an address that failed is tried last.
const BAD_FOR: Duration = Duration::from_secs(60);
const BAD_REMEMBERED: usize = 1024;

/// One address of a server, the preferred first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    pub transport: Transport,
    pub addr: SocketAddr,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Srv {
    priority: u16,
    weight: u16,
    port: u16,
    host: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Naptr {
    order: u16,
    preference: u16,
    transport: Transport,
    replacement: String,
}

pub(super) struct Locator {
    /// `None` when the system has no name servers; literal addresses and its hosts file still serve.
    resolver: Option<TokioResolver>,
    bound: Bound,
    bad: Mutex<HashMap<(Transport, SocketAddr), Instant>>,
}

impl Locator {
    /// With the system's name servers, or these.
    pub fn new(bound: Bound, name_servers: &[SocketAddr]) -> Locator {
        let builder = if name_servers.is_empty() {
            TokioResolver::builder_tokio()
        } else {
            let servers = name_servers.iter().map(|server| {
                let mut config = NameServerConfig::udp_and_tcp(server.ip());
                config.connections.iter_mut().for_each(|connection| connection.port = server.port());
                config
            });
            let config = ResolverConfig::from_parts(None, Vec::new(), servers.collect());
            Ok(TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()))
        };
        let resolver = builder.and_then(|mut builder| {
            builder.options_mut().timeout = Duration::from_secs(1);
            builder.options_mut().attempts = 2;
            builder.build()
        });
        let resolver =
            resolver.inspect_err(|error| tracing::warn!(%error, "no name servers: names of SIP servers come from the system alone")).ok();
        Locator { resolver, bound, bad: Mutex::default() }
    }

    /// All addresses of a URI's server in the order in which they are to be tried. `transport` is what the caller insists on.
    pub async fn locate(&self, uri: &Uri, transport: Option<Transport>) -> Result<Vec<Target>, SipError> {
        if !uri.is_sip() {
            return Err(SipError::Scheme(uri.to_string()));
        }
        let transport = self.wanted(uri, transport)?;
        if let Some(ip) = uri.ip() {
            let transport = transport.unwrap_or(Transport::Udp);
            return Ok(vec![Target { transport, addr: SocketAddr::new(ip, uri.port.unwrap_or(transport.default_port())) }]);
        }
        let found = tokio::time::timeout(PATIENCE, self.by_name(uri, transport)).await.unwrap_or_default();
        let mut targets: Vec<Target> = found.into_iter().filter(|target| self.can_reach(target)).take(MAX_TARGETS).collect();
        if targets.is_empty() {
            return Err(SipError::Unresolved(uri.host.clone()));
        }
        let now = crate::clock::Clock::system().instant();
        let bad = self.bad.lock().unwrap_or_else(PoisonError::into_inner);
        targets.sort_by_key(|target| bad.get(&(target.transport, target.addr)).is_some_and(|until| *until > now));
        Ok(targets)
    }

    /// An address did not answer, refused the connection, or said 503.
    pub fn failed(&self, target: Target) {
        let now = crate::clock::Clock::system().instant();
        let mut bad = self.bad.lock().unwrap_or_else(PoisonError::into_inner);
        if bad.len() >= BAD_REMEMBERED {
            bad.retain(|_, until| *until > now);
        }
        if bad.len() < BAD_REMEMBERED {
            bad.insert((target.transport, target.addr), now + BAD_FOR);
        }
    }

    /// `sips:` is TLS and nothing else (RFC 3261 §26.2.2); then what the URI says, then what the caller does.
    fn wanted(&self, uri: &Uri, asked: Option<Transport>) -> Result<Option<Transport>, SipError> {
        if uri.scheme == Scheme::Sips {
            return Ok(Some(Transport::Tls));
        }
        match uri.params.get("transport") {
            Some(name) => Transport::parse(&name).map(Some).ok_or_else(|| SipError::Scheme(uri.to_string())),
            None => Ok(asked),
        }
    }

    /// RFC 3263 §4.1 and §4.2.
    async fn by_name(&self, uri: &Uri, transport: Option<Transport>) -> Vec<Target> {
        let host = uri.host.as_str();
        if let Some(port) = uri.port {
            return self.addresses(host, transport.unwrap_or(Transport::Udp), port).await;
        }
        let services = match transport {
            Some(transport) => vec![(transport, service(transport, host))],
            None => {
                let mut naptr = self.naptr(host).await;
                naptr.sort_by_key(|record| (record.order, record.preference));
                match naptr.is_empty() {
                    false => naptr.into_iter().map(|record| (record.transport, record.replacement)).collect(),
                    true => [Transport::Udp, Transport::Tcp, Transport::Tls].map(|transport| (transport, service(transport, host))).into(),
                }
            }
        };
        let mut targets = Vec::new();
        for (transport, name) in services.into_iter().filter(|(transport, _)| self.speaks(*transport)) {
            for server in in_order(self.srv(&name).await, rand::random) {
                targets.extend(self.addresses(&server.host, transport, server.port).await);
                if targets.len() >= MAX_TARGETS {
                    return targets;
                }
            }
        }
        if targets.is_empty() {
            let transport = transport.unwrap_or(Transport::Udp);
            targets = self.addresses(host, transport, transport.default_port()).await;
        }
        targets
    }

    async fn naptr(&self, host: &str) -> Vec<Naptr> {
        let Some(resolver) = &self.resolver else { return Vec::new() };
        let Ok(found) = resolver.lookup(absolute(host), RecordType::NAPTR).await else { return Vec::new() };
        let records = found.answers().iter().filter_map(|record| match &record.data {
            // Only the terminal form that leads to SRV is used for SIP (RFC 3263 §4.1).
            RData::NAPTR(naptr) if naptr.flags.eq_ignore_ascii_case(b"s") => {
                let service = String::from_utf8_lossy(&naptr.services).to_ascii_uppercase();
                let transport = match service.as_str() {
                    "SIP+D2U" => Transport::Udp,
                    "SIP+D2T" => Transport::Tcp,
                    "SIPS+D2T" => Transport::Tls,
                    _ => return None,
                };
                let replacement = naptr.replacement.to_utf8();
                Some(Naptr { order: naptr.order, preference: naptr.preference, transport, replacement })
            }
            _ => None,
        });
        records.filter(|record| self.speaks(record.transport)).collect()
    }

    async fn srv(&self, name: &str) -> Vec<Srv> {
        let Some(resolver) = &self.resolver else { return Vec::new() };
        let Ok(found) = resolver.lookup(absolute(name), RecordType::SRV).await else { return Vec::new() };
        let records = found.answers().iter().filter_map(|record| match &record.data {
            // A root target says that the service is decidedly not there (RFC 2782).
            RData::SRV(srv) if !srv.target.is_root() => {
                Some(Srv { priority: srv.priority, weight: srv.weight, port: srv.port, host: srv.target.to_utf8() })
            }
            _ => None,
        });
        records.collect()
    }

    async fn addresses(&self, host: &str, transport: Transport, port: u16) -> Vec<Target> {
        let found: Vec<IpAddr> = match &self.resolver {
            Some(resolver) => match resolver.lookup_ip(absolute(host)).await {
                Ok(found) => found.iter().collect(),
                Err(_) => Vec::new(),
            },
            None => Vec::new(),
        };
        let found = if found.is_empty() { system(host, port).await } else { found };
        found.into_iter().map(|ip| Target { transport, addr: SocketAddr::new(ip, port) }).collect()
    }

    /// Whether we can send by this transport at all. Streams need no listener of ours.
    fn speaks(&self, transport: Transport) -> bool {
        transport != Transport::Udp || self.bound.udp.is_some()
    }

    /// An IPv4 socket reaches nobody by IPv6.
    fn can_reach(&self, target: &Target) -> bool {
        target.addr.is_ipv4() || target.transport.is_reliable() || self.bound.udp.is_some_and(|addr| addr.is_ipv6())
    }
}

/// Names that only this machine knows: its hosts file, its own network's way of naming.
async fn system(host: &str, port: u16) -> Vec<IpAddr> {
    let host = host.trim_end_matches('.');
    tokio::net::lookup_host((host, port)).await.map(|found| found.map(|addr| addr.ip()).collect()).unwrap_or_default()
}

/// Search domains are for people, not for trunks.
fn absolute(host: &str) -> String {
    if host.ends_with('.') || !host.contains('.') { host.to_owned() } else { format!("{host}.") }
}

fn service(transport: Transport, host: &str) -> String {
    let prefix = match transport {
        Transport::Udp => "_sip._udp",
        Transport::Tcp => "_sip._tcp",
        Transport::Tls => "_sips._tcp",
    };
    format!("{prefix}.{host}")
}

/// RFC 2782: by priority; within one, drawn by weight without putting back.
fn in_order(mut servers: Vec<Srv>, mut random: impl FnMut() -> u32) -> Vec<Srv> {
    // Zero weights first, so that they have a small chance of being drawn.
    servers.sort_by_key(|server| Reverse((server.priority, Reverse(server.weight))));
    let mut ordered = Vec::with_capacity(servers.len());
    while let Some(priority) = servers.last().map(|server| server.priority) {
        let from = servers.iter().position(|server| server.priority == priority).unwrap_or(0);
        let mut group = servers.split_off(from);
        group.reverse();
        while !group.is_empty() {
            let total: u64 = group.iter().map(|server| u64::from(server.weight)).sum();
            let drawn = (u64::from(random()) * (total + 1)) >> 32;
            let mut sum = 0;
            let at = group.iter().position(|server| {
                sum += u64::from(server.weight);
                sum >= drawn
            });
            ordered.push(group.remove(at.unwrap_or(0)));
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::{Srv, in_order};

    fn srv(priority: u16, weight: u16, port: u16) -> Srv {
        Srv { priority, weight, port, host: "a.example.".into() }
    }

    #[test]
    fn servers_come_by_priority_and_are_drawn_by_weight() {
        let servers = vec![srv(20, 0, 3), srv(10, 60, 1), srv(10, 20, 2), srv(10, 0, 4)];
        let mut seed = 1u32;
        let mut first = [0u32; 5];
        for _ in 0..10_000 {
            let order = in_order(servers.clone(), || {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                seed
            });
            assert_eq!(order.len(), 4);
            assert_eq!(order[3].port, 3, "the higher number comes last");
            first[order[0].port as usize] += 1;
        }
        // 60 of 81 and 20 of 81, and a weight of nothing hardly ever.
        assert!((7_000..7_900).contains(&first[1]), "{first:?}");
        assert!((2_000..2_900).contains(&first[2]), "{first:?}");
        assert!(first[4] < 300, "{first:?}");
    }
}
