//! Tickets: opened by hand, by a flow, a program or a rule, or by the first answer to a contact; and their end.

use crate::desk::fact::{Beginning, ClockKind, Fact, TicketFact, TicketNews};
use crate::desk::form::read::{self, Wrong};
use crate::desk::id::*;
use crate::desk::input::{NewTicket, Source, TicketChange, TicketState};
use crate::desk::refusal::{Refusal, within};
use crate::desk::step::Answer;
use crate::desk::ticket::{ORDINARY, Ticket, cut, written};
use crate::desk::{Desk, Key};
use std::collections::BTreeMap;

/// Longest comment, characters.
pub(super) const COMMENT: usize = 10_000;

impl Desk {
    /// By an agent's hand: what the form asks for must be there.
    pub(super) fn open_ticket(&mut self, by: &AgentId, new: NewTicket) -> Result<Answer, Refusal> {
        let missing = self.missing_at_opening(&new);
        if !missing.is_empty() {
            return Err(Refusal::FieldsMissing { fields: missing });
        }
        written(&new.subject)?;
        within(new.note.trim(), COMMENT)?;
        self.new_ticket(new, Some(by), Source::House)
    }

    /// By a program, which hears that it asked for too much as a person does.
    pub(super) fn ticket_asked(&mut self, new: NewTicket, source: Source) -> Result<Answer, Refusal> {
        written(&new.subject)?;
        within(new.note.trim(), COMMENT)?;
        self.new_ticket(new, None, source)
    }

    /// Whoever asks. A ticket that nobody filled in begins with what there is, and with as much of it as it holds.
    pub(in crate::desk) fn new_ticket(&mut self, mut new: NewTicket, by: Option<&AgentId>, source: Source) -> Result<Answer, Refusal> {
        new.person = self.living(new.person);
        let same = |ticket: &&Ticket| new.key.is_some() && ticket.key == new.key;
        let theirs = self.tickets_of.get(&new.person).into_iter().flatten().filter_map(|id| self.tickets.get(id));
        if let Some(known) = theirs.into_iter().find(same) {
            return Ok(Answer::Ticket(known.id));
        }
        new.subject = cut(&new.subject);
        if new.subject.is_empty() {
            return Err(Refusal::Empty);
        }
        let rules = &self.catalog.tickets;
        if new.kind.as_ref().is_some_and(|kind| !rules.kinds.contains_key(kind)) {
            return Err(Refusal::UnknownTicketKind);
        }
        if new.department.as_ref().is_some_and(|department| !rules.departments.contains_key(department)) {
            return Err(Refusal::UnknownDepartment);
        }
        if new.assignee.as_ref().is_some_and(|agent| !self.slots.contains_key(agent)) {
            return Err(Refusal::UnknownAgent);
        }
        if new.priority.is_some_and(|priority| !(1..=4).contains(&priority)) {
            return Err(Refusal::BadField { name: "priority".into(), wrong: Wrong::OutOfRange });
        }
        if new.due.is_some_and(|due| due <= self.now) {
            return Err(Refusal::BadTime);
        }
        if let Some(parent) = new.parent {
            self.may_hang(None, parent)?;
        }
        if new.work.and_then(|work| self.job(work)).is_some_and(|job| job.person != new.person) {
            return Err(Refusal::OtherCustomer);
        }
        new.fields = self.read_fields(new.kind.as_ref(), std::mem::take(&mut new.fields))?;
        let with = Beginning { source, follows: new.follows, ..Beginning::default() };
        let queue = new.work.and_then(|w| self.serving(w)).map(|s| s.queue.clone());
        let id = self.insert_ticket(&new, by, with, queue);
        self.ticket_arrived(id, by, "");
        Ok(Answer::Ticket(id))
    }

    fn missing_at_opening(&self, new: &NewTicket) -> Vec<String> {
        let kind = new.kind.as_ref().and_then(|kind| self.catalog.tickets.kinds.get(kind));
        kind.map(|kind| crate::desk::ticket::missing(kind, &new.fields, &self.catalog.language)).unwrap_or_default()
    }

