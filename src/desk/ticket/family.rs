//! Tickets that belong together: parent and child, two that are one matter, one that is two.

use super::Ticket;
use super::words::written;
use crate::desk::fact::{Beginning, Fact, TicketFact, TicketNews};
use crate::desk::id::*;
use crate::desk::input::{NewTicket, TicketState};
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;
use crate::desk::{Desk, Key};

/// Generations above and beneath one another at most.
const DEPTH: usize = 5;

impl Desk {
    /// Whether this ticket may hang under that one: nobody is their own ancestor.
    pub(in crate::desk) fn may_hang(&self, id: Option<TicketId>, parent: TicketId) -> Result<(), Refusal> {
        let mut above = Some(parent);
        for _ in 0..DEPTH {
            let Some(next) = above else { return Ok(()) };
            if Some(next) == id {
                return Err(Refusal::BadRelation);
            }
            above = self.tickets.get(&next).ok_or(Refusal::Gone)?.parent;
        }
        if above.is_none() { Ok(()) } else { Err(Refusal::BadRelation) }
    }

    pub(in crate::desk) fn hang(&mut self, id: TicketId, parent: Option<TicketId>) {
        let before = self.tickets.get_mut(&id).and_then(|ticket| std::mem::replace(&mut ticket.parent, parent));
        self.touch(Key::Ticket(id));
        for (other, on) in [(before, false), (parent, true)] {
            let Some(other) = other else { continue };
            if let Some(ticket) = self.tickets.get_mut(&other) {
                let _ = if on { ticket.children.insert(id) } else { ticket.children.remove(&id) };
                self.touch(Key::Ticket(other));
            }
        }
    }

    /// A ticket that is over hangs nowhere, and nothing under it.
    pub(in crate::desk) fn leave_family(&mut self, ticket: &Ticket) {
        if let Some(parent) = ticket.parent
            && let Some(parent_ticket) = self.tickets.get_mut(&parent)
        {
            parent_ticket.children.remove(&ticket.id);
            self.touch(Key::Ticket(parent));
        }
        for child in &ticket.children {
            if let Some(child_ticket) = self.tickets.get_mut(child) {
                child_ticket.parent = None;
                self.touch(Key::Ticket(*child));
            }
        }
    }

    /// Those beneath a ticket that are not resolved, the deepest first.
    pub(in crate::desk) fn open_family(&self, id: TicketId) -> Vec<TicketId> {
        let mut found = Vec::new();
        let mut level = vec![id];
        for _ in 0..DEPTH {
            let children = level.iter().filter_map(|id| self.tickets.get(id)).flat_map(|ticket| ticket.children.iter().copied());
            level = children.collect();
            found.extend(level.iter().copied());
        }
        found.retain(|id| self.tickets.get(id).is_some_and(Ticket::is_open));
        found.reverse();
        found
    }

    /// All or nothing: one that may not be resolved keeps the whole family open.
    pub(in crate::desk) fn resolve_family(&mut self, by: &AgentId, id: TicketId) -> Result<Answer, Refusal> {
        let mut family = self.open_family(id);
        family.push(id);
        for member in &family {
            self.may_be_resolved(*member)?;
        }
        let open: Vec<TicketId> = family.into_iter().filter(|id| self.tickets.get(id).is_some_and(Ticket::is_open)).collect();
        for member in open {
            let concerned = self.concerned(member);
            self.set_ticket_state(member, TicketState::Resolved, Some(by.clone()));
            self.tell_house(member, concerned, Some(by), TicketNews::State, "");
        }
        Ok(Answer::Done)
    }

    pub(in crate::desk) fn merge_ticket(&mut self, by: &AgentId, id: TicketId, into: TicketId) -> Result<Answer, Refusal> {
        let ticket = self.tickets.get(&id).ok_or(Refusal::Gone)?.clone();
        let other = self.tickets.get(&into).ok_or(Refusal::Gone)?;
        if id == into || other.parent == Some(id) || ticket.parent == Some(into) {
            return Err(Refusal::BadRelation);
        }
        // Whoever sees the one by their link must not learn of somebody else's.
        if ticket.person != other.person {
            return Err(Refusal::OtherCustomer);
        }
        for child in ticket.children.iter().copied() {
            self.hang(child, Some(into));
        }
        if let Some(other) = self.tickets.get_mut(&into) {
            ticket.works.iter().for_each(|work| other.remember(*work));
            other.watchers.extend(ticket.watchers.iter().cloned());
            other.answered |= ticket.answered;
        }
        self.touch(Key::Ticket(into));
        self.inherit_clocks(into, &ticket);
        let concerned = self.concerned(id);
        self.facts.push(Fact::Ticket(id, TicketFact::Merged { into, by: by.clone() }));
        self.forget_ticket(id);
        self.tell_house(id, concerned, Some(by), TicketNews::Merged, "");
        Ok(Answer::Ticket(into))
    }

    pub(in crate::desk) fn split_ticket(&mut self, by: &AgentId, id: TicketId, subject: &str, works: Vec<Work>) -> Result<Answer, Refusal> {
        let subject = written(subject)?;
        let ticket = self.tickets.get(&id).ok_or(Refusal::Gone)?.clone();
        let new = NewTicket {
            priority: Some(ticket.priority),
            department: ticket.department.clone(),
            quiet: ticket.quiet,
            customer: ticket.customer.clone(),
            ..NewTicket::plain(ticket.person, subject)
        };
        let with = Beginning { split_from: Some(id), ..Beginning::default() };
        let other = self.insert_ticket(&new, Some(by), with, None);
        for work in &works {
            if let Some(ticket) = self.tickets.get_mut(&id) {
                ticket.works.remove(work);
            }
            if let Some(other) = self.tickets.get_mut(&other) {
                other.remember(*work);
            }
        }
        self.touch(Key::Ticket(id));
        self.facts.push(Fact::Ticket(id, TicketFact::Split { to: other, works, by: by.clone() }));
        self.ticket_arrived(other, Some(by), "");
        Ok(Answer::Ticket(other))
    }
}
