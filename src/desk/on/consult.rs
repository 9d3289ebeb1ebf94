//! The talk before an attended transfer: the customer waits with music, the agent talks to somebody else first. Then that one takes over, or
//! all talk together, or it goes on as before. The customer's side neither hears the consult nor is it recorded: the recording has the
//! customer's own channel and silence on the other.

use super::transfer::NOTE;
use crate::desk::call::Apart;
use crate::desk::dial::Dialler;
use crate::desk::fact::{CallFact, ConsultEnd, RoutingFact};
use crate::desk::id::*;
use crate::desk::input::{LegParty, Target};
use crate::desk::party::{Consult, Party};
use crate::desk::refusal::{Refusal, within};
use crate::desk::step::Answer;
use crate::desk::work::{Serving, Stage};
use crate::desk::{Desk, Key};

impl Desk {
    pub(super) fn consult(&mut self, by: AgentId, id: CallId, to: Target, note: String) -> Result<Answer, Refusal> {
        within(&note, NOTE)?;
        self.talks(&by, id)?;
        if self.calls.get(&id).is_some_and(|call| call.consult.is_some()) {
            return Err(Refusal::ConsultRunning);
        }
        let with = self.bring_in(&by, id, &to, true)?;
        if let Some(call) = self.calls.get_mut(&id) {
            call.consult = Some(Consult { with: with.clone(), aside: true, note, second: false });
        }
        self.touch(Key::Call(id));
        self.call_fact(id, CallFact::ConsultStarted { by, with });
        self.retune(id);
        Ok(Answer::Done)
    }

    /// The call is this agent's, and the customer is on it.
    pub(super) fn talks(&self, by: &AgentId, id: CallId) -> Result<(), Refusal> {
        self.mine(by, Work::Call(id))?;
        match self.calls.get(&id).map(|call| call.reaching.is_none() && call.answered) {
            Some(true) => Ok(()),
            Some(false) => Err(Refusal::NotAnswered),
            None => Err(Refusal::Gone),
        }
    }

    /// Rings or dials somebody into the call. Of a queue, whoever would get its next call.
    pub(super) fn bring_in(&mut self, by: &AgentId, id: CallId, to: &Target, consult: bool) -> Result<LegParty, Refusal> {
        match to {
            Target::Agent(agent) => self.ring_in(id, agent, by, consult),
            Target::Queue(queue) => {
                let agent = self.free_in(queue, by, id)?;
                self.ring_in(id, &agent, by, consult)
            }
            Target::Outside(number) => self.dial_in(id, number, Dialler::Agent(by.clone()), self.catalog.routing.ring_out_ms),
            // Nobody stands behind a line with whom one could talk first.
            Target::Line(_) => Err(Refusal::UnknownAgent),
        }
    }

    /// The agent of a queue who has been idle for longest and can take a call.
    fn free_in(&self, queue: &QueueId, by: &AgentId, id: CallId) -> Result<AgentId, Refusal> {
        let lane = self.lane(queue).filter(|l| l.declared).ok_or(Refusal::UnknownQueue)?;
        let seats = lane.members.iter().filter_map(|member| self.seats.get(member.slot));
        let free = seats.filter(|seat| seat.agent.id != *by && self.can_take(&seat.agent.id, Work::Call(id)).is_ok());
        let free = free.min_by_key(|seat| seat.agent.idle_since);
        free.map(|seat| seat.agent.id.clone()).ok_or(Refusal::NobodyFree)
    }

    /// Turns to the customer while the one consulted waits, or back.
    pub(super) fn swap(&mut self, by: AgentId, id: CallId) -> Result<Answer, Refusal> {
        self.mine(&by, Work::Call(id))?;
        let consult = self.calls.get_mut(&id).and_then(|call| call.consult.as_mut()).ok_or(Refusal::NoConsult)?;
        consult.aside = !consult.aside;
        let customer = !consult.aside;
        self.touch(Key::Call(id));
        self.call_fact(id, CallFact::ConsultSwapped { by, customer });
        self.retune(id);
        Ok(Answer::Done)
    }

    /// Makes a conference of the consult.
    pub(super) fn merge(&mut self, by: AgentId, id: CallId) -> Result<Answer, Refusal> {
        let with = self.consults(&by, id)?;
        if !self.party(id, &with).is_some_and(Party::is_in) {
            return Err(Refusal::NotAnswered);
        }
        self.end_consult(id, &by, ConsultEnd::Merged);
        if let Some(party) = self.party_mut(id, &with) {
            party.met = true;
        }
        if let Some(serving) = self.serving_mut(Work::Call(id)) {
            serving.held = false;
        }
        self.retune(id);
        Ok(Answer::Done)
    }

    /// Back to the customer.
    pub(super) fn cancel_consult(&mut self, by: AgentId, id: CallId) -> Result<Answer, Refusal> {
        let with = self.consults(&by, id)?;
        self.dismiss_party(id, &with);
        Ok(Answer::Done)
    }

