//! Tickets: their rules, departments, promises and kinds.

use super::Effect::Live;
use super::{Changes, list, shown};
use crate::config::Config;
use crate::config::value::Name;
use crate::desk::config::{DepartmentSection, PromiseSection, Texts, TicketTypeSection};
use std::collections::BTreeMap;
use toml::Spanned;

pub(super) fn compare(old: &Config, new: &Config, changes: &mut Changes) {
    let (before, after) = (&old.tickets, &new.tickets);
    let mut one = |name, old: String, new: String| changes.setting("tickets", name, Live, old, new);
    one("close_after", before.close_after.to_string(), after.close_after.to_string());
    one("reopen", before.reopen.to_string(), after.reopen.to_string());
    one("promise", shown(before.promise.as_ref()), shown(after.promise.as_ref()));
    one("tell", list(before.tell.iter().flatten()), list(after.tell.iter().flatten()));
    one("tell_within", before.tell_within.to_string(), after.tell_within.to_string());
    one("template", shown(before.template.as_ref()), shown(after.template.as_ref()));
    one("words", list(before.words.iter().flatten()), list(after.words.iter().flatten()));
    one("link_valid", before.link_valid.get_ref().to_string(), after.link_valid.get_ref().to_string());
    let states = |names: &BTreeMap<Name, Spanned<Texts>>| list(names.iter().map(|(state, name)| format!("{state}: {}", said(name))));
    one("states", states(&before.states), states(&after.states));
    let kept = changes.ids(
        "tickets.department",
        ("department_added", "department_removed"),
        named(&before.departments),
        named(&after.departments),
    );
    for (id, before, after) in kept {
        department(&format!("tickets.department.{id}"), before, after, changes);
    }
    let kept = changes.ids("tickets.promise", ("promise_added", "promise_removed"), named(&before.promises), named(&after.promises));
    for (id, before, after) in kept {
        changed(&format!("tickets.promise.{id}"), "promise_changed", &id, before != after, changes);
        promise(&format!("tickets.promise.{id}"), before, after, changes);
    }
    let kept = changes.ids("tickets.type", ("ticket_type_added", "ticket_type_removed"), named(&before.types), named(&after.types));
    for (id, before, after) in kept {
        kind(&format!("tickets.type.{id}"), &id, before, after, changes);
    }
}

fn named<T>(map: &BTreeMap<Name, T>) -> BTreeMap<String, &T> {
    map.iter().map(|(name, value)| (name.get_ref().clone(), value)).collect()
}

fn said(texts: &Spanned<Texts>) -> String {
    list(texts.get_ref().0.values())
}

fn changed(subject: &str, key: &'static str, id: &str, different: bool, changes: &mut Changes) {
    if different {
        changes.live(subject.to_owned(), key, vec![("id", id.to_owned())]);
    }
}

fn department(subject: &str, before: &DepartmentSection, after: &DepartmentSection, changes: &mut Changes) {
    changes.setting(subject, "name", Live, said(&before.name), said(&after.name));
    changes.setting(subject, "agents", Live, list(&before.agents), list(&after.agents));
    changes.setting(subject, "queues", Live, list(&before.queues), list(&after.queues));
    changes.setting(subject, "promise", Live, shown(before.promise.as_ref()), shown(after.promise.as_ref()));
}

fn promise(subject: &str, before: &PromiseSection, after: &PromiseSection, changes: &mut Changes) {
    changes.setting(subject, "hours", Live, shown(before.hours.as_ref()), shown(after.hours.as_ref()));
}

/// A kind has too many keys for a sentence each: that its fields, its checklist or its approval are different says enough.
fn kind(subject: &str, id: &str, before: &TicketTypeSection, after: &TicketTypeSection, changes: &mut Changes) {
    changes.setting(subject, "title", Live, said(&before.title), said(&after.title));
    changes.setting(subject, "department", Live, shown(before.department.as_ref()), shown(after.department.as_ref()));
    changes.setting(subject, "priority", Live, shown(before.priority.as_ref()), shown(after.priority.as_ref()));
    changes.setting(subject, "promise", Live, shown(before.promise.as_ref()), shown(after.promise.as_ref()));
    changes.setting(subject, "checklist_required", Live, before.checklist_required.to_string(), after.checklist_required.to_string());
    changes.setting(subject, "internal", Live, before.internal.to_string(), after.internal.to_string());
    changed(subject, "ticket_fields_changed", id, before.fields != after.fields, changes);
    changed(subject, "ticket_checklist_changed", id, before.checklist != after.checklist, changes);
    changed(subject, "ticket_approval_changed", id, before.approval != after.approval, changes);
}
