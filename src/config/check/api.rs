//! Programs that ask us, what is sent of our own accord, and what customers are told of channels that do not work.

use super::{Names, spans, within};
use crate::config::Config;
use crate::config::findings::Findings;
use secrecy::ExposeSecret;

/// Shorter tokens can be guessed, characters.
const SHORTEST: usize = 32;

pub(super) fn check(config: &Config, names: &Names, findings: &mut Findings<'_>) {
    within("`rate`", &config.api.rate, 1..=1_000, findings);
    findings.declare("token", "[[api.tokens]]", config.api.tokens.iter().map(|token| &token.name));
    for token in &config.api.tokens {
        let secret = token.secret.get_ref();
        if secret.is_plain() {
            findings
                .warning(token.secret.span(), "the secret stands in the file")
                .help("secret = { env = \"NAME\" } or { file = \"PATH\" }");
        }
        match secret.reveal(&config.folder) {
            Ok(text) if text.expose_secret().chars().count() < SHORTEST => {
                findings
                    .error(token.secret.span(), format!("the secret of token `{}` is shorter than {SHORTEST} characters", token.name))
                    .help("make one: openssl rand -hex 32");
            }
            Ok(_) => {}
            Err(error) => {
                findings.warning(token.secret.span(), format!("the secret of token `{}` cannot be had: {error}", token.name));
            }
        }
    }
    let section = &config.proactive;
    if let Some(quiet) = &section.quiet
        && spans(std::slice::from_ref(quiet)).first().is_none_or(|span| span.from == span.to)
    {
        findings.error(quiet.span(), format!("`{quiet}` is not a time of day")).help("write it as \"21:00-08:00\"");
    }
    for channel in &section.channels {
        findings.refer(channel, &names.channels);
    }
    findings.refer(&config.outages.prompt, &names.prompts);
    for channel in config.outages.names.keys() {
        findings.refer(channel, &names.channels);
    }
}
