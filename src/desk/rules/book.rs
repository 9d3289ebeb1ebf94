//! What rules remember: which has acted upon what, what waits for its time, whom somebody has to be found for, and the contacts of late. The
//! desk keeps it in its rows, the dry run for a moment. Nothing in it grows without end: each rule stands once for one thing, of a customer's
//! contacts the newest are kept, and what nobody needs any more is forgotten.

use super::heard::{Heard, Subject};
use super::seen::{Seen, holds};
use super::spec::{Happening, Letter, Rules};
use crate::desk::id::*;
use crate::desk::same::Belongings;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A chain of rules, each set off by what the one before it did, is at most so long.
pub const DEEPEST: usize = 3;
/// Contacts of one customer that are remembered.
const VISITS: usize = 32;
/// Questions for the ways to a customer that wait at once for one thing, how often each is asked, and how long after the last, ms.
const ERRANDS: usize = 16;
const TRIES: u32 = 5;
const AGAIN_MS: i64 = 60_000;
/// What is over is forgotten after so long, ms.
pub const FORGET_MS: i64 = 24 * 3_600_000;
/// What programs have told is known again by its key for so long, ms; the store's is the lasting lock.
const TOLD_MS: i64 = 10 * 60_000;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Book {
    pub entries: BTreeMap<Subject, Entry>,
    pub visits: BTreeMap<PersonId, Vec<Visit>>,
    pub alerts: Vec<Alert>,
    /// Parts that have changed since they were last asked for.
    changed: BTreeSet<Part>,
}

/// A part of the book: each is one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Entry(Subject),
    Visits(PersonId),
    Alerts,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Entry(subject) => write!(f, "rule/{subject}"),
            Part::Visits(person) => write!(f, "visits/{person}"),
            Part::Alerts => f.write_str("rule_alerts"),
        }
    }
}

/// What rules have to do with one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub subject: Subject,
    pub person: PersonId,
    /// Looked at again after this, and forgotten where it is over.
    pub keep: At,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub done: Vec<Done>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits: Vec<Wait>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errands: Vec<Errand>,
    #[serde(default)]
    pub serial: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
}

/// A rule that has acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    pub rule: RuleId,
    pub at: At,
    /// What it acts upon comes of the rule's own doing: it never acts here, whatever it says of acting again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub never: bool,
}

/// A rule whose time has not come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    pub rule: RuleId,
    pub due: At,
    pub seen: Seen,
}

/// Something for which the ways to the customer are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    pub serial: u32,
    pub rule: RuleId,
    pub what: Wanted,
    pub at: At,
    pub tries: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    Message { letter: Box<Letter>, values: BTreeMap<String, String> },
    CallList { queue: QueueId },
}

impl Wanted {
    /// The word of what is done, as in the file.
    pub fn word(&self) -> &'static str {
        match self {
            Wanted::Message { .. } => "message",
            Wanted::CallList { .. } => "call_list",
        }
    }
}

/// What a program has told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub by: String,
    pub key: String,
    pub digest: String,
    pub at: At,
}

/// One contact of a customer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub at: At,
    pub work: Work,
    pub kind: String,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
}

/// What a rule shows on the wallboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    pub rule: RuleId,
    pub subject: Subject,
    pub person: PersonId,
    pub text: String,
    pub at: At,
    pub until: At,
}

/// Alerts shown at once.
const ALERTS: usize = 50;

/// The rules that one input has set off.
#[derive(Debug, Clone, Default)]
pub struct Chain {
    acted: BTreeSet<(RuleId, Subject)>,
}

impl Chain {
    /// How often rules have acted.
    pub fn acts(&self) -> usize {
        self.acted.len()
    }

    /// Whether a rule may act upon this, so deep in the chain.
    fn allows(&self, rule: &RuleId, subject: Subject, depth: usize) -> bool {
        // What one rule sets off never sets it off again, whatever it is about by then.
        let before = self.acted.iter().any(|(acted, about)| acted == rule && (depth > 0 || *about == subject));
        depth < DEEPEST && !before
    }
}

