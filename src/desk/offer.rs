//! From an offer to service and out of it: the moves that calls and conversations share. Each keeps the ledger right.

use super::act::VoiceAct;
use super::agent::REST_MS;
use super::fact::{CallFact, Decision, OfferEnd, QueuedReason, RoutingFact, StatusWhy};
use super::id::*;
use super::input::{LegFailure, LegParty, WantedStatus};
use super::queue::Served;
use super::stage::Entry;
use super::work::{Leg, Offer, Serving, Stage};
use super::{Desk, Key};

/// How long others go first after an agent missed or could not be reached, and after they declined, ms.
const MISSED_PAUSE_MS: i64 = 10_000;
const DECLINED_PAUSE_MS: i64 = 30_000;

impl Desk {
    /// Points that this work takes.
    pub(super) fn cost(&self, work: Work) -> u32 {
        match work {
            Work::Call(_) | Work::Callback(_) => self.catalog.routing.call_cost,
            Work::Conversation(id) => {
                let channel = self.conversations.get(&id).and_then(|c| self.catalog.channels.get(&c.channel));
                channel.map_or(0, |c| c.cost)
            }
        }
    }

    /// Reserves and rings. The caller has checked that the agent may have it.
    pub(super) fn make_offer(&mut self, work: Work, slot: usize, decision: Decision) {
        let cost = self.cost(work);
        let phone = self.seats.get(slot).and_then(|s| s.post.as_ref()).and_then(|p| p.phone.clone());
        let Some(job) = self.job(work) else { return };
        let person = job.person;
        let Some(queue) = self.waiting(work).map(|w| w.queue.clone()) else {
            return;
        };
        let until = self.now.after(self.queue_spec(&queue).map_or(0, |q| q.offer_ms).max(1_000));
        let ring = phone.filter(|_| matches!(work, Work::Call(_)));
        let drained = self.waiting(work).and_then(|w| w.drains.clone()).and_then(|agent| self.slot(&agent));
        if let Some(drained) = drained {
            self.stop_draining(drained);
        }
        let Some(agent) = self.agent_mut(slot) else {
            return;
        };
        agent.reserve(work, person, cost);
        let id = agent.id.clone();
        let leg = if ring.is_some() { Leg::Phone } else { Leg::Page };
        let Some(waiting) = self.waiting_mut(work) else {
            return;
        };
        waiting.offer = Some(Offer { agent: id.clone(), until, leg });
        self.routing_fact(work, RoutingFact::Offered { person, queue, agent: id.clone(), until, decision });
        if let (Work::Call(call), Some(phone)) = (work, ring) {
            self.voice(call, VoiceAct::RingPhone { agent: id, phone });
        }
    }

    /// Takes an offer back: the points are free again and a ringing leg stops.
    pub(super) fn end_offer(&mut self, work: Work, how: OfferEnd) -> Option<AgentId> {
        let offer = self.waiting_mut(work)?.offer.take()?;
        if let Some(slot) = self.slot(&offer.agent) {
            if let Some(agent) = self.agent_mut(slot) {
                agent.release(work);
            }
            self.freed.insert(slot);
        }
        self.routing_fact(work, RoutingFact::OfferEnded { agent: offer.agent.clone(), how });
        if let (Work::Call(call), Leg::Phone | Leg::Joining) = (work, offer.leg) {
            self.voice(call, VoiceAct::Drop { agent: offer.agent.clone() });
        }
        Some(offer.agent)
    }

    /// The agent did not take it: back to the head of its queue, others first.
    pub(super) fn lose_offer(&mut self, work: Work, how: OfferEnd) {
        let pause = if how == OfferEnd::Declined { DECLINED_PAUSE_MS } else { MISSED_PAUSE_MS };
        self.lose_offer_for(work, how, pause);
    }

    /// Nobody declined: their telephone was in use, perhaps by a call that is just over.
    pub(super) fn lose_offer_to_busy(&mut self, work: Work) {
        self.lose_offer_for(work, OfferEnd::Declined, MISSED_PAUSE_MS);
    }

