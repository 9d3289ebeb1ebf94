//! Channels: their queue, the sites they may be shown on, and bounds.

use super::{Names, forms, line, meta, social, targets, telegram, texts, viber, within};
use crate::channels::config::{CallsSection, ChannelKind, ChannelSection, PushSection};
use crate::channels::sms::config::GatewaySection;
use crate::config::Config;
use crate::config::findings::Findings;
use crate::config::value::Period;
use crate::desk::ivr::Target;
use crate::desk::voicemail::VOICEMAIL;

pub(super) fn check(config: &Config, names: &Names, findings: &mut Findings<'_>) {
    for channel in &config.channels {
        findings.refer(&channel.queue, &names.queues);
        if let Some(flow) = &channel.flow {
            findings.refer(flow, &names.flows);
        }
        if channel.id.get_ref() == VOICEMAIL {
            findings.error(channel.id.span(), "the channel `voicemail` is the house's own");
        }
        if channel.id.get_ref() == "call" {
            findings.error(channel.id.span(), "the channel id `call` is an address of the house's own");
        }
        match (channel.kind, &channel.gateway) {
            (ChannelKind::Sms, Some(gateway)) => self::gateway(gateway, findings),
            (ChannelKind::Sms, None) => {
                findings
                    .error(channel.id.span(), format!("channel `{}` has no gateway", channel.id))
                    .help("[channels.gateway] url, secret and from");
            }
            (ChannelKind::Webchat, Some(gateway)) => {
                findings.warning(gateway.url.span(), "a chat window uses no gateway");
            }
            (_, Some(gateway)) => {
                findings.warning(gateway.url.span(), "only text messages use a gateway");
            }
            (_, None) => {}
        }
        platform(channel, names, findings);
        social::check(channel, findings);
        super::email::check(channel, findings);
        if let Some(key) = channel.account.as_ref().map(|account| &account.secret).filter(|key| key.get_ref().is_plain()) {
            findings.warning(key.span(), "the secret stands in the file").help("secret = { env = \"NAME\" } or { file = \"PATH\" }");
        }
        if let Some(push) = &channel.push {
            self::push(push, findings);
        }
        invitations(channel, findings);
        texts::check(channel, findings);
        keywords(channel, names, findings);
        if let Some(calls) = &channel.calls {
            self::calls(channel, calls, names, findings);
        }
        let after = channel.open_after.get_ref();
        if *after > Period::from_secs(24 * 3_600) {
            findings.error(channel.open_after.span(), format!("`open_after` is {after}, but must be at most 24h"));
        }
        within("`max_text`", &channel.max_text, 1..=20_000, findings);
        within("`rate`", &channel.rate, 1..=1_000, findings);
        within("`tries`", &channel.tries, 1..=20, findings);
        if let Some(most) = &channel.max_file_mb {
            within("`max_file_mb`", most, 1..=100, findings);
        }
        within("`max_video_mb`", &channel.max_video_mb, 1..=2_000, findings);
        for origin in &channel.origins {
            self::origin(origin, findings);
        }
        if let Some(accent) = channel.accent.as_ref().filter(|accent| !colour(accent.get_ref())) {
            findings.error(accent.span(), format!("`{accent}` is not a colour")).help("write it as \"#1a7f5a\"");
        }
    }
}

/// Visitors' pages, and who is invited because of them.
fn invitations(channel: &ChannelSection, findings: &mut Findings<'_>) {
    if let Some(visits) = &channel.visits
        && visits.keep.get_ref() < &Period::from_secs(3_600)
    {
        findings.error(visits.keep.span(), "pages are kept for at least 1h");
    }
    findings.declare("invitation", "[[channels.invitations]]", channel.invitations.iter().map(|one| &one.id));
    for one in &channel.invitations {
        if channel.visits.is_none() {
            findings.error(one.id.span(), "nobody is invited where no pages are told of").help("visits = { keep = \"30d\" }");
        }
        forms::texts(&one.text, findings);
        within("`days`", &one.days, 1..=365, findings);
        if one.cart.as_ref().is_some_and(|cart| !cart.get_ref().is_finite() || *cart.get_ref() < 0.0) {
            findings.error(one.id.span(), "`cart` is an amount of money");
        }
    }
}

/// Messages that wait for the firm's app.
fn push(section: &PushSection, findings: &mut Findings<'_>) {
    texts::address(&section.url, findings);
    if section.secret.get_ref().is_plain() {
        findings.warning(section.secret.span(), "the secret stands in the file").help("secret = { env = \"NAME\" } or { file = \"PATH\" }");
    }
}

