//! Talks of three and more: bring somebody in, let one go, leave the others to themselves.

use crate::desk::Desk;
use crate::desk::act::VoiceAct;
use crate::desk::fact::ConsultEnd;
use crate::desk::id::*;
use crate::desk::input::{EndCause, EndedBy, LegParty, Target};
use crate::desk::party::Party;
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;

impl Desk {
    /// The talk goes on while the new one is rung.
    pub(super) fn add_party(&mut self, by: AgentId, id: CallId, to: Target) -> Result<Answer, Refusal> {
        self.talks(&by, id)?;
        self.bring_in(&by, id, &to, false)?;
        self.retune(id);
        Ok(Answer::Done)
    }

    pub(super) fn remove_party(&mut self, by: AgentId, id: CallId, who: LegParty) -> Result<Answer, Refusal> {
        self.mine(&by, Work::Call(id))?;
        if self.party(id, &who).is_none() {
            return Err(Refusal::Gone);
        }
        self.dismiss_party(id, &who);
        Ok(Answer::Done)
    }

    /// Out of the call, which goes on without this agent.
    pub(super) fn leave(&mut self, by: AgentId, id: CallId) -> Result<Answer, Refusal> {
        let me = LegParty::Agent(by.clone());
        if self.party(id, &me).is_some_and(Party::is_in) {
            self.let_leg_go(id, &me);
            self.party_gone(id, &me, ConsultEnd::Left);
            return Ok(Answer::Done);
        }
        self.mine(&by, Work::Call(id))?;
        if self.step_out(id, None) { Ok(Answer::Done) } else { Err(Refusal::NobodyLeft) }
    }

    /// The agent's own phone was put on hook. Whoever is consulted takes over, others go on; the caller may be asked how it was; else the call is over.
    pub(in crate::desk) fn charge_hung_up(&mut self, id: CallId, by: AgentId) {
        let taken_over = self.consulted(id).is_some() && self.complete(by, id).is_ok();
        if !taken_over && !self.step_out(id, None) && !self.ask_by_key(id) {
            self.voice(id, VoiceAct::End { cause: EndCause::Normal });
            self.finish(id, EndedBy::Agent, EndCause::Normal);
        }
    }
}
