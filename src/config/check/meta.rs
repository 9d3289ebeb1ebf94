//! `[channels.whatsapp]`, `[channels.messenger]` and `[channels.instagram]`: their addresses, their secrets, their bounds.

use super::{platform, within};
use crate::channels::instagram::config::InstagramSection;
use crate::channels::messenger::config::MessengerSection;
use crate::channels::whatsapp::config::WhatsappSection;
use crate::config::findings::Findings;
use crate::config::value::{Name, Period};

pub(super) fn whatsapp(section: &WhatsappSection, findings: &mut Findings<'_>) {
    platform::address(&section.base_url, findings);
    platform::secrets([&section.token, &section.app_secret, &section.verify_token], findings);
    ids([Some(&section.phone_number_id), Some(&section.business_account_id), section.portfolio_id.as_ref()], findings);
    version(&section.version, findings);
    within("`window_hours`", &section.window_hours, 1..=168, findings);
    within("`max_file_mb`", &section.max_file_mb, 1..=100, findings);
}

pub(super) fn messenger(section: &MessengerSection, findings: &mut Findings<'_>) {
    platform::address(&section.base_url, findings);
    platform::secrets([&section.token, &section.app_secret, &section.verify_token], findings);
    ids([Some(&section.page_id)], findings);
    version(&section.version, findings);
    within("`max_text`", &section.max_text, 1..=2_000, findings);
    within("`max_file_mb`", &section.max_file_mb, 1..=100, findings);
}

pub(super) fn instagram(section: &InstagramSection, findings: &mut Findings<'_>) {
    if let Some(url) = &section.base_url {
        platform::address(url, findings);
    }
    let secrets = [&section.token, &section.app_secret, &section.verify_token];
    platform::secrets(secrets.into_iter().chain(&section.instagram_app_secret), findings);
    ids([Some(&section.account_id)], findings);
    version(&section.version, findings);
    let days = |days: u64| Period::from_secs(days * 86_400);
    within("`renew_after`", &section.renew_after, days(1)..=days(59), findings);
    within("`max_file_mb`", &section.max_file_mb, 1..=100, findings);
}

/// Ids become parts of addresses.
fn ids<'n>(ids: impl IntoIterator<Item = Option<&'n Name>>, findings: &mut Findings<'_>) {
    for id in ids.into_iter().flatten() {
        let text = id.get_ref();
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            findings.error(id.span(), format!("`{text}` is not an id of Meta's")).help("it is the number that the app's console shows");
        }
    }
}

fn version(version: &Name, findings: &mut Findings<'_>) {
    let number = version.get_ref().strip_prefix('v').and_then(|rest| rest.split_once('.'));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !number.is_some_and(|(major, minor)| digits(major) && digits(minor)) {
        findings.error(version.span(), format!("`{}` is not a version of the Graph API", version.get_ref())).help("write it as \"v26.0\"");
    }
}
