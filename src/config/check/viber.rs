//! `[channels.viber]`: its addresses, its secret, its bounds.

use super::{platform, within};
use crate::channels::viber::config::ViberSection;
use crate::config::findings::Findings;

/// Longest name over messages, characters.
const SENDER: usize = 28;

pub(super) fn check(section: &ViberSection, findings: &mut Findings<'_>) {
    platform::address(&section.base_url, findings);
    platform::secrets([&section.token], findings);
    if let Some(avatar) = &section.avatar {
        platform::address(avatar, findings);
    }
    let sender = section.sender.get_ref();
    if sender.trim().is_empty() || sender.chars().count() > SENDER {
        findings.error(section.sender.span(), format!("`{sender}` is no name for Viber")).help("customers see it: 1 to 28 characters");
    }
    within("`max_text`", &section.max_text, 1..=7_000, findings);
    within("`max_file_mb`", &section.max_file_mb, 1..=200, findings);
}
