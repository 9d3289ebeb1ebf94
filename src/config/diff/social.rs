//! What is different in the accounts of WeChat, WeCom, Weibo and Douyin.

use super::{Changes, Effect::Live};
use crate::channels::config::ChannelSection;
use crate::channels::wechat::config::TemplateSection;
use crate::channels::wecom::config::AlertsSection;
use crate::config::value::Secret;
use std::collections::BTreeMap;
use toml::Spanned;

/// The settings of one account by name, as text; and its secrets.
type Account<'a> = (Vec<(&'static str, String)>, Vec<(&'static str, Option<&'a Spanned<Secret>>)>);

pub(super) fn accounts(subject: &str, before: &ChannelSection, after: &ChannelSection, changes: &mut Changes) {
    for of in [wechat, wecom, weibo, douyin] {
        let ((old, old_secrets), (new, new_secrets)) = (of(before), of(after));
        let names: Vec<&'static str> = if old.is_empty() { new.iter() } else { old.iter() }.map(|(name, _)| *name).collect();
        for name in names {
            let value = |account: &[(&'static str, String)]| {
                account.iter().find(|(known, _)| *known == name).map_or_else(|| super::shown(None::<&String>), |(_, value)| value.clone())
            };
            changes.setting(subject, name, Live, value(&old), value(&new));
        }
        for (name, secret) in &old_secrets {
            let newer = new_secrets.iter().find(|(known, _)| known == name);
            if newer.is_some_and(|(_, newer)| newer.map(Spanned::get_ref) != secret.map(Spanned::get_ref)) {
                changes.live(subject.to_owned(), "secret", vec![("setting", (*name).to_owned())]);
            }
        }
    }
}

/// Who is told of channels that do not work.
pub(super) fn alerts(before: &AlertsSection, after: &AlertsSection, changes: &mut Changes) {
    changes.setting("alerts", "after", Live, before.after.to_string(), after.after.to_string());
    let staff = |alerts: &AlertsSection| {
        let one = alerts
            .wecom
            .as_ref()
            .map(|staff| format!("{} {} {} {}", staff.corp_id, staff.agent_id, super::list(&staff.to), staff.base_url));
        super::shown(one.as_ref())
    };
    changes.setting("alerts", "wecom", Live, staff(before), staff(after));
    let secret = |alerts: &AlertsSection| alerts.wecom.as_ref().map(|staff| staff.secret.get_ref().clone());
    if before.wecom.is_some() && after.wecom.is_some() && secret(before) != secret(after) {
        changes.live("alerts".to_owned(), "secret", vec![("setting", "alerts.wecom.secret".to_owned())]);
    }
}

fn map(map: &BTreeMap<String, String>) -> String {
    map.iter().map(|(key, says)| format!("{key}={says}")).collect::<Vec<_>>().join(", ")
}

fn templates(templates: &BTreeMap<String, TemplateSection>) -> String {
    let one = |(name, template): (&String, &TemplateSection)| {
        let page = template.page.as_deref().map(|page| format!(" {page}")).unwrap_or_default();
        format!("{name}={} ({}){page}", template.id, template.fields.join(", "))
    };
    templates.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn wechat(section: &ChannelSection) -> Account<'_> {
    let Some(wechat) = &section.wechat else { return Account::default() };
    let settings = vec![
        ("wechat.app_id", wechat.app_id.to_string()),
        ("wechat.mini_program", wechat.mini_program.to_string()),
        ("wechat.open_account", wechat.open_account.clone()),
        ("wechat.clicks", map(&wechat.clicks)),
        ("wechat.templates", templates(&wechat.templates)),
        ("wechat.base_url", wechat.base_url.to_string()),
        ("wechat.window", wechat.window.to_string()),
        ("wechat.window_messages", wechat.window_messages.to_string()),
        ("wechat.max_bytes", wechat.max_bytes.to_string()),
    ];
    let secrets = vec![
        ("wechat.secret", Some(&wechat.secret)),
        ("wechat.token", Some(&wechat.token)),
        ("wechat.aes_key", wechat.aes_key.as_ref()),
        ("wechat.previous_aes_key", wechat.previous_aes_key.as_ref()),
    ];
    (settings, secrets)
}

fn wecom(section: &ChannelSection) -> Account<'_> {
    let Some(wecom) = &section.wecom else { return Account::default() };
    let settings = vec![
        ("wecom.corp_id", wecom.corp_id.to_string()),
        ("wecom.open_kfid", wecom.open_kfid.to_string()),
        ("wecom.open_account", wecom.open_account.clone()),
        ("wecom.welcome", super::shown(wecom.welcome.as_ref())),
        ("wecom.poll_every", wecom.poll_every.get_ref().to_string()),
        ("wecom.base_url", wecom.base_url.to_string()),
        ("wecom.window", wecom.window.to_string()),
        ("wecom.window_messages", wecom.window_messages.to_string()),
        ("wecom.max_bytes", wecom.max_bytes.to_string()),
    ];
    let secrets = vec![
        ("wecom.secret", Some(&wecom.secret)),
        ("wecom.token", Some(&wecom.token)),
        ("wecom.aes_key", Some(&wecom.aes_key)),
        ("wecom.previous_aes_key", wecom.previous_aes_key.as_ref()),
    ];
    (settings, secrets)
}

fn weibo(section: &ChannelSection) -> Account<'_> {
    let Some(weibo) = &section.weibo else { return Account::default() };
    let settings = vec![
        ("weibo.clicks", map(&weibo.clicks)),
        ("weibo.base_url", weibo.base_url.to_string()),
        ("weibo.api_url", weibo.api_url.to_string()),
        ("weibo.upload_url", weibo.upload_url.to_string()),
        ("weibo.window", weibo.window.to_string()),
        ("weibo.max_chars", weibo.max_chars.to_string()),
    ];
    (settings, vec![("weibo.app_secret", Some(&weibo.app_secret)), ("weibo.access_token", Some(&weibo.access_token))])
}

fn douyin(section: &ChannelSection) -> Account<'_> {
    let Some(douyin) = &section.douyin else { return Account::default() };
    let settings = vec![
        ("douyin.client_key", douyin.client_key.to_string()),
        ("douyin.open_id", douyin.open_id.to_string()),
        ("douyin.base_url", douyin.base_url.to_string()),
        ("douyin.window", douyin.window.to_string()),
        ("douyin.max_chars", douyin.max_chars.to_string()),
    ];
    (settings, vec![("douyin.client_secret", Some(&douyin.client_secret)), ("douyin.refresh_token", Some(&douyin.refresh_token))])
}
