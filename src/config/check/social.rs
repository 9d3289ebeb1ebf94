//! Accounts of WeChat, WeCom, Weibo and Douyin: their sections, addresses, secrets and bounds.

use super::within;
use crate::channels::config::{ChannelKind, ChannelSection};
use crate::config::Config;
use crate::config::findings::Findings;
use crate::config::value::{Name, Secret};
use toml::Spanned;

/// Where an account finds what it needs, in the words of its table.
const SECTIONS: [(ChannelKind, &str); 4] = [
    (ChannelKind::Wechat, "[channels.wechat] app_id, secret and token"),
    (ChannelKind::Wecom, "[channels.wecom] corp_id, secret, token, aes_key and open_kfid"),
    (ChannelKind::Weibo, "[channels.weibo] app_secret and access_token"),
    (ChannelKind::Douyin, "[channels.douyin] client_key, client_secret, open_id and refresh_token"),
];

pub(super) fn check(channel: &ChannelSection, findings: &mut Findings<'_>) {
    let have = |kind| match kind {
        ChannelKind::Wechat => channel.wechat.is_some(),
        ChannelKind::Wecom => channel.wecom.is_some(),
        ChannelKind::Weibo => channel.weibo.is_some(),
        ChannelKind::Douyin => channel.douyin.is_some(),
        _ => false,
    };
    for (kind, needs) in SECTIONS {
        let name = kind.as_str();
        if channel.kind == kind && !have(kind) {
            findings.error(channel.id.span(), format!("channel `{}` has no section [channels.{name}]", channel.id)).help(needs);
        }
        if channel.kind != kind && have(kind) {
            findings.warning(channel.id.span(), format!("channel `{}` does not use its section [channels.{name}]", channel.id));
        }
    }
    wechat(channel, findings);
    wecom(channel, findings);
    if let Some(weibo) = &channel.weibo {
        [&weibo.base_url, &weibo.api_url, &weibo.upload_url].into_iter().for_each(|url| address(url, findings));
        secrets(&[&weibo.app_secret, &weibo.access_token], findings);
        within("`max_chars`", &weibo.max_chars, 10..=2_000, findings);
    }
    if let Some(douyin) = &channel.douyin {
        address(&douyin.base_url, findings);
        secrets(&[&douyin.client_secret, &douyin.refresh_token], findings);
        within("`max_chars`", &douyin.max_chars, 10..=2_000, findings);
    }
}

/// Who is told of channels that do not work.
pub(super) fn alerts(config: &Config, findings: &mut Findings<'_>) {
    let Some(staff) = &config.alerts.wecom else { return };
    address(&staff.base_url, findings);
    secrets(&[&staff.secret], findings);
    if staff.to.is_empty() {
        findings.error(staff.corp_id.span(), "[alerts.wecom] tells nobody").help("to = [\"zhangsan\"]");
    }
    for to in staff.to.iter().filter(|to| to.get_ref().contains('|') || to.get_ref().is_empty()) {
        findings.error(to.span(), format!("`{to}` is not the account of one member")).help("to = [\"zhangsan\", \"lisi\"]");
    }
}

fn wechat(channel: &ChannelSection, findings: &mut Findings<'_>) {
    let Some(wechat) = &channel.wechat else { return };
    if !wechat.app_id.get_ref().starts_with("wx") {
        findings.error(wechat.app_id.span(), format!("`{}` is not an AppID", wechat.app_id)).help("it begins with `wx`");
    }
    address(&wechat.base_url, findings);
    secrets(&[&wechat.secret, &wechat.token], findings);
    secrets(&wechat.aes_key.iter().chain(&wechat.previous_aes_key).collect::<Vec<_>>(), findings);
    if let Some(previous) = wechat.previous_aes_key.as_ref().filter(|_| wechat.aes_key.is_none()) {
        findings.error(previous.span(), "a former key without a current one").help("aes_key = { file = \"PATH\" }");
    }
    within("`window_messages`", &wechat.window_messages, 1..=100, findings);
    within("`max_bytes`", &wechat.max_bytes, 100..=20_000, findings);
}

fn wecom(channel: &ChannelSection, findings: &mut Findings<'_>) {
    let Some(wecom) = &channel.wecom else { return };
    if !wecom.open_kfid.get_ref().starts_with("wk") {
        findings
            .error(wecom.open_kfid.span(), format!("`{}` is not the id of a customer service account", wecom.open_kfid))
            .help("it begins with `wk`");
    }
    address(&wecom.base_url, findings);
    secrets(&[&wecom.secret, &wecom.token, &wecom.aes_key], findings);
    secrets(&wecom.previous_aes_key.iter().collect::<Vec<_>>(), findings);
    let (every, seconds) = (wecom.poll_every.get_ref(), wecom.poll_every.get_ref().millis() / 1_000);
    if !(60..=3_600).contains(&seconds) {
        findings.error(wecom.poll_every.span(), format!("`poll_every` is {every}, but must be from 1m to 1h"));
    }
    within("`window_messages`", &wecom.window_messages, 1..=100, findings);
    within("`max_bytes`", &wecom.max_bytes, 100..=20_000, findings);
}

/// Tokens and messages do not cross a network in the clear; on this machine they may.
fn address(url: &Name, findings: &mut Findings<'_>) {
    let parsed = url.get_ref().parse::<http::Uri>().ok();
    let host = parsed.as_ref().and_then(|uri| uri.host()).unwrap_or_default();
    let loopback = host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match parsed.as_ref().and_then(|uri| uri.scheme_str()) {
        Some("https") if !host.is_empty() => {}
        Some("http") if loopback => {}
        _ => {
            findings.error(url.span(), format!("`{url}` is not a safe address of a platform")).help("write it as \"https://…\"");
        }
    }
}

fn secrets(secrets: &[&Spanned<Secret>], findings: &mut Findings<'_>) {
    for secret in secrets.iter().filter(|secret| secret.get_ref().is_plain()) {
        findings.warning(secret.span(), "the secret stands in the file").help("secret = { env = \"NAME\" } or { file = \"PATH\" }");
    }
}
