//! The capacity ledger: what each agent holds, in points, the same for calls and text. Reserved before an offer, released exactly once.
//! A contact of a customer whom the agent is already serving costs nothing.

use super::agent::Agent;
use super::id::*;
use serde::{Deserialize, Serialize};

/// One reservation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hold {
    pub work: Work,
    pub person: PersonId,
    /// What this kind of work costs.
    pub cost: u32,
    /// What it takes here: less than the cost when another hold pays for the same person.
    pub charge: u32,
    /// Being served, not merely offered.
    pub served: bool,
}

impl Agent {
    /// What one more contact would take.
    pub fn charge_for(&self, person: PersonId, cost: u32) -> u32 {
        if self.holds.iter().any(|h| h.served && h.person == person) { 0 } else { cost }
    }

    /// The caller has checked that there is room.
    pub fn reserve(&mut self, work: Work, person: PersonId, cost: u32) {
        debug_assert!(self.holds.iter().all(|h| h.work != work), "{work} is held already");
        let charge = self.charge_for(person, cost);
        self.used += charge;
        self.holds.push(Hold { work, person, cost, charge, served: false });
    }

    /// Gives the points back. When another contact of the same person stays, it takes over the charge as far as its own cost goes, so
    /// that the order in which two contacts end does not make the second one free for ever.
    pub fn release(&mut self, work: Work) {
        let Some(index) = self.holds.iter().position(|h| h.work == work) else {
            return;
        };
        let released = self.holds.remove(index);
        self.used = self.used.saturating_sub(released.charge);
        let heir = self.holds.iter_mut().find(|h| h.person == released.person && h.charge == 0);
        if let (Some(heir), true) = (heir, released.charge > 0) {
            heir.charge = heir.cost.min(released.charge);
            self.used += heir.charge;
        }
        if self.drained_for == Some(work) {
            self.drained_for = None;
        }
    }

    pub fn served(&mut self, work: Work) {
        if let Some(hold) = self.holds.iter_mut().find(|h| h.work == work) {
            hold.served = true;
        }
    }
}
