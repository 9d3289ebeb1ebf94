//! Whom of the house a ticket's news concern: whoever has it and who watches it hear of changes; its department hears of what arrives and
//! nobody has yet; and nobody hears of what they did themselves.

use super::cut;
use crate::desk::Desk;
use crate::desk::fact::{Fact, TicketFact, TicketNews};
use crate::desk::id::*;
use crate::desk::input::TicketChange;
use crate::desk::mention::named;
use std::collections::BTreeSet;

impl Desk {
    /// Whoever has it, and who watches it.
    pub(in crate::desk) fn concerned(&self, id: TicketId) -> BTreeSet<AgentId> {
        let ticket = self.tickets.get(&id);
        ticket.into_iter().flat_map(|ticket| ticket.assignee.iter().chain(&ticket.watchers)).cloned().collect()
    }

    pub(in crate::desk) fn tell_house(
        &mut self,
        id: TicketId,
        mut agents: BTreeSet<AgentId>,
        by: Option<&AgentId>,
        news: TicketNews,
        text: &str,
    ) {
        if let Some(by) = by {
            agents.remove(by);
        }
        if !agents.is_empty() {
            let fact = TicketFact::Notified { agents, news, by: by.cloned(), text: cut(text) };
            self.facts.push(Fact::Ticket(id, fact));
        }
    }

    /// It has come to its department. What somebody has in hand is no news to the others.
    pub(in crate::desk) fn ticket_arrived(&mut self, id: TicketId, by: Option<&AgentId>, text: &str) {
        if self.tickets.get(&id).is_some_and(|ticket| ticket.assignee.is_none()) {
            self.tell_house(id, self.department_of_ticket(id), by, TicketNews::Arrived, text);
        }
    }

    /// The customer has moved it: whoever has it goes on, and where nobody has it, somebody of its department.
    pub(in crate::desk) fn tell_whoever_may_act(&mut self, id: TicketId, news: TicketNews, text: &str) {
        let mut agents = self.concerned(id);
        if self.tickets.get(&id).is_some_and(|ticket| ticket.assignee.is_none()) {
            agents.extend(self.department_of_ticket(id));
        }
        self.tell_house(id, agents, None, news, text);
    }

    /// One change. Of those that mean more than their value, whoever decides them tells.
    pub(in crate::desk) fn tell_of_change(&mut self, id: TicketId, by: Option<&AgentId>, change: &TicketChange) {
        use TicketChange::*;
        match change {
            Comment(text) => {
                let mentioned = named(text, self.slots.keys());
                let others = self.concerned(id).difference(&mentioned).cloned().collect();
                self.tell_house(id, mentioned, by, TicketNews::Mention, text);
                self.tell_house(id, others, by, TicketNews::Comment, text);
            }
            Priority(_) | Subject(_) | Kind(_) | Field { .. } | Due(_) | Attach(_) => {
                self.tell_house(id, self.concerned(id), by, TicketNews::Changed, "");
            }
            State(_) | Assignee(_) | Department { .. } => {}
            Watch { .. } | Check { .. } | AddItem(_) | Related { .. } | Parent(_) | Quiet(_) | Contact(_) => {}
        }
    }

    fn department_of_ticket(&self, id: TicketId) -> BTreeSet<AgentId> {
        let department = self.tickets.get(&id).and_then(|ticket| ticket.department.as_ref());
        department.and_then(|id| self.catalog.tickets.departments.get(id)).map(|spec| spec.agents.clone()).unwrap_or_default()
    }
}
