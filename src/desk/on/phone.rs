//! The keys of a desk phone: what is dialled on it, and its transfer key.

use crate::desk::Desk;
use crate::desk::act::{Act, VoiceAct};
use crate::desk::agent::Seat;
use crate::desk::catalog::DeskPhone;
use crate::desk::id::*;
use crate::desk::input::{Callee, Target};
use crate::desk::place::Placing;
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;

impl Desk {
    /// What was dialled on an agent's desk phone: a customer who is parked, or somebody to call. The phone is not rung for it: it is in their hand.
    pub(super) fn dialled(&mut self, slot: usize, by: AgentId, callee: Callee) -> Result<Answer, Refusal> {
        self.phone_of(slot).ok_or_else(|| Refusal::VoiceNotReady { problem: "desk_phone".into() })?;
        let before = self.acts.len();
        let place = match &callee {
            Callee::Number { number, .. } => self.park_slot(number),
            Callee::Colleague { .. } | Callee::Page { .. } => None,
        };
        let answer = match place {
            Some(place) => self.pick_up(slot, by.clone(), place)?,
            None => Answer::Call(self.place_call(slot, Placing { callee, queue: None, chat: None, given: false })?),
        };
        for act in self.acts.iter_mut().skip(before) {
            if let Act::Voice(_, voice) = act
                && matches!(voice, VoiceAct::RingPhone { agent, .. } if *agent == by)
            {
                *voice = VoiceAct::OffHook { agent: by.clone() };
            }
        }
        Ok(answer)
    }

    /// The slot for parked calls that this stands for.
    fn park_slot(&self, dialled: &str) -> Option<u32> {
        let place: u32 = dialled.parse().ok()?;
        // A slot has one way to be written: with anything before it, it is the beginning of a number.
        (self.catalog.routing.park_slots.contains(&place) && place.to_string() == dialled).then_some(place)
    }

    /// The transfer key of a desk phone: to a colleague by their name or phone, to a queue, to a number of ours or outside, or to a slot,
    /// which parks there. It hears whether it was done.
    pub(super) fn agent_refers(&mut self, id: CallId, by: AgentId, to: &str) {
        let before = self.acts.len();
        let work = Work::Call(id);
        let done = match (self.slot(&by), self.park_slot(to)) {
            (Some(slot), Some(place)) => self.park(slot, by.clone(), id, Some(place)).is_ok(),
            (Some(slot), None) => self.transfer(slot, by.clone(), work, self.named(to), String::new()).is_ok(),
            (None, _) => false,
        };
        // Before the leg is let go, else the phone hears nothing of it.
        self.acts.insert(before, Act::Voice(id, VoiceAct::Referred { agent: by, done }));
    }

    /// Whom a desk phone means by what was dialled.
    fn named(&self, to: &str) -> Target {
        let phone = |seat: &Seat| match seat.post.as_ref().and_then(|post| post.phone.as_ref()) {
            Some(DeskPhone::At(uri)) => uri.strip_prefix("sip:").and_then(|uri| uri.split('@').next()) == Some(to),
            _ => false,
        };
        let named = AgentId::from(to);
        if self.slots.contains_key(&named) {
            return Target::Agent(named);
        }
        if let Some(seat) = self.seats.iter().find(|seat| phone(seat)) {
            return Target::Agent(seat.agent.id.clone());
        }
        let queue = QueueId::from(to);
        if self.lane(&queue).is_some_and(|lane| lane.declared) {
            return Target::Queue(queue);
        }
        if self.line_to(None, to).is_some() { Target::Line(to.to_owned()) } else { Target::Outside(to.to_owned()) }
    }
}
