//! Customers who are written down before they come, what agents know them by, those whom nobody serves, and those of whom the firm's own
//! system has told.

use super::Desk;
use super::fact::{Fact, PersonFact};
use super::id::*;
use super::input::Entered;
use super::person::Identity;
use super::proactive::Proactive;
use super::refusal::Refusal;
use super::same::Proof;
use super::step::Answer;

impl Desk {
    /// Numbers new customers, in their order. Whoever enters them has looked that none is known.
    pub(super) fn enter_people(&mut self, by: AgentId, people: Vec<Entered>, proof: Proof) -> Result<Answer, Refusal> {
        if people.iter().any(|one| one.identities.is_empty()) {
            return Err(Refusal::Empty);
        }
        let mut ids = Vec::with_capacity(people.len());
        for Entered { name, identities } in people {
            let person = PersonId(self.mint(|ids| &mut ids.person));
            let first = identities.first().map(|identity| identity.value.clone()).unwrap_or_default();
            let name = if name.is_empty() { first } else { name };
            self.facts.push(Fact::Person(person, PersonFact::Entered { name, identities, proof, by: by.clone() }));
            ids.push(person);
        }
        Ok(Answer::People(ids))
    }

    /// What the customer is known by already is confirmed by it. Nobody loses what is theirs: two who are one are joined, not written over.
    pub(super) fn add_identity(
        &mut self,
        by: AgentId,
        person: PersonId,
        identity: Identity,
        whose: Option<PersonId>,
    ) -> Result<Answer, Refusal> {
        let person = self.living(person);
        // Somebody whom the desk has only just added may not be on disk yet.
        let here = self.known.get(&identity).into_iter().flat_map(|people| people.keys().copied());
        if whose.map(|whose| self.whose(&identity, whose)).into_iter().chain(here).any(|other| other != person) {
            return Err(Refusal::SomebodyElses);
        }
        self.facts.push(Fact::Person(person, PersonFact::IdentityAdded { identity, proof: Some(Proof::Agent), by: Some(by) }));
        Ok(Answer::Done)
    }

    /// Who is heard by it the next time is somebody new. A word of consent is not lost with it.
    pub(super) fn remove_identity(
        &mut self,
        by: AgentId,
        person: PersonId,
        identity: Identity,
        opted_out: bool,
    ) -> Result<Answer, Refusal> {
        if opted_out {
            return Err(Refusal::OptedOut);
        }
        let promised = |proactive: &Proactive| proactive.waits() && proactive.ask.to.who.identity == identity;
        if self.known.contains_key(&identity) || self.proactives.values().any(promised) {
            return Err(Refusal::IdentityInUse);
        }
        let person = self.living(person);
        self.facts.push(Fact::Person(person, PersonFact::IdentityRemoved { identity, by }));
        Ok(Answer::Done)
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
