//! `[channels.telegram]`: its addresses, its secrets, its bounds.

use super::{Names, platform, within};
use crate::channels::telegram::config::TelegramSection;
use crate::config::findings::Findings;
use crate::config::value::Period;

pub(super) fn check(section: &TelegramSection, names: &Names, findings: &mut Findings<'_>) {
    platform::address(&section.base_url, findings);
    let webhook = section.webhook.as_ref();
    let start = section.start.as_ref();
    let secrets = [Some(&section.token), webhook.map(|webhook| &webhook.secret), start.map(|start| &start.secret)];
    platform::secrets(secrets.into_iter().flatten(), findings);
    if let Some(start) = start {
        findings.refer(&start.channel, &names.channels);
    }
    if let Some(webhook) = webhook {
        platform::address(&webhook.url, findings);
        let port = webhook.url.get_ref().parse::<http::Uri>().ok().and_then(|uri| uri.port_u16());
        let https = webhook.url.get_ref().starts_with("https");
        if https && !matches!(port, None | Some(443 | 80 | 88 | 8_443)) {
            findings
                .error(webhook.url.span(), "Telegram calls no other ports than 443, 80, 88 and 8443")
                .help("leave `webhook` out: then it is asked");
        }
    }
    within("`poll_wait`", &section.poll_wait, Period::from_secs(1)..=Period::from_secs(50), findings);
    within("`max_download_mb`", &section.max_download_mb, 1..=2_000, findings);
    within("`max_upload_mb`", &section.max_upload_mb, 1..=2_000, findings);
}
