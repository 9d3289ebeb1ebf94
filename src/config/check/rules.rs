//! Rules: names that lead somewhere, actions that fit what they act upon, and rules that can never act.

use super::forms::texts;
use super::{Names, within};
use crate::config::findings::{Declared, Findings};
use crate::config::value::{Name, Period};
use crate::config::{Config, LANGUAGES};
use crate::desk::config::{IfSection, PRIORITIES, PastSection, RuleSection, ThenSection};
use crate::desk::input::TicketState;
use crate::desk::rules::spec::{CALLS, Happening, is_fact_name};
use crate::desk::rules::{CALL, STATES, TEXT};
use std::ops::Range;

/// Every rule looks at everything that happens.
const MOST_RULES: usize = 200;
const MOST_ACTIONS: usize = 20;
/// Longest tag, characters, as by hand.
const LONGEST_TAG: usize = 40;
/// A wait or a look back is at most so long: each is remembered meanwhile.
const LONGEST: Period = Period::from_secs(31 * 86_400);

const MOODS: [&str; 3] = ["bad", "neutral", "good"];
const CONSENTS: [&str; 4] = ["offers", "service_only", "nothing", "unknown"];

/// What each action takes: its word, the keys, and those of them without which it is nothing.
const ACTIONS: [(&str, &[&str], &[&str]); 11] = [
    ("assign", &["agent", "queue"], &[]),
    ("prioritise", &["points", "priority"], &[]),
    ("tag", &["tag", "of"], &["tag"]),
    ("reply", &["text", "template"], &["text"]),
    ("message", &["text", "subject", "template", "purpose", "channels"], &["text"]),
    ("move", &["to", "queue", "text", "subject", "template"], &["to"]),
    ("ticket", &["subject", "type", "department", "priority", "assignee", "note"], &["subject"]),
    ("notify", &["agents", "supervisors", "text"], &["text"]),
    ("webhook", &["to"], &["to"]),
    ("alert", &["text", "for"], &["text"]),
    ("survey", &["survey"], &["survey"]),
];

pub(super) fn check(config: &Config, names: &Names, findings: &mut Findings<'_>) {
    findings.declare("rule", "[[rules]]", config.rules.iter().map(|rule| &rule.id));
    let webhooks = config.webhooks.iter().map(|webhook| (webhook.id.get_ref().clone(), webhook.id.span())).collect();
    let webhooks = Declared { kind: "webhook", how: "declare it: [[webhooks]] id = \"{}\"".to_owned(), places: webhooks };
    let fields = config.people.fields.iter().map(|field| (field.id.get_ref().clone(), field.id.span())).collect();
    let fields = Declared { kind: "field of customers", how: "declare it: [[people.fields]] id = \"{}\"".to_owned(), places: fields };
    let kinds: Vec<&str> = config.channels.iter().map(|channel| channel.kind.as_str()).collect();
    let surveys = config.surveys.iter().map(|survey| (survey.id.get_ref().clone(), survey.id.span())).collect();
    let surveys = Declared { kind: "survey", how: "declare it: [[surveys]] id = \"{}\"".to_owned(), places: surveys };
    let world = World { names, webhooks, fields, surveys, kinds };
    if config.rules.len() > MOST_RULES {
        findings.error(0..0, format!("there are {} rules, but may be {MOST_RULES}", config.rules.len()));
    }
    for (place, rule) in config.rules.iter().enumerate() {
        world.rule(rule, findings);
        let before = config.rules.get(..place).unwrap_or_default();
        let shadow = before.iter().find(|other| other.stop && other.when == rule.when && other.given == IfSection::default());
        if let Some(other) = shadow {
            let message = format!("rule `{}` never acts: `{}` before it takes everything and stops", rule.id, other.id);
            findings.warning(rule.id.span(), message);
        }
    }
    for word in config.moods.bad.iter().chain(&config.moods.good).filter(|word| word.get_ref().trim().is_empty()) {
        findings.error(word.span(), "a word is not empty");
    }
}

struct World<'c> {
    names: &'c Names,
    webhooks: Declared,
    fields: Declared,
    surveys: Declared,
    kinds: Vec<&'c str>,
}