    /// The one consulted takes over. While they are still rung, the customer hears them ring instead of the agent.
    pub(super) fn complete(&mut self, by: AgentId, id: CallId) -> Result<Answer, Refusal> {
        let with = self.consults(&by, id)?;
        let slot = self.slot(&by).ok_or(Refusal::UnknownAgent)?;
        let note = self.calls.get(&id).and_then(|call| call.consult.as_ref()).map(|c| c.note.clone()).unwrap_or_default();
        let target = match (&with, self.party(id, &with)) {
            (LegParty::Agent(agent), _) => Target::Agent(agent.clone()),
            (_, Some(Party { number: Some(number), .. })) => Target::Outside(number.clone()),
            _ => return Err(Refusal::Gone),
        };
        let answered = self.party(id, &with).is_some_and(Party::is_in);
        if let (LegParty::Agent(agent), false) = (&with, answered) {
            // The colleague is rung on by the ordinary way of a transfer.
            let agent = agent.clone();
            self.dismiss_party(id, &with);
            return self.transfer(slot, by, Work::Call(id), Target::Agent(agent), note);
        }
        self.end_consult(id, &by, ConsultEnd::Completed);
        self.routing_fact(Work::Call(id), RoutingFact::Transferred { by: by.clone(), to: target, note });
        self.step_out(id, Some(&with));
        Ok(Answer::Done)
    }

    fn consults(&self, by: &AgentId, id: CallId) -> Result<LegParty, Refusal> {
        self.mine(by, Work::Call(id))?;
        self.consulted(id).cloned().ok_or(Refusal::NoConsult)
    }

    pub(in crate::desk) fn end_consult(&mut self, id: CallId, by: &AgentId, how: ConsultEnd) {
        if let Some(over) = self.calls.get_mut(&id).and_then(|call| call.consult.take()) {
            self.touch(Key::Call(id));
            self.call_fact(id, CallFact::ConsultEnded { by: by.clone(), how });
            self.second_over(id, by, &over, how);
        }
    }

    /// The agent in charge leaves, the call goes on: with `heir` in charge, or the first colleague who is in, or among the customer and those
    /// outside. Says whether it does; nothing is changed where nobody would be left to talk to.
    pub(in crate::desk) fn step_out(&mut self, id: CallId, heir: Option<&LegParty>) -> bool {
        let work = Work::Call(id);
        let Some(call) = self.calls.get(&id) else { return false };
        let consulted = call.consult.as_ref().map(|consult| consult.with.clone());
        let colleague = |party: &&Party| party.is_in() && party.agent().is_some() && heir.is_none_or(|heir| party.who == *heir);
        let next = call.parties.iter().find(colleague).cloned();
        let outside =
            call.parties.iter().any(|p| p.agent().is_none() && (heir == Some(&p.who) || p.is_in() && consulted.as_ref() != Some(&p.who)));
        let others = call.parties.iter().filter(|p| p.is_in()).count();
        let goes_on = if call.has_customer() { next.is_some() || outside } else { others > 1 };
        if !goes_on {
            return false;
        }
        let Some(serving) = self.release(work) else { return false };
        self.let_leg_go(id, &LegParty::Agent(serving.agent.clone()));
        let by = serving.agent.clone();
        if let Some(consulted) = consulted.filter(|with| next.as_ref().is_none_or(|next| next.who != *with)) {
            self.end_consult(id, &by, ConsultEnd::Cancelled);
            self.dismiss_party(id, &consulted);
        } else {
            self.end_consult(id, &by, ConsultEnd::Completed);
        }
        match next {
            Some(next) => self.take_charge(id, next, serving.queue.clone()),
            None => {
                self.set_apart(id, Apart::Handed { queue: serving.queue.clone(), by: Some(by.clone()) });
                self.pause_among_others(id, by.clone(), true);
            }
        }
        self.retune(id);
        if let Some(slot) = self.slot(&by) {
            self.begin_wrap_up(slot, id, &serving.queue);
        }
        true
    }

    /// A colleague who is in the call becomes the one in charge.
    fn take_charge(&mut self, id: CallId, party: Party, queue: QueueId) {
        let (Some(agent), Some(slot)) = (party.agent().cloned(), party.agent().and_then(|agent| self.slot(agent))) else { return };
        if let Some(call) = self.calls.get_mut(&id) {
            call.parties.retain(|other| other.who != party.who);
        }
        let (held, silent) = match party.presence {
            crate::desk::party::Presence::In { held, silent, .. } => (held, silent),
            crate::desk::party::Presence::Ringing { .. } => (false, None),
        };
        let now = self.now;
        let phone = self.phone_of(slot).is_some();
        let work = Work::Call(id);
        self.set_stage(work, Stage::Serving(Serving { agent: agent.clone(), queue, since: now, held, silent, phone }));
        let Some(person) = self.job(work).map(|job| job.person) else { return };
        if let Some(job) = self.job_mut(work) {
            job.last_agent = Some(agent.clone());
        }
        self.routing_fact(work, RoutingFact::Assigned { person, agent, waited_ms: 0 });
    }
}
