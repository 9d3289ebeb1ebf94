//! What is changed of a ticket: one change at a time, each with its own check.

use super::tickets::COMMENT;
use crate::desk::fact::{ClockKind, Fact, TicketFact, TicketNews};
use crate::desk::id::*;
use crate::desk::input::{TicketChange, TicketCommand, TicketState};
use crate::desk::refusal::{Refusal, within};
use crate::desk::step::Answer;
use crate::desk::ticket::{Approval, MOST_ITEMS, News, missing, written};
use crate::desk::{Desk, Key};

impl Desk {
    pub(super) fn ticket_command(&mut self, by: AgentId, id: TicketId, command: TicketCommand) -> Result<Answer, Refusal> {
        if self.tickets.get(&id).is_none_or(|ticket| ticket.state == TicketState::Closed) {
            return Err(Refusal::Gone);
        }
        match command {
            TicketCommand::Change(change) => self.change_ticket(&by, id, change),
            TicketCommand::ResolveFamily => self.resolve_family(&by, id),
            TicketCommand::Judge { granted, reason } => self.judge_ticket(&by, id, granted, &reason),
            TicketCommand::Merge { into } => self.merge_ticket(&by, id, into),
            TicketCommand::Split { subject, works } => self.split_ticket(&by, id, &subject, works),
        }
    }

    fn change_ticket(&mut self, by: &AgentId, id: TicketId, change: TicketChange) -> Result<Answer, Refusal> {
        let ticket = self.tickets.get(&id).ok_or(Refusal::Gone)?.clone();
        match change {
            TicketChange::State(next) => return self.change_state(by, id, next),
            TicketChange::Priority(priority) if priority == ticket.priority => {}
            TicketChange::Priority(priority) if (1..=4).contains(&priority) => {
                self.tickets.get_mut(&id).into_iter().for_each(|ticket| ticket.priority = priority);
                self.ticket_changed(id, Some(by), TicketChange::Priority(priority));
                self.promise_anew(id);
            }
            TicketChange::Priority(_) => return Err(Refusal::BadTransition),
            TicketChange::Assignee(Some(agent)) if !self.slots.contains_key(&agent) => return Err(Refusal::UnknownAgent),
            TicketChange::Assignee(agent) if agent == ticket.assignee => {}
            TicketChange::Assignee(agent) => {
                self.assign_ticket(id, Some(by), agent);
                self.ticket_arrived(id, Some(by), "");
            }
            TicketChange::Subject(text) => {
                let subject = written(&text)?;
                self.tickets.get_mut(&id).into_iter().for_each(|ticket| ticket.subject = subject.clone());
                self.ticket_changed(id, Some(by), TicketChange::Subject(subject));
            }
            TicketChange::Comment(text) => {
                let text = text.trim().to_owned();
                if text.is_empty() {
                    return Err(Refusal::Empty);
                }
                within(&text, COMMENT)?;
                self.ticket_changed(id, Some(by), TicketChange::Comment(text));
            }
            TicketChange::Department { to, note } => self.hand_over(by, id, to, &note)?,
            TicketChange::Kind(kind) => self.change_kind(by, id, kind)?,
            TicketChange::Field { name, value } => {
                let value = self.read_field(ticket.kind.as_ref(), &name, &value)?;
                if ticket.fields.get(&name).map_or("", String::as_str) == value {
                    return Ok(Answer::Done);
                }
                if let Some(ticket) = self.tickets.get_mut(&id) {
                    ticket.fields.remove(&name);
                    if !value.is_empty() {
                        ticket.fields.insert(name.clone(), value.clone());
                    }
                }
                self.ticket_changed(id, Some(by), TicketChange::Field { name, value });
                self.settle_approval(id, Some(by));
            }
            TicketChange::Due(due) if due.is_some_and(|due| due <= self.now) => return Err(Refusal::BadTime),
            TicketChange::Due(due) => {
                self.ticket_changed(id, Some(by), TicketChange::Due(due));
                self.set_due(id, due);
            }
            TicketChange::Watch { agent, .. } if !self.slots.contains_key(&agent) => return Err(Refusal::UnknownAgent),
            TicketChange::Watch { agent, on } if ticket.watchers.contains(&agent) == on => {}
            TicketChange::Watch { agent, on } => {
                if let Some(ticket) = self.tickets.get_mut(&id) {
                    let _ = if on { ticket.watchers.insert(agent.clone()) } else { ticket.watchers.remove(&agent) };
                }
                self.ticket_changed(id, Some(by), TicketChange::Watch { agent, on });
            }
            TicketChange::Check { item, on } => {
                let place = usize::try_from(item).unwrap_or(usize::MAX);
                if *ticket.checklist.get(place).ok_or(Refusal::Gone)? == on {
                    return Ok(Answer::Done);
                }
                self.tickets.get_mut(&id).and_then(|ticket| ticket.checklist.get_mut(place)).into_iter().for_each(|done| *done = on);
                self.ticket_changed(id, Some(by), TicketChange::Check { item, on });
            }
            TicketChange::AddItem(text) => {
                let text = written(&text)?;
                if ticket.checklist.len() >= MOST_ITEMS {
                    return Err(Refusal::ListFull { most: MOST_ITEMS });
                }
                self.tickets.get_mut(&id).into_iter().for_each(|ticket| ticket.checklist.push(false));
                self.ticket_changed(id, Some(by), TicketChange::AddItem(text));
            }
            TicketChange::Related { ticket: other, .. } if other == id => return Err(Refusal::BadRelation),
            TicketChange::Parent(parent) if parent == ticket.parent => {}
            TicketChange::Parent(parent) => {
                if let Some(parent) = parent {
                    self.may_hang(Some(id), parent)?;
                }
                self.hang(id, parent);
                self.ticket_changed(id, Some(by), TicketChange::Parent(parent));
            }
            TicketChange::Quiet(quiet) if quiet == ticket.quiet => {}
            TicketChange::Quiet(quiet) => {
                self.tickets.get_mut(&id).into_iter().for_each(|ticket| ticket.quiet = quiet);
                self.ticket_changed(id, Some(by), TicketChange::Quiet(quiet));
            }
            TicketChange::Contact(work) if self.job(work).is_some_and(|job| job.person != ticket.person) => {
                return Err(Refusal::OtherCustomer);
            }
            TicketChange::Contact(work) => self.link_contact(id, work),
            change @ (TicketChange::Related { .. } | TicketChange::Attach(_)) => self.ticket_changed(id, Some(by), change),
        }
        Ok(Answer::Done)
    }

