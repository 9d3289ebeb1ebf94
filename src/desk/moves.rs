//! Agents whose queues or skills a supervisor changes for a time. Each change ends by itself, also when the process was down at that moment.

use super::agent::Move;
use super::fact::AgentFact;
use super::id::*;
use super::input::MoveChange;
use super::overlay::LONGEST_MS;
use super::refusal::Refusal;
use super::step::Answer;
use super::{Desk, Key};

/// Changes of one agent at a time.
const MOST: usize = 20;

impl Desk {
    pub(super) fn move_agent(
        &mut self,
        slot: usize,
        by: AgentId,
        agent: &AgentId,
        change: MoveChange,
        until: At,
    ) -> Result<Answer, Refusal> {
        self.supervises(slot)?;
        let of = self.slot(agent).ok_or(Refusal::UnknownAgent)?;
        if until <= self.now || until > self.now.after(LONGEST_MS) {
            return Err(Refusal::BadTime);
        }
        self.changes_something(agent, &change)?;
        let moves = self.seats.get(of).map(|seat| &seat.agent.moves).ok_or(Refusal::UnknownAgent)?;
        if moves.iter().filter(|m| !m.change.concerns(&change)).count() >= MOST {
            return Err(Refusal::ListFull { most: MOST });
        }
        if let Some(state) = self.agent_mut(of) {
            state.moves.retain(|m| !m.change.concerns(&change));
            state.moves.push(Move { change: change.clone(), by: by.clone(), until });
        }
        self.agent_fact(agent.clone(), AgentFact::Moved { change, by, until });
        self.reshape();
        Ok(Answer::Done)
    }

    /// A change already made may be made anew, with another end.
    fn changes_something(&self, agent: &AgentId, change: &MoveChange) -> Result<(), Refusal> {
        let spec = self.catalog.agents.get(agent).ok_or(Refusal::UnknownAgent)?;
        let seat = self.slot(agent).and_then(|slot| self.seats.get(slot));
        let again = seat.is_some_and(|seat| seat.agent.moves.iter().any(|m| m.change == *change));
        let is_so = match change {
            MoveChange::Join(queue) | MoveChange::Leave(queue) if !self.catalog.queues.contains_key(queue) => {
                return Err(Refusal::UnknownQueue);
            }
            MoveChange::Join(queue) => spec.queues.contains(queue),
            MoveChange::Leave(queue) => !spec.queues.contains(queue),
            MoveChange::Skill { skill, level } => {
                if *level > 5 || !self.is_skill(skill) {
                    return Err(Refusal::UnknownSkill);
                }
                spec.skills.get(skill).copied().unwrap_or(0) == *level
            }
        };
        if is_so && !again { Err(Refusal::NothingToChange) } else { Ok(()) }
    }

    /// A skill that somebody has or some queue requires.
    fn is_skill(&self, skill: &SkillId) -> bool {
        let catalog = &self.base;
        catalog.skill_names.contains_key(skill)
            || catalog.agents.values().any(|agent| agent.skills.contains_key(skill))
            || catalog.queues.values().any(|queue| queue.requires.iter().any(|wanted| wanted.skill == *skill))
    }

    pub(super) fn end_move(&mut self, slot: usize, by: AgentId, agent: &AgentId, change: &MoveChange) -> Result<Answer, Refusal> {
        self.supervises(slot)?;
        let of = self.slot(agent).ok_or(Refusal::UnknownAgent)?;
        let state = self.agent_mut(of).ok_or(Refusal::UnknownAgent)?;
        let before = state.moves.len();
        state.moves.retain(|m| m.change != *change);
        if state.moves.len() == before {
            return Err(Refusal::Gone);
        }
        self.agent_fact(agent.clone(), AgentFact::MoveEnded { change: change.clone(), by: Some(by) });
        self.reshape();
        Ok(Answer::Done)
    }

    /// Their time is over.
    pub(super) fn moves_over(&mut self, slot: usize) {
        let now = self.now;
        let Some(agent) = self.agent_mut(slot) else { return };
        let id = agent.id.clone();
        let over: Vec<Move> = agent.moves.extract_if(.., |m| m.until <= now).collect();
        for Move { change, .. } in over {
            self.agent_fact(id.clone(), AgentFact::MoveEnded { change, by: None });
        }
        self.touch(Key::Agent(slot));
        self.reshape();
    }
}
