//! An agent asks the supervisors for help with a contact. It ends when one comes, when the agent takes it back, or with the contact.

use super::agent::Assist;
use super::fact::{AssistEnd, RoutingFact};
use super::id::*;
use super::refusal::{Refusal, within};
use super::step::Answer;
use super::{Desk, Key};

/// Longest word about it, characters.
const WORD: usize = 200;

impl Desk {
    pub(super) fn ask_assist(&mut self, slot: usize, work: Work, word: &str) -> Result<Answer, Refusal> {
        let word = word.trim().to_owned();
        within(&word, WORD)?;
        let person = self.job(work).ok_or(Refusal::Gone)?.person;
        let agent = &self.seats.get(slot).ok_or(Refusal::UnknownAgent)?.agent;
        let id = agent.id.clone();
        if !agent.holds.iter().any(|hold| hold.work == work && hold.served) {
            return Err(Refusal::NotYours);
        }
        if let Work::Call(call) = work {
            if self.watch_of(call, &id).is_some() {
                return Err(Refusal::NotYours);
            }
            if !self.calls.get(&call).is_some_and(|call| call.has_customer()) {
                return Err(Refusal::AmongColleagues);
            }
        }
        if agent.assists.iter().any(|assist| assist.work == work) {
            return Ok(Answer::Done);
        }
        let since = self.now;
        if let Some(agent) = self.agent_mut(slot) {
            agent.assists.push(Assist { work, word: word.clone(), since });
        }
        self.routing_fact(work, RoutingFact::AssistAsked { person, agent: id, word });
        Ok(Answer::Done)
    }

    /// The agent does without.
    pub(super) fn end_assist(&mut self, slot: usize, work: Work) -> Result<Answer, Refusal> {
        if self.assist_over(slot, work, AssistEnd::TakenBack) { Ok(Answer::Done) } else { Err(Refusal::Gone) }
    }

    /// A supervisor comes who is not in the call by their voice.
    pub(super) fn assist(&mut self, slot: usize, by: &AgentId, work: Work) -> Result<Answer, Refusal> {
        self.supervises(slot)?;
        if self.came_to(work, by) { Ok(Answer::Done) } else { Err(Refusal::Gone) }
    }

    /// A supervisor is there: nobody in it needs another one. False where nobody had asked.
    pub(super) fn came_to(&mut self, work: Work, by: &AgentId) -> bool {
        let asked = |seat: &super::agent::Seat| seat.agent.assists.iter().any(|assist| assist.work == work);
        let slots: Vec<usize> = (0..self.seats.len()).filter(|slot| self.seats.get(*slot).is_some_and(asked)).collect();
        for slot in &slots {
            self.assist_over(*slot, work, AssistEnd::Came { by: by.clone() });
        }
        !slots.is_empty()
    }

    /// Whoever has nothing to do with a contact any more needs no help with it.
    pub(super) fn end_idle_assists(&mut self) {
        let slots: Vec<usize> = self.touched.iter().filter_map(|key| if let Key::Agent(slot) = key { Some(*slot) } else { None }).collect();
        for slot in slots {
            let Some(seat) = self.seats.get(slot) else { continue };
            let has = |work: Work| seat.agent.holds.iter().any(|hold| hold.work == work && hold.served);
            let idle: Vec<Work> = seat.agent.assists.iter().map(|assist| assist.work).filter(|work| !has(*work)).collect();
            for work in idle {
                self.assist_over(slot, work, AssistEnd::Over);
            }
        }
    }

    fn assist_over(&mut self, slot: usize, work: Work, how: AssistEnd) -> bool {
        let asked = self.seats.get(slot).is_some_and(|seat| seat.agent.assists.iter().any(|assist| assist.work == work));
        if let Some(agent) = self.agent_mut(slot).filter(|_| asked) {
            agent.assists.retain(|assist| assist.work != work);
            let id = agent.id.clone();
            self.routing_fact(work, RoutingFact::AssistEnded { agent: id, how });
        }
        asked
    }
}
