//! The agent's leg of a call: it answers, fails, falls silent, comes back, hangs up.

use crate::desk::Desk;
use crate::desk::act::VoiceAct;
use crate::desk::fact::{CallFact, OfferEnd, QueuedReason, StatusWhy};
use crate::desk::id::*;
use crate::desk::input::{EndCause, EndedBy, LegFailure, WantedStatus};
use crate::desk::stage::Entry;
use crate::desk::work::{Leg, Stage};

/// An agent who was lost in mid-call is not the first to get the caller back, ms.
const LOST_PAUSE_MS: i64 = 30_000;

impl Desk {
    pub(super) fn agent_answered(&mut self, id: CallId, agent: AgentId) {
        let work = Work::Call(id);
        let offered = self.waiting(work).and_then(|w| w.offer.as_ref());
        let picked_up = offered.is_some_and(|o| o.agent == agent && matches!(o.leg, Leg::Phone | Leg::Joining));
        if picked_up && let Some(slot) = self.slot(&agent) {
            self.bridge(id, slot);
        } else if self.serving(work).is_some_and(|s| s.agent == agent) {
            self.agent_heard(id, agent);
        } else {
            // Picked up in the moment in which the offer ended, or the caller was gone.
            self.voice(id, VoiceAct::Drop { agent });
        }
    }

    pub(super) fn agent_failed(&mut self, id: CallId, agent: AgentId, cause: LegFailure) {
        let work = Work::Call(id);
        if self.waiting(work).and_then(|w| w.offer.as_ref()).is_some_and(|o| o.agent == agent && o.leg != Leg::Page) {
            let how = match cause {
                LegFailure::Busy | LegFailure::Declined => OfferEnd::Declined,
                LegFailure::NoAnswer => OfferEnd::TimedOut,
                LegFailure::Unreachable => OfferEnd::Failed,
            };
            self.lose_offer(work, how);
        } else if self.serving(work).is_some_and(|s| s.agent == agent) {
            self.lose_agent(id);
        }
    }

    /// The desk phone was hung up: that ends the call, or declines what it had just picked up.
    pub(super) fn agent_left(&mut self, id: CallId, agent: AgentId) {
        let work = Work::Call(id);
        if self.waiting(work).and_then(|w| w.offer.as_ref()).is_some_and(|o| o.agent == agent) {
            self.lose_offer(work, OfferEnd::Declined);
        } else if self.serving(work).is_some_and(|s| s.agent == agent) {
            self.voice(id, VoiceAct::End { cause: EndCause::Normal });
            self.finish(id, EndedBy::Agent, EndCause::Normal);
        }
    }

    pub(super) fn agent_silent(&mut self, id: CallId, agent: AgentId) {
        let now = self.now;
        let Some(serving) = self.serving(Work::Call(id)).filter(|s| s.agent == agent && s.silent.is_none()) else {
            return;
        };
        let (held, music) = (serving.held, self.music(&serving.queue.clone()));
        if let Some(serving) = self.serving_mut(Work::Call(id)) {
            serving.silent = Some(now);
        }
        self.call_fact(id, CallFact::AgentSilent { agent: agent.clone(), silent: true });
        if !held {
            self.voice(id, VoiceAct::Hold { agent, music });
        }
    }

    pub(super) fn agent_heard(&mut self, id: CallId, agent: AgentId) {
        let Some(serving) = self.serving(Work::Call(id)).filter(|s| s.agent == agent && s.silent.is_some()) else {
            return;
        };
        let held = serving.held;
        if let Some(serving) = self.serving_mut(Work::Call(id)) {
            serving.silent = None;
        }
        self.call_fact(id, CallFact::AgentSilent { agent: agent.clone(), silent: false });
        if !held {
            self.voice(id, VoiceAct::Bridge { agent });
        }
    }

    /// The agent did not come back in time: the caller goes to the head of the queue and others are asked first.
    pub(super) fn lose_agent(&mut self, id: CallId) {
        let work = Work::Call(id);
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
        if self.seats.get(slot).is_some_and(|s| !s.agent.page_open && s.voice_problem().is_some()) {
            self.choose(slot, WantedStatus::Offline, StatusWhy::PageGone);
        }
    }
}
