//! Rules of the house: when something happens, or has not happened for a while, if that holds, then these are done, by the same functions as an
//! agent or a program would do them, so that every refusal holds. `heard.rs` says what of a fact may set a rule off, `seen.rs` whether it
//! fits, `book.rs` what is remembered, `act.rs` what is done.
//!
//! No loop: within one input a rule acts once upon one thing, whatever one rule sets off never sets it off again, and a chain has at most
//! three. Beyond it a rule acts upon a contact, ticket or event once, unless it says when again; and never upon what has come of its own doing.

mod act;
mod book;
pub mod dry;
mod heard;
mod seen;
pub mod spec;
mod tell;
pub mod words;

pub use book::{Alert, Book, Chain, Told, Visit};
pub(super) use book::{Entry, Part};
pub use heard::{Heard, Subject, heard};
pub use seen::{About, CALL, STATES, Seen, TEXT, holds};

use super::fact::{CallFact, ConversationFact, Did, Fact, FlowFact, PersonFact, RuleFact};
use super::id::*;
use super::work::{Job, Stage};
use super::{Desk, Key};
use spec::TagOf;

impl Desk {
    /// Lets the rules look at the facts from this place on, and at what comes of it; gives how far they have looked.
    pub(super) fn obey_rules(&mut self, from: usize, depth: usize) -> usize {
        let rules = self.catalog.clone();
        let rules = &rules.rules;
        if rules.list.is_empty() {
            return self.facts.len();
        }
        let (mut from, mut depth) = (from, depth);
        loop {
            let upto = self.facts.len();
            if from == upto {
                return upto;
            }
            for place in from..upto {
                let Some(fact) = self.facts.get(place).cloned() else { continue };
                self.keep_account(&fact);
                let Some(seen) = heard(&fact).and_then(|heard| self.see(heard)) else { continue };
                self.book.called_off(rules, &seen.heard, seen.person);
                let (house, now) = (self.catalog.language.clone(), self.now);
                for rule in self.book.set_off(rules, &seen, &house, now, &mut self.chain, depth) {
                    self.do_all(rule, &seen);
                }
            }
            (from, depth) = (upto, depth + 1);
        }
    }

    /// What rules must know later: contacts of a customer, and their tags.
    fn keep_account(&mut self, fact: &Fact) {
        let catalog = self.catalog.clone();
        let rules = &catalog.rules;
        let visit = |work, kind: &str| Visit { at: self.now, work, kind: kind.to_owned(), tags: Default::default() };
        match fact {
            Fact::Call(id, CallFact::Started { person, direction, .. }) if direction.is_inbound() => {
                self.book.visited(rules, *person, visit(Work::Call(*id), CALL));
            }
            // Who was written to first has not come.
            Fact::Conversation(id, ConversationFact::Received { person, channel, .. }) => {
                let kind = catalog.channels.get(channel).map_or(TEXT, |channel| channel.kind.as_str());
                self.book.visited(rules, *person, visit(Work::Conversation(*id), kind));
            }
            Fact::Flow(work, FlowFact::Set { tags, .. }) => {
                if let Some(person) = self.job(*work).map(|job| job.person) {
                    tags.iter().for_each(|tag| self.book.tagged(person, *work, tag));
                }
            }
            Fact::Rule(_, RuleFact::Did { subject: Subject::Work(work), person, did: Did::Tagged { tag, of: TagOf::Contact } }) => {
                self.book.tagged(*person, *work, tag);
            }
            Fact::Person(person, PersonFact::Tagged { tag, subject: Subject::Work(work), .. }) => self.book.tagged(*person, *work, tag),
            Fact::Person(into, PersonFact::Merged { from, .. }) => self.book.join(*from, *into),
            Fact::Person(into, PersonFact::Unmerged { from, back, .. }) => self.book.part(*into, *from, back),
            _ => {}
        }
    }

    /// What is known of whom this is about, in memory or just gone from it; `None`: nothing.
    fn see(&self, heard: Heard) -> Option<Seen> {
        let (person, about) = self.about(heard.subject).or_else(|| self.gone.get(&heard.subject).cloned())?;
        Some(Seen { heard, person, about })
    }

