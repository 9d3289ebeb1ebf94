//! Handing work on. A transfer to a colleague is refused while they cannot take it, so that the customer stays with somebody who can;
//! one to a queue goes to its head, because the customer has waited before.

use crate::desk::Desk;
use crate::desk::act::VoiceAct;
use crate::desk::catalog::LineTarget;
use crate::desk::dial::{Ask, Dialler};
use crate::desk::fact::{QueuedReason, RoutingFact, StatusName};
use crate::desk::id::*;
use crate::desk::input::{Medium, Target};
use crate::desk::queue::DIRECT;
use crate::desk::refusal::{Refusal, within};
use crate::desk::stage::Entry;
use crate::desk::step::Answer;
use crate::desk::work::{Claim, Prefer};

/// Longest note for whoever takes it, characters.
pub(super) const NOTE: usize = 2_000;

impl Desk {
    pub(super) fn transfer(&mut self, slot: usize, by: AgentId, work: Work, to: Target, note: String) -> Result<Answer, Refusal> {
        within(&note, NOTE)?;
        let current = self.mine(&by, work)?.queue.clone();
        if let Work::Call(id) = work {
            self.talks(&by, id)?;
            if self.calls.get(&id).is_some_and(|call| !call.parties.is_empty()) {
                return Err(Refusal::OthersInTheCall);
            }
        }
        let reason = QueuedReason::Transferred;
        let entry = match &to {
            Target::Line(number) => return self.transfer_to_line(slot, by, work, number.clone(), note),
            Target::Outside(number) => return self.transfer_outside(slot, by, work, number.clone(), note),
            Target::Queue(queue) => {
                self.lane(queue).filter(|l| l.declared).ok_or(Refusal::UnknownQueue)?;
                Entry::at_head(queue.clone(), self.now, reason)
            }
            Target::Agent(agent) => {
                if *agent == by {
                    return Err(Refusal::AgentUnavailable);
                }
                self.can_take(agent, work)?;
                let only = (current.as_str() == DIRECT).then(|| agent.clone());
                let first = Some(Prefer { agent: agent.clone(), claim: Claim::Transfer });
                Entry { only, first, ..Entry::at_head(current.clone(), self.now, reason) }
            }
        };
        self.routing_fact(work, RoutingFact::Transferred { by: by.clone(), to, note });
        self.release(work);
        if let Work::Call(call) = work {
            self.voice(call, VoiceAct::Drop { agent: by.clone() });
        }
        self.enqueue(work, Entry { transferred_by: Some(by), ..entry });
        if let Work::Call(call) = work {
            self.play_next(call);
            self.begin_wrap_up(slot, call, &current);
        }
        Ok(Answer::Done)
    }

    /// To one of our own numbers: as if the customer had dialled it, but for the wait that they have had.
    fn transfer_to_line(&mut self, slot: usize, by: AgentId, work: Work, number: String, note: String) -> Result<Answer, Refusal> {
        let Work::Call(id) = work else { return Err(Refusal::UnknownLine) };
        let target = self.line_to(None, &number).ok_or(Refusal::UnknownLine)?;
        if matches!(target, LineTarget::Echo) || !self.calls.get(&id).is_some_and(|call| call.has_customer()) {
            return Err(Refusal::UnknownLine);
        }
        self.routing_fact(work, RoutingFact::Transferred { by: by.clone(), to: Target::Line(number), note });
        let Some(serving) = self.release(work) else { return Err(Refusal::Gone) };
        self.voice(id, VoiceAct::Drop { agent: by.clone() });
        match target {
            LineTarget::Queue(queue) => {
                self.enqueue(work, Entry { transferred_by: Some(by), ..Entry::at_head(queue, self.now, QueuedReason::Transferred) });
            }
            LineTarget::Agent(agent) => {
                let entry = Entry::at_head(QueueId::from(DIRECT), self.now, QueuedReason::Transferred);
                self.enqueue(work, Entry { only: Some(agent), transferred_by: Some(by), ..entry });
            }
            LineTarget::Flow(flow) => self.enter_flow(work, &flow),
            LineTarget::Echo => {}
        }
        self.play_next(id);
        self.begin_wrap_up(slot, id, &serving.queue);
        Ok(Answer::Done)
    }

    /// To a number outside, without talking to it first. If it is not reached, the customer comes back.
    fn transfer_outside(&mut self, slot: usize, by: AgentId, work: Work, number: String, note: String) -> Result<Answer, Refusal> {
        let Work::Call(id) = work else { return Err(Refusal::Dial(crate::desk::dial::DialRefusal::NotANumber)) };
        if !self.calls.get(&id).is_some_and(|call| call.has_customer()) {
            return Err(Refusal::NobodyLeft);
        }
        let queue = self.mine(&by, work)?.queue.clone();
        self.plan_out(&Ask::of(Dialler::Agent(by.clone()), &number), Some(id), None)?;
        self.routing_fact(work, RoutingFact::Transferred { by: by.clone(), to: Target::Outside(number.clone()), note });
        self.release(work);
        self.voice(id, VoiceAct::Drop { agent: by.clone() });
        self.hand_outside(id, &number, by.clone(), queue.clone())?;
        self.pause_among_others(id, by, true);
        self.begin_wrap_up(slot, id, &queue);
        Ok(Answer::Done)
    }

    pub(in crate::desk) fn can_take(&self, agent: &AgentId, work: Work) -> Result<(), Refusal> {
        let person = self.job(work).ok_or(Refusal::Gone)?.person;
        self.may_take(agent, Some(person), self.cost(work), matches!(work, Work::Call(_)), self.medium(work))
    }

    /// Whether a colleague can be given work of this cost now; `person`: whose it is, where that is known.
    pub(in crate::desk) fn may_take(
        &self,
        agent: &AgentId,
        person: Option<PersonId>,
        cost: u32,
        is_call: bool,
        medium: Medium,
    ) -> Result<(), Refusal> {
        let seat = self.slot(agent).and_then(|slot| self.seats.get(slot)).ok_or(Refusal::UnknownAgent)?;
        let post = seat.post.as_ref().ok_or(Refusal::UnknownAgent)?;
        let charge = person.map_or(cost, |person| seat.agent.charge_for(person, cost));
        let reachable = if is_call { seat.voice_problem().is_none() } else { seat.agent.page_open };
        let room = seat.agent.used + charge <= post.capacity && (!is_call || seat.agent.calls() < post.max_calls);
        let free = seat.agent.status == StatusName::Available && seat.agent.drained_for.is_none() && !seat.agent.refuses.contains(&medium);
        if reachable && room && free { Ok(()) } else { Err(Refusal::AgentUnavailable) }
    }
}
