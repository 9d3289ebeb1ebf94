//! Parking: the customer waits with music at a numbered slot, until any agent of the queue fetches them. Nobody forgets them there: after a
//! while they go back to whoever parked them, and to the head of the queue.

use crate::desk::Desk;
use crate::desk::act::VoiceAct;
use crate::desk::call::Apart;
use crate::desk::fact::{CallFact, Decision, QueuedReason, Reason};
use crate::desk::id::*;
use crate::desk::refusal::Refusal;
use crate::desk::stage::Entry;
use crate::desk::step::Answer;
use std::collections::BTreeSet;

impl Desk {
    /// At this slot, or at the first that is free.
    pub(super) fn park(&mut self, slot: usize, by: AgentId, id: CallId, wanted: Option<u32>) -> Result<Answer, Refusal> {
        self.talks(&by, id)?;
        let call = self.calls.get(&id).filter(|call| call.has_customer()).ok_or(Refusal::Gone)?;
        if !call.parties.is_empty() {
            return Err(Refusal::OthersInTheCall);
        }
        let number = self.free_slot(wanted).ok_or(Refusal::NoSlot)?;
        let Some(serving) = self.release(Work::Call(id)) else { return Err(Refusal::Gone) };
        let until = self.now.after(self.catalog.routing.park_ms);
        self.voice(id, VoiceAct::Drop { agent: by.clone() });
        self.set_apart(id, Apart::Parked { slot: number, by: by.clone(), queue: serving.queue, since: self.now, until });
        self.call_fact(id, CallFact::Parked { by, slot: number, until });
        self.retune(id);
        self.settle_status(slot);
        Ok(Answer::Parked(number))
    }

    fn free_slot(&self, wanted: Option<u32>) -> Option<u32> {
        let taken: BTreeSet<u32> = self.calls.values().filter_map(|call| parked_at(call.apart.as_ref())).collect();
        self.catalog.routing.park_slots.clone().find(|slot| wanted.is_none_or(|wanted| wanted == *slot) && !taken.contains(slot))
    }

    /// Fetches what is parked there: as if the agent had taken it out of the queue.
    pub(super) fn pick_up(&mut self, slot: usize, by: AgentId, number: u32) -> Result<Answer, Refusal> {
        let found = self.calls.values().find(|call| parked_at(call.apart.as_ref()) == Some(number));
        let (id, parker, queue) = match found.map(|call| (call.id, call.apart.clone())) {
            Some((id, Some(Apart::Parked { by, queue, .. }))) => (id, by, queue),
            _ => return Err(Refusal::NothingParked),
        };
        let work = Work::Call(id);
        let member =
            parker == by || self.is_member(&queue, &by) || self.catalog.agents.get(&parker).is_some_and(|p| self.shares_queue(&by, p));
        if !member {
            return Err(Refusal::NotYours);
        }
        self.can_reach_for(slot, work)?;
        if let Some(call) = self.calls.get_mut(&id) {
            call.apart = None;
            call.told = Default::default();
        }
        self.call_fact(id, CallFact::Unparked { by: Some(by.clone()), slot: number });
        self.enqueue(work, Entry::at_head(queue, self.now, QueuedReason::Transferred));
        self.waking.remove(&work);
        self.make_offer(work, slot, Decision { chosen: vec![Reason::Took], ..Decision::default() });
        if self.phone_of(slot).is_none() {
            self.join(slot, by, id)?;
        }
        Ok(Answer::Call(id))
    }

    fn shares_queue(&self, agent: &AgentId, with: &crate::desk::catalog::AgentSpec) -> bool {
        with.queues.iter().any(|queue| self.is_member(queue, agent))
    }

    /// Nobody has fetched it.
    pub(super) fn park_over(&mut self, id: CallId) {
        let Some(Apart::Parked { slot, by, queue, .. }) = self.calls.get(&id).and_then(|call| call.apart.clone()) else { return };
        self.call_fact(id, CallFact::Unparked { by: None, slot });
        self.return_to(id, queue, Some(by), QueuedReason::ParkTimeout);
    }
}

fn parked_at(apart: Option<&Apart>) -> Option<u32> {
    match apart {
        Some(Apart::Parked { slot, .. }) => Some(*slot),
        _ => None,
    }
}
