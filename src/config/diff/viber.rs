//! What changes in `[channels.viber]`.

use super::Changes;
use super::Effect::Live;
use super::shown;
use crate::channels::viber::config::ViberSection;

pub(super) fn compare(subject: &str, before: Option<&ViberSection>, after: Option<&ViberSection>, changes: &mut Changes) {
    let (Some(before), Some(after)) = (before, after) else {
        let base = |section: Option<&ViberSection>| shown(section.map(|section| &section.base_url));
        changes.setting(subject, "viber.base_url", Live, base(before), base(after));
        return;
    };
    let mut one = |name, old: String, new: String| changes.setting(subject, name, Live, old, new);
    one("viber.sender", before.sender.to_string(), after.sender.to_string());
    one("viber.avatar", shown(before.avatar.as_ref()), shown(after.avatar.as_ref()));
    one("viber.base_url", before.base_url.to_string(), after.base_url.to_string());
    one("viber.max_text", before.max_text.get_ref().to_string(), after.max_text.get_ref().to_string());
    one("viber.max_file_mb", before.max_file_mb.get_ref().to_string(), after.max_file_mb.get_ref().to_string());
    changes.secrets(subject, &[("viber.token", before.token != after.token)]);
}
