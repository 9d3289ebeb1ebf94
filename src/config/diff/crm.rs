//! The firm's own system of customers, and what is kept of customers besides.

use super::Effect::Live;
use super::{Changes, list, shown};
use crate::config::Config;
use crate::web::people::config::PersonFieldSection;
use std::collections::BTreeMap;

pub(super) fn compare(old: &Config, new: &Config, changes: &mut Changes) {
    let (before, after) = (&old.crm, &new.crm);
    changes.setting("crm", "url", Live, shown(before.url.as_ref()), shown(after.url.as_ref()));
    changes.setting("crm", "timeout", Live, before.timeout.get_ref().to_string(), after.timeout.get_ref().to_string());
    changes.setting("crm", "cache", Live, before.cache.to_string(), after.cache.to_string());
    changes.setting("crm", "open", Live, shown(before.open.as_ref()), shown(after.open.as_ref()));
    changes.setting("crm", "pop", Live, before.pop.word().to_owned(), after.pop.word().to_owned());
    let secret = |config: &Config| config.crm.secret.as_ref().map(|secret| secret.get_ref().clone());
    changes.secrets("crm", &[("secret", secret(old) != secret(new))]);
    let (before, after) = (named(&old.people.fields), named(&new.people.fields));
    for (name, before, after) in changes.ids("person_field", ("person_field_added", "person_field_removed"), before, after) {
        let subject = format!("person_field.{name}");
        let titles = |field: &PersonFieldSection| list(field.title.get_ref().0.values());
        changes.setting(&subject, "title", Live, titles(before), titles(after));
        changes.setting(&subject, "kind", Live, before.kind.word().to_owned(), after.kind.word().to_owned());
        changes.setting(&subject, "options", Live, list(&before.options), list(&after.options));
        changes.setting(&subject, "masked", Live, before.masked.to_string(), after.masked.to_string());
    }
}

fn named(fields: &[PersonFieldSection]) -> BTreeMap<String, &PersonFieldSection> {
    fields.iter().map(|field| (field.id.get_ref().clone(), field)).collect()
}
