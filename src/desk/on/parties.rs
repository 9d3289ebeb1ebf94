//! What is heard of those whom we dial: the customer of a call of ours, and numbers outside.

use crate::desk::Desk;
use crate::desk::act::VoiceAct;
use crate::desk::fact::ConsultEnd;
use crate::desk::id::CallId;
use crate::desk::input::{EndCause, EndedBy, LegFailure, LegParty};

impl Desk {
    pub(super) fn party_answered(&mut self, id: CallId, who: &LegParty) {
        if !self.calls.contains_key(&id) {
            return;
        }
        match who {
            LegParty::Customer => self.customer_answered(id),
            LegParty::Agent(agent) => self.agent_answered(id, agent.clone()),
            // Answered in the moment in which they were wanted no more.
            LegParty::Outside(_) if !self.party_joined(id, who) => self.voice(id, VoiceAct::Dismiss { party: who.clone() }),
            LegParty::Outside(_) => {}
        }
    }

    pub(super) fn party_not_had(&mut self, id: CallId, who: &LegParty, cause: LegFailure) {
        match who {
            LegParty::Customer => self.customer_not_reached(id, cause),
            LegParty::Agent(agent) => self.agent_failed(id, agent.clone(), cause),
            LegParty::Outside(_) => {
                self.party_failed(id, who, Some(cause));
            }
        }
    }

    pub(super) fn party_left(&mut self, id: CallId, who: &LegParty) {
        match who {
            LegParty::Customer => self.customer_gone(id, EndedBy::Customer, EndCause::Normal),
            LegParty::Agent(agent) => self.agent_left(id, agent.clone()),
            LegParty::Outside(_) => {
                self.party_gone(id, who, ConsultEnd::Left);
            }
        }
    }
}
