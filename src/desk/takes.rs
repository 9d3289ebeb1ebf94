//! What an agent takes none of while they are available for the rest: no new calls, chats or mail. What they have already stays theirs.

use super::Desk;
use super::fact::{AgentFact, OfferEnd};
use super::id::*;
use super::input::Medium;
use super::refusal::Refusal;
use super::step::Answer;
use super::voicemail::VOICEMAIL;

/// What a channel of this kind carries.
pub fn medium_of(kind: &str) -> Medium {
    match kind {
        "email" => Medium::Mail,
        VOICEMAIL => Medium::Calls,
        _ => Medium::Chats,
    }
}

impl Desk {
    pub(super) fn medium(&self, work: Work) -> Medium {
        match work {
            Work::Call(_) | Work::Callback(_) => Medium::Calls,
            Work::Conversation(id) => {
                let channel = self.conversations.get(&id).and_then(|conversation| self.catalog.channels.get(&conversation.channel));
                channel.map_or(Medium::Chats, |channel| medium_of(&channel.kind))
            }
        }
    }

    /// A supervisor chooses for somebody.
    pub(super) fn takes_of(&mut self, slot: usize, by: AgentId, agent: &AgentId, medium: Medium, on: bool) -> Result<Answer, Refusal> {
        self.supervises(slot)?;
        let of = self.slot(agent).ok_or(Refusal::UnknownAgent)?;
        self.takes(of, by, medium, on)
    }

    /// From now on. What of it rings at them goes back, and work that waited for them alone looks further.
    pub(super) fn takes(&mut self, slot: usize, by: AgentId, medium: Medium, on: bool) -> Result<Answer, Refusal> {
        let agent = self.agent_mut(slot).ok_or(Refusal::UnknownAgent)?;
        let changed = if on { agent.refuses.remove(&medium) } else { agent.refuses.insert(medium) };
        if !changed {
            return Ok(Answer::Done);
        }
        let (id, aside) = (agent.id.clone(), agent.drained_for);
        let mut offered: Vec<Work> = agent.holds.iter().filter(|hold| !hold.served).map(|hold| hold.work).collect();
        self.agent_fact(id.clone(), AgentFact::Takes { medium, on, by });
        if on {
            self.freed.insert(slot);
            return Ok(Answer::Done);
        }
        if aside.is_some_and(|work| self.medium(work) == medium) {
            self.stop_draining(slot);
        }
        offered.retain(|work| self.medium(*work) == medium);
        for work in offered {
            self.take_back(slot, work, OfferEnd::Declined);
        }
        self.wake_those_preferring(&id);
        Ok(Answer::Done)
    }
}
