//! The relay of browsers: addresses that browsers understand, and a secret.

use crate::config::Config;
use crate::config::findings::Findings;

pub(super) fn check(config: &Config, findings: &mut Findings<'_>) {
    let media = &config.media;
    for url in &media.turn {
        let rest = url.get_ref().strip_prefix("turns:").or_else(|| url.get_ref().strip_prefix("turn:")).unwrap_or_default();
        let (host, how) = rest.split_once('?').unwrap_or((rest, "transport=udp"));
        let known = matches!(how, "transport=udp" | "transport=tcp");
        if host.is_empty() || !known || host.chars().any(|c| c.is_whitespace() || c == '/') {
            findings
                .error(url.span(), format!("`{url}` is not the address of a relay"))
                .help("write it as \"turn:relay.example:3478\" or \"turns:relay.example:443?transport=tcp\"");
        }
    }
    match (media.turn.first(), &media.turn_secret) {
        (Some(url), None) => {
            findings.error(url.span(), "the relay needs a secret").help("turn_secret = { env = \"NAME\" } or { file = \"PATH\" }");
        }
        (None, Some(secret)) => {
            findings.warning(secret.span(), "there is a secret for a relay, but no relay").help("turn = [\"turn:relay.example:3478\"]");
        }
        (Some(_), Some(secret)) if secret.get_ref().is_plain() => {
            findings
                .warning(secret.span(), "the secret stands in the file")
                .help("turn_secret = { env = \"NAME\" } or { file = \"PATH\" }");
        }
        _ => {}
    }
}
