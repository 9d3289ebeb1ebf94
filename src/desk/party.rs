//! Who is in a call besides its customer and the agent in charge: colleagues and outside numbers, from being rung to their leaving.
//! Capacity of agents is reserved before they are rung and released once, as it is for offers.

use super::act::VoiceAct;
use super::catalog::DeskPhone;
use super::dial::{Ask, Dialler, place};
use super::fact::{CallFact, ConsultEnd, QueuedReason};
use super::id::*;
use super::input::{EndCause, EndedBy, LegFailure, LegParty};
use super::refusal::Refusal;
use super::work::Leg;
use super::{Desk, Key};
use serde::{Deserialize, Serialize};

/// Parties of one call besides the customer and the agent in charge.
const MOST: usize = 8;

/// One of the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Party {
    /// An agent or an outside number.
    pub who: LegParty,
    /// Who brought them in; `None`: a flow or a transfer.
    pub by: Option<AgentId>,
    /// What was dialled; `None` for agents.
    pub number: Option<String>,
    /// Has been in the talk with the customer.
    pub met: bool,
    pub presence: Presence,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Presence {
    Ringing {
        /// Agents only; `voice` watches over numbers that it dials.
        until: Option<At>,
        leg: Leg,
        /// Their side can be heard already.
        early: bool,
    },
    In {
        since: At,
        held: bool,
        silent: Option<At>,
        phone: bool,
    },
}

/// The talk before an attended transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Consult {
    pub with: LegParty,
    /// The agent is with the one consulted, and the customer waits; else the other way round.
    pub aside: bool,
    pub note: String,
    /// Dialled on the agent's desk phone while it held the customer: its second line leads to the one consulted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub second: bool,
}

impl Party {
    pub fn is_in(&self) -> bool {
        matches!(self.presence, Presence::In { .. })
    }

    /// Holds or is silent.
    pub fn is_out(&self) -> bool {
        matches!(self.presence, Presence::In { held, silent, .. } if held || silent.is_some())
    }

    pub fn agent(&self) -> Option<&AgentId> {
        match &self.who {
            LegParty::Agent(agent) => Some(agent),
            LegParty::Customer | LegParty::Outside(_) => None,
        }
    }

    /// Since when nothing is heard of a browser leg; a phone's dialog tells by itself.
    pub fn silent_browser(&self) -> Option<At> {
        match self.presence {
            Presence::In { silent, phone: false, .. } => silent,
            _ => None,
        }
    }

    /// When ringing an agent has lasted long enough.
    pub fn ring_until(&self) -> Option<At> {
        match self.presence {
            Presence::Ringing { until, .. } => until,
            Presence::In { .. } => None,
        }
    }
}

impl Desk {
    pub(super) fn party(&self, id: CallId, who: &LegParty) -> Option<&Party> {
        self.calls.get(&id)?.parties.iter().find(|party| party.who == *who)
    }

    pub(super) fn party_mut(&mut self, id: CallId, who: &LegParty) -> Option<&mut Party> {
        self.touch(Key::Call(id));
        self.calls.get_mut(&id)?.parties.iter_mut().find(|party| party.who == *who)
    }

    /// Rings a colleague into a call that somebody has already. The page shows it, or the desk phone rings.
    pub(super) fn ring_in(&mut self, id: CallId, agent: &AgentId, by: &AgentId, consult: bool) -> Result<LegParty, Refusal> {
        let work = Work::Call(id);
        let who = LegParty::Agent(agent.clone());
        let slot = self.slot(agent).ok_or(Refusal::UnknownAgent)?;
        if agent == by || self.serving(work).is_some_and(|s| s.agent == *agent) || self.party(id, &who).is_some() {
            return Err(Refusal::InTheCall);
        }
        self.can_take(agent, work)?;
        let (person, cost) = (self.job(work).ok_or(Refusal::Gone)?.person, self.cost(work));
        let ring_ms = self.serving(work).and_then(|s| self.queue_spec(&s.queue)).map_or(0, |q| q.offer_ms).max(1_000);
        let until = self.now.after(ring_ms);
        let phone = self.phone_of(slot);
        let leg = if phone.is_some() { Leg::Phone } else { Leg::Page };
        let presence = Presence::Ringing { until: Some(until), leg, early: false };
        self.enter(id, Party { who: who.clone(), by: Some(by.clone()), number: None, met: false, presence })?;
        if let Some(agent) = self.agent_mut(slot) {
            agent.reserve(work, person, cost);
        }
        self.call_fact(id, CallFact::Rung { agent: agent.clone(), by: by.clone(), consult, until });
        if let Some(phone) = phone {
            self.voice(id, VoiceAct::RingPhone { agent: agent.clone(), phone });
        }
        Ok(who)
    }

