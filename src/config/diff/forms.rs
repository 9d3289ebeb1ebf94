//! Forms: which came, went, and what of them is different.

use super::Changes;
use super::Effect::Live;
use super::list;
use crate::config::Config;
use crate::desk::config::{FieldSection, FormSection, Texts};
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

pub(super) fn compare(old: &Config, new: &Config, changes: &mut Changes) {
    let named = |config: &Config| -> BTreeMap<String, FormSection> {
        config.forms.iter().map(|(id, form)| (id.get_ref().clone(), form.clone())).collect()
    };
    let (before, after) = (named(old), named(new));
    let forms = changes.ids(
        "form",
        ("form_added", "form_removed"),
        before.iter().map(|(id, form)| (id.clone(), form)).collect(),
        after.iter().map(|(id, form)| (id.clone(), form)).collect(),
    );
    for (id, before, after) in forms {
        form(&id, before, after, changes);
    }
}

/// A field has too many keys for a sentence each: which fields came, went or are different says enough.
fn form(id: &str, before: &FormSection, after: &FormSection, changes: &mut Changes) {
    let subject = format!("form.{id}");
    let said = |texts: Option<&Spanned<Texts>>| list(texts.iter().flat_map(|texts| texts.get_ref().0.values()));
    changes.setting(&subject, "title", Live, said(Some(&before.title)), said(Some(&after.title)));
    changes.setting(&subject, "intro", Live, said(before.intro.as_ref()), said(after.intro.as_ref()));
    changes.setting(&subject, "expires", Live, before.expires.get_ref().to_string(), after.expires.get_ref().to_string());
    changes.setting(&subject, "keep", Live, before.keep.get_ref().to_string(), after.keep.get_ref().to_string());
    changes.setting(&subject, "guided", Live, before.guided.to_string(), after.guided.to_string());
    changes.setting(&subject, "verdict", Live, before.verdict.get_ref().to_string(), after.verdict.get_ref().to_string());
    changes.setting(&subject, "calls", Live, before.calls.get_ref().to_string(), after.calls.get_ref().to_string());
    let fields = |form: &FormSection| -> BTreeMap<String, (usize, FieldSection)> {
        form.fields.iter().enumerate().map(|(place, field)| (field.name.get_ref().clone(), (place, field.clone()))).collect()
    };
    let (old, new) = (fields(before), fields(after));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let touched: Vec<&String> = names.into_iter().filter(|name| old.get(*name) != new.get(*name)).collect();
    if !touched.is_empty() {
        changes.live(subject, "form_changed", vec![("id", id.to_owned()), ("fields", list(touched))]);
    }
}
