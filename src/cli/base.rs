//! The address that people type, where the configuration does not say it.

use crate::config::Config;
use crate::tls;
use crate::web::config::TlsMode;

/// `server.public_url`, or what can be told from the listener: `https://desk.local:8443`.
pub(super) fn url(config: &Config) -> String {
    let server = &config.server;
    if let Some(url) = &server.public_url {
        return url.get_ref().trim_end_matches('/').to_owned();
    }
    let listen = server.listen.get_ref();
    let host = match listen.ip() {
        ip if ip.is_unspecified() => tls::names(std::iter::empty()).into_iter().next().unwrap_or_else(|| "localhost".to_owned()),
        ip if ip.is_loopback() => "localhost".to_owned(),
        ip => ip.to_string(),
    };
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let scheme = if *server.tls.get_ref() == TlsMode::Off { "http" } else { "https" };
    format!("{scheme}://{host}:{}", listen.port())
}