    /// Calls a number outside into a call; it rings for so long at most.
    pub(super) fn dial_in(&mut self, id: CallId, number: &str, by: Dialler, ring_ms: i64) -> Result<LegParty, Refusal> {
        let call = self.calls.get(&id).filter(|call| call.parties.len() < MOST).ok_or(Refusal::CallFull)?;
        let nth = call.outsiders.checked_add(1).ok_or(Refusal::CallFull)?;
        let who = LegParty::Outside(nth);
        let agent = match &by {
            Dialler::Agent(agent) => Some(agent.clone()),
            Dialler::Flow(_) | Dialler::House => None,
        };
        let line = call.line.clone();
        let ask = Ask { line: line.as_deref(), ..Ask::of(by, number) };
        let read = self.dial(id, who.clone(), ask, ring_ms)?;
        if let Some(call) = self.calls.get_mut(&id) {
            call.outsiders = nth;
        }
        let presence = Presence::Ringing { until: None, leg: Leg::Phone, early: false };
        self.enter(id, Party { who: who.clone(), by: agent, number: Some(read), met: false, presence })?;
        Ok(who)
    }

    fn enter(&mut self, id: CallId, party: Party) -> Result<(), Refusal> {
        let call = self.calls.get_mut(&id).ok_or(Refusal::Gone)?;
        if call.parties.len() >= MOST {
            return Err(Refusal::CallFull);
        }
        call.parties.push(party);
        self.touch(Key::Call(id));
        Ok(())
    }

    pub(super) fn phone_of(&self, slot: usize) -> Option<DeskPhone> {
        self.seats.get(slot).and_then(|s| s.post.as_ref()).and_then(|p| p.phone.clone())
    }

    /// Who was rung is on the line. False where nobody waits for them.
    pub(super) fn party_joined(&mut self, id: CallId, who: &LegParty) -> bool {
        let now = self.now;
        let slot = match who {
            LegParty::Agent(agent) => self.slot(agent),
            LegParty::Customer | LegParty::Outside(_) => None,
        };
        let phone = slot.is_none_or(|slot| self.phone_of(slot).is_some());
        let ringing = self.party(id, who).is_some_and(|p| matches!(p.presence, Presence::Ringing { leg: Leg::Phone | Leg::Joining, .. }));
        if !ringing {
            return false;
        }
        let consulted = self.consulted(id) == Some(who);
        let Some(party) = self.party_mut(id, who) else { return false };
        party.presence = Presence::In { since: now, held: false, silent: None, phone };
        party.met |= !consulted;
        let number = party.number.clone();
        if slot.is_none() {
            self.out_answered(id, place(who));
        }
        if let Some(number) = number {
            self.flow_reached(id, number);
        }
        if let Some(agent) = slot.and_then(|slot| self.agent_mut(slot)) {
            agent.served(Work::Call(id));
            agent.missed = 0;
            agent.idle_since = now;
        }
        self.call_fact(id, CallFact::Joined { party: who.clone() });
        self.colleague_reached(id);
        self.retune(id);
        true
    }

