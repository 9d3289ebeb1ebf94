//! What rules do, each through the function by which an agent or a program does it, and how it is told.

use super::book::{Errand, Wanted};
use super::spec::{Do, Letter, TagOf, TicketAsked};
use super::{Alert, Seen, Subject};
use crate::desk::Desk;
use crate::desk::act::Act;
use crate::desk::callback::Missed;
use crate::desk::fact::*;
use crate::desk::form::spec::Titles;
use crate::desk::id::*;
use crate::desk::input::{Ask, Body, Extra, NewTicket, Recipient, Source, TicketChange, Wording};
use crate::desk::person::Who;
use crate::desk::places;
use crate::desk::push::sendable;
use crate::desk::refusal::{NoWay, Refusal};
use crate::desk::stage::Entry;
use crate::desk::step::Answer;
use crate::desk::voicemail::VOICEMAIL;
use crate::desk::work::Stage;
use std::collections::BTreeMap;

/// Points that rules add, together at most.
const MOST_POINTS: i32 = 1_000;
/// Characters of the customer's words in a text for staff.
const QUOTED: usize = 200;

/// What came of one thing to do.
type Done = Result<Option<Did>, NotDone>;

impl Desk {
    /// Everything that this rule does, in its order.
    pub(super) fn do_all(&mut self, place: usize, seen: &Seen) {
        let catalog = self.catalog.clone();
        let Some(rule) = catalog.rules.list.get(place) else { return };
        for action in &rule.then {
            let done = self.carry_out(&rule.id, &rule.title, action, seen);
            self.say_done(&rule.id, seen.heard.subject, seen.person, action.word(), done);
        }
    }

    /// The timeline shows what was done, and what was not.
    fn say_done(&mut self, rule: &RuleId, subject: Subject, person: PersonId, what: &str, done: Done) {
        let person = self.living(person);
        let fact = match done {
            Ok(None) => return,
            Ok(Some(did)) => RuleFact::Did { subject, person, did },
            Err(why) => RuleFact::Refused { subject, person, what: what.to_owned(), why },
        };
        self.facts.push(Fact::Rule(rule.clone(), fact));
    }

    fn carry_out(&mut self, rule: &RuleId, title: &Titles, action: &Do, seen: &Seen) -> Done {
        let (subject, now) = (seen.heard.subject, self.now);
        match action {
            Do::Assign { agent } => self.assign_by_rule(rule, agent, subject),
            Do::Queue { queue } => {
                let work = subject.work().ok_or(NotDone::DoesNotFit)?;
                self.lane(queue).filter(|lane| lane.declared).ok_or(Refusal::UnknownQueue)?;
                let waiting = self.waiting(work).ok_or(Refusal::NotWaiting)?;
                if waiting.queue == *queue {
                    return Ok(None);
                }
                self.line_up_anew(work, queue.clone(), rule);
                Ok(Some(Did::Queued { queue: queue.clone() }))
            }
            Do::Prioritise { points } => {
                let work = subject.work().ok_or(NotDone::DoesNotFit)?;
                self.job(work).ok_or(Refusal::Gone)?;
                let added = self.prioritise(work, *points);
                Ok((added != 0).then_some(Did::Prioritised { points: added }))
            }
            Do::TicketPriority { priority } => {
                let Subject::Ticket(id) = subject else { return Err(NotDone::DoesNotFit) };
                let ticket = self.tickets.get_mut(&id).ok_or(Refusal::Gone)?;
                if ticket.priority == *priority {
                    return Ok(None);
                }
                ticket.priority = *priority;
                self.ticket_changed(id, None, TicketChange::Priority(*priority));
                self.promise_anew(id);
                Ok(Some(Did::TicketPriority { priority: *priority }))
            }
            Do::Tag { tag, of } => self.tag_by_rule(tag, *of, seen),
            Do::Reply { text, template } => self.reply_by_rule(rule, text, template.as_ref(), seen),
            Do::Message(letter) => {
                let what = Wanted::Message { letter: letter.clone(), values: seen.heard.values.clone() };
                self.want_ways(rule, seen, what)
            }
            Do::CallList { queue } => {
                let own = || seen.about.queue.clone();
                let queue = queue.clone().or_else(own).ok_or(Refusal::UnknownQueue)?;
                self.want_ways(rule, seen, Wanted::CallList { queue })
            }
            Do::Ticket(asked) => self.ticket_by_rule(rule, title, asked, seen),
            Do::Notify { agents, supervisors, text } => {
                let all = self.catalog.agents.values().filter(|agent| *supervisors && agent.supervises).map(|agent| &agent.id);
                let to: std::collections::BTreeSet<AgentId> = agents.iter().chain(all).cloned().collect();
                let text = self.text_for_staff(text, seen);
                Ok(Some(Did::Notified { agents: to.into_iter().collect(), text }))
            }
            Do::Webhook { to } => Ok(Some(Did::Webhook { to: to.clone(), text: seen.heard.text.chars().take(QUOTED).collect() })),
            Do::Alert { text, for_ms } => {
                let (text, until) = (self.text_for_staff(text, seen), now.after(*for_ms));
                let person = self.living(seen.person);
                self.book.alarm(Alert { rule: rule.clone(), subject, person, text: text.clone(), at: now, until });
                Ok(Some(Did::Alerted { text, until }))
            }
            Do::Survey { survey } => {
                self.ask_survey(survey, seen.person, subject.work())?;
                Ok(Some(Did::Asked { survey: survey.clone() }))
            }
        }
    }

