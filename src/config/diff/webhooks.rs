//! Addresses that are told what happens.

use super::Effect::Live;
use super::{Changes, list};
use crate::config::Config;
use crate::webhooks::config::WebhookSection;
use std::collections::BTreeMap;

pub(super) fn compare(old: &Config, new: &Config, changes: &mut Changes) {
    let (before, after) = (named(&old.webhooks), named(&new.webhooks));
    for (id, before, after) in changes.ids("webhook", ("webhook_added", "webhook_removed"), before, after) {
        let subject = format!("webhook.{id}");
        changes.setting(&subject, "url", Live, before.url.to_string(), after.url.to_string());
        changes.setting(&subject, "events", Live, list(&before.events), list(&after.events));
        changes.secrets(&subject, &[("secret", before.secret.get_ref() != after.secret.get_ref())]);
    }
}

fn named(webhooks: &[WebhookSection]) -> BTreeMap<String, &WebhookSection> {
    webhooks.iter().map(|webhook| (webhook.id.get_ref().clone(), webhook)).collect()
}
