//! What the agent on a call may do with it: hold, digits, pausing the recording, hanging up.

use crate::desk::Desk;
use crate::desk::act::VoiceAct;
use crate::desk::fact::CallFact;
use crate::desk::id::*;
use crate::desk::input::{EndCause, EndedBy};
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;
use crate::desk::work::Serving;

impl Desk {
    /// Work that this agent serves, or the plain reason why it is not theirs to change.
    pub(super) fn mine(&self, id: &AgentId, work: Work) -> Result<&Serving, Refusal> {
        if self.job(work).is_none_or(|j| j.stage == crate::desk::work::Stage::Apart) {
            return Err(Refusal::Gone);
        }
        self.serving(work).filter(|s| s.agent == *id).ok_or(Refusal::NotYours)
    }

    pub(super) fn hold(&mut self, id: AgentId, call: CallId, on: bool) -> Result<Answer, Refusal> {
        let serving = self.mine(&id, Work::Call(call))?;
        if serving.held == on {
            return Ok(Answer::Done);
        }
        let (silent, music) = (serving.silent.is_some(), self.music(&serving.queue));
        if let Some(serving) = self.serving_mut(Work::Call(call)) {
            serving.held = on;
        }
        self.call_fact(call, CallFact::Held { by: id.clone(), on });
        match (on, silent) {
            // Music plays already, and ends when the agent is heard again.
            (_, true) => {}
            (true, false) => self.voice(call, VoiceAct::Hold { agent: id, music }),
            (false, false) => self.voice(call, VoiceAct::Bridge { agent: id }),
        }
        Ok(Answer::Done)
    }

    pub(super) fn send_digits(&mut self, id: AgentId, call: CallId, digits: String) -> Result<Answer, Refusal> {
        self.mine(&id, Work::Call(call))?;
        let digits: String = digits.chars().filter(|d| matches!(d, '0'..='9' | '*' | '#' | 'A'..='D')).collect();
        if digits.is_empty() {
            return Err(Refusal::Empty);
        }
        self.voice(call, VoiceAct::SendDigits { digits });
        Ok(Answer::Done)
    }

    pub(super) fn pause_recording(&mut self, id: AgentId, call: CallId, on: bool) -> Result<Answer, Refusal> {
        self.mine(&id, Work::Call(call))?;
        if self.calls.get(&call).is_none_or(|c| c.recording.is_none()) {
            return Err(Refusal::Gone);
        }
        self.call_fact(call, CallFact::RecordingPaused { on, by: id });
        self.voice(call, VoiceAct::PauseRecording { on });
        Ok(Answer::Done)
    }

    pub(super) fn hang_up(&mut self, id: AgentId, call: CallId) -> Result<Answer, Refusal> {
        self.mine(&id, Work::Call(call))?;
        self.voice(call, VoiceAct::End { cause: EndCause::Normal });
        self.finish(call, EndedBy::Agent, EndCause::Normal);
        Ok(Answer::Done)
    }
}