impl Book {
    /// All that there are.
    pub fn parts(&self) -> impl Iterator<Item = Part> + '_ {
        let entries = self.entries.keys().map(|subject| Part::Entry(*subject));
        entries.chain(self.visits.keys().map(|person| Part::Visits(*person))).chain([Part::Alerts])
    }

    pub fn changed(&mut self) -> BTreeSet<Part> {
        std::mem::take(&mut self.changed)
    }

    /// When something in a part is due.
    pub fn due(&self, part: Part, longest_ms: i64) -> Option<At> {
        match part {
            Part::Entry(subject) => {
                let entry = self.entries.get(&subject)?;
                let errands = entry.errands.iter().map(|errand| errand.at.after(AGAIN_MS));
                entry.waits.iter().map(|wait| wait.due).chain(errands).chain([entry.keep]).min()
            }
            Part::Visits(person) => self.visits.get(&person)?.first().map(|visit| visit.at.after(longest_ms.max(1) + 1)),
            Part::Alerts => self.alerts.iter().map(|alert| alert.until).min(),
        }
    }

    fn touch(&mut self, subject: Subject) {
        self.changed.insert(Part::Entry(subject));
    }

    pub fn entry(&mut self, subject: Subject, person: PersonId, now: At) -> &mut Entry {
        self.touch(subject);
        self.entries.entry(subject).or_insert_with(|| Entry {
            subject,
            person,
            keep: now.after(FORGET_MS),
            done: Vec::new(),
            waits: Vec::new(),
            errands: Vec::new(),
            serial: 0,
            told: None,
        })
    }

    /// A contact of the customer's begins.
    pub fn visited(&mut self, rules: &Rules, person: PersonId, visit: Visit) {
        if rules.past_ms <= 0 {
            return;
        }
        let visits = self.visits.entry(person).or_default();
        if visits.iter().any(|known| known.work == visit.work) {
            return;
        }
        if visits.len() >= VISITS {
            visits.remove(0);
        }
        visits.push(visit);
        self.changed.insert(Part::Visits(person));
    }

    /// A contact has this tag from now on.
    pub fn tagged(&mut self, person: PersonId, work: Work, tag: &str) {
        let visits = self.visits.get_mut(&person).into_iter().flatten();
        for visit in visits.filter(|visit| visit.work == work) {
            if visit.tags.insert(tag.to_owned()) {
                self.changed.insert(Part::Visits(person));
            }
        }
    }

    pub fn forget_visits(&mut self, rules: &Rules, person: PersonId, now: At) {
        if let Some(visits) = self.visits.get_mut(&person) {
            visits.retain(|visit| now.since(visit.at) <= rules.past_ms);
            if visits.is_empty() {
                self.visits.remove(&person);
            }
        }
        self.changed.insert(Part::Visits(person));
    }

    /// Two people are one.
    pub fn join(&mut self, from: PersonId, into: PersonId) {
        let Some(moved) = self.visits.remove(&from) else { return };
        let visits = self.visits.entry(into).or_default();
        visits.extend(moved);
        visits.sort_by_key(|visit| visit.at);
        let more = visits.len().saturating_sub(VISITS);
        visits.drain(..more);
        self.changed.extend([Part::Visits(from), Part::Visits(into)]);
    }

    /// They are two again: what goes back takes its contacts along.
    pub fn part(&mut self, into: PersonId, from: PersonId, back: &Belongings) {
        let Some(visits) = self.visits.get_mut(&into) else { return };
        let goes = |visit: &mut Visit| match visit.work {
            Work::Call(id) => back.calls.contains(&id),
            Work::Conversation(id) => back.conversations.contains(&id),
            Work::Callback(id) => back.callbacks.contains(&id),
        };
        let theirs: Vec<Visit> = visits.extract_if(.., goes).collect();
        if theirs.is_empty() {
            return;
        }
        if visits.is_empty() {
            self.visits.remove(&into);
        }
        self.visits.entry(from).or_default().extend(theirs);
        self.changed.extend([Part::Visits(from), Part::Visits(into)]);
    }

    /// Rules that wait for this not to happen wait no more.
    pub fn called_off(&mut self, rules: &Rules, heard: &Heard, person: PersonId) {
        let told = matches!(heard.what, Happening::Fact(_));
        let subjects: Vec<Subject> = match told {
            // What is told later belongs to the same customer, not to the same event.
            true => self.entries.values().filter(|entry| entry.person == person).map(|entry| entry.subject).collect(),
            false => vec![heard.subject],
        };
        for subject in subjects {
            let Some(entry) = self.entries.get_mut(&subject) else { continue };
            let before = entry.waits.len();
            let over = |wait: &Wait| {
                let Some(when) = rules.get(&wait.rule).map(|rule| &rule.when) else { return false };
                // Another parcel of the same customer's says nothing of this one.
                let other = |name: &String| told && heard.values.get(name) != wait.seen.heard.values.get(name);
                when.unless.contains(&heard.what) && !when.same.as_ref().is_some_and(other)
            };
            entry.waits.retain(|wait| !over(wait));
            if entry.waits.len() != before {
                self.touch(subject);
            }
        }
    }

    /// The rules that act upon this now, by their places; those that act later are remembered.
    pub fn set_off(&mut self, rules: &Rules, seen: &Seen, house: &str, now: At, chain: &mut Chain, depth: usize) -> Vec<usize> {
        let subject = seen.heard.subject;
        let mut acting = Vec::new();
        for (place, rule) in rules.list.iter().enumerate().filter(|(_, rule)| rule.when.event == seen.heard.what) {
            let may = chain.allows(&rule.id, subject, depth) && self.may_act(&rule.id, rule.again_ms, subject, now);
            let visits = self.visits.get(&seen.person).map_or(&[][..], Vec::as_slice);
            if !may || !holds(&rule.given, seen, visits, rules, house, now) {
                continue;
            }
            if rule.when.after_ms > 0 {
                let due = now.after(rule.when.after_ms);
                let entry = self.entry(subject, seen.person, now);
                if !entry.waits.iter().any(|wait| wait.rule == rule.id) {
                    let mut seen = seen.clone();
                    // Looked at anew when the time has come.
                    seen.about.open = false;
                    entry.waits.push(Wait { rule: rule.id.clone(), due, seen });
                }
            } else {
                self.acts(&rule.id, seen, now, chain);
                acting.push(place);
            }
            if rule.stop {
                break;
            }
        }
        acting
    }

    fn may_act(&self, rule: &RuleId, again_ms: i64, subject: Subject, now: At) -> bool {
        let done = self.entries.get(&subject).and_then(|entry| entry.done.iter().find(|done| done.rule == *rule));
        done.is_none_or(|done| !done.never && again_ms > 0 && now.since(done.at) >= again_ms)
    }

    fn acts(&mut self, rule: &RuleId, seen: &Seen, now: At, chain: &mut Chain) {
        chain.acted.insert((rule.clone(), seen.heard.subject));
        let entry = self.entry(seen.heard.subject, seen.person, now);
        match entry.done.iter_mut().find(|done| done.rule == *rule) {
            Some(done) => done.at = now,
            None => entry.done.push(Done { rule: rule.clone(), at: now, never: false }),
        }
    }

    /// Those whose time has come for this, taken out of the book.
    pub fn come(&mut self, subject: Subject, now: At) -> Vec<Wait> {
        let Some(entry) = self.entries.get_mut(&subject) else { return Vec::new() };
        let (due, left) = std::mem::take(&mut entry.waits).into_iter().partition(|wait| wait.due <= now);
        entry.waits = left;
        self.touch(subject);
        due
    }

    /// Whether one whose time has come acts, by what is seen of it now; gives its place.
    pub fn acts_late(&mut self, rules: &Rules, wait: &Wait, seen: &Seen, house: &str, now: At, chain: &mut Chain) -> Option<usize> {
        let place = rules.list.iter().position(|rule| rule.id == wait.rule)?;
        let rule = rules.list.get(place)?;
        let subject = seen.heard.subject;
        let may = chain.allows(&rule.id, subject, 0) && self.may_act(&rule.id, rule.again_ms, subject, now);
        let visits = self.visits.get(&seen.person).map_or(&[][..], Vec::as_slice);
        if !may || !holds(&rule.given, seen, visits, rules, house, now) {
            return None;
        }
        self.acts(&rule.id, seen, now, chain);
        Some(place)
    }

    /// What a rule has begun is of that rule's doing, and of those that led to it: none of them ever acts upon it.
    pub fn descends(&mut self, child: Subject, parent: Subject, rule: &RuleId, person: PersonId, now: At) {
        let forebears = self.entries.get(&parent).map(|entry| entry.done.clone()).unwrap_or_default();
        let rules: BTreeSet<RuleId> = forebears.into_iter().map(|done| done.rule).chain([rule.clone()]).collect();
        let entry = self.entry(child, person, now);
        for rule in rules {
            match entry.done.iter_mut().find(|done| done.rule == rule) {
                Some(done) => done.never = true,
                None => entry.done.push(Done { rule, at: now, never: true }),
            }
        }
    }

    /// Remembers that ways are wanted; `None` where too many are already.
    pub fn want(&mut self, subject: Subject, person: PersonId, rule: &RuleId, what: Wanted, now: At) -> Option<u32> {
        let entry = self.entry(subject, person, now);
        if entry.errands.len() >= ERRANDS {
            return None;
        }
        entry.serial = entry.serial.wrapping_add(1);
        let serial = entry.serial;
        entry.errands.push(Errand { serial, rule: rule.clone(), what, at: now, tries: 1 });
        Some(serial)
    }

    /// The errand that was asked under this number, taken out of the book.
    pub fn take(&mut self, subject: Subject, serial: u32) -> Option<Errand> {
        let entry = self.entries.get_mut(&subject)?;
        let place = entry.errands.iter().position(|errand| errand.serial == serial)?;
        let errand = entry.errands.remove(place);
        self.touch(subject);
        Some(errand)
    }

    /// Errands that had no answer: those to be asked again, and those given up.
    pub fn unanswered(&mut self, subject: Subject, now: At) -> (Vec<u32>, Vec<Errand>) {
        let Some(entry) = self.entries.get_mut(&subject) else { return Default::default() };
        let (mut again, mut given_up) = (Vec::new(), Vec::new());
        for mut errand in std::mem::take(&mut entry.errands) {
            if errand.at.after(AGAIN_MS) > now {
                entry.errands.push(errand);
            } else if errand.tries >= TRIES {
                given_up.push(errand);
            } else {
                (errand.at, errand.tries) = (now, errand.tries + 1);
                again.push(errand.serial);
                entry.errands.push(errand);
            }
        }
        self.touch(subject);
        (again, given_up)
    }

    /// The event under this key of this asker.
    pub fn told(&self, by: &str, key: &str) -> Option<(ToldId, &Told)> {
        self.entries.values().rev().find_map(|entry| match (entry.subject, &entry.told) {
            (Subject::Told(id), Some(told)) if told.by == by && told.key == key => Some((id, told)),
            _ => None,
        })
    }

    pub fn tell(&mut self, id: ToldId, person: PersonId, told: Told, now: At) {
        let entry = self.entry(Subject::Told(id), person, now);
        entry.keep = now.after(TOLD_MS);
        entry.told = Some(told);
    }

    /// Forgets what nobody needs any more; `lives`: whether it goes on.
    pub fn tidy(&mut self, subject: Subject, lives: bool, now: At) {
        self.touch(subject);
        let Some(entry) = self.entries.get_mut(&subject) else { return };
        if entry.keep > now {
            return;
        }
        if lives || !entry.waits.is_empty() || !entry.errands.is_empty() {
            entry.keep = now.after(FORGET_MS);
        } else {
            self.entries.remove(&subject);
        }
    }

    pub fn alarm(&mut self, alert: Alert) {
        self.alerts.retain(|known| known.rule != alert.rule || known.subject != alert.subject);
        if self.alerts.len() >= ALERTS {
            self.alerts.remove(0);
        }
        self.alerts.push(alert);
        self.changed.insert(Part::Alerts);
    }

    pub fn alerts_over(&mut self, now: At) {
        self.alerts.retain(|alert| alert.until > now);
        self.changed.insert(Part::Alerts);
    }
}
