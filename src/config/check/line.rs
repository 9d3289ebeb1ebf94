//! `[channels.line]`: its addresses, its secrets, its bounds.

use super::{platform, within};
use crate::channels::line::config::LineSection;
use crate::config::findings::Findings;
use crate::config::value::Period;

pub(super) fn check(section: &LineSection, findings: &mut Findings<'_>) {
    platform::address(&section.base_url, findings);
    platform::address(&section.data_url, findings);
    platform::secrets(std::iter::once(&section.channel_secret).chain(&section.token), findings);
    if section.token.is_none() && section.channel_id.is_none() {
        findings
            .error(section.channel_secret.span(), "LINE needs a token, or the channel's id to fetch one")
            .help("token = { env = \"NAME\" }, or channel_id = \"1234567890\"");
    }
    within("`reply_within`", &section.reply_within, Period::from_secs(0)..=Period::from_secs(60), findings);
    within("`max_text`", &section.max_text, 1..=5_000, findings);
    within("`max_file_mb`", &section.max_file_mb, 1..=500, findings);
}
