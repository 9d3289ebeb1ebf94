//! From the configuration to what callers who did not reach us are given: links to our own page.

use crate::config::{Config, Loaded};
use crate::desk::callback::link::Links;
use crate::desk::catalog::Catalog;
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
