//! Rules tried on what has happened: the facts of the log go in, in their order, and what the rules would have done comes out. Nothing is done.
//! What the log does not say of a customer (tags, tier, fields) is told from outside, as it is by now.

use super::book::{Book, Chain, DEEPEST, Part, Visit};
use super::spec::{Do, TagOf};
use super::{About, CALL, Heard, Seen, Subject, TEXT, heard};
use crate::desk::catalog::Catalog;
use crate::desk::fact::*;
use crate::desk::id::*;
use crate::desk::input::{Source, TicketChange};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

/// A rule that would have acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firing {
    pub at: At,
    pub rule: RuleId,
    pub subject: Subject,
    pub person: PersonId,
    /// The words of what it would have done, as the file has them.
    pub does: Vec<&'static str>,
}

/// A dry run.
pub struct DryRun {
    catalog: Arc<Catalog>,
    book: Book,
    known: HashMap<Subject, (PersonId, About)>,
    people: HashMap<PersonId, About>,
    due: BTreeSet<(At, Subject)>,
    firings: Vec<Firing>,
}

impl DryRun {
    /// With the rules of this catalog.
    pub fn new(catalog: Arc<Catalog>) -> DryRun {
        DryRun { catalog, book: Book::default(), known: HashMap::new(), people: HashMap::new(), due: BTreeSet::new(), firings: Vec::new() }
    }

    /// The customer of whom something should be told before this fact is heard.
    pub fn asks(&self, fact: &Fact) -> Option<PersonId> {
        let person = match fact {
            Fact::Conversation(_, ConversationFact::Opened { person, .. } | ConversationFact::Received { person, .. }) => *person,
            Fact::Call(_, CallFact::Started { person, .. }) => *person,
            Fact::Callback(_, CallbackFact::Listed { person, .. }) => *person,
            Fact::Ticket(_, TicketFact::Opened { person, .. }) => *person,
            Fact::Person(person, PersonFact::Told { .. }) => *person,
            _ => return None,
        };
        (!self.people.contains_key(&person)).then_some(person)
    }

    pub fn know(&mut self, person: PersonId, about: About) {
        self.people.insert(person, about);
    }

    pub fn hear(&mut self, at: At, fact: &Fact) {
        self.advance(at);
        // What rules did then is no matter of what these would have done.
        let of_rules = match fact {
            Fact::Rule(..) => true,
            Fact::Ticket(_, TicketFact::Opened { with, .. }) => matches!(with.source, Source::Rule(_)),
            _ => false,
        };
        self.keep_account(at, fact);
        if let Some(heard) = heard(fact).filter(|_| !of_rules) {
            self.judge(at, heard, &mut Chain::default());
        }
    }

    /// Until this moment, what waits comes.
    pub fn advance(&mut self, until: At) {
        while let Some((due, subject)) = self.due.first().copied().filter(|(due, _)| *due <= until) {
            self.due.remove(&(due, subject));
            let mut chain = Chain::default();
            for wait in self.book.come(subject, due) {
                let Some(seen) = self.see(due, wait.seen.heard.clone()) else { continue };
                let catalog = self.catalog.clone();
                if let Some(place) = self.book.acts_late(&catalog.rules, &wait, &seen, &catalog.language, due, &mut chain) {
                    let set_off = self.act(due, place, &seen);
                    self.follow(due, set_off, 0, &mut chain);
                }
            }
            self.note_due();
        }
    }

    /// What came out, in the order of time.
    pub fn firings(self) -> Vec<Firing> {
        self.firings
    }

    fn judge(&mut self, at: At, heard: Heard, chain: &mut Chain) {
        self.follow(at, VecDeque::from([heard]), 0, chain);
        self.note_due();
    }

    fn follow(&mut self, at: At, mut layer: VecDeque<Heard>, mut depth: usize, chain: &mut Chain) {
        let catalog = self.catalog.clone();
        while !layer.is_empty() && depth <= DEEPEST {
            let mut next = VecDeque::new();
            for heard in layer {
                let Some(seen) = self.see(at, heard) else { continue };
                self.book.called_off(&catalog.rules, &seen.heard, seen.person);
                for place in self.book.set_off(&catalog.rules, &seen, &catalog.language, at, chain, depth) {
                    next.extend(self.act(at, place, &seen));
                }
            }
            (layer, depth) = (next, depth + 1);
        }
    }

    fn note_due(&mut self) {
        for part in self.book.changed() {
            if let Part::Entry(subject) = part {
                let waits = self.book.entries.get(&subject).into_iter().flat_map(|entry| &entry.waits);
                self.due.extend(waits.map(|wait| (wait.due, subject)));
            }
        }
    }

    fn see(&self, at: At, heard: Heard) -> Option<Seen> {
        let (person, mut about) = self.known.get(&heard.subject).cloned()?;
        let hours = about.queue.as_ref().and_then(|queue| self.catalog.queues.get(queue)).map(|queue| queue.hours.as_ref());
        about.open = hours.is_some_and(|hours| hours.is_none_or(|hours| hours.open_at(at)));
        Some(Seen { heard, person, about })
    }

