//! Tickets: opened by hand or by the first answer to a contact, and their stages.

use crate::desk::fact::{Fact, TicketFact};
use crate::desk::id::*;
use crate::desk::input::{TicketChange, TicketState};
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;
use crate::desk::ticket::{ORDINARY, Ticket};
use crate::desk::{Desk, Key};

impl Desk {
    pub(super) fn open_ticket(&mut self, by: AgentId, person: PersonId, subject: String, work: Option<Work>) -> Result<Answer, Refusal> {
        if subject.trim().is_empty() {
            return Err(Refusal::Empty);
        }
        let queue = work.and_then(|w| self.serving(w)).map(|s| s.queue.clone());
        let person = self.living(person);
        let ticket = self.add_ticket(person, subject, work, queue, Some(by));
        Ok(Answer::Ticket(ticket))
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
        if let Some(job) = self.job_mut(work) {
            job.ticketed = true;
        }
        match open {
            Some(ticket) => self.facts.push(Fact::Ticket(ticket, TicketFact::Linked { work })),
            None => {
                let subject = match work {
                    Work::Call(id) => self.calls.get(&id).map(|c| format!("{title}: {}", c.from)),
                    Work::Conversation(id) => self.conversations.get(&id).map(|c| c.subject.clone()).filter(|s| !s.is_empty()),
                    Work::Callback(id) => self.callbacks.get(&id).map(|c| format!("{title}: {}", c.number)),
                };
                self.add_ticket(person, subject.unwrap_or(title), Some(work), Some(queue.clone()), None);
            }
        }
    }

    pub(in crate::desk) fn add_ticket(
        &mut self,
        person: PersonId,
        subject: String,
        work: Option<Work>,
        queue: Option<QueueId>,
        by: Option<AgentId>,
    ) -> TicketId {
        let id = TicketId(self.mint(|ids| &mut ids.ticket));
        self.tickets.insert(id, Ticket { id, person, state: TicketState::New, priority: ORDINARY, assignee: None, resolved_at: None });
        self.tickets_of.entry(person).or_default().insert(id);
        if let Some(job) = work.and_then(|w| self.job(w).is_some().then_some(w)).and_then(|w| self.job_mut(w)) {
            job.ticketed = true;
        }
        self.touch(Key::Ticket(id));
        self.facts.push(Fact::Ticket(id, TicketFact::Opened { person, subject, work, queue, priority: ORDINARY, by }));
        id
    }

    pub(super) fn change_ticket(&mut self, by: AgentId, id: TicketId, change: TicketChange) -> Result<Answer, Refusal> {
        let known_agent = |agent: &AgentId| self.slots.contains_key(agent);
        if let TicketChange::Assignee(Some(agent)) = &change
            && !known_agent(agent)
        {
            return Err(Refusal::UnknownAgent);
        }
        let now = self.now;
        let ticket = self.tickets.get_mut(&id).ok_or(Refusal::Gone)?;
        match &change {
            TicketChange::State(next) if *next == ticket.state => return Ok(Answer::Done),
            TicketChange::State(next) if ticket.may_become(*next) => {
                ticket.state = *next;
                ticket.resolved_at = (*next == TicketState::Resolved).then_some(now);
            }
            TicketChange::State(_) => return Err(Refusal::BadTransition),
            TicketChange::Priority(priority) if (1..=4).contains(priority) => ticket.priority = *priority,
            TicketChange::Priority(_) => return Err(Refusal::BadTransition),
            TicketChange::Assignee(assignee) => ticket.assignee = assignee.clone(),
            TicketChange::Subject(text) | TicketChange::Comment(text) if text.trim().is_empty() => {
                return Err(Refusal::Empty);
            }
            TicketChange::Subject(_) | TicketChange::Comment(_) => {}
        }
        let closed = ticket.state == TicketState::Closed;
        self.touch(Key::Ticket(id));
        self.facts.push(Fact::Ticket(id, TicketFact::Changed { by: Some(by), change }));
        if closed {
            self.forget_ticket(id);
        }
        Ok(Answer::Done)
    }

    /// Nobody has reopened it for as long as the house waits for that.
    pub(super) fn close_ticket(&mut self, id: TicketId) {
        if self.due(Key::Ticket(id)).is_none_or(|at| at > self.now) {
            return;
        }
        let change = TicketChange::State(TicketState::Closed);
        self.facts.push(Fact::Ticket(id, TicketFact::Changed { by: None, change }));
        self.forget_ticket(id);
    }

    /// A closed ticket is over.
    fn forget_ticket(&mut self, id: TicketId) {
        self.touch(Key::Ticket(id));
        let Some(Ticket { person, .. }) = self.tickets.remove(&id) else {
            return;
        };
        if let Some(tickets) = self.tickets_of.get_mut(&person) {
            tickets.remove(&id);
            if tickets.is_empty() {
                self.tickets_of.remove(&person);
            }
        }
    }
}
