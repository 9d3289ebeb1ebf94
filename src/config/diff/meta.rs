//! What changes in `[channels.whatsapp]`, `[channels.messenger]` and `[channels.instagram]`.

use super::Changes;
use super::Effect::Live;
use super::shown;
use crate::channels::config::ChannelSection;
use crate::channels::instagram::config::InstagramSection;
use crate::channels::messenger::config::MessengerSection;
use crate::channels::whatsapp::config::WhatsappSection;

pub(super) fn compare(subject: &str, before: &ChannelSection, after: &ChannelSection, changes: &mut Changes) {
    let name = |section: Option<&crate::config::value::Name>| shown(section);
    match (&before.whatsapp, &after.whatsapp) {
        (Some(before), Some(after)) => whatsapp(subject, before, after, changes),
        (before, after) => {
            let id = |section: &Option<WhatsappSection>| name(section.as_ref().map(|section| &section.phone_number_id));
            changes.setting(subject, "whatsapp.phone_number_id", Live, id(before), id(after));
        }
    }
    match (&before.messenger, &after.messenger) {
        (Some(before), Some(after)) => messenger(subject, before, after, changes),
        (before, after) => {
            let id = |section: &Option<MessengerSection>| name(section.as_ref().map(|section| &section.page_id));
            changes.setting(subject, "messenger.page_id", Live, id(before), id(after));
        }
    }
    match (&before.instagram, &after.instagram) {
        (Some(before), Some(after)) => instagram(subject, before, after, changes),
        (before, after) => {
            let id = |section: &Option<InstagramSection>| name(section.as_ref().map(|section| &section.account_id));
            changes.setting(subject, "instagram.account_id", Live, id(before), id(after));
        }
    }
}

fn whatsapp(subject: &str, before: &WhatsappSection, after: &WhatsappSection, changes: &mut Changes) {
    let mut one = |name, old: String, new: String| changes.setting(subject, name, Live, old, new);
    one("whatsapp.phone_number_id", before.phone_number_id.get_ref().clone(), after.phone_number_id.get_ref().clone());
    one("whatsapp.business_account_id", before.business_account_id.get_ref().clone(), after.business_account_id.get_ref().clone());
    one("whatsapp.portfolio_id", shown(before.portfolio_id.as_ref()), shown(after.portfolio_id.as_ref()));
    one("whatsapp.proof", before.proof.to_string(), after.proof.to_string());
    one("whatsapp.base_url", before.base_url.get_ref().clone(), after.base_url.get_ref().clone());
    one("whatsapp.version", before.version.get_ref().clone(), after.version.get_ref().clone());
    one("whatsapp.window_hours", before.window_hours.get_ref().to_string(), after.window_hours.get_ref().to_string());
    one("whatsapp.max_file_mb", before.max_file_mb.get_ref().to_string(), after.max_file_mb.get_ref().to_string());
    let secrets = [
        ("whatsapp.token", before.token != after.token),
        ("whatsapp.app_secret", before.app_secret != after.app_secret),
        ("whatsapp.verify_token", before.verify_token != after.verify_token),
    ];
    changes.secrets(subject, &secrets);
}

fn messenger(subject: &str, before: &MessengerSection, after: &MessengerSection, changes: &mut Changes) {
    let mut one = |name, old: String, new: String| changes.setting(subject, name, Live, old, new);
    one("messenger.page_id", before.page_id.get_ref().clone(), after.page_id.get_ref().clone());
    one("messenger.human_agent", before.human_agent.to_string(), after.human_agent.to_string());
    one("messenger.proof", before.proof.to_string(), after.proof.to_string());
    one("messenger.base_url", before.base_url.get_ref().clone(), after.base_url.get_ref().clone());
    one("messenger.version", before.version.get_ref().clone(), after.version.get_ref().clone());
    one("messenger.max_text", before.max_text.get_ref().to_string(), after.max_text.get_ref().to_string());
    one("messenger.max_file_mb", before.max_file_mb.get_ref().to_string(), after.max_file_mb.get_ref().to_string());
    let secrets = [
        ("messenger.token", before.token != after.token),
        ("messenger.app_secret", before.app_secret != after.app_secret),
        ("messenger.verify_token", before.verify_token != after.verify_token),
    ];
    changes.secrets(subject, &secrets);
}

fn instagram(subject: &str, before: &InstagramSection, after: &InstagramSection, changes: &mut Changes) {
    let mut one = |name, old: String, new: String| changes.setting(subject, name, Live, old, new);
    one("instagram.account_id", before.account_id.get_ref().clone(), after.account_id.get_ref().clone());
    one("instagram.login", before.login.as_str().to_owned(), after.login.as_str().to_owned());
    one("instagram.human_agent", before.human_agent.to_string(), after.human_agent.to_string());
    one("instagram.base_url", shown(before.base_url.as_ref()), shown(after.base_url.as_ref()));
    one("instagram.version", before.version.get_ref().clone(), after.version.get_ref().clone());
    one("instagram.renew_after", before.renew_after.get_ref().to_string(), after.renew_after.get_ref().to_string());
    one("instagram.max_file_mb", before.max_file_mb.get_ref().to_string(), after.max_file_mb.get_ref().to_string());
    let secrets = [
        ("instagram.token", before.token != after.token),
        ("instagram.app_secret", before.app_secret != after.app_secret),
        ("instagram.instagram_app_secret", before.instagram_app_secret != after.instagram_app_secret),
        ("instagram.verify_token", before.verify_token != after.verify_token),
    ];
    changes.secrets(subject, &secrets);
}