    /// What it would do to what later rules see; gives what that sets off.
    fn act(&mut self, at: At, place: usize, seen: &Seen) -> VecDeque<Heard> {
        let catalog = self.catalog.clone();
        let Some(rule) = catalog.rules.list.get(place) else { return VecDeque::new() };
        let does = rule.then.iter().map(Do::word).collect();
        self.firings.push(Firing { at, rule: rule.id.clone(), subject: seen.heard.subject, person: seen.person, does });
        let mut set_off = VecDeque::new();
        for action in &rule.then {
            match action {
                Do::Tag { tag, of } => {
                    let fresh = self.known.get_mut(&seen.heard.subject).is_some_and(|(_, about)| about.tags.insert(tag.clone()));
                    match (of, seen.heard.subject.work()) {
                        (TagOf::Person, _) => _ = self.people.entry(seen.person).or_default().tags.insert(tag.clone()),
                        (TagOf::Contact, Some(work)) => self.book.tagged(seen.person, work, tag),
                        (TagOf::Contact, None) => {}
                    }
                    if fresh {
                        set_off.push_back(Heard::tagged(seen.heard.subject, tag));
                    }
                }
                Do::Queue { queue } => {
                    if let Some((_, about)) = self.known.get_mut(&seen.heard.subject) {
                        about.queue = Some(queue.clone());
                    }
                }
                _ => {}
            }
        }
        set_off
    }

    fn begins(&mut self, subject: Subject, person: PersonId, change: impl FnOnce(&mut About)) {
        let mut about = self.people.get(&person).cloned().unwrap_or_default();
        change(&mut about);
        self.known.insert(subject, (person, about));
    }

    fn change(&mut self, subject: Subject, change: impl FnOnce(&mut About)) {
        if let Some((_, about)) = self.known.get_mut(&subject) {
            change(about);
        }
    }

    fn state(&mut self, work: Work, state: &str) {
        self.change(Subject::Work(work), |about| about.state = state.to_owned());
    }

    fn keep_account(&mut self, at: At, fact: &Fact) {
        let catalog = self.catalog.clone();
        match fact {
            Fact::Conversation(id, fact) => self.conversation(at, *id, fact, &catalog),
            Fact::Call(id, CallFact::Started { person, direction, .. }) => {
                let work = Work::Call(*id);
                self.begins(Subject::Work(work), *person, |about| (about.kind, about.state) = (CALL.into(), "quiet".into()));
                if direction.is_inbound() {
                    self.book.visited(&catalog.rules, *person, Visit { at, work, kind: CALL.into(), tags: BTreeSet::new() });
                }
            }
            Fact::Call(id, CallFact::Ended { .. }) => self.state(Work::Call(*id), "over"),
            Fact::Callback(id, CallbackFact::Listed { person, queue, .. }) => {
                let queue = Some(queue.clone());
                self.begins(Subject::Work(Work::Callback(*id)), *person, |about| (about.kind, about.queue) = (CALL.into(), queue));
            }
            Fact::Routing(work, RoutingFact::Queued { queue, .. }) => {
                let queue = Some(queue.clone());
                self.change(Subject::Work(*work), |about| (about.queue, about.state) = (queue, "waiting".into()));
            }
            Fact::Routing(work, RoutingFact::Assigned { .. }) => self.state(*work, "serving"),
            Fact::Flow(work, FlowFact::Entered { .. }) => self.state(*work, "flow"),
            Fact::Flow(work, FlowFact::Set { tags, .. }) => {
                let person = self.known.get(&Subject::Work(*work)).map(|(person, _)| *person);
                self.change(Subject::Work(*work), |about| about.tags.extend(tags.iter().cloned()));
                for tag in tags {
                    person.into_iter().for_each(|person| self.book.tagged(person, *work, tag));
                }
            }
            Fact::Ticket(id, TicketFact::Opened { person, with, .. }) => {
                let kind = with.kind.clone();
                self.begins(Subject::Ticket(*id), *person, |about| (about.ticket_kind, about.state) = (kind, "new".into()));
            }
            Fact::Ticket(id, TicketFact::Changed { change: TicketChange::State(state), .. }) => {
                self.change(Subject::Ticket(*id), |about| about.state = state.word().to_owned());
            }
            Fact::Person(person, PersonFact::Told { told, .. }) => self.begins(Subject::Told(*told), *person, |_| {}),
            Fact::Person(person, PersonFact::Tagged { subject: subject @ Subject::Told(_), .. }) => self.begins(*subject, *person, |_| {}),
            Fact::Person(person, PersonFact::Tagged { tag, subject, .. }) => {
                self.change(*subject, |about| _ = about.tags.insert(tag.clone()));
                subject.work().into_iter().for_each(|work| self.book.tagged(*person, work, tag));
            }
            Fact::Person(into, PersonFact::Merged { from, .. }) => self.book.join(*from, *into),
            Fact::Person(into, PersonFact::Unmerged { from, back, .. }) => self.book.part(*into, *from, back),
            _ => {}
        }
    }

    fn conversation(&mut self, at: At, id: ConversationId, fact: &ConversationFact, catalog: &Catalog) {
        let work = Work::Conversation(id);
        match fact {
            ConversationFact::Opened { person, channel, .. } | ConversationFact::Received { person, channel, .. } => {
                let spec = catalog.channels.get(channel);
                let kind = spec.map_or(TEXT, |spec| spec.kind.as_str()).to_owned();
                // One that began before the log was read is met by its first message.
                if !self.known.contains_key(&Subject::Work(work)) {
                    let (queue, channel, kind) = (spec.map(|spec| spec.queue.clone()), Some(channel.clone()), kind.clone());
                    self.begins(Subject::Work(work), *person, |about| {
                        (about.queue, about.channel, about.kind, about.state) = (queue, channel, kind, "quiet".into());
                    });
                }
                if matches!(fact, ConversationFact::Received { .. }) {
                    self.book.visited(&catalog.rules, *person, Visit { at, work, kind, tags: BTreeSet::new() });
                }
            }
            ConversationFact::Resolved { .. } => self.state(work, "resolved"),
            ConversationFact::Abandoned { .. } => self.state(work, "resolved"),
            ConversationFact::Snoozed { .. } => self.state(work, "snoozed"),
            _ => {}
        }
    }
}
