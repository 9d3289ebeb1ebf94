//! The agent's leg of a call: it answers, fails, falls silent, comes back, hangs up.

use crate::desk::Desk;
use crate::desk::act::VoiceAct;
use crate::desk::call::Reaching;
use crate::desk::fact::{CallFact, ConsultEnd, OfferEnd, QueuedReason, StatusWhy};
use crate::desk::id::*;
use crate::desk::input::{EndCause, EndedBy, LegFailure, LegParty, WantedStatus};
use crate::desk::party::{Party, Presence};
use crate::desk::stage::Entry;
use crate::desk::work::{Leg, Stage};

/// An agent who was lost in mid-call is not the first to get the caller back, ms.
const LOST_PAUSE_MS: i64 = 30_000;

impl Desk {
    pub(super) fn agent_answered(&mut self, id: CallId, agent: AgentId) {
        let work = Work::Call(id);
        let offered = self.waiting(work).and_then(|w| w.offer.as_ref());
        let picked_up = offered.is_some_and(|o| o.agent == agent && matches!(o.leg, Leg::Phone | Leg::Joining));
        let me = LegParty::Agent(agent.clone());
        if picked_up && let Some(slot) = self.slot(&agent) {
            self.bridge(id, slot);
        } else if self.serving(work).is_some_and(|s| s.agent == agent) {
            self.own_leg_up(id, &agent);
            self.agent_heard(id, agent);
        } else if self.party(id, &me).is_some_and(Party::is_in) {
            self.agent_heard(id, agent);
        } else if !self.party_joined(id, &me) && !self.watch_up(id, &agent) {
            // Picked up in the moment in which the offer ended, or the caller was gone.
            self.voice(id, VoiceAct::Drop { agent });
        }
    }

    pub(super) fn agent_failed(&mut self, id: CallId, agent: AgentId, cause: LegFailure) {
        let work = Work::Call(id);
        if self.waiting(work).and_then(|w| w.offer.as_ref()).is_some_and(|o| o.agent == agent && o.leg != Leg::Page) {
            match cause {
                LegFailure::Busy => self.lose_offer_to_busy(work),
                LegFailure::Declined => self.lose_offer(work, OfferEnd::Declined),
                LegFailure::NoAnswer => self.lose_offer(work, OfferEnd::TimedOut),
                LegFailure::Unreachable | LegFailure::NoSuchNumber => self.lose_offer(work, OfferEnd::Failed),
            }
        } else if self.serving(work).is_some_and(|s| s.agent == agent) {
            self.lose_agent(id);
        } else {
            let me = LegParty::Agent(agent.clone());
            if !self.watch_leg_gone(id, &agent) && !self.party_failed(id, &me, Some(cause)) {
                self.party_gone(id, &me, ConsultEnd::Left);
            }
        }
    }

    /// The desk phone was hung up: that ends the call, or declines what it had just picked up.
    pub(super) fn agent_left(&mut self, id: CallId, agent: AgentId) {
        let work = Work::Call(id);
        if self.waiting(work).and_then(|w| w.offer.as_ref()).is_some_and(|o| o.agent == agent) {
            self.lose_offer(work, OfferEnd::Declined);
        } else if self.serving(work).is_some_and(|s| s.agent == agent) {
            self.charge_hung_up(id, agent);
        } else {
            let me = LegParty::Agent(agent.clone());
            if !self.watch_leg_gone(id, &agent) && !self.party_failed(id, &me, Some(LegFailure::Declined)) {
                self.party_gone(id, &me, ConsultEnd::Left);
            }
        }
    }

    pub(super) fn agent_silent(&mut self, id: CallId, agent: AgentId) {
        let now = self.now;
        if self.watch_silent(id, &agent, true) {
            return;
        }
        if self.silence_of(id, &agent).is_some_and(|silent| silent.replace(now).is_none()) {
            self.call_fact(id, CallFact::AgentSilent { agent, silent: true });
            self.retune(id);
        }
    }

    pub(super) fn agent_heard(&mut self, id: CallId, agent: AgentId) {
        if self.watch_silent(id, &agent, false) {
            return;
        }
        if self.silence_of(id, &agent).is_some_and(|silent| silent.take().is_some()) {
            self.call_fact(id, CallFact::AgentSilent { agent, silent: false });
            self.retune(id);
        }
    }

    /// Since when nothing is heard of an agent in this call.
    fn silence_of(&mut self, id: CallId, agent: &AgentId) -> Option<&mut Option<At>> {
        if self.serving(Work::Call(id)).is_some_and(|s| s.agent == *agent) {
            return self.serving_mut(Work::Call(id)).map(|serving| &mut serving.silent);
        }
        match &mut self.party_mut(id, &LegParty::Agent(agent.clone()))?.presence {
            Presence::In { silent, .. } => Some(silent),
            Presence::Ringing { .. } => None,
        }
    }

    /// The agent did not come back in time: the caller goes to the head of the queue and others are asked first.
    pub(super) fn lose_agent(&mut self, id: CallId) {
        let work = Work::Call(id);
        if self.calls.get(&id).is_some_and(|call| matches!(call.reaching, Some(Reaching::Own { .. }))) {
            return self.not_reached(id);
        }
        let Some(agent) = self.serving(work).map(|s| s.agent.clone()) else {
            return;
        };
        if self.step_out(id, None) {
            return self.gone_if_unreachable(&agent);
        }
        if self.calls.get(&id).is_some_and(|call| !call.has_customer()) {
            self.voice(id, VoiceAct::End { cause: EndCause::Failed });
            self.finish(id, EndedBy::Agent, EndCause::Failed);
            return self.gone_if_unreachable(&agent);
        }
        self.dismiss_all(id);
        let Some(serving) = self.release(work) else {
            return;
        };
        self.voice(id, VoiceAct::Drop { agent: serving.agent.clone() });
        self.enqueue(work, Entry::at_head(serving.queue.clone(), self.now, QueuedReason::AgentLost));
        let until = self.now.after(LOST_PAUSE_MS);
        if let Some(job) = self.job_mut(work)
            && let Stage::Waiting(waiting) = &mut job.stage
        {
            waiting.passed.push((serving.agent.clone(), until));
        }
        self.play_next(id);
        let Some(slot) = self.slot(&serving.agent) else {
            return;
        };
        self.begin_wrap_up(slot, id, &serving.queue);
        self.gone_if_unreachable(&serving.agent);
    }

    /// Everybody who is rung or consulted, before the customer goes to somebody else.
    pub(super) fn dismiss_all(&mut self, id: CallId) {
        let parties: Vec<LegParty> = self.calls.get(&id).into_iter().flat_map(|c| &c.parties).map(|p| p.who.clone()).collect();
        for party in parties {
            self.dismiss_party(id, &party);
        }
    }

    fn gone_if_unreachable(&mut self, agent: &AgentId) {
        let Some(slot) = self.slot(agent) else { return };
        if self.seats.get(slot).is_some_and(|s| !s.agent.page_open && s.voice_problem().is_some()) {
            self.choose(slot, WantedStatus::Offline, StatusWhy::PageGone);
        }
    }

    /// The silence of a colleague in the call has lasted too long: the others go on without them.
    pub(super) fn lose_colleague(&mut self, id: CallId, agent: &AgentId) {
        let who = LegParty::Agent(agent.clone());
        self.let_leg_go(id, &who);
        self.party_gone(id, &who, ConsultEnd::Left);
        self.gone_if_unreachable(agent);
    }
}