    /// Values as they are kept; what the kind does not know is refused.
    fn read_fields(&self, kind: Option<&TicketKind>, written: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Refusal> {
        let mut fields = BTreeMap::new();
        for (name, value) in written {
            let value = self.read_field(kind, &name, &value)?;
            if !value.is_empty() {
                fields.insert(name, value);
            }
        }
        Ok(fields)
    }

    pub(super) fn read_field(&self, kind: Option<&TicketKind>, name: &str, value: &str) -> Result<String, Refusal> {
        let spec = kind.and_then(|kind| self.catalog.tickets.kinds.get(kind));
        let field = spec.and_then(|spec| spec.fields.iter().find(|field| field.name == name)).ok_or(Refusal::UnknownField)?;
        if value.trim().is_empty() {
            return Ok(String::new());
        }
        read::value(field, value, &self.catalog.dial.numbering).map_err(|wrong| Refusal::BadField { name: name.to_owned(), wrong })
    }

    /// Opens what has been checked.
    pub(in crate::desk) fn insert_ticket(
        &mut self,
        new: &NewTicket,
        by: Option<&AgentId>,
        with: Beginning,
        queue: Option<QueueId>,
    ) -> TicketId {
        let id = TicketId(self.mint(|ids| &mut ids.ticket));
        let rules = &self.catalog.tickets;
        let kind = new.kind.as_ref().and_then(|kind| rules.kinds.get(kind));
        let of_queue = || queue.as_ref().and_then(|queue| rules.department_of(queue));
        let department = new.department.as_ref().or_else(|| kind.and_then(|kind| kind.department.as_ref())).or_else(of_queue).cloned();
        let checklist: Vec<String> =
            kind.into_iter().flat_map(|kind| &kind.checklist).map(|item| item.say(&self.catalog.language).to_owned()).collect();
        let priority = new.priority.or(kind.map(|kind| kind.priority)).unwrap_or(ORDINARY);
        let mut ticket = Ticket::new(id, new.person, &new.subject, self.now);
        (ticket.priority, ticket.kind, ticket.department) = (priority, new.kind.clone(), department.clone());
        (ticket.fields, ticket.quiet, ticket.key) = (new.fields.clone(), new.quiet, new.key.clone());
        ticket.checklist = vec![false; checklist.len()];
        ticket.customer = self.customer_of(new.person, &new.customer);
        new.work.into_iter().for_each(|work| ticket.remember(work));
        // Whoever opens it while they talk has answered.
        let talks = new.work.is_some_and(|work| by.is_some() && self.serving(work).is_some());
        ticket.answered = talks;
        let (person, hidden) = (new.person, self.is_hidden(&ticket));
        self.tickets.insert(id, ticket);
        self.tickets_of.entry(person).or_default().insert(id);
        if let Some(job) = new.work.and_then(|w| self.job(w).is_some().then_some(w)).and_then(|w| self.job_mut(w)) {
            job.ticketed = true;
        }
        self.touch(Key::Ticket(id));
        let told = by.is_some() || !matches!(with.source, Source::House | Source::Keyword);
        let with = Beginning {
            kind: new.kind.clone(),
            department,
            fields: new.fields.clone(),
            checklist,
            parent: new.parent,
            quiet: new.quiet,
            ..with
        };
        let (subject, work) = (new.subject.clone(), new.work);
        let fact = TicketFact::Opened { person, subject, work, queue, priority, by: by.cloned(), with: Box::new(with) };
        self.facts.push(Fact::Ticket(id, fact));
        if new.parent.is_some() {
            self.hang(id, new.parent);
        }
        if !talks {
            self.start_clock(id, ClockKind::First);
        }
        self.start_clock(id, ClockKind::Resolution);
        if new.due.is_some() {
            self.set_due(id, new.due);
        }
        let note: String = new.note.trim().chars().take(COMMENT).collect();
        if !note.is_empty() {
            self.ticket_changed(id, by, TicketChange::Comment(note));
        }
        if told && !hidden {
            self.tell_customer(id, crate::desk::ticket::News::Opened);
        }
        if let Some(agent) = new.assignee.clone() {
            self.assign_ticket(id, by, Some(agent));
        }
        self.settle_approval(id, by);
        id
    }

    /// One that the house opens by its settings.
    pub(in crate::desk) fn add_ticket(
        &mut self,
        person: PersonId,
        subject: String,
        work: Option<Work>,
        queue: Option<QueueId>,
        source: Source,
    ) -> TicketId {
        let new = NewTicket { work, ..NewTicket::plain(person, subject) };
        let id = self.insert_ticket(&new, None, Beginning { source, ..Beginning::default() }, queue);
        self.ticket_arrived(id, None, "");
        id
    }

    /// The first agent on a contact: it belongs to the customer's open ticket, or opens one where the queue asks for it.
    pub(in crate::desk) fn ticket_for(&mut self, work: Work, queue: &QueueId) {
        let Some(spec) = self.queue_spec(queue).filter(|q| q.open_ticket) else {
            return;
        };
        let title = spec.name.clone();
        let Some(job) = self.job(work).filter(|j| !j.ticketed) else {
            return;
        };
        let person = job.person;
        let open = self.tickets_of.get(&person).into_iter().flatten().rev();
        let open = open.copied().find(|id| self.tickets.get(id).is_some_and(Ticket::is_open));
        match open {
            Some(ticket) => self.link_contact(ticket, work),
            None => {
                let subject = match work {
                    Work::Call(id) => self.calls.get(&id).map(|c| format!("{title}: {}", c.from)),
                    Work::Conversation(id) => self.conversations.get(&id).map(|c| c.subject.clone()).filter(|s| !s.is_empty()),
                    Work::Callback(id) => self.callbacks.get(&id).map(|c| format!("{title}: {}", c.number)),
                };
                // Whoever talks with the customer has it in hand: it is no news to their department.
                let new = NewTicket { work: Some(work), ..NewTicket::plain(person, subject.unwrap_or(title)) };
                let id = self.insert_ticket(&new, None, Beginning::default(), Some(queue.clone()));
                self.answered_by_voice(id, work);
            }
        }
    }

    /// Another contact is about this ticket.
    pub(super) fn link_contact(&mut self, id: TicketId, work: Work) {
        if let Some(job) = self.job(work).is_some().then_some(work).and_then(|w| self.job_mut(w)) {
            job.ticketed = true;
        }
        let remember = self.tickets.get(&id).is_some_and(|ticket| !ticket.works.contains(&work));
        if let Some(ticket) = self.tickets.get_mut(&id).filter(|_| remember) {
            ticket.remember(work);
            self.touch(Key::Ticket(id));
        }
        self.facts.push(Fact::Ticket(id, TicketFact::Linked { work }));
        self.answered_by_voice(id, work);
    }

    /// Who talks with somebody has been answered.
    fn answered_by_voice(&mut self, id: TicketId, work: Work) {
        let talks = matches!(work, Work::Call(_)).then(|| self.serving(work).map(|serving| serving.agent.clone())).flatten();
        let person = self.tickets.get(&id).map(|ticket| ticket.person);
        if let (Some(agent), Some(person)) = (talks, person) {
            self.tickets_answered(person, work, &agent);
        }
    }

    /// The customer's own page: it is not solved.
    pub(super) fn not_solved(&mut self, id: TicketId, text: &str) -> Result<Answer, Refusal> {
        let ticket = self.tickets.get(&id).ok_or(Refusal::Gone)?;
        if ticket.state != TicketState::Resolved {
            return Err(Refusal::BadTransition);
        }
        let text: String = text.trim().chars().take(COMMENT).collect();
        let said = text.clone();
        self.facts.push(Fact::Ticket(id, TicketFact::NotSolved { text }));
        self.set_ticket_state(id, TicketState::Reopened, None);
        self.tell_whoever_may_act(id, TicketNews::NotSolved, &said);
        self.start_clock(id, ClockKind::Next);
        Ok(Answer::Done)
    }

    pub(super) fn ticket_due(&mut self, id: TicketId) {
        self.clocks_due(id);
        self.telling_due(id);
        let days = self.catalog.tickets.close_after_ms;
        let Some(ticket) = self.tickets.get(&id) else { return };
        // Nobody has reopened it for as long as the house waits for that.
        if days > 0 && ticket.resolved_at.is_some_and(|at| at.after(days) <= self.now) {
            self.set_ticket_state(id, TicketState::Closed, None);
        }
        self.forget_when_told(id);
    }

    pub(super) fn ways_heard(&mut self, id: TicketId, serial: u32, to: Option<crate::desk::input::Recipient>) {
        self.ways_found(id, serial, to);
        self.forget_when_told(id);
    }

    /// A closed ticket is over, once its customer has been told.
    pub(in crate::desk) fn forget_when_told(&mut self, id: TicketId) {
        if self.tickets.get(&id).is_some_and(|ticket| ticket.state == TicketState::Closed && ticket.telling.is_none()) {
            self.forget_ticket(id);
        }
    }

    pub(in crate::desk) fn forget_ticket(&mut self, id: TicketId) {
        self.touch(Key::Ticket(id));
        let Some(ticket) = self.tickets.remove(&id) else {
            return;
        };
        self.leave_family(&ticket);
        if let Some(tickets) = self.tickets_of.get_mut(&ticket.person) {
            tickets.remove(&id);
            if tickets.is_empty() {
                self.tickets_of.remove(&ticket.person);
            }
        }
    }
}
