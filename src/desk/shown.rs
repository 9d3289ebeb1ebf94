//! What was before an agent's eyes before they answered: the page tells that it shows the card of what is offered. That is how it is
//! measured whether whoever gets a contact knows what the customer has said elsewhere.

use super::Desk;
use super::fact::RoutingFact;
use super::id::*;
use super::input::LegParty;
use super::refusal::Refusal;
use super::step::Answer;

impl Desk {
    /// Counts only for what is offered to this agent now: what is told later has been shown too late.
    pub(super) fn card_shown(&mut self, agent: AgentId, work: Work) -> Result<Answer, Refusal> {
        let offered = self.waiting(work).and_then(|waiting| waiting.offer.as_ref()).is_some_and(|offer| offer.agent == agent);
        let rung = match work {
            Work::Call(call) => self.party(call, &LegParty::Agent(agent.clone())).is_some_and(|party| !party.is_in()),
            Work::Conversation(_) | Work::Callback(_) => false,
        };
        // Work that is still in line, looked at by somebody who takes it out.
        let looked_at = self.waiting(work).is_some_and(|waiting| waiting.offer.is_none());
        if offered || rung || looked_at {
            self.routing_fact(work, RoutingFact::CardShown { agent });
        }
        Ok(Answer::Done)
    }
}
