//! Trunks: who they are known by, and whether their passwords can be read.

use super::within;
use crate::config::Config;
use crate::config::findings::Findings;
use crate::config::value::{Period, Srtp};
use crate::sip::Authorities;
use crate::sip::config::{TransportName, TrunkSection};

pub(super) fn check(config: &Config, findings: &mut Findings<'_>) {
    for trunk in &config.trunks {
        let id = &trunk.id;
        if trunk.server.is_none() && trunk.sources.is_empty() {
            findings
                .error(id.span(), format!("trunk `{id}` cannot be told from strangers"))
                .help("name the provider's server = \"…\", or the addresses its calls come from: sources = [\"…\"]");
        }
        if let Some(server) = trunk.server.as_ref().filter(|server| !host_and_port(server.get_ref())) {
            findings.error(server.span(), format!("`{server}` is not a server")).help("write \"host\" or \"host:port\", without \"sip:\"");
        }
        for source in trunk.sources.iter().filter(|source| source.get_ref().prefix == 0) {
            findings.warning(source.span(), "anyone on the internet may place calls through this trunk");
        }
        let digits = |code: &str| (1..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit());
        if let Some(code) = trunk.country_code.as_ref().filter(|code| !digits(code.get_ref().trim_start_matches('+'))) {
            findings.error(code.span(), format!("`{code}` is not a country code")).help("write its digits: \"49\", \"86\", \"1\"");
        }
        if *trunk.register.get_ref() {
            registration(trunk, findings);
        }
        let ping = *trunk.ping.get_ref();
        if ping != Period::default() && !(Period::from_secs(5)..=Period::from_secs(3600)).contains(&ping) {
            findings.error(trunk.ping.span(), "`ping` must be from 5s to 1h, or 0s for never");
        }
        if trunk.codecs.get_ref().is_empty() {
            findings
                .error(trunk.codecs.span(), format!("trunk `{id}` speaks nothing"))
                .help("name at least one codec: codecs = [\"pcma\"]");
        }
        within("`ping_failures`", &trunk.ping_failures, 1..=20, findings);
        if trunk.renew.get_ref() < &Period::from_secs(30) {
            findings.error(trunk.renew.span(), "`renew` must be at least 30s");
        }
        let tls = trunk.transport == Some(TransportName::Tls);
        if *trunk.srtp.get_ref() == Srtp::Required && !tls {
            findings
                .error(trunk.srtp.span(), format!("the keys of trunk `{id}` would travel in the open"))
                .help("encrypted audio needs transport = \"tls\"");
        }
        if let Some(ca) = &trunk.ca
            && let Err(error) = Authorities::of(&config.folder.join(ca.get_ref()))
        {
            findings.error(ca.span(), error.to_string());
        }
        if let Some(password) = &trunk.password {
            if let Err(error) = password.get_ref().reveal(&config.folder) {
                findings.error(password.span(), format!("the password of trunk `{id}` cannot be read: {error}"));
            } else if password.get_ref().is_plain() {
                findings
                    .warning(password.span(), "a password in plain text")
                    .help("keep it out of the file: { env = \"NAME\" } or { file = \"/run/secrets/…\" }");
            }
        }
    }
}

fn registration(trunk: &TrunkSection, findings: &mut Findings<'_>) {
    let missing: Vec<&str> = [("server", trunk.server.is_none()), ("user", trunk.user.is_none()), ("password", trunk.password.is_none())]
        .into_iter()
        .filter_map(|(key, missing)| missing.then_some(key))
        .collect();
    if !missing.is_empty() {
        let id = &trunk.id;
        findings.error(trunk.register.span(), format!("trunk `{id}` cannot register without {}", missing.join(", ")));
    }
}

/// `host`, `host:port`, `[v6]` or `[v6]:port`.
pub(super) fn host_and_port(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((host, rest)) if host.parse::<std::net::Ipv6Addr>().is_ok() => (host, rest.strip_prefix(':')),
            _ => return false,
        },
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let named = host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')) || text.starts_with('[');
    !host.is_empty() && named && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}
