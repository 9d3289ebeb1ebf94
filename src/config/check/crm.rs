//! The firm's own system of customers, and what is kept of customers besides.

use super::flows::address;
use crate::config::Config;
use crate::config::findings::Findings;
use crate::config::value::Period;
use crate::lookup::config::PLACES;
use crate::web::people::config::PersonFieldKind;
use toml::Spanned;

/// What stands in braces.
fn places(address: &str) -> impl Iterator<Item = &str> {
    address.split('{').skip(1).map(|rest| rest.split_once('}').map_or(rest, |(place, _)| place))
}

pub(super) fn check(config: &Config, findings: &mut Findings<'_>) {
    let crm = &config.crm;
    if let Some(url) = &crm.url {
        address(url, findings);
        if crm.secret.is_none() {
            findings.error(url.span(), "`[crm]` asks without a `secret`").help("make one: openssl rand -hex 32");
        }
    }
    if let Some(secret) = &crm.secret {
        if secret.get_ref().is_plain() {
            findings.warning(secret.span(), "the secret stands in the file").help("secret = { env = \"NAME\" } or { file = \"PATH\" }");
        }
        if let Err(error) = secret.get_ref().reveal(&config.folder) {
            findings.warning(secret.span(), format!("the secret of `[crm]` cannot be had: {error}"));
        }
    }
    let timeout = &crm.timeout;
    if *timeout.get_ref() > Period::from_secs(10) || timeout.get_ref().millis() < 100 {
        findings.error(timeout.span(), format!("`timeout` is {}, but must be from 100ms to 10s", timeout.get_ref()));
    }
    if let Some(open) = crm.open.as_ref().filter(|open| !open.get_ref().starts_with("https://") && !open.get_ref().starts_with("http://")) {
        findings
            .error(open.span(), format!("`{open}` is not an address that can be opened"))
            .help("write it as \"https://shop.example/customers/{record}\"");
    }
    for place in crm.open.iter().flat_map(|open| places(open.get_ref())).filter(|place| !PLACES.contains(place)) {
        let span = crm.open.as_ref().map(Spanned::span).unwrap_or_default();
        findings.error(span, format!("`{{{place}}}` is nothing that can be filled in")).help(format!("there are {}", PLACES.join(", ")));
    }
    findings.declare("field", "[[people.fields]]", config.people.fields.iter().map(|field| &field.id));
    for field in &config.people.fields {
        let chooses = field.kind == PersonFieldKind::Choice;
        if chooses == field.options.is_empty() {
            let what = if chooses { "has nothing to choose" } else { "has options, but is no choice" };
            findings.error(field.id.span(), format!("field `{}` {what}", field.id));
        }
    }
}