    /// A ticket is theirs; a contact goes to them first, and nobody waits for who is not there. What somebody serves stays with them.
    fn assign_by_rule(&mut self, rule: &RuleId, agent: &AgentId, subject: Subject) -> Done {
        self.slot(agent).ok_or(Refusal::UnknownAgent)?;
        let did = Did::Assigned { agent: agent.clone() };
        let work = match subject {
            Subject::Told(_) => return Err(NotDone::DoesNotFit),
            Subject::Work(work) => work,
            Subject::Ticket(id) => {
                let ticket = self.tickets.get(&id).ok_or(Refusal::Gone)?;
                if ticket.assignee.as_ref() != Some(agent) {
                    self.assign_ticket(id, None, Some(agent.clone()));
                }
                return Ok(Some(did));
            }
        };
        let job = self.job(work).ok_or(Refusal::Gone)?;
        let queue = match &job.stage {
            Stage::Serving(serving) if serving.agent == *agent => return Ok(None),
            Stage::Serving(_) => return Err(Refusal::NotWaiting.into()),
            Stage::Waiting(waiting) => Some(waiting.queue.clone()),
            Stage::Apart => None,
        };
        if let Some(job) = self.job_mut(work) {
            job.dedicated = Some(agent.clone());
        }
        if let Some(queue) = queue {
            self.line_up_anew(work, queue, rule);
        }
        Ok(Some(did))
    }

    /// Waits in this queue from now on, as long as it has waited.
    fn line_up_anew(&mut self, work: Work, queue: QueueId, rule: &RuleId) {
        self.end_offer(work, OfferEnd::Withdrawn);
        let Some(waiting) = self.waiting(work).cloned() else { return };
        let reason = QueuedReason::Rule { rule: rule.clone() };
        let transferred_by = waiting.transferred_by;
        self.enqueue(work, Entry { head: waiting.head, transferred_by, ..Entry::new(queue, waiting.since, reason) });
    }

    fn prioritise(&mut self, work: Work, points: i32) -> i32 {
        let had = self.job(work).map_or(0, |job| job.asks.priority);
        let added = had.saturating_add(points).clamp(-MOST_POINTS, MOST_POINTS).saturating_sub(had);
        self.leave_indexes(work);
        if let Some(job) = self.job_mut(work) {
            job.asks.priority = had.saturating_add(added);
            if let Stage::Waiting(waiting) = &mut job.stage {
                waiting.priority = waiting.priority.saturating_add(added);
            }
        }
        self.enter_indexes(work);
        if self.waiting(work).is_some() {
            self.waking.insert(work);
        }
        added
    }

    fn tag_by_rule(&mut self, tag: &str, of: TagOf, seen: &Seen) -> Done {
        let (own, person) = (seen.heard.subject.work(), self.living(seen.person));
        let has = |work: Work| self.job(work).is_some_and(|job| job.asks.tags.contains(tag));
        if own.is_some_and(has) || (own.is_none() && of == TagOf::Person && seen.about.tags.contains(tag)) {
            return Ok(None);
        }
        let works: Vec<Work> = match of {
            TagOf::Contact => own.into_iter().collect(),
            TagOf::Person => self.people.get(&person).into_iter().flatten().copied().chain(own).collect(),
        };
        for work in works {
            if self.job(work).is_some_and(|job| !job.asks.tags.contains(tag))
                && let Some(job) = self.job_mut(work)
            {
                job.asks.tags.insert(tag.to_owned());
            }
        }
        Ok(Some(Did::Tagged { tag: tag.to_owned(), of }))
    }

