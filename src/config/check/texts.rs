//! Channels that reach telephones and programs: what each account needs, and what it may say.

use super::within;
use crate::channels::config::{ChannelKind, ChannelSection};
use crate::channels::generic::profile::ProfileSection;
use crate::config::findings::Findings;
use crate::config::value::{Name, Secret};
use toml::Spanned;

pub(super) fn check(channel: &ChannelSection, findings: &mut Findings<'_>) {
    let sections = [
        (ChannelKind::Twilio, channel.twilio.is_some(), "account, token and from"),
        (ChannelKind::Smpp, channel.smpp.is_some(), "server, user, password and from"),
        (ChannelKind::Aliyun, channel.aliyun.is_some(), "access_key, secret, sign and push_key"),
        (ChannelKind::Tencent, channel.tencent.is_some(), "secret_id, secret, app, sign and push_key"),
        (ChannelKind::Http, channel.http.is_some(), "url and secret"),
    ];
    for (kind, there, needed) in sections {
        let name = kind.as_str();
        if channel.kind == kind && !there {
            let help = format!("it needs [channels.{name}] {needed}");
            findings.error(channel.id.span(), format!("channel `{}` has no account", channel.id)).help(help);
        } else if channel.kind != kind && there {
            findings.warning(channel.id.span(), format!("channel `{}` uses no [channels.{name}]", channel.id));
        }
    }
    accounts(channel, findings);
    if let Some(section) = &channel.http {
        address(&section.url, findings);
        secret(&section.secret, findings);
        section.old_secret.iter().for_each(|old| secret(old, findings));
        within("`max_parts`", &section.max_parts, 1..=20, findings);
        if let Some(profile) = &section.profile {
            self::profile(profile, findings);
        }
    }
}

fn accounts(channel: &ChannelSection, findings: &mut Findings<'_>) {
    if let Some(section) = &channel.twilio {
        address(&section.base_url, findings);
        address(&section.content_url, findings);
        secret(&section.token, findings);
        within("`max_parts`", &section.max_parts, 1..=10, findings);
        if !section.account.get_ref().starts_with("AC") {
            findings.error(section.account.span(), format!("`{}` is no Account SID", section.account)).help("it begins with AC");
        }
        if section.from.is_none() && section.service.is_none() {
            findings.error(section.account.span(), "neither `from` nor `service`: nobody sends").help("from = \"+15551234567\"");
        }
    }
    if let Some(section) = &channel.smpp {
        secret(&section.password, findings);
        within("`max_parts`", &section.max_parts, 1..=10, findings);
        within("`window`", &section.window, 1..=100, findings);
        let port = section.server.get_ref().rsplit_once(':').and_then(|(host, port)| port.parse::<u16>().ok().filter(|_| !host.is_empty()));
        if port.is_none() {
            findings
                .error(section.server.span(), format!("`{}` is not the address of a message centre", section.server))
                .help("write it as \"sms.example:2775\"");
        }
        let lengths = [(Some(&section.user), 15), (section.system_type.as_ref(), 12), (Some(&section.from), 20)];
        for (text, most) in lengths.into_iter().filter_map(|(text, most)| Some((text?, most))) {
            if text.get_ref().len() > most {
                findings.error(text.span(), format!("`{text}` is longer than {most} characters"));
            }
        }
        if let Some(code) = &section.country_code {
            country(code, findings);
        }
    }
    if let Some(section) = &channel.aliyun {
        address(&section.base_url, findings);
        secret(&section.secret, findings);
        secret(&section.push_key, findings);
    }
    if let Some(section) = &channel.tencent {
        address(&section.base_url, findings);
        secret(&section.secret, findings);
        secret(&section.push_key, findings);
    }
}

fn country(code: &Name, findings: &mut Findings<'_>) {
    let digits = code.get_ref().strip_prefix('+');
    if !digits.is_some_and(|digits| (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())) {
        findings.error(code.span(), format!("`{code}` is no country's prefix")).help("write it as \"+49\"");
    }
}

/// `https`, or `http` on this machine.
pub(super) fn address(url: &Name, findings: &mut Findings<'_>) {
    // A profile's address may have places for values.
    let plain = url.get_ref().replace(['{', '}'], "");
    let parsed = plain.parse::<http::Uri>().ok();
    let host = parsed.as_ref().and_then(|uri| uri.host()).unwrap_or_default();
    let loopback = host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match parsed.as_ref().and_then(|uri| uri.scheme_str()) {
        Some("https") if !host.is_empty() => {}
        Some("http") if loopback => {}
        Some("http") => {
            findings
                .error(url.span(), "texts and numbers would cross the network in the clear")
                .fix(format!("\"{}\"", url.get_ref().replacen("http", "https", 1)));
        }
        _ => {
            findings.error(url.span(), format!("`{url}` is not an address")).help("write it as \"https://bridge.example/hubline\"");
        }
    }
}

fn secret(secret: &Spanned<Secret>, findings: &mut Findings<'_>) {
    if secret.get_ref().is_plain() {
        findings.warning(secret.span(), "the secret stands in the file").help("secret = { env = \"NAME\" } or { file = \"PATH\" }");
    }
}

fn profile(profile: &ProfileSection, findings: &mut Findings<'_>) {
    let map = &profile.message;
    let optional = [&map.name, &map.at, &map.media].into_iter().flatten();
    let mut pointers: Vec<&Name> = [&map.id, &map.from, &map.text].into_iter().chain(optional).chain(map.when.keys()).collect();
    if let Some(receipt) = &profile.receipt {
        pointers.extend([&receipt.id, &receipt.state].into_iter().chain(receipt.reason.as_ref()).chain(receipt.when.keys()));
    }
    if let Some(send) = &profile.send {
        pointers.extend([&send.id, &send.error, &send.code].into_iter().flatten().chain(send.taken.keys()));
        if serde_json::from_str::<serde_json::Value>(send.body.get_ref()).is_err() {
            findings.error(send.body.span(), "`body` is not JSON").help("body = '{\"to\":\"{to}\",\"text\":\"{text}\"}'");
        }
    }
    for pointer in pointers.into_iter().filter(|pointer| !pointer.get_ref().is_empty() && !pointer.get_ref().starts_with('/')) {
        findings.error(pointer.span(), format!("`{pointer}` is no JSON pointer")).fix(format!("\"/{pointer}\""));
    }
    if let Some(verify) = &profile.verify {
        secret(&verify.secret, findings);
    }
}
