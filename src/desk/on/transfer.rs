//! Handing work on. A transfer to a colleague is refused while they cannot take it, so that the customer stays with somebody who can;
//! one to a queue goes to its head, because the customer has waited before.

use crate::desk::Desk;
use crate::desk::act::VoiceAct;
use crate::desk::fact::{QueuedReason, RoutingFact, StatusName};
use crate::desk::id::*;
use crate::desk::input::Target;
use crate::desk::queue::DIRECT;
use crate::desk::refusal::Refusal;
use crate::desk::stage::Entry;
use crate::desk::step::Answer;
use crate::desk::work::{Claim, Prefer};

impl Desk {
    pub(super) fn transfer(&mut self, slot: usize, by: AgentId, work: Work, to: Target, note: String) -> Result<Answer, Refusal> {
        let current = self.mine(&by, work)?.queue.clone();
        let reason = QueuedReason::Transferred;
        let entry = match &to {
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

    fn can_take(&self, agent: &AgentId, work: Work) -> Result<(), Refusal> {
        let seat = self.slot(agent).and_then(|slot| self.seats.get(slot)).ok_or(Refusal::UnknownAgent)?;
        let post = seat.post.as_ref().ok_or(Refusal::UnknownAgent)?;
        let person = self.job(work).ok_or(Refusal::Gone)?.person;
        let is_call = matches!(work, Work::Call(_));
        let charge = seat.agent.charge_for(person, self.cost(work));
        let reachable = if is_call { seat.voice_problem().is_none() } else { seat.agent.page_open };
        let room = seat.agent.used + charge <= post.capacity && (!is_call || seat.agent.calls() < post.max_calls);
        let free = seat.agent.status == StatusName::Available && seat.agent.drained_for.is_none();
        if reachable && room && free { Ok(()) } else { Err(Refusal::AgentUnavailable) }
    }
}
