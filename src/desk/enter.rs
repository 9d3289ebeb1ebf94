//! Customers who are written down before they come, those whom nobody serves, and those of whom the firm's own system has told.

use super::Desk;
use super::fact::{Fact, PersonFact};
use super::id::*;
use super::input::Entered;
use super::person::Identity;
use super::refusal::Refusal;
use super::step::Answer;

impl Desk {
    /// Numbers new customers, in their order. Whoever enters them has looked that none is known.
    pub(super) fn enter_people(&mut self, by: AgentId, people: Vec<Entered>) -> Result<Answer, Refusal> {
        if people.iter().any(|one| one.identities.is_empty()) {
            return Err(Refusal::Empty);
        }
        let mut ids = Vec::with_capacity(people.len());
        for Entered { name, identities } in people {
            let person = PersonId(self.mint(|ids| &mut ids.person));
            let first = identities.first().map(|identity| identity.value.clone()).unwrap_or_default();
            let name = if name.is_empty() { first } else { name };
            self.facts.push(Fact::Person(person, PersonFact::Entered { name, identities, by: by.clone() }));
            ids.push(person);
        }
        Ok(Answer::People(ids))
    }

    /// Who is blocked is refused from the next contact on; what is under way goes on.
    pub(super) fn block(&mut self, by: AgentId, person: PersonId, on: bool, reason: String) -> Result<Answer, Refusal> {
        let person = self.living(person);
        self.facts.push(Fact::Person(person, PersonFact::Blocked { on, by, reason }));
        Ok(Answer::Done)
    }

    /// What it has told is in the store; the desk says whose it is.
    pub(super) fn record_told(&mut self, person: PersonId, identity: Identity) {
        let person = self.living(person);
        self.facts.push(Fact::Person(person, PersonFact::RecordTold { identity }));
    }
}