    fn lose_offer_for(&mut self, work: Work, how: OfferEnd, pause: i64) {
        let Some(agent) = self.end_offer(work, how) else {
            return;
        };
        let now = self.now;
        let Some(mut waiting) = self.waiting(work).cloned() else {
            return;
        };
        waiting.passed.retain(|(who, until)| *who != agent && *until > now);
        waiting.passed.push((agent.clone(), now.after(pause)));
        // A customer who is not on the line must not overtake those who are.
        let head = !matches!(work, Work::Callback(_));
        waiting.head = head;
        let (queue, priority) = (waiting.queue.clone(), waiting.priority);
        self.set_stage(work, Stage::Waiting(waiting));
        let Some(person) = self.job(work).map(|j| j.person) else {
            return;
        };
        let reason = QueuedReason::OfferLost;
        self.routing_fact(work, RoutingFact::Queued { person, queue, priority, head, reason });
        self.waking.insert(work);
        if let Work::Call(call) = work {
            self.stop_ringing(call);
        }
        if matches!(how, OfferEnd::TimedOut | OfferEnd::Failed) {
            self.count_missed(&agent);
        }
    }

    /// A direct caller who only heard ringing is answered, so that they hear that they wait.
    pub(super) fn stop_ringing(&mut self, call: CallId) {
        if self.calls.get(&call).is_some_and(|c| !c.answered) {
            self.answer_call(call);
            self.play_next(call);
        }
    }

    fn count_missed(&mut self, agent: &AgentId) {
        let limit = self.catalog.routing.missed_limit;
        let now = self.now;
        let Some(slot) = self.slot(agent) else { return };
        let rests = self.seats.get(slot).and_then(|s| s.post.as_ref()).is_some_and(|p| p.always_available);
        let Some(state) = self.agent_mut(slot) else {
            return;
        };
        state.missed += 1;
        if limit == 0 || state.missed < limit {
            return;
        }
        if rests {
            state.rest_until = Some(now.after(REST_MS));
        }
        self.choose(slot, WantedStatus::Busy, StatusWhy::MissedOffers);
        self.withdraw_offers(slot, OfferEnd::Withdrawn);
    }

    /// Everything that rings at this agent goes back.
    pub(super) fn withdraw_offers(&mut self, slot: usize, how: OfferEnd) {
        let Some(seat) = self.seats.get(slot) else {
            return;
        };
        let offered: Vec<Work> = seat.agent.holds.iter().filter(|h| !h.served).map(|h| h.work).collect();
        for work in offered {
            self.take_back(slot, work, how);
        }
    }

    /// What rings at this agent rings no more, be it an offer or a colleague's call for them.
    pub(super) fn take_back(&mut self, slot: usize, work: Work, how: OfferEnd) {
        let Some(agent) = self.seats.get(slot).map(|s| s.agent.id.clone()) else {
            return;
        };
        if self.waiting(work).and_then(|w| w.offer.as_ref()).is_some_and(|o| o.agent == agent) {
            self.lose_offer(work, how);
        } else if let Work::Call(id) = work {
            let who = LegParty::Agent(agent);
            self.let_leg_go(id, &who);
            self.party_failed(id, &who, Some(LegFailure::Unreachable));
        }
    }

    /// The agent has it from now on. Work that was not offered is reserved here.
    pub(super) fn assign(&mut self, work: Work, slot: usize) {
        let now = self.now;
        let cost = self.cost(work);
        let Some(waiting) = self.waiting(work).cloned() else {
            return;
        };
        let Some(person) = self.job(work).map(|j| j.person) else {
            return;
        };
        let Some(seat) = self.seats.get(slot) else {
            return;
        };
        let phone = matches!(work, Work::Call(_)) && seat.post.as_ref().is_some_and(|p| p.phone.is_some());
        let Some(agent) = self.agent_mut(slot) else {
            return;
        };
        let id = agent.id.clone();
        if agent.holds.iter().all(|h| h.work != work) {
            agent.reserve(work, person, cost);
        }
        agent.served(work);
        agent.missed = 0;
        agent.idle_since = now;
        if waiting.offer.is_some() {
            self.routing_fact(work, RoutingFact::OfferEnded { agent: id.clone(), how: OfferEnd::Accepted });
        }
        let busy = self.lane(&waiting.queue).and_then(|lane| lane.pace.of(work).busy);
        let serving = Serving { agent: id.clone(), queue: waiting.queue.clone(), since: now, held: false, silent: None, phone };
        self.set_stage(work, Stage::Serving(serving));
        if let Some(job) = self.job_mut(work) {
            job.last_agent = Some(id.clone());
        }
        let served = id.clone();
        self.routing_fact(work, RoutingFact::Assigned { person, agent: id, waited_ms: now.since(waiting.since) });
        if let Some(lane) = self.lane_mut(&waiting.queue) {
            let (waited_ms, offer_ms) = (now.since(waiting.since), lane.spec.offer_ms);
            let others_wait = lane.others_wait(work);
            lane.pace.of_mut(work).assigned(now, &Served { busy, waited_ms, offer_ms, others_wait });
        }
        self.ticket_for(work, &waiting.queue);
        if let Work::Call(call) = work {
            self.caller_served(call, &served);
            self.gather_texts(person, slot);
        }
        if let Work::Conversation(_) = work {
            self.writer_served(person, &served);
        }
    }

