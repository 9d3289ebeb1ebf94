//! `[[rules]]` and `[moods]` as the desk works with them.

use super::forms::titles;
use super::id;
use crate::config::Config;
use crate::config::value::Name;
use crate::desk::config::{IfSection, PRIORITIES, PastSection, RuleSection, TemplateSection, Texts, ThenSection};
use crate::desk::form::spec::Titles;
use crate::desk::hours::Hours;
use crate::desk::id::*;
use crate::desk::input::{Purpose, Wording};
use crate::desk::person::Consent;
use crate::desk::rules::spec::*;
use crate::desk::rules::words::{Mood, Moods};
use std::collections::BTreeMap;
use toml::Spanned;

/// An alert that says nothing else is shown so long, ms.
const ALERT_MS: i64 = 3_600_000;

pub(in crate::config) fn resolve(config: &Config, hours: &BTreeMap<&str, Hours>) -> Rules {
    let list: Vec<Rule> = config.rules.iter().filter_map(|section| rule(section, hours)).collect();
    Rules {
        moods: Moods { bad: words(&config.moods.bad), good: words(&config.moods.good) },
        past_ms: list.iter().flat_map(|rule| &rule.given.past).map(|past| past.within_ms).max().unwrap_or(0),
        reads_fields: list.iter().any(|rule| !rule.given.fields.is_empty()),
        list,
    }
}

/// `None`: the checks have refused it.
fn rule(section: &RuleSection, hours: &BTreeMap<&str, Hours>) -> Option<Rule> {
    let event = Happening::read(section.when.event.get_ref())?;
    let of_tickets = event.of_tickets();
    Some(Rule {
        id: id(&section.id),
        title: titles(&section.title),
        when: When {
            event,
            after_ms: section.when.after.get_ref().millis(),
            unless: section.when.unless.iter().filter_map(|name| Happening::read(name.get_ref())).collect(),
            same: section.when.same.as_ref().map(|name| name.get_ref().clone()),
        },
        given: given(&section.given, hours),
        then: section.then.get_ref().iter().filter_map(|section| action(section, of_tickets)).collect(),
        again_ms: section.again.get_ref().millis(),
        stop: section.stop,
    })
}

fn words(names: &[Name]) -> Vec<String> {
    names.iter().map(|name| name.get_ref().clone()).collect()
}

fn given(section: &IfSection, hours: &BTreeMap<&str, Hours>) -> Given {
    let within = section.hours.as_ref().map(|name| (name, true)).or(section.outside.as_ref().map(|name| (name, false)));
    let values =
        |values: &BTreeMap<Name, Vec<String>>| values.iter().map(|(name, values)| (name.get_ref().clone(), values.clone())).collect();
    Given {
        channels: section.channel.iter().map(id).collect(),
        kinds: words(&section.kind),
        queues: section.queue.iter().map(id).collect(),
        tiers: section.tier.iter().map(id).collect(),
        tags: words(&section.tag),
        no_tags: words(&section.no_tag),
        words: words(&section.words),
        mood: section.mood.as_ref().and_then(|name| mood(name.get_ref())),
        open: section.open.as_ref().map(|open| *open.get_ref()),
        hours: within.and_then(|(name, within)| Some((hours.get(name.get_ref().as_str())?.clone(), within))),
        languages: words(&section.language),
        fields: values(&section.field),
        values: values(&section.value),
        consent: section.consent.as_ref().and_then(|name| Consent::read(name.get_ref())),
        states: words(&section.state),
        dispositions: words(&section.disposition),
        ticket_kinds: section.ticket.iter().map(id).collect(),
        lowest: section.score_at_least.as_ref().map(|score| *score.get_ref()),
        highest: section.score_at_most.as_ref().map(|score| *score.get_ref()),
        past: section.past.iter().map(past).collect(),
    }
}

fn past(section: &PastSection) -> Past {
    Past {
        kinds: words(&section.kind),
        tag: section.tag.as_ref().map(|tag| tag.get_ref().clone()),
        least: *section.least.get_ref(),
        within_ms: section.within.get_ref().millis(),
    }
}

fn mood(word: &str) -> Option<Mood> {
    [Mood::Bad, Mood::Neutral, Mood::Good].into_iter().find(|mood| mood.to_string() == word)
}

fn priority(name: &Name) -> Option<u8> {
    let place = PRIORITIES.iter().position(|word| word == name.get_ref())?;
    u8::try_from(place + 1).ok()
}

fn maybe(texts: Option<&Spanned<Texts>>) -> Titles {
    texts.map(titles).unwrap_or_default()
}

fn wording(section: &TemplateSection) -> Wording {
    let TemplateSection { name, language, variables } = section;
    Wording { name: name.get_ref().clone(), language: language.get_ref().clone(), variables: variables.clone() }
}

fn letter(section: &ThenSection, channels: Vec<ChannelId>) -> Do {
    let offer = section.purpose.as_ref().is_some_and(|purpose| purpose.get_ref() == "offer");
    Do::Message(Box::new(Letter {
        text: maybe(section.text.as_ref()).0,
        subject: maybe(section.subject.as_ref()).0,
        template: section.template.as_ref().map(wording),
        purpose: if offer { Purpose::Offer } else { Purpose::Service },
        channels,
    }))
}

fn action(section: &ThenSection, of_ticket: bool) -> Option<Do> {
    Some(match section.what.get_ref().as_str() {
        "assign" => match (&section.agent, &section.queue) {
            (Some(agent), _) => Do::Assign { agent: id(agent) },
            (None, queue) => Do::Queue { queue: id(queue.as_ref()?) },
        },
        "prioritise" if of_ticket => Do::TicketPriority { priority: priority(section.priority.as_ref()?)? },
        "prioritise" => Do::Prioritise { points: *section.points.as_ref()?.get_ref() },
        "tag" => {
            let contact = section.of.as_ref().is_some_and(|of| of.get_ref() == "contact");
            Do::Tag { tag: section.tag.as_ref()?.get_ref().trim().to_owned(), of: if contact { TagOf::Contact } else { TagOf::Person } }
        }
        "reply" => Do::Reply { text: maybe(section.text.as_ref()), template: section.template.as_ref().map(wording) },
        "message" => letter(section, section.channels.iter().map(id).collect()),
        "move" => match section.to.as_ref()? {
            to if to.get_ref() == CALLS => Do::CallList { queue: section.queue.as_ref().map(id) },
            to => letter(section, vec![id(to)]),
        },
        "ticket" => Do::Ticket(Box::new(TicketAsked {
            subject: maybe(section.subject.as_ref()),
            kind: section.kind.as_ref().map(id),
            department: section.department.as_ref().map(id),
            priority: section.priority.as_ref().and_then(priority),
            assignee: section.assignee.as_ref().map(id),
            note: maybe(section.note.as_ref()),
        })),
        "notify" => Do::Notify {
            agents: section.agents.iter().map(id).collect(),
            supervisors: section.supervisors,
            text: maybe(section.text.as_ref()),
        },
        "webhook" => Do::Webhook { to: section.to.as_ref()?.get_ref().clone() },
        "alert" => Do::Alert {
            text: maybe(section.text.as_ref()),
            for_ms: section.shown.as_ref().map_or(ALERT_MS, |shown| shown.get_ref().millis()),
        },
        "survey" => Do::Survey { survey: id(section.survey.as_ref()?) },
        _ => return None,
    })
}
