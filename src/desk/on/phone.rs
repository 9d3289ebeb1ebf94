//! The keys of a desk phone: what is dialled on it, its transfer key, and its two lines while somebody is consulted.

use crate::desk::act::{Act, VoiceAct};
use crate::desk::agent::Seat;
use crate::desk::catalog::{DeskPhone, LineTarget};
use crate::desk::fact::ConsultEnd;
use crate::desk::id::*;
use crate::desk::input::{Callee, Target};
use crate::desk::party::Consult;
use crate::desk::place::Placing;
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;
use crate::desk::{Desk, Key};

impl Desk {
    /// What was dialled on an agent's desk phone: a customer who is parked, or somebody to call; while it holds a call, whom to ask about that one
    /// first. The phone is not rung for it: it is in their hand.
    pub(super) fn dialled(&mut self, slot: usize, by: AgentId, callee: Callee) -> Result<Answer, Refusal> {
        self.phone_of(slot).ok_or_else(|| Refusal::VoiceNotReady { problem: "desk_phone".into() })?;
        let before = self.acts.len();
        let place = match &callee {
            Callee::Number { number, .. } => self.park_slot(number),
            Callee::Colleague { .. } | Callee::Page { .. } => None,
        };
        if let (None, Some(held)) = (place, self.held_on_phone(slot)) {
            return self.consult_by_phone(by, held, callee);
        }
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

    /// The call that this agent's phone holds by its own key.
    fn held_on_phone(&self, slot: usize) -> Option<CallId> {
        let agent = &self.seats.get(slot)?.agent;
        let holds = |work: Work| self.serving(work).is_some_and(|s| s.agent == agent.id && s.phone && s.silent.is_some());
        agent.holds.iter().find_map(|hold| match hold.work {
            Work::Call(id) if holds(hold.work) => Some(id),
            _ => None,
        })
    }

    /// One call, whatever the phone makes of it: it keeps its recording and its chapters.
    fn consult_by_phone(&mut self, by: AgentId, id: CallId, callee: Callee) -> Result<Answer, Refusal> {
        let named = match callee {
            Callee::Colleague { agent, .. } => Target::Agent(agent),
            Callee::Number { number, .. } => self.named(&number),
            Callee::Page { .. } => return Err(Refusal::NoPage),
        };
        let to = match named {
            Target::Line(number) => match self.line_to(None, &number) {
                Some(LineTarget::Queue(queue)) => Target::Queue(queue),
                Some(LineTarget::Agent(agent)) => Target::Agent(agent),
                Some(LineTarget::Echo | LineTarget::Flow(_)) | None => return Err(Refusal::UnknownLine),
            },
            to => to,
        };
        let before = self.acts.len();
        self.consult(by.clone(), id, to, String::new())?;
        if let Some(consult) = self.calls.get_mut(&id).and_then(|call| call.consult.as_mut()) {
            consult.second = true;
        }
        self.touch(Key::Call(id));
        // Before anybody is rung, who may be quick.
        self.acts.insert(before, Act::Voice(id, VoiceAct::SecondLine { agent: by }));
        Ok(Answer::Call(id))
    }

    /// A consult by phone is over: so is its line, and the customer, whom the phone holds on the other one, goes on waiting for its key.
    pub(in crate::desk) fn second_over(&mut self, id: CallId, by: &AgentId, over: &Consult, how: ConsultEnd) {
        // Who hands over is let go, with all their lines.
        let stays = how != ConsultEnd::Completed && self.serving(Work::Call(id)).is_some_and(|serving| serving.agent == *by);
        if !over.second || !stays {
            return;
        }
        self.voice(id, VoiceAct::EndSecond { agent: by.clone() });
        if over.aside {
            self.agent_silent(id, by.clone());
        }
    }

    /// The consult that this agent has on the second line of their phone.
    fn second_of(&self, id: CallId, by: &AgentId) -> Option<&Consult> {
        self.mine(by, Work::Call(id)).ok()?;
        self.calls.get(&id)?.consult.as_ref().filter(|consult| consult.second)
    }

    /// The transfer key, with both lines in use. The phone hears whether it was done.
    pub(super) fn agent_completes(&mut self, id: CallId, by: AgentId) {
        let before = self.acts.len();
        let done = self.second_of(id, &by).is_some() && self.complete(by.clone(), id).is_ok();
        // Before the leg is let go, else the phone hears nothing of it.
        self.acts.insert(before, Act::Voice(id, VoiceAct::Referred { agent: by, done }));
    }

    /// The conference key, with both lines in use.
    pub(super) fn agent_joins(&mut self, id: CallId, by: AgentId) {
        if self.second_of(id, &by).is_some() {
            // Whom it has consulted may not have answered yet: then the phone has one line more than anybody hears.
            let _ = self.merge(by, id);
        }
    }

    /// The recording key. What is not recorded, or is somebody else's, is not changed by it.
    pub(super) fn agent_records(&mut self, id: CallId, by: AgentId, on: bool) {
        let _ = self.pause_recording(by, id, !on);
    }

    /// The other line was taken from hold.
    pub(super) fn agent_turns(&mut self, id: CallId, by: AgentId, customer: bool) {
        if self.second_of(id, &by).is_some_and(|consult| consult.aside == customer) {
            // It may be over by now, and that is as good.
            let _ = self.swap(by, id);
        }
    }

    /// Back to the customer, by the phone's key.
    pub(super) fn second_hung_up(&mut self, id: CallId, by: AgentId) {
        if let Some(with) = self.second_of(id, &by).map(|consult| consult.with.clone()) {
            self.dismiss_party(id, &with);
        }
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
