//! What the sections of platforms have in common: the addresses of their APIs, and secrets.

use crate::config::findings::Findings;
use crate::config::value::{Name, Secret};
use toml::Spanned;

/// An address to which keys and messages go: `https`, or `http` on this machine.
pub(super) fn address(url: &Name, findings: &mut Findings<'_>) {
    let text = url.get_ref();
    let parsed = text.parse::<http::Uri>().ok();
    let host = parsed.as_ref().and_then(|uri| uri.host()).unwrap_or_default();
    let loopback = host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match parsed.as_ref().and_then(|uri| uri.scheme_str()) {
        Some("https") if !host.is_empty() => {}
        Some("http") if loopback => {}
        Some("http") => {
            findings
                .error(url.span(), "keys and messages would cross the network in the clear")
                .fix(format!("\"{}\"", text.replacen("http", "https", 1)));
        }
        _ => {
            findings
                .error(url.span(), format!("`{text}` is not the address of a platform"))
                .help("write it as \"https://platform.example\"");
        }
    }
}

/// Secrets belong beside the file.
pub(super) fn secrets<'s>(keys: impl IntoIterator<Item = &'s Spanned<Secret>>, findings: &mut Findings<'_>) {
    for key in keys.into_iter().filter(|key| key.get_ref().is_plain()) {
        findings.warning(key.span(), "the secret stands in the file").help("secret = { env = \"NAME\" } or { file = \"PATH\" }");
    }
}