    /// What a customer has written and nobody has yet taken goes to the agent who now talks to them, also while it rings at their place. What
    /// rings at another's is left there: they may be about to answer it.
    fn gather_texts(&mut self, person: PersonId, slot: usize) {
        let Some(seat) = self.seats.get(slot).filter(|seat| seat.agent.page_open) else { return };
        let agent = seat.agent.id.clone();
        let texts: Vec<Work> = self.people.get(&person).into_iter().flatten().copied().collect();
        for work in texts {
            let waits = self.waiting(work).is_some_and(|w| w.offer.as_ref().is_none_or(|offer| offer.agent == agent));
            if waits && matches!(work, Work::Conversation(_)) {
                self.assign(work, slot);
            }
        }
    }

    /// The agent picked up: both hear each other.
    pub(super) fn bridge(&mut self, call: CallId, slot: usize) {
        self.answer_call(call);
        self.assign(Work::Call(call), slot);
        self.retune(call);
        let queue = self.serving(Work::Call(call)).map(|s| s.queue.clone());
        let inbound = self.calls.get(&call).is_none_or(|state| state.direction.is_inbound());
        let records = queue.as_ref().and_then(|q| self.queue_spec(q)).is_some_and(|q| q.record || !inbound && q.record_outbound);
        let notice = queue.and_then(|queue| self.notice_of(&queue));
        let mut untold = false;
        if let Some(state) = self.calls.get_mut(&call) {
            // Who is taken out of the line in the middle of it has not been told.
            untold = notice.is_some() && !state.noticed;
            state.prompts.clear();
            state.waits.quiet();
        }
        if records && !untold {
            self.begin_recording(call);
        }
        if let Some(agent) = self.serving(Work::Call(call)).map(|s| s.agent.clone()) {
            self.pause_among_others(call, agent.clone(), false);
            self.pause_elsewhere(call, agent, !records);
        }
        self.touch(Key::Call(call));
    }

    /// One recording per call, from the first talk to the end, whoever comes and goes.
    pub(super) fn begin_recording(&mut self, call: CallId) {
        let Some(state) = self.calls.get_mut(&call).filter(|call| call.recording.is_none()) else {
            return;
        };
        let file = format!("{call}.wav");
        state.recording = Some(file.clone());
        self.touch(Key::Call(call));
        self.voice(call, VoiceAct::Record { file: file.clone() });
        self.call_fact(call, CallFact::RecordingStarted { file });
    }

    /// The agent has nothing more to do with it. The caller sets the next stage.
    pub(super) fn release(&mut self, work: Work) -> Option<Serving> {
        let serving = self.serving(work)?.clone();
        let now = self.now;
        let slot = self.slot(&serving.agent)?;
        let agent = self.agent_mut(slot)?;
        agent.release(work);
        agent.idle_since = now;
        self.routing_fact(work, RoutingFact::Released { agent: serving.agent.clone() });
        self.freed.insert(slot);
        Some(serving)
    }

    /// An agent is gone: what they were writing goes to the head of its queue.
    pub(super) fn give_back_conversations(&mut self, slot: usize) {
        let Some(seat) = self.seats.get(slot) else {
            return;
        };
        let text = seat.agent.holds.iter().filter(|h| h.served && matches!(h.work, Work::Conversation(_)));
        let text: Vec<Work> = text.map(|h| h.work).collect();
        for work in text {
            if let Some(serving) = self.release(work) {
                self.enqueue(work, Entry::at_head(serving.queue, self.now, QueuedReason::AgentLost));
            }
        }
    }
}