impl World<'_> {
    fn rule(&self, rule: &RuleSection, findings: &mut Findings<'_>) {
        texts(&rule.title, findings);
        let known: Vec<&str> = Happening::WORDS.iter().map(|(word, _)| *word).collect();
        let event = |name: &Name, findings: &mut Findings<'_>| match Happening::read(name.get_ref()) {
            Some(event) => Some(event),
            None => {
                if name.get_ref().starts_with("fact:") {
                    findings
                        .error(name.span(), format!("`{name}` names no event"))
                        .help("fact: and 1 to 64 small letters, digits, `.`, `_` or `-`");
                } else {
                    findings.word("event", name, &known);
                }
                None
            }
        };
        let what = event(&rule.when.event, findings);
        for unless in &rule.when.unless {
            event(unless, findings);
        }
        for period in [&rule.when.after, &rule.again].into_iter().filter(|period| *period.get_ref() > LONGEST) {
            findings.error(period.span(), "a rule waits for at most 31d");
        }
        if !rule.when.unless.is_empty() && rule.when.after.get_ref().millis() == 0 {
            let first = rule.when.unless.first().map_or(rule.when.event.span(), Name::span);
            findings.error(first, "`unless` has no meaning without `after`: nothing can happen meanwhile");
        }
        let told = |name: &Name| name.get_ref().starts_with("fact:");
        if let Some(same) = rule.when.same.as_ref().filter(|_| !told(&rule.when.event) || !rule.when.unless.iter().any(told)) {
            findings.error(same.span(), "`same` compares what programs tell: it needs a fact as `event` and one in `unless`");
        }
        if rule.then.get_ref().is_empty() || rule.then.get_ref().len() > MOST_ACTIONS {
            findings.error(rule.then.span(), format!("a rule does 1 to {MOST_ACTIONS} things"));
        }
        let Some(what) = what else { return };
        self.given(rule, &what, findings);
        for action in rule.then.get_ref() {
            self.action(action, &what, &rule.given.kind, findings);
        }
    }

    fn given(&self, rule: &RuleSection, what: &Happening, findings: &mut Findings<'_>) {
        let (given, names) = (&rule.given, self.names);
        given.channel.iter().for_each(|name| _ = findings.refer(name, &names.channels));
        given.queue.iter().for_each(|name| _ = findings.refer(name, &names.queues));
        given.tier.iter().for_each(|name| _ = findings.refer(name, &names.tiers));
        given.ticket.iter().for_each(|name| _ = findings.refer(name, &names.ticket_kinds));
        given.hours.iter().chain(&given.outside).for_each(|name| _ = findings.refer(name, &names.hours));
        given.field.keys().for_each(|name| _ = findings.refer(name, &self.fields));
        self.kinds(&given.kind, &[CALL], findings);
        given.mood.iter().for_each(|name| _ = findings.word("mood", name, &MOODS));
        given.consent.iter().for_each(|name| _ = findings.word("consent", name, &CONSENTS));
        given.language.iter().for_each(|name| _ = findings.word("language", name, &LANGUAGES));
        let states: Vec<&str> = if what.of_tickets() { TicketState::ALL.map(TicketState::word).to_vec() } else { STATES.to_vec() };
        given.state.iter().for_each(|name| _ = findings.word("state", name, &states));
        for score in [&given.score_at_least, &given.score_at_most].into_iter().flatten() {
            within("a score", score, 1..=5, findings);
        }
        for word in given.words.iter().chain(&given.tag).chain(&given.no_tag).filter(|word| word.get_ref().trim().is_empty()) {
            findings.error(word.span(), "a word is not empty");
        }
        if let (Some(_), Some(outside)) = (&given.hours, &given.outside) {
            findings.error(outside.span(), "a rule has either `hours` or `outside`");
        }
        given.past.iter().for_each(|past| self.past(past, findings));
        for (key, span) in impossible(given, what) {
            let id = &rule.id;
            let message = format!("rule `{id}` never acts: `{}` never has what `{key}` asks for", rule.when.event);
            findings.error(span, message);
        }
    }

    fn kinds(&self, kinds: &[Name], besides: &[&str], findings: &mut Findings<'_>) {
        let known: Vec<&str> = self.kinds.iter().chain(besides).copied().collect();
        kinds.iter().for_each(|name| _ = findings.word("kind of contact", name, &known));
    }

    fn past(&self, past: &PastSection, findings: &mut Findings<'_>) {
        self.kinds(&past.kind, &[CALL, TEXT], findings);
        within("`least`", &past.least, 1..=20, findings);
        if *past.within.get_ref() > LONGEST || past.within.get_ref().millis() == 0 {
            findings.error(past.within.span(), "a rule looks back for 1s to 31d");
        }
    }

    fn action(&self, action: &ThenSection, what: &Happening, given_kinds: &[Name], findings: &mut Findings<'_>) {
        let words: Vec<&str> = ACTIONS.iter().map(|(word, ..)| *word).collect();
        if !findings.word("action", &action.what, &words) {
            return;
        }
        let word = action.what.get_ref().as_str();
        let Some((_, takes, needs)) = ACTIONS.iter().find(|(known, ..)| *known == word) else { return };
        let span = action.what.span();
        for (key, _) in written(action).into_iter().filter(|(key, is)| *is && !takes.contains(key)) {
            findings.error(span.clone(), format!("`{word}` takes no `{key}`"));
        }
        let given = written(action);
        let has = |key: &str| given.iter().any(|(known, is)| *known == key && *is);
        for key in needs.iter().filter(|key| !has(key)) {
            findings.error(span.clone(), format!("`{word}` needs `{key}`"));
        }
        let calls_alone = !given_kinds.is_empty() && given_kinds.iter().all(|kind| kind.get_ref() == CALL);
        if !fits(word, what) || (word == "reply" && calls_alone) {
            findings.error(span.clone(), format!("`{word}` does not fit: there is no such thing to do to what this event is about"));
        }
        self.names_of(action, findings);
        match word {
            "assign" if has("agent") == has("queue") => {
                findings.error(span, "`assign` needs either `agent` or `queue`");
            }
            "assign" if has("queue") && what.of_tickets() => {
                findings.error(span, "a ticket has no queue: assign it to an agent");
            }
            "prioritise" if what.of_tickets() && !has("priority") => {
                findings.error(span, "a ticket is prioritised by `priority`");
            }
            "prioritise" if !what.of_tickets() && !has("points") => {
                findings.error(span, "a contact is prioritised by `points`");
            }
            "notify" if !has("agents") && !has("supervisors") => {
                findings.error(span, "`notify` needs `agents`, or `supervisors = true`");
            }
            "move" => self.moved(action, what, findings),
            _ => {}
        }
    }

    fn names_of(&self, action: &ThenSection, findings: &mut Findings<'_>) {
        let names = self.names;
        action.agents.iter().chain(&action.agent).chain(&action.assignee).for_each(|name| _ = findings.refer(name, &names.agents));
        action.queue.iter().for_each(|name| _ = findings.refer(name, &names.queues));
        action.channels.iter().for_each(|name| _ = findings.refer(name, &names.channels));
        action.kind.iter().for_each(|name| _ = findings.refer(name, &names.ticket_kinds));
        action.department.iter().for_each(|name| _ = findings.refer(name, &names.departments));
        action.priority.iter().for_each(|name| _ = findings.word("priority", name, &PRIORITIES));
        action.of.iter().for_each(|name| _ = findings.word("owner of a tag", name, &["person", "contact"]));
        action.purpose.iter().for_each(|name| _ = findings.word("purpose", name, &["service", "offer"]));
        [&action.text, &action.subject, &action.note].into_iter().flatten().for_each(|written| texts(written, findings));
        if let Some(points) = &action.points {
            within("`points`", points, -1_000..=1_000, findings);
        }
        if let Some(tag) = action.tag.as_ref().filter(|tag| !(1..=LONGEST_TAG).contains(&tag.get_ref().trim().chars().count())) {
            findings.error(tag.span(), format!("a tag has 1 to {LONGEST_TAG} characters"));
        }
        if let Some(shown) = action.shown.as_ref().filter(|shown| *shown.get_ref() > LONGEST || shown.get_ref().millis() == 0) {
            findings.error(shown.span(), "an alert is shown for 1s to 31d");
        }
        action.survey.iter().for_each(|name| _ = findings.refer(name, &self.surveys));
        if action.what.get_ref() == "webhook" {
            action.to.iter().for_each(|to| _ = findings.refer(to, &self.webhooks));
        }
    }

    fn moved(&self, action: &ThenSection, what: &Happening, findings: &mut Findings<'_>) {
        let Some(to) = &action.to else { return };
        if to.get_ref() == CALLS {
            if action.text.is_some() {
                findings.error(action.what.span(), "who is put on the call list reads no `text`");
            }
            let no_queue = what.of_tickets() || matches!(what, Happening::Fact(_));
            if action.queue.is_none() && no_queue {
                findings.error(action.what.span(), "say by `queue` who shall call: this event is about no contact");
            }
        } else if findings.refer(to, &self.names.channels) && action.text.is_none() {
            findings.error(action.what.span(), "say by `text` what the customer reads on the other channel");
        }
    }
}

