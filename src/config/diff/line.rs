//! What changes in `[channels.line]`.

use super::Changes;
use super::Effect::Live;
use super::shown;
use crate::channels::line::config::LineSection;

pub(super) fn compare(subject: &str, before: Option<&LineSection>, after: Option<&LineSection>, changes: &mut Changes) {
    let (Some(before), Some(after)) = (before, after) else {
        let base = |section: Option<&LineSection>| shown(section.map(|section| &section.base_url));
        changes.setting(subject, "line.base_url", Live, base(before), base(after));
        return;
    };
    let mut one = |name, old: String, new: String| changes.setting(subject, name, Live, old, new);
    one("line.channel_id", shown(before.channel_id.as_ref()), shown(after.channel_id.as_ref()));
    one("line.provider", shown(before.provider.as_ref()), shown(after.provider.as_ref()));
    one("line.base_url", before.base_url.get_ref().clone(), after.base_url.get_ref().clone());
    one("line.data_url", before.data_url.get_ref().clone(), after.data_url.get_ref().clone());
    one("line.reply_within", before.reply_within.get_ref().to_string(), after.reply_within.get_ref().to_string());
    one("line.max_text", before.max_text.get_ref().to_string(), after.max_text.get_ref().to_string());
    one("line.max_file_mb", before.max_file_mb.get_ref().to_string(), after.max_file_mb.get_ref().to_string());
    let secrets = [("line.channel_secret", before.channel_secret != after.channel_secret), ("line.token", before.token != after.token)];
    changes.secrets(subject, &secrets);
}