    /// In the conversation itself, where an agent might write the same.
    fn reply_by_rule(&mut self, rule: &RuleId, text: &Titles, template: Option<&Wording>, seen: &Seen) -> Done {
        let Subject::Work(work @ Work::Conversation(id)) = seen.heard.subject else { return Err(NotDone::DoesNotFit) };
        let language = self.language_of(work);
        let conversation = self.conversations.get(&id).ok_or(Refusal::Gone)?;
        let channel = self.catalog.channels.get(&conversation.channel).ok_or(Refusal::Gone)?;
        if channel.kind == VOICEMAIL {
            return Err(Refusal::NoReplyHere.into());
        }
        let text = filled(text.say(&language), &self.values(seen));
        let open = conversation.window(channel.traits.window, self.now).is_open() && !text.is_empty();
        let body = match template.filter(|_| !open && channel.traits.templates) {
            Some(wording) => {
                let Wording { name, language, variables } = worded(wording, &self.values(seen));
                let shown = if text.is_empty() { format!("{name}: {}", variables.join(", ")) } else { text };
                Body { extra: Some(Extra::Template { name, language, variables }), ..Body::text(shown) }
            }
            None if !open => return Err(Refusal::WindowClosed.into()),
            None => Body::text(text),
        };
        sendable(channel, &conversation.job, &body)?;
        let key = format!("rule-{rule}-{}", self.now.0);
        let message = self.send(id, None, body, key).ok_or(Refusal::Gone)?;
        Ok(Some(Did::Replied { message }))
    }

    fn ticket_by_rule(&mut self, rule: &RuleId, title: &Titles, asked: &TicketAsked, seen: &Seen) -> Done {
        let (house, subject, now) = (self.catalog.language.clone(), seen.heard.subject, self.now);
        let values = self.values(seen);
        let work = subject.work().filter(|work| self.job(*work).is_some());
        let new = NewTicket {
            kind: asked.kind.clone(),
            department: asked.department.clone(),
            priority: asked.priority,
            assignee: asked.assignee.clone(),
            work,
            note: filled(asked.note.say(&house), &values),
            key: Some(format!("rule-{rule}-{subject}")),
            ..NewTicket::plain(seen.person, filled(asked.subject.say(&house), &values))
        };
        let Answer::Ticket(ticket) = self.new_ticket(new, None, Source::Rule(title.say(&house).to_owned()))? else {
            return Err(Refusal::Gone.into());
        };
        let person = self.living(seen.person);
        self.book.descends(Subject::Ticket(ticket), subject, rule, person, now);
        Ok(Some(Did::Ticket { ticket }))
    }

    /// The ways to a customer are known to the edge.
    fn want_ways(&mut self, rule: &RuleId, seen: &Seen, what: Wanted) -> Done {
        let (subject, now, person) = (seen.heard.subject, self.now, self.living(seen.person));
        let serial = self.book.want(subject, person, rule, what, now).ok_or(NotDone::TooMuch)?;
        self.acts.push(Act::RuleWays { subject, person, serial });
        Ok(None)
    }

    /// Questions that had no answer are asked again, and given up in the end.
    pub(super) fn ask_again(&mut self, subject: Subject) {
        let now = self.now;
        let (again, given_up) = self.book.unanswered(subject, now);
        let Some(person) = self.book.entries.get(&subject).map(|entry| entry.person) else { return };
        let person = self.living(person);
        self.acts.extend(again.into_iter().map(|serial| Act::RuleWays { subject, person, serial }));
        for errand in given_up {
            self.say_done(&errand.rule, subject, person, errand.what.word(), Err(NotDone::Nobody));
        }
    }

    /// The ways, as `Act::RuleWays` asked for them.
    pub(in crate::desk) fn rule_ways(&mut self, subject: Subject, serial: u32, to: Option<Recipient>) {
        let Some(person) = self.book.entries.get(&subject).map(|entry| entry.person) else { return };
        let Some(errand) = self.book.take(subject, serial) else { return };
        let done = match to {
            Some(to) => self.run_errand(&errand, subject, to),
            None => Err(NotDone::Nobody),
        };
        self.say_done(&errand.rule, subject, person, errand.what.word(), done);
    }

    fn run_errand(&mut self, errand: &Errand, subject: Subject, to: Recipient) -> Done {
        match &errand.what {
            Wanted::Message { letter, values } => self.write_by_rule(errand, letter, values, subject, to),
            Wanted::CallList { queue } => self.list_by_rule(queue, to),
        }
    }