/// The section of the channel's kind is there, and what it says is right; so is what another kind's section says, which is of no use here.
fn platform(channel: &ChannelSection, names: &Names, findings: &mut Findings<'_>) {
    let missing = match channel.kind {
        ChannelKind::Telegram => channel.telegram.is_none(),
        ChannelKind::Whatsapp => channel.whatsapp.is_none(),
        ChannelKind::Messenger => channel.messenger.is_none(),
        ChannelKind::Instagram => channel.instagram.is_none(),
        ChannelKind::Line => channel.line.is_none(),
        ChannelKind::Viber => channel.viber.is_none(),
        _ => false,
    };
    if missing {
        findings
            .error(channel.id.span(), format!("channel `{}` has no section of its kind", channel.id))
            .help(format!("add [channels.{}] below it", channel.kind.as_str()));
    }
    if let Some(section) = &channel.telegram {
        telegram::check(section, names, findings);
    }
    if let Some(section) = &channel.whatsapp {
        meta::whatsapp(section, findings);
    }
    if let Some(section) = &channel.messenger {
        meta::messenger(section, findings);
    }
    if let Some(section) = &channel.instagram {
        meta::instagram(section, findings);
    }
    if let Some(section) = &channel.line {
        line::check(section, findings);
    }
    if let Some(section) = &channel.viber {
        viber::check(section, findings);
    }
}

fn keywords(channel: &ChannelSection, names: &Names, findings: &mut Findings<'_>) {
    let limit = channel.traits().text;
    for keyword in &channel.keywords {
        if let Some(flow) = &keyword.flow {
            findings.refer(flow, &names.flows);
        }
        for word in keyword.words.iter().filter(|word| word.get_ref().trim().is_empty()) {
            findings.error(word.span(), "an empty word begins every message");
        }
        if let Some(reply) = keyword.reply.as_ref().filter(|reply| limit.pieces(reply.get_ref()).is_none()) {
            findings
                .error(reply.span(), format!("channel `{}` cannot send this", channel.id))
                .help("shorten it; some channels send templates alone");
        }
        let idle = keyword.reply.is_none() && keyword.ticket.is_none() && keyword.flow.is_none();
        if let Some(word) = keyword.words.first().filter(|_| idle) {
            findings.error(word.span(), format!("`{word}` does nothing")).help("add reply, ticket or flow");
        }
    }
}

fn calls(channel: &ChannelSection, calls: &CallsSection, names: &Names, findings: &mut Findings<'_>) {
    if channel.kind != ChannelKind::Webchat {
        findings
            .error(channel.id.span(), format!("channel `{}` has no page to call from", channel.id))
            .help("[channels.calls] is for webchat");
    }
    let Some(to) = &calls.to else { return };
    match Target::read(to.get_ref()) {
        Target::Voicemail | Target::Callback | Target::Outside(_) | Target::HangUp => {
            findings.error(to.span(), format!("`{to}` is not a target")).help("callers from a page meet queue:ID or flow:ID");
        }
        Target::Queue(_) | Target::Flow(_) | Target::Node(_) => targets::target(to, None, names, findings),
    }
}

fn gateway(gateway: &GatewaySection, findings: &mut Findings<'_>) {
    let url = gateway.url.get_ref();
    let parsed = url.parse::<http::Uri>().ok();
    let host = parsed.as_ref().and_then(|uri| uri.host()).unwrap_or_default();
    let loopback = host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match parsed.as_ref().and_then(|uri| uri.scheme_str()) {
        Some("https") if !host.is_empty() => {}
        Some("http") if loopback => {}
        Some("http") => {
            findings
                .error(gateway.url.span(), "texts and numbers would cross the network in the clear")
                .fix(format!("\"{}\"", url.replacen("http", "https", 1)));
        }
        _ => {
            findings
                .error(gateway.url.span(), format!("`{url}` is not the address of a gateway"))
                .help("write it as \"https://sms.example/messages\"");
        }
    }
    if gateway.secret.get_ref().is_plain() {
        findings.warning(gateway.secret.span(), "the secret stands in the file").help("secret = { env = \"NAME\" } or { file = \"PATH\" }");
    }
    within("`max_parts`", &gateway.max_parts, 1..=10, findings);
    within("`tries`", &gateway.tries, 1..=20, findings);
    within("`rate`", &gateway.rate, 1..=1_000, findings);
}

fn origin(origin: &crate::config::value::Name, findings: &mut Findings<'_>) {
    let text = origin.get_ref();
    let parsed =
        text.parse::<http::Uri>().ok().filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.authority().is_some());
    let Some(uri) = parsed else {
        findings.error(origin.span(), format!("`{origin}` is not the address of a site")).help("write it as \"https://shop.example\"");
        return;
    };
    let plain = format!("{}://{}", uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |authority| authority.as_str()));
    if *text != plain {
        findings.error(origin.span(), format!("`{origin}` is a page; a site has no path")).fix(format!("\"{plain}\""));
    }
}

fn colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}
