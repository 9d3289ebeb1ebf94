//! What changes in `[channels.telegram]`.

use super::Changes;
use super::Effect::Live;
use super::shown;
use crate::channels::telegram::config::TelegramSection;

pub(super) fn compare(subject: &str, before: Option<&TelegramSection>, after: Option<&TelegramSection>, changes: &mut Changes) {
    let (Some(before), Some(after)) = (before, after) else {
        let base = |section: Option<&TelegramSection>| shown(section.map(|section| &section.base_url));
        changes.setting(subject, "telegram.base_url", Live, base(before), base(after));
        return;
    };
    let mut one = |name, old: String, new: String| changes.setting(subject, name, Live, old, new);
    one("telegram.base_url", before.base_url.get_ref().clone(), after.base_url.get_ref().clone());
    one("telegram.poll_wait", before.poll_wait.get_ref().to_string(), after.poll_wait.get_ref().to_string());
    one("telegram.max_download_mb", before.max_download_mb.get_ref().to_string(), after.max_download_mb.get_ref().to_string());
    one("telegram.max_upload_mb", before.max_upload_mb.get_ref().to_string(), after.max_upload_mb.get_ref().to_string());
    let url = |section: &TelegramSection| shown(section.webhook.as_ref().map(|webhook| &webhook.url));
    one("telegram.webhook.url", url(before), url(after));
    let channel = |section: &TelegramSection| shown(section.start.as_ref().map(|start| &start.channel));
    one("telegram.start.channel", channel(before), channel(after));
    let webhook = |section: &TelegramSection| section.webhook.as_ref().map(|webhook| webhook.secret.get_ref().clone());
    let start = |section: &TelegramSection| section.start.as_ref().map(|start| start.secret.get_ref().clone());
    let secrets = [
        ("telegram.token", before.token != after.token),
        ("telegram.webhook.secret", webhook(before) != webhook(after)),
        ("telegram.start.secret", start(before) != start(after)),
    ];
    changes.secrets(subject, &secrets);
}
