//! Channels that reach telephones and programs.

use super::Effect::Live;
use super::{Changes, list, shown};
use crate::channels::aliyun::config::AliyunSection;
use crate::channels::config::ChannelSection;
use crate::channels::generic::config::HttpSection;
use crate::channels::generic::profile::{ProfileSection, ReceiptSection, SendSection, VerifySection};
use crate::channels::smpp::config::SmppSection;
use crate::channels::tencent::config::TencentSection;
use crate::channels::twilio::config::TwilioSection;
use crate::config::value::{Name, Secret};
use std::collections::BTreeMap;
use toml::Spanned;

/// Settings of one section, by their names in the file.
type Settings = Vec<(&'static str, String)>;

pub(super) fn compare(subject: &str, before: &ChannelSection, after: &ChannelSection, changes: &mut Changes) {
    section(subject, (before.twilio.as_ref(), after.twilio.as_ref()), twilio, changes);
    section(subject, (before.smpp.as_ref(), after.smpp.as_ref()), smpp, changes);
    section(subject, (before.aliyun.as_ref(), after.aliyun.as_ref()), aliyun, changes);
    section(subject, (before.tencent.as_ref(), after.tencent.as_ref()), tencent, changes);
    section(subject, (before.http.as_ref(), after.http.as_ref()), http, changes);
    changes.setting(subject, "keywords", Live, keywords(before), keywords(after));
    let secrets = |channel: &ChannelSection| {
        let of = |secret: &Spanned<Secret>| secret.get_ref().clone();
        [
            ("twilio.token", channel.twilio.as_ref().map(|section| of(&section.token))),
            ("smpp.password", channel.smpp.as_ref().map(|section| of(&section.password))),
            ("aliyun.secret", channel.aliyun.as_ref().map(|section| of(&section.secret))),
            ("aliyun.push_key", channel.aliyun.as_ref().map(|section| of(&section.push_key))),
            ("tencent.secret", channel.tencent.as_ref().map(|section| of(&section.secret))),
            ("tencent.push_key", channel.tencent.as_ref().map(|section| of(&section.push_key))),
            ("http.secret", channel.http.as_ref().map(|section| of(&section.secret))),
            ("http.old_secret", channel.http.as_ref().and_then(|section| section.old_secret.as_ref()).map(of)),
        ]
    };
    for ((name, before), (_, after)) in secrets(before).into_iter().zip(secrets(after)) {
        if before != after {
            changes.live(subject.to_owned(), "secret", vec![("setting", name.to_owned())]);
        }
    }
}

fn keywords(channel: &ChannelSection) -> String {
    list(channel.keywords.iter().map(|keyword| {
        let words = list(&keyword.words);
        let does = [shown(keyword.reply.as_ref()), shown(keyword.ticket.as_ref()), shown(keyword.flow.as_ref())];
        format!("{words}: {}", does.join(" / "))
    }))
}

/// A section that is new or gone is told as each of its settings.
fn section<T>(subject: &str, (before, after): (Option<&T>, Option<&T>), settings: fn(&T) -> Settings, changes: &mut Changes) {
    let (before, after) = (before.map(settings), after.map(settings));
    let names: Vec<&'static str> =
        before.iter().chain(&after).next().map(|all| all.iter().map(|(name, _)| *name).collect()).unwrap_or_default();
    for (nth, name) in names.into_iter().enumerate() {
        let of = |all: &Option<Settings>| all.as_ref().and_then(|all| all.get(nth)).map(|(_, value)| value.clone()).unwrap_or_default();
        changes.setting(subject, name, Live, of(&before), of(&after));
    }
}

fn twilio(section: &TwilioSection) -> Settings {
    vec![
        ("twilio.account", section.account.to_string()),
        ("twilio.from", shown(section.from.as_ref())),
        ("twilio.service", shown(section.service.as_ref())),
        ("twilio.mms", section.mms.to_string()),
        ("twilio.max_parts", section.max_parts.to_string()),
        ("twilio.base_url", section.base_url.to_string()),
        ("twilio.content_url", section.content_url.to_string()),
    ]
}

fn smpp(section: &SmppSection) -> Settings {
    vec![
        ("smpp.server", section.server.to_string()),
        ("smpp.tls", section.tls.to_string()),
        ("smpp.user", section.user.to_string()),
        ("smpp.system_type", shown(section.system_type.as_ref())),
        ("smpp.from", section.from.to_string()),
        ("smpp.country_code", shown(section.country_code.as_ref())),
        ("smpp.alphabet", format!("{:?}", section.alphabet).to_lowercase()),
        ("smpp.long", format!("{:?}", section.long).to_lowercase()),
        ("smpp.max_parts", section.max_parts.to_string()),
        ("smpp.receipt_ids", format!("{:?}", section.receipt_ids).to_lowercase()),
        ("smpp.window", section.window.to_string()),
        ("smpp.enquire", section.enquire.to_string()),
        ("smpp.timeout", section.timeout.to_string()),
        ("smpp.part_patience", section.part_patience.to_string()),
        ("smpp.repeats", section.repeats.to_string()),
    ]
}

fn aliyun(section: &AliyunSection) -> Settings {
    let template = |(code, names): (&Name, &Vec<String>)| format!("{code}({})", names.join(", "));
    vec![
        ("aliyun.access_key", section.access_key.to_string()),
        ("aliyun.sign", section.sign.to_string()),
        ("aliyun.extend_code", shown(section.extend_code.as_ref())),
        ("aliyun.templates", list(section.templates.iter().map(template))),
        ("aliyun.from_addresses", list(&section.from_addresses)),
        ("aliyun.base_url", section.base_url.to_string()),
    ]
}

fn tencent(section: &TencentSection) -> Settings {
    vec![
        ("tencent.secret_id", section.secret_id.to_string()),
        ("tencent.app", section.app.to_string()),
        ("tencent.sign", section.sign.to_string()),
        ("tencent.extend_code", shown(section.extend_code.as_ref())),
        ("tencent.templates", list(&section.templates)),
        ("tencent.from_addresses", list(&section.from_addresses)),
        ("tencent.region", section.region.to_string()),
        ("tencent.base_url", section.base_url.to_string()),
    ]
}

fn http(section: &HttpSection) -> Settings {
    vec![
        ("http.url", section.url.to_string()),
        ("http.max_parts", section.max_parts.to_string()),
        ("http.choices", section.choices.to_string()),
        ("http.cards", section.cards.to_string()),
        ("http.window", shown(section.window.as_ref())),
        ("http.window_messages", shown(section.window_messages.as_ref())),
        ("http.templates", section.templates.to_string()),
        ("http.signals", section.signals.to_string()),
        ("http.edit", shown(section.edit.as_ref())),
        ("http.recall", shown(section.recall.as_ref())),
        ("http.timeout", section.timeout.to_string()),
        ("http.profile.answer", of(section, |profile| profile.answer.clone())),
        ("http.profile.events", of(section, |profile| profile.events.clone())),
        ("http.profile.verify", of(section, verify)),
        ("http.profile.message", of(section, message)),
        ("http.profile.receipt", of(section, receipt)),
        ("http.profile.send", of(section, send)),
    ]
}

fn of(section: &HttpSection, what: fn(&ProfileSection) -> String) -> String {
    section.profile.as_ref().map(what).unwrap_or_default()
}

fn verify(profile: &ProfileSection) -> String {
    let written = |verify: &VerifySection| format!("{} {:?} {:?} {}", verify.header, verify.how, verify.encoding, verify.prefix);
    profile.verify.as_ref().map(written).unwrap_or_default()
}

fn message(profile: &ProfileSection) -> String {
    let map = &profile.message;
    let optional = [&map.name, &map.at, &map.media].map(|at| shown(at.as_ref()));
    format!("{} {} {} {} {}", pairs(&map.when), map.id, map.from, map.text, optional.join(" "))
}

fn receipt(profile: &ProfileSection) -> String {
    let written = |map: &ReceiptSection| {
        let states = list(map.states.iter().map(|(said, state)| format!("{said}={state}")));
        format!("{} {} {} {states} {}", pairs(&map.when), map.id, map.state, shown(map.reason.as_ref()))
    };
    profile.receipt.as_ref().map(written).unwrap_or_default()
}

fn send(profile: &ProfileSection) -> String {
    let written = |map: &SendSection| {
        let codes = list(map.codes.iter().map(|(said, code)| format!("{said}={code}")));
        let optional = [&map.id, &map.error, &map.code].map(|at| shown(at.as_ref()));
        format!("{} {} {} {} {codes}", map.body, list(map.headers.keys()), pairs(&map.taken), optional.join(" "))
    };
    profile.send.as_ref().map(written).unwrap_or_default()
}

fn pairs(when: &BTreeMap<Name, String>) -> String {
    list(when.iter().map(|(pointer, value)| format!("{pointer}={value}")))
}