    /// Who was rung could not be had: everything is as it was before they were asked. False where nobody was rung.
    pub(super) fn party_failed(&mut self, id: CallId, who: &LegParty, cause: Option<LegFailure>) -> bool {
        if self.party(id, who).is_none_or(Party::is_in) {
            return false;
        }
        self.take_out(id, who);
        self.call_fact(id, CallFact::NotJoined { party: who.clone(), cause });
        self.consult_over(id, who, if cause.is_some() { ConsultEnd::Failed } else { ConsultEnd::Cancelled });
        self.without(id, cause.is_some());
        true
    }

    /// A member has gone by themselves or was let go. False where they were not in.
    pub(super) fn party_gone(&mut self, id: CallId, who: &LegParty, how: ConsultEnd) -> bool {
        if !self.party(id, who).is_some_and(Party::is_in) {
            return false;
        }
        self.call_fact(id, CallFact::Left { party: who.clone() });
        self.take_out(id, who);
        self.consult_over(id, who, how);
        self.without(id, false);
        true
    }

    /// Lets somebody go who is rung or in: their leg too.
    pub(super) fn dismiss_party(&mut self, id: CallId, who: &LegParty) {
        if self.party(id, who).is_none() {
            return;
        }
        self.let_leg_go(id, who);
        if !self.party_failed(id, who, None) {
            self.party_gone(id, who, ConsultEnd::Cancelled);
        }
    }

    pub(super) fn let_leg_go(&mut self, id: CallId, who: &LegParty) {
        let act = match who {
            LegParty::Agent(agent) => VoiceAct::Drop { agent: agent.clone() },
            who => VoiceAct::Dismiss { party: who.clone() },
        };
        self.voice(id, act);
    }

    /// Out of the books: capacity, and the wrap-up of an agent who has talked to the customer.
    fn take_out(&mut self, id: CallId, who: &LegParty) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(index) = call.parties.iter().position(|party| party.who == *who) else { return };
        let party = call.parties.remove(index);
        self.touch(Key::Call(id));
        if party.agent().is_none() {
            self.out_over(id, place(who));
        }
        self.party_released(id, &party);
    }

    pub(super) fn party_released(&mut self, id: CallId, party: &Party) {
        let now = self.now;
        let Some(slot) = party.agent().and_then(|agent| self.slot(agent)) else { return };
        if let Some(agent) = self.agent_mut(slot) {
            agent.release(Work::Call(id));
            agent.idle_since = now;
        }
        self.freed.insert(slot);
        let queue = self.calls.get(&id).and_then(|call| call.queue().cloned());
        if let (true, true, Some(queue)) = (party.is_in(), party.met, queue) {
            self.begin_wrap_up(slot, id, &queue);
        } else if party.is_in() {
            self.settle_status(slot);
        }
    }

    pub(super) fn consulted(&self, id: CallId) -> Option<&LegParty> {
        self.calls.get(&id)?.consult.as_ref().map(|consult| &consult.with)
    }

    fn consult_over(&mut self, id: CallId, who: &LegParty, how: ConsultEnd) {
        if self.consulted(id) != Some(who) {
            return;
        }
        let by = self.serving(Work::Call(id)).map(|s| s.agent.clone());
        let over = self.calls.get_mut(&id).and_then(|call| call.consult.take());
        if let (Some(by), Some(over)) = (by, over) {
            self.call_fact(id, CallFact::ConsultEnded { by: by.clone(), how });
            self.second_over(id, &by, &over, how);
        }
    }

    /// One party less: a talk of one is no talk.
    fn without(&mut self, id: CallId, failed: bool) {
        let Some(call) = self.calls.get(&id) else { return };
        let nobody_else = call.parties.is_empty();
        if nobody_else && !call.has_customer() {
            let cause = if call.reaching.is_some() { EndCause::NotReached } else { EndCause::Normal };
            self.voice(id, VoiceAct::End { cause });
            return self.finish(id, EndedBy::Agent, cause);
        }
        if nobody_else && let Some(super::call::Apart::Handed { queue, by }) = call.apart.clone() {
            return match by {
                _ if !failed => self.handed_over_done(id),
                None => self.flow_not_reached(id),
                by => self.return_to(id, queue, by, QueuedReason::HandOverFailed),
            };
        }
        self.retune(id);
    }
}