    fn write_by_rule(
        &mut self,
        errand: &Errand,
        letter: &Letter,
        values: &BTreeMap<String, String>,
        subject: Subject,
        to: Recipient,
    ) -> Done {
        let language = to.who.person.as_ref().and_then(|person| person.language.clone()).unwrap_or_else(|| self.catalog.language.clone());
        let site = ("site".to_owned(), self.catalog.callbacks.site.clone());
        let values: BTreeMap<String, String> = values.clone().into_iter().chain([site]).collect();
        let say = |texts: &BTreeMap<String, String>| filled(Titles(texts.clone()).say(&language), &values);
        let (text, ask_subject) = (say(&letter.text), say(&letter.subject));
        let person = to.who.person.as_ref().map(|person| person.id);
        let ask = Ask {
            to,
            digest: text.clone(),
            text,
            subject: ask_subject,
            template: letter.template.as_ref().map(|wording| worded(wording, &values)),
            purpose: letter.purpose,
            channels: letter.channels.clone(),
            not_after: None,
            card: None,
            outage: None,
            // No program can be called so: names have no colon.
            by: format!("rule:{}", errand.rule),
            key: format!("{subject}-{}-{}", errand.at.0, errand.serial),
        };
        let before = self.facts.len();
        let Answer::Proactive(id) = self.proactive(ask)? else { return Err(Refusal::Gone.into()) };
        let (now, mut sent_in) = (self.now, None);
        for fact in self.facts.get(before..).unwrap_or_default() {
            match fact {
                Fact::Proactive(about, ProactiveFact::Refused { why }) if *about == id => return Err(NotDone::Unsent(*why)),
                Fact::Proactive(about, ProactiveFact::Sent { conversation, .. }) if *about == id => sent_in = Some(*conversation),
                _ => {}
            }
        }
        if let (Some(conversation), Some(person)) = (sent_in, person) {
            self.book.descends(Subject::Work(Work::Conversation(conversation)), subject, &errand.rule, person, now);
        }
        Ok(Some(Did::Wrote { proactive: id }))
    }

    /// The number that they have used last, else any of theirs.
    fn list_by_rule(&mut self, queue: &QueueId, to: Recipient) -> Done {
        self.lane(queue).filter(|lane| lane.declared).ok_or(Refusal::UnknownQueue)?;
        if to.who.person.as_ref().is_some_and(|person| person.blocked) {
            return Err(NotDone::Unsent(Unsent::Blocked));
        }
        let phones = to.ways.iter().filter(|way| way.identity.kind == "phone");
        let identity = phones.max_by_key(|way| way.used_at).map(|way| way.identity.clone()).ok_or(Refusal::NoWay(NoWay::NoNumber))?;
        let number = identity.value.clone();
        let job = self.job_for(Who { identity, ..to.who });
        let (queue, since) = (queue.clone(), self.now);
        let missed = Missed { job, number, line: None, page: None, queue, only: None, why: MissedWhy::Rule, call: None, since };
        Ok(Some(Did::Listed { callback: self.list_missed(missed) }))
    }

    /// What stands in the places of a text.
    fn values(&self, seen: &Seen) -> BTreeMap<String, String> {
        let queue = seen.about.queue.as_ref().and_then(|queue| self.queue_spec(queue)).map(|queue| queue.name.clone());
        let number = match seen.heard.subject {
            Subject::Ticket(id) => id.to_string(),
            _ => String::new(),
        };
        let words: String = seen.heard.text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(QUOTED).collect();
        let ours = [
            ("site", self.catalog.callbacks.site.clone()),
            ("queue", queue.unwrap_or_default()),
            ("channel", seen.about.channel.as_ref().map(ToString::to_string).unwrap_or_default()),
            ("number", number),
            ("text", words),
        ];
        let told = seen.heard.values.iter().map(|(name, value)| (name.clone(), value.clone()));
        told.chain(ours.map(|(name, value)| (name.to_owned(), value))).collect()
    }

    fn text_for_staff(&self, text: &Titles, seen: &Seen) -> String {
        filled(text.say(&self.catalog.language), &self.values(seen))
    }
}

impl From<Refusal> for NotDone {
    fn from(refusal: Refusal) -> NotDone {
        NotDone::Desk(refusal)
    }
}

/// A place at an end that stays empty leaves no space there.
fn filled(text: &str, values: &BTreeMap<String, String>) -> String {
    places::filled(text, values).trim().to_owned()
}

fn worded(wording: &Wording, values: &BTreeMap<String, String>) -> Wording {
    let variables = wording.variables.iter().map(|text| filled(text, values)).collect();
    Wording { variables, ..wording.clone() }
}