/// Conditions that this event can never meet, and where they stand.
fn impossible(given: &IfSection, what: &Happening) -> Vec<(&'static str, Range<usize>)> {
    let mut never = Vec::new();
    let first = |names: &[Name]| names.first().map(Name::span);
    let mut unless =
        |possible: bool, key: &'static str, span: Option<Range<usize>>| never.extend(span.filter(|_| !possible).map(|span| (key, span)));
    let of_call = matches!(what, Happening::CallEnded | Happening::WrappedUp);
    let of_contact = !what.of_tickets() && !matches!(what, Happening::Fact(_));
    unless(what.has_text() && *what != Happening::Opened, "words", first(&given.words));
    unless(what.has_text() && *what != Happening::Opened, "mood", given.mood.as_ref().map(Name::span));
    unless(of_contact && !of_call, "channel", first(&given.channel));
    unless(of_contact, "kind", first(&given.kind));
    unless(of_contact, "queue", first(&given.queue));
    unless(of_contact, "open", given.open.as_ref().map(toml::Spanned::span));
    unless(matches!(what, Happening::Fact(_)), "value", given.value.keys().next().map(Name::span));
    unless(what.of_tickets(), "ticket", first(&given.ticket));
    unless(matches!(what, Happening::WrappedUp | Happening::Resolved), "disposition", first(&given.disposition));
    let rated = *what == Happening::Rating;
    unless(rated, "score_at_least", given.score_at_least.as_ref().map(toml::Spanned::span));
    unless(rated, "score_at_most", given.score_at_most.as_ref().map(toml::Spanned::span));
    unless(!matches!(what, Happening::Fact(_)), "state", first(&given.state));
    if let (Some(least), Some(most)) = (&given.score_at_least, &given.score_at_most) {
        unless(least.get_ref() <= most.get_ref(), "score_at_most", Some(most.span()));
    }
    for tag in given.tag.iter().filter(|tag| given.tag.len() == 1 && given.no_tag.contains(tag)) {
        unless(false, "no_tag", Some(tag.span()));
    }
    never
}