    pub(in crate::desk) fn ticket_changed(&mut self, id: TicketId, by: Option<&AgentId>, change: TicketChange) {
        self.touch(Key::Ticket(id));
        self.facts.push(Fact::Ticket(id, TicketFact::Changed { by: by.cloned(), change: change.clone() }));
        self.tell_of_change(id, by, &change);
    }

    fn change_state(&mut self, by: &AgentId, id: TicketId, next: TicketState) -> Result<Answer, Refusal> {
        let ticket = self.tickets.get(&id).ok_or(Refusal::Gone)?;
        // Whoever goes on with what was resolved reopens it.
        let next = if ticket.state == TicketState::Resolved && next.is_open() { TicketState::Reopened } else { next };
        if next == ticket.state {
            return Ok(Answer::Done);
        }
        if !ticket.may_become(next) || next == TicketState::New || (next == TicketState::Assigned && ticket.assignee.is_none()) {
            return Err(Refusal::BadTransition);
        }
        if next == TicketState::Resolved {
            self.may_be_resolved(id)?;
            let open = self.open_family(id).len();
            if open > 0 {
                return Err(Refusal::OpenChildren { count: open });
            }
        }
        let concerned = self.concerned(id);
        self.set_ticket_state(id, next, Some(by.clone()));
        self.tell_house(id, concerned, Some(by), TicketNews::State, "");
        Ok(Answer::Done)
    }

    /// Everything that has to be there before a ticket is done.
    pub(in crate::desk) fn may_be_resolved(&self, id: TicketId) -> Result<(), Refusal> {
        let ticket = self.tickets.get(&id).ok_or(Refusal::Gone)?;
        let Some(kind) = self.kind_of(ticket) else { return Ok(()) };
        let fields = missing(kind, &ticket.fields, &self.catalog.language);
        if !fields.is_empty() {
            return Err(Refusal::FieldsMissing { fields });
        }
        if kind.checklist_required && ticket.checklist.iter().any(|done| !done) {
            return Err(Refusal::ChecklistOpen);
        }
        match ticket.approval {
            Approval::Asked { .. } => Err(Refusal::NotApproved),
            Approval::None if kind.approval.is_some() => Err(Refusal::NotApproved),
            Approval::None | Approval::Granted | Approval::Denied => Ok(()),
        }
    }

