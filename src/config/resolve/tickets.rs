//! `[tickets]` as the desk works with it.

use super::forms::{field, titles};
use super::id;
use crate::config::words::say;
use crate::config::{Config, LANGUAGES};
use crate::desk::config::{ApprovalSection, ConditionSection, PRIORITIES, PromiseSection, TicketTypeSection, Times};
use crate::desk::hours::Hours;
use crate::desk::id::TicketKind;
use crate::desk::input::TicketState;
use crate::desk::ticket::spec::*;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};

/// Words by which customers ask, where the house names none.
const WORDS: [&str; 3] = ["ticket", "工单", "进度"];

pub(super) fn resolve(config: &Config, hours: &BTreeMap<&str, Hours>) -> Tickets {
    let section = &config.tickets;
    let states =
        |names: &[crate::config::value::Name]| names.iter().filter_map(|name| TicketState::of(name.get_ref())).collect::<BTreeSet<_>>();
    let department = |section: &crate::desk::config::DepartmentSection| DepartmentSpec {
        name: titles(&section.name),
        agents: section.agents.iter().map(id).collect(),
        queues: section.queues.iter().map(id).collect(),
        promise: section.promise.as_ref().map(|name| name.get_ref().clone()),
    };
    Tickets {
        close_after_ms: section.close_after.millis(),
        reopen: section.reopen,
        kinds: section.types.iter().map(|(name, section)| (id::<TicketKind>(name), kind(section))).collect(),
        departments: section.departments.iter().map(|(name, section)| (id(name), department(section))).collect(),
        promises: section.promises.iter().map(|(name, section)| (name.get_ref().clone(), promise(section, hours))).collect(),
        promise: section.promise.as_ref().map(|name| name.get_ref().clone()),
        states: section.states.iter().filter_map(|(state, name)| Some((TicketState::of(state.get_ref())?, titles(name)))).collect(),
        tell: section.tell.as_deref().map_or_else(|| Tickets::default().tell, states),
        tell_within_ms: section.tell_within.millis(),
        template: section.template.as_ref().map(|name| name.get_ref().clone()),
        words: match &section.words {
            Some(words) => words.iter().map(|word| word.get_ref().clone()).collect(),
            None => WORDS.map(str::to_owned).into(),
        },
        link_ms: section.link_valid.get_ref().millis(),
        texts: LANGUAGES.iter().map(|language| ((*language).to_owned(), texts_in(language))).collect(),
        zone: TimeZone::get(config.site.timezone.get_ref()).unwrap_or(TimeZone::UTC),
    }
}

fn kind(section: &TicketTypeSection) -> KindSpec {
    let priority = section.priority.as_ref().and_then(|name| PRIORITIES.iter().position(|word| word == name.get_ref()));
    KindSpec {
        title: titles(&section.title),
        fields: section.fields.iter().map(field).collect(),
        department: section.department.as_ref().map(id),
        priority: priority.and_then(|place| u8::try_from(place + 1).ok()).unwrap_or(3),
        promise: section.promise.as_ref().map(|name| name.get_ref().clone()),
        checklist: section.checklist.iter().map(titles).collect(),
        checklist_required: section.checklist_required,
        approval: section.approval.as_ref().map(approval),
        internal: section.internal,
    }
}

fn approval(section: &ApprovalSection) -> ApprovalSpec {
    ApprovalSpec { by: section.by.iter().map(id).collect(), automatic: section.automatic.iter().filter_map(condition).collect() }
}

fn condition(section: &ConditionSection) -> Option<Condition> {
    let rule = match (&section.most, &section.days) {
        (Some(most), _) => Rule::Most(*most.get_ref()),
        (None, Some(days)) => Rule::Days(*days.get_ref()),
        (None, None) => Rule::OneOf(section.one_of.iter().map(|name| name.get_ref().clone()).collect()),
    };
    Some(Condition { field: section.field.get_ref().clone(), rule })
}

fn promise(section: &PromiseSection, hours: &BTreeMap<&str, Hours>) -> Promise {
    let times = |times: &Option<Times>| times.unwrap_or_default().0.map(|time| time.map_or(0, |time| time.millis()));
    Promise {
        hours: section.hours.as_ref().and_then(|name| hours.get(name.get_ref().as_str()).cloned()),
        first: times(&section.first),
        next: times(&section.next),
        resolution: times(&section.resolution),
    }
}

fn texts_in(language: &str) -> TicketTexts {
    let text = |name: &str| say(language, &format!("cli.ticket.{name}"), &[]);
    TicketTexts {
        opened: text("opened"),
        changed: text("changed"),
        approved: text("approved"),
        denied: text("denied"),
        link: text("link"),
        line: text("line"),
        none: text("none"),
        subject: text("subject"),
        states: TicketState::ALL.map(|state| (state, text(&format!("state.{}", state.word())))).into(),
    }
}
