//! From the configuration to what callers who did not reach us are given: links to our own page, and the gateways by which they get them.

use crate::channels::sms::Account;
use crate::config::{Config, Loaded};
use crate::desk::callback::link::Links;
use crate::desk::catalog::Catalog;
use crate::desk::id::ChannelId;
use anyhow::Context;
use std::net::SocketAddr;

/// Where customers reach our pages, by the configuration; `None` when it names no address.
pub(super) fn base(config: &Config) -> Option<String> {
    let public = config.server.public.as_ref().and_then(|public| public.public_url.as_ref());
    let url = public.or(config.server.public_url.as_ref())?;
    Some(url.get_ref().trim_end_matches('/').to_owned())
}

/// On this machine alone (trials, the demo) the address is the listener's own.
pub(super) fn own_base(config: &Config, private: SocketAddr, public: Option<SocketAddr>) -> Option<String> {
    let address = public.unwrap_or(private);
    let plain = match &config.server.public {
        Some(section) => *section.tls.get_ref(),
        None => *config.server.tls.get_ref(),
    };
    (plain == crate::web::config::TlsMode::Off && address.ip().is_loopback()).then(|| format!("http://{address}"))
}

pub(super) fn links(base: Option<&str>, secret: [u8; 32]) -> Option<Links> {
    base.map(|base| Links::new(base, secret))
}

/// The desk's catalog with the links that it writes into texts.
pub(super) fn catalog(loaded: &Loaded, links: Option<Links>) -> Catalog {
    let mut catalog = loaded.catalog.clone();
    catalog.callbacks.links = links;
    catalog
}

/// The gateways as configured.
pub(super) fn gateways(config: &Config, base: Option<&str>) -> anyhow::Result<Vec<Account>> {
    let mut accounts = Vec::new();
    for channel in &config.channels {
        let Some(gateway) = &channel.gateway else { continue };
        let id = channel.id.get_ref().as_str();
        let secret = gateway.secret.get_ref().reveal(&config.folder).with_context(|| format!("the secret of channel {id}"))?;
        accounts.push(Account {
            id: ChannelId::from(id),
            url: gateway.url.get_ref().parse().with_context(|| format!("the gateway of channel {id}"))?,
            secret,
            from: gateway.from.get_ref().clone(),
            max_parts: *gateway.max_parts.get_ref(),
            timeout: gateway.timeout.duration(),
            tries: *gateway.tries.get_ref(),
            rate: *gateway.rate.get_ref(),
            hook: base.map(|base| format!("{base}/sms/{id}/hook")),
        });
    }
    Ok(accounts)
}