    fn about(&self, subject: Subject) -> Option<(PersonId, About)> {
        let work = match subject {
            Subject::Told(_) => return None,
            Subject::Ticket(id) => return self.about_ticket(id),
            Subject::Work(work) => work,
        };
        let job = self.job(work)?;
        let (queue, channel, kind) = match work {
            Work::Call(id) => (self.calls.get(&id)?.queue().cloned(), None, CALL.to_owned()),
            Work::Callback(id) => (Some(self.callbacks.get(&id)?.queue.clone()), None, CALL.to_owned()),
            Work::Conversation(id) => {
                let channel = self.conversations.get(&id)?.channel.clone();
                let spec = self.catalog.channels.get(&channel);
                let (own, kind) = (spec.map(|spec| spec.queue.clone()), spec.map_or(TEXT, |spec| spec.kind.as_str()).to_owned());
                let queue = match &job.stage {
                    Stage::Waiting(waiting) => Some(waiting.queue.clone()),
                    Stage::Serving(serving) => Some(serving.queue.clone()),
                    Stage::Apart => own,
                };
                (queue, Some(channel), kind)
            }
        };
        let mut about = self.about_customer(job);
        about.open = queue.as_ref().is_some_and(|queue| self.is_open(queue));
        (about.queue, about.channel, about.kind, about.state) = (queue, channel, kind, self.state_word(work, job).to_owned());
        Some((job.person, about))
    }

    pub(super) fn about_customer(&self, job: &Job) -> About {
        About {
            tier: job.tier.clone(),
            language: job.language.clone(),
            tags: job.asks.tags.clone(),
            fields: job.kept.fields.clone(),
            consent: job.kept.consent,
            ..About::default()
        }
    }

    fn state_word(&self, work: Work, job: &Job) -> &'static str {
        let conversation = match work {
            Work::Conversation(id) => self.conversations.get(&id),
            _ => None,
        };
        match &job.stage {
            Stage::Waiting(_) => "waiting",
            Stage::Serving(_) => "serving",
            Stage::Apart if conversation.is_some_and(|c| c.in_flow()) => "flow",
            Stage::Apart if conversation.is_some_and(|c| c.snoozed.is_some()) => "snoozed",
            Stage::Apart if conversation.is_some_and(|c| c.resolved.is_some()) => "resolved",
            Stage::Apart => "quiet",
        }
    }

    fn about_ticket(&self, id: TicketId) -> Option<(PersonId, About)> {
        let ticket = self.tickets.get(&id)?;
        let job = self.people.get(&ticket.person).into_iter().flatten().find_map(|work| self.job(*work));
        let mut about = job.map_or_else(|| ticket.customer.clone(), |job| self.about_customer(job));
        (about.state, about.ticket_kind) = (ticket.state.word().to_owned(), ticket.kind.clone());
        Some((ticket.person, about))
    }

    /// Work leaves the memory in the middle of an input, and rules may still ask about it.
    pub(super) fn remember_gone(&mut self, work: Work) {
        if self.catalog.rules.list.is_empty() {
            return;
        }
        if let Some((person, about)) = self.about(Subject::Work(work)) {
            let about = About { state: "over".into(), ..about };
            self.gone.insert(Subject::Work(work), (person, about));
        }
    }

    /// The same of a call that is being wrapped up.
    pub(super) fn remember_wrapped(&mut self, call: CallId, queue: &QueueId, job: &Job) {
        let open = self.is_open(queue);
        let about = self.about_customer(job);
        let about = About { kind: CALL.into(), queue: Some(queue.clone()), state: "over".into(), open, ..about };
        self.gone.insert(Subject::Work(Work::Call(call)), (job.person, about));
    }

    /// The next deadline of a part of what rules remember.
    pub(super) fn due_rules(&self, part: Part) -> Option<At> {
        self.book.due(part, self.catalog.rules.past_ms)
    }

    pub(super) fn rules_due(&mut self, part: Part) {
        let (catalog, now) = (self.catalog.clone(), self.now);
        match part {
            Part::Visits(person) => self.book.forget_visits(&catalog.rules, person, now),
            Part::Alerts => self.book.alerts_over(now),
            Part::Entry(subject) => {
                for wait in self.book.come(subject, now) {
                    let seen = self.see(wait.seen.heard.clone()).unwrap_or_else(|| {
                        let mut over = wait.seen.clone();
                        over.about.open = over.about.queue.as_ref().is_some_and(|queue| self.is_open(queue));
                        if over.heard.subject.work().is_some() {
                            over.about.state = "over".into();
                        }
                        over.person = self.living(over.person);
                        over
                    });
                    let (rules, house) = (&catalog.rules, catalog.language.as_str());
                    if let Some(place) = self.book.acts_late(rules, &wait, &seen, house, now, &mut self.chain) {
                        self.do_all(place, &seen);
                    }
                }
                self.ask_again(subject);
                let lives = match subject {
                    Subject::Work(work) => self.job(work).is_some(),
                    Subject::Ticket(id) => self.tickets.contains_key(&id),
                    Subject::Told(_) => false,
                };
                self.book.tidy(subject, lives, now);
            }
        }
    }

    /// Each part that has changed is a row.
    pub(super) fn touch_rules(&mut self) {
        for part in self.book.changed() {
            self.touch(Key::Rules(part));
        }
    }
}
