//! Tickets: names that lead somewhere, fields of kinds that a ticket can have, and approvals that can be given.

use super::forms::{self, texts};
use super::{Names, within};
use crate::config::Config;
use crate::config::findings::Findings;
use crate::config::value::{Name, Period};
use crate::desk::config::{ApprovalSection, PRIORITIES, TicketTypeSection};
use crate::desk::form::spec::{FieldKind, MOST_FIELDS};
use crate::desk::input::TicketState;

/// Points of a checklist that a kind may begin with.
const MOST_POINTS: usize = 30;

pub(super) fn check(config: &Config, names: &Names, findings: &mut Findings<'_>) {
    let section = &config.tickets;
    let words = TicketState::ALL.map(TicketState::word);
    for (state, name) in &section.states {
        findings.word("state of tickets", state, &words);
        texts(name, findings);
    }
    for state in section.tell.iter().flatten() {
        findings.word("state of tickets", state, &words);
    }
    for word in section.words.iter().flatten().filter(|word| word.get_ref().trim().is_empty()) {
        findings.error(word.span(), "a word by which customers ask is not empty");
    }
    if section.link_valid.get_ref() < &Period::from_secs(3_600) {
        findings.error(section.link_valid.span(), "`link_valid` must be at least 1h");
    }
    promise(section.promise.as_ref(), names, findings);
    for department in section.departments.values() {
        texts(&department.name, findings);
        department.agents.iter().for_each(|agent| _ = findings.refer(agent, &names.agents));
        department.queues.iter().for_each(|queue| _ = findings.refer(queue, &names.queues));
        promise(department.promise.as_ref(), names, findings);
    }
    for promise in section.promises.values() {
        promise.hours.iter().for_each(|hours| _ = findings.refer(hours, &names.hours));
    }
    for (name, kind) in &section.types {
        self::kind(name, kind, names, findings);
    }
}

fn promise(name: Option<&Name>, names: &Names, findings: &mut Findings<'_>) {
    if let Some(name) = name {
        findings.refer(name, &names.promises);
    }
}

fn kind(name: &Name, kind: &TicketTypeSection, names: &Names, findings: &mut Findings<'_>) {
    texts(&kind.title, findings);
    if kind.fields.len() > MOST_FIELDS {
        findings.error(name.span(), format!("type `{name}` has {} fields, but may have {MOST_FIELDS}", kind.fields.len()));
    }
    forms::fields(&kind.fields, findings);
    for field in &kind.fields {
        // Pictures and files are attached, and a ticket agrees to nothing.
        if matches!(FieldKind::of(field.kind.get_ref()), Some(FieldKind::File | FieldKind::Photo | FieldKind::Consent)) {
            findings.error(field.kind.span(), format!("a ticket has no field of kind `{}`", field.kind));
        }
        if *field.masked.get_ref() {
            findings.error(field.masked.span(), "a field of a ticket is not masked").help("ask for it in a form");
        }
    }
    kind.department.iter().for_each(|department| _ = findings.refer(department, &names.departments));
    kind.priority.iter().for_each(|priority| _ = findings.word("priority", priority, &PRIORITIES));
    promise(kind.promise.as_ref(), names, findings);
    kind.checklist.iter().for_each(|point| texts(point, findings));
    if kind.checklist.len() > MOST_POINTS {
        findings
            .error(name.span(), format!("the checklist of type `{name}` has {} points, but may have {MOST_POINTS}", kind.checklist.len()));
    }
    if let Some(approval) = &kind.approval {
        self::approval(kind, approval, names, findings);
    }
}

fn approval(kind: &TicketTypeSection, approval: &ApprovalSection, names: &Names, findings: &mut Findings<'_>) {
    approval.by.iter().for_each(|agent| _ = findings.refer(agent, &names.agents));
    for condition in &approval.automatic {
        let Some(field) = kind.fields.iter().find(|field| field.name == condition.field) else {
            findings.error(condition.field.span(), format!("this type has no field `{}`", condition.field));
            continue;
        };
        let fits: &[FieldKind] = match (&condition.most, &condition.days, condition.one_of.is_empty()) {
            (Some(_), None, true) => &[FieldKind::Number],
            (None, Some(days), true) => {
                within("`days`", days, 0..=3_650, findings);
                &[FieldKind::Date]
            }
            (None, None, false) => &[FieldKind::Choice, FieldKind::Text],
            _ => {
                findings.error(condition.field.span(), "a condition has exactly one of `most`, `days` and `one_of`");
                continue;
            }
        };
        if FieldKind::of(field.kind.get_ref()).is_some_and(|kind| !fits.contains(&kind)) {
            findings.error(condition.field.span(), format!("a field of kind `{}` cannot be judged so", field.kind));
        }
    }
}