    /// The state changes, the clocks follow it, and the customer is told.
    pub(in crate::desk) fn set_ticket_state(&mut self, id: TicketId, next: TicketState, by: Option<AgentId>) {
        let now = self.now;
        let Some(ticket) = self.tickets.get_mut(&id) else { return };
        let before = std::mem::replace(&mut ticket.state, next);
        ticket.resolved_at = (next == TicketState::Resolved).then_some(now);
        if next == TicketState::Closed {
            ticket.clocks.clear();
        }
        self.ticket_changed(id, by.as_ref(), TicketChange::State(next));
        self.clocks_follow(id, before);
        self.tell_customer(id, News::State(next));
        self.forget_when_told(id);
    }

    pub(in crate::desk) fn assign_ticket(&mut self, id: TicketId, by: Option<&AgentId>, agent: Option<AgentId>) {
        let mut others = self.concerned(id);
        self.set_assignee(id, by, agent.clone());
        if let Some(agent) = agent {
            others.remove(&agent);
            self.tell_house(id, [agent].into(), by, TicketNews::Yours, "");
        }
        self.tell_house(id, others, by, TicketNews::Handed, "");
    }

    fn set_assignee(&mut self, id: TicketId, by: Option<&AgentId>, agent: Option<AgentId>) {
        let Some(ticket) = self.tickets.get_mut(&id) else { return };
        ticket.assignee = agent.clone();
        let (state, begun) = (ticket.state, agent.is_some());
        self.ticket_changed(id, by, TicketChange::Assignee(agent));
        match state {
            TicketState::New | TicketState::Reopened if begun => self.set_ticket_state(id, TicketState::Assigned, by.cloned()),
            TicketState::Assigned if !begun => self.set_ticket_state(id, TicketState::New, by.cloned()),
            _ => {}
        }
    }

    /// Another department has it from here on; whoever had it here has it no more.
    fn hand_over(&mut self, by: &AgentId, id: TicketId, to: DepartmentId, note: &str) -> Result<(), Refusal> {
        let note = note.trim().to_owned();
        within(&note, COMMENT)?;
        if !self.catalog.tickets.departments.contains_key(&to) {
            return Err(Refusal::UnknownDepartment);
        }
        let concerned = self.concerned(id);
        let Some(ticket) = self.tickets.get_mut(&id) else { return Err(Refusal::Gone) };
        if ticket.department.as_ref() == Some(&to) {
            return Ok(());
        }
        ticket.department = Some(to.clone());
        let had = ticket.assignee.is_some();
        self.ticket_changed(id, Some(by), TicketChange::Department { to, note: note.clone() });
        if had {
            self.set_assignee(id, Some(by), None);
        }
        self.tell_house(id, concerned, Some(by), TicketNews::Left, &note);
        self.ticket_arrived(id, Some(by), &note);
        self.promise_anew(id);
        Ok(())
    }

    /// Values that the new kind does not have are left behind; what there is to do is asked anew.
    fn change_kind(&mut self, by: &AgentId, id: TicketId, kind: Option<TicketKind>) -> Result<(), Refusal> {
        let spec = kind.as_ref().map(|kind| self.catalog.tickets.kinds.get(kind).cloned().ok_or(Refusal::UnknownTicketKind)).transpose()?;
        let Some(ticket) = self.tickets.get_mut(&id) else { return Err(Refusal::Gone) };
        if ticket.kind == kind {
            return Ok(());
        }
        ticket.kind = kind.clone();
        let known = |name: &String| spec.as_ref().is_some_and(|spec| spec.fields.iter().any(|field| field.name == *name));
        ticket.fields.retain(|name, _| known(name));
        let items: Vec<String> =
            spec.iter().flat_map(|spec| &spec.checklist).map(|item| item.say(&self.catalog.language).to_owned()).collect();
        let (had, room) = (ticket.checklist.len(), MOST_ITEMS.saturating_sub(ticket.checklist.len()));
        ticket.checklist.resize(had + items.len().min(room), false);
        let department = spec.as_ref().and_then(|spec| spec.department.clone()).filter(|_| ticket.department.is_none());
        self.ticket_changed(id, Some(by), TicketChange::Kind(kind));
        for item in items.into_iter().take(room) {
            self.ticket_changed(id, Some(by), TicketChange::AddItem(item));
        }
        if let Some(to) = department {
            self.hand_over(by, id, to, "")?;
        }
        self.promise_anew(id);
        self.settle_approval(id, Some(by));
        if self.tickets.get(&id).is_some_and(|ticket| !ticket.answered) {
            self.start_clock(id, ClockKind::First);
        }
        Ok(())
    }
}