/// Whether there is such a thing to do to what an event is about.
fn fits(word: &str, what: &Happening) -> bool {
    let over = matches!(what, Happening::CallEnded | Happening::WrappedUp);
    match word {
        "reply" => matches!(
            what,
            Happening::Opened
                | Happening::Message
                | Happening::Queued
                | Happening::Assigned
                | Happening::Answered
                | Happening::Resolved
                | Happening::Rating
                | Happening::Tagged
        ),
        "assign" => !over && !matches!(what, Happening::Fact(_)),
        "prioritise" => !over && !matches!(what, Happening::Fact(_)),
        _ => is_known(what),
    }
}

fn is_known(what: &Happening) -> bool {
    match what {
        Happening::Fact(name) => is_fact_name(name),
        _ => true,
    }
}

/// Every key but `do`, and whether it was written.
fn written(action: &ThenSection) -> [(&'static str, bool); 21] {
    [
        ("agent", action.agent.is_some()),
        ("queue", action.queue.is_some()),
        ("points", action.points.is_some()),
        ("priority", action.priority.is_some()),
        ("tag", action.tag.is_some()),
        ("of", action.of.is_some()),
        ("text", action.text.is_some()),
        ("subject", action.subject.is_some()),
        ("template", action.template.is_some()),
        ("purpose", action.purpose.is_some()),
        ("channels", !action.channels.is_empty()),
        ("to", action.to.is_some()),
        ("type", action.kind.is_some()),
        ("department", action.department.is_some()),
        ("assignee", action.assignee.is_some()),
        ("note", action.note.is_some()),
        ("agents", !action.agents.is_empty()),
        ("supervisors", action.supervisors),
        ("for", action.shown.is_some()),
        ("survey", action.survey.is_some()),
        ("do", false),
    ]
}
