//! Agents and groups: skills, levels, queues, phones, and those that nothing ever reaches.

use super::{Names, within};
use crate::config::findings::Findings;
use crate::config::value::{Name, Srtp};
use crate::config::{Config, LANGUAGES};
use crate::desk::config::{PhoneLogin, PhoneSection, RoleName};
use std::collections::BTreeMap;
use toml::Spanned;

pub(super) fn check(config: &Config, names: &Names, findings: &mut Findings<'_>) {
    for agent in &config.agents {
        let id = &agent.id;
        if id.get_ref().chars().any(|c| c.is_ascii_uppercase()) {
            let lower = format!("\"{}\"", id.get_ref().to_ascii_lowercase());
            findings
                .error(id.span(), format!("agent id `{id}` has capital letters"))
                .help("ids of agents are their log-in names, in lower case")
                .fix(lower);
        }
        common(config, names, findings, &agent.queues, &agent.skills, agent.phone.as_ref(), &agent.capacity, &agent.max_calls);
        if agent.always_available && agent.phone.is_none() {
            findings
                .warning(id.span(), format!("agent `{id}` is always available but has no phone"))
                .help("without a phone an agent is available by logging in");
        }
        let dialled = || config.lines.iter().any(|line| line.agent.as_ref() == Some(id));
        if agent.queues.is_empty() && agent.role == RoleName::Agent && !dialled() {
            findings.warning(id.span(), format!("agent `{id}` is in no queue and will be offered nothing")).help("queues = [\"…\"]");
        }
        if let Some(queue) = &agent.outbound_queue {
            findings.refer(queue, &names.queues);
        }
        if let Some(language) = &agent.language {
            findings.word("language", language, &LANGUAGES);
        }
    }
    for group in &config.agent_groups {
        within("`count`", &group.count, 1..=10_000, findings);
        let phone = group.phone.as_ref();
        common(config, names, findings, &group.queues, &group.skills, phone, &group.capacity, &group.max_calls);
        let alike = |phone: &PhoneSection| match phone {
            PhoneSection::At(address) => !address.contains("{n}"),
            PhoneSection::Login(login) => login.username.as_ref().is_some_and(|name| !name.get_ref().contains("{n}")),
        };
        if let Some(phone) = phone.filter(|phone| alike(phone.get_ref())) {
            findings.warning(phone.span(), "all phones of this group have the same address").help("write `{n}` where each has its number");
        }
    }
    within("`park_slots`", &config.routing.park_slots, 1..=100, findings);
    within("`park_first`", &config.routing.park_first, 1..=999_999, findings);
    one_phone_each(config, findings);
    if config.agents.is_empty() && config.agent_groups.is_empty() {
        findings.warning(0..0, "there are no agents").help("declare one: [[agents]] id = \"…\" role = \"admin\"");
    }
    if !config.agents.is_empty() && !config.agents.iter().any(|agent| agent.role == RoleName::Admin) {
        findings.warning(config.agents[0].id.span(), "nobody is an administrator").help("give one of the agents role = \"admin\"");
    }
}

#[expect(clippy::too_many_arguments, reason = "the fields that agents and groups share")]
fn common(
    config: &Config,
    names: &Names,
    findings: &mut Findings<'_>,
    queues: &[Name],
    skills: &BTreeMap<Name, Spanned<u8>>,
    phone: Option<&Spanned<PhoneSection>>,
    capacity: &Spanned<u32>,
    max_calls: &Spanned<u32>,
) {
    for queue in queues {
        findings.refer(queue, &names.queues);
    }
    for (skill, level) in skills {
        findings.refer(skill, &names.skills);
        within(&format!("the level of `{skill}`"), level, 1..=5, findings);
    }
    within("`max_calls`", max_calls, 1..=100, findings);
    if phone.is_none() && (2..=100).contains(max_calls.get_ref()) {
        let message =
            format!("`max_calls = {}` needs a desk phone: a browser is one phone and has one call at a time", max_calls.get_ref());
        findings
            .error(max_calls.span(), message)
            .label("no `phone` is given")
            .help("leave `max_calls` out, or give a phone that can: phone = \"sip:…\"")
            .fix("1");
    }
    within("`capacity`", capacity, 1..=1_000_000, findings);
    if *capacity.get_ref() < config.routing.call_cost && !queues.is_empty() {
        let message = format!("a capacity of {} is less than a call takes ({})", capacity.get_ref(), config.routing.call_cost);
        findings.warning(capacity.span(), message).label("will never be offered a call");
    }
    match phone.map(|phone| (phone.span(), phone.get_ref())) {
        Some((place, PhoneSection::At(address))) if !sip_address(address) => {
            findings.error(place, format!("`{address}` is not the SIP address of a phone")).help("write it as \"sip:user@host:port\"");
        }
        Some((_, PhoneSection::Login(login))) => self::login(config, login, findings),
        _ => {}
    }
}

/// A phone's password must be there, and its audio cannot be encrypted where nobody listens for TLS.
fn login(config: &Config, login: &PhoneLogin, findings: &mut Findings<'_>) {
    let password = &login.password;
    if let Err(error) = password.get_ref().reveal(&config.folder) {
        findings.error(password.span(), format!("the password of a phone cannot be read: {error}"));
    } else if password.get_ref().is_plain() {
        findings
            .warning(password.span(), "a password in plain text")
            .help("keep it out of the file: { env = \"NAME\" } or { file = \"/run/secrets/…\" }");
    }
    if login.srtp == Srtp::Required && config.sip.tls.get_ref().0.is_none() {
        findings
            .error(password.span(), "this phone must come over TLS, and nobody listens for it")
            .help("give [sip] an address for tls = \"0.0.0.0:5061\"");
    }
}

/// Two phones cannot share a log-in.
fn one_phone_each(config: &Config, findings: &mut Findings<'_>) {
    let mut seen = std::collections::BTreeSet::new();
    for (section, _, login) in config.phone_logins() {
        if !seen.insert(login.clone()) {
            findings.error(section.password.span(), format!("two phones log in as `{login}`")).help("give each a username of its own");
        }
    }
}

/// `sip:user@host[:port][;parameters]`, as far as a slip of the hand can be seen (RFC 3261 §19.1.1 has the whole form).
fn sip_address(text: &str) -> bool {
    let Some((user, host)) = text.strip_prefix("sip:").and_then(|rest| rest.split_once('@')) else { return false };
    let host = host.split(';').next().unwrap_or_default();
    !user.is_empty() && !text.contains(char::is_whitespace) && super::trunks::host_and_port(host)
}
