//! What rules see of a ticket's customer: what their open contact knows, else what the last one did, or whoever opened the ticket.

use crate::desk::id::{PersonId, Work};
use crate::desk::rules::About;
use crate::desk::{Desk, Key};

impl Desk {
    /// Of a ticket that is being opened; `told` by whoever asks for it. What no rule reads is not kept.
    pub(in crate::desk) fn customer_of(&self, person: PersonId, told: &About) -> About {
        let rules = &self.catalog.rules;
        if rules.list.is_empty() {
            return About::default();
        }
        let job = self.people.get(&person).into_iter().flatten().find_map(|work| self.job(*work));
        let mut customer = job.map_or_else(|| told.clone(), |job| self.about_customer(job));
        if !rules.reads_fields {
            customer.fields.clear();
        }
        customer
    }

    /// A contact goes out of hearing: what it knew of its customer stays known with their tickets.
    pub(in crate::desk) fn tickets_learn(&mut self, work: Work) {
        if self.catalog.rules.list.is_empty() {
            return;
        }
        if let Some((person, customer)) = self.job(work).map(|job| (job.person, self.about_customer(job))) {
            self.each_ticket_of(person, |about| about.clone_from(&customer));
        }
    }

    /// A tag that the customer has got, or lost.
    pub(in crate::desk) fn tickets_tagged(&mut self, person: PersonId, tag: &str, on: bool) {
        if !self.catalog.rules.list.is_empty() {
            self.each_ticket_of(person, |about| {
                about.tags.remove(tag);
                about.tags.extend(on.then(|| tag.to_owned()));
            });
        }
    }

    fn each_ticket_of(&mut self, person: PersonId, change: impl Fn(&mut About)) {
        for id in self.tickets_of.get(&person).cloned().unwrap_or_default() {
            let Some(ticket) = self.tickets.get_mut(&id) else { continue };
            let before = ticket.customer.clone();
            change(&mut ticket.customer);
            if ticket.customer != before {
                self.touch(Key::Ticket(id));
            }
        }
    }
}
