//! What the agent on a call may do with it: hold, digits, pausing the recording, hanging up.

use crate::desk::act::VoiceAct;
use crate::desk::call::Pause;
use crate::desk::fact::CallFact;
use crate::desk::id::*;
use crate::desk::input::{EndCause, EndedBy, LegParty};
use crate::desk::party::Presence;
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;
use crate::desk::work::Serving;
use crate::desk::{Desk, Key};

/// A masked field stops the recording for so long at most, ms.
const MASKED_MS: i64 = 180_000;

impl Desk {
    /// Work that this agent serves, or the plain reason why it is not theirs to change.
    pub(in crate::desk) fn mine(&self, id: &AgentId, work: Work) -> Result<&Serving, Refusal> {
        if self.job(work).is_none_or(|j| j.stage == crate::desk::work::Stage::Apart) {
            return Err(Refusal::Gone);
        }
        self.serving(work).filter(|s| s.agent == *id).ok_or(Refusal::NotYours)
    }

    pub(super) fn hold(&mut self, id: AgentId, call: CallId, on: bool) -> Result<Answer, Refusal> {
        let me = LegParty::Agent(id.clone());
        let held = if let Some(Presence::In { held, .. }) = self.party_mut(call, &me).map(|party| &mut party.presence) {
            held
        } else {
            self.talks(&id, call)?;
            &mut self.serving_mut(Work::Call(call)).ok_or(Refusal::NotYours)?.held
        };
        if std::mem::replace(held, on) != on {
            self.call_fact(call, CallFact::Held { by: id, on });
            self.retune(call);
        }
        Ok(Answer::Done)
    }

    /// The agent is in the call, in charge of it or not.
    fn takes_part(&self, id: &AgentId, call: CallId) -> Result<(), Refusal> {
        if self.party(call, &LegParty::Agent(id.clone())).is_some_and(|party| party.is_in()) {
            return Ok(());
        }
        self.mine(id, Work::Call(call)).map(drop)
    }

    pub(super) fn send_digits(&mut self, id: AgentId, call: CallId, digits: String) -> Result<Answer, Refusal> {
        self.takes_part(&id, call)?;
        let digits: String = digits.chars().filter(|d| matches!(d, '0'..='9' | '*' | '#' | 'A'..='D')).collect();
        if digits.is_empty() {
            return Err(Refusal::Empty);
        }
        // To whom the agent is talking: in a consult, the number that was called.
        let aside = self
            .calls
            .get(&call)
            .and_then(|c| c.consult.as_ref())
            .filter(|consult| consult.aside && self.mine(&id, Work::Call(call)).is_ok());
        match aside.map(|consult| consult.with.clone()) {
            Some(party @ LegParty::Outside(_)) => self.voice(call, VoiceAct::Press { party, digits }),
            _ => self.voice(call, VoiceAct::SendDigits { digits }),
        }
        Ok(Answer::Done)
    }

    pub(super) fn pause_recording(&mut self, id: AgentId, call: CallId, on: bool) -> Result<Answer, Refusal> {
        self.mine(&id, Work::Call(call))?;
        let state = self.calls.get_mut(&call).filter(|c| c.recording.is_some()).ok_or(Refusal::Gone)?;
        let before = state.pause.is_on();
        // Whoever says "go on" means it, whatever has the focus.
        state.pause = Pause { by_hand: on, field_until: state.pause.field_until.filter(|_| on), ..Pause::default() };
        self.touch(Key::Call(call));
        if before != on {
            self.show_pause(call, id, on, false);
        }
        Ok(Answer::Done)
    }

    /// A field that must not be recorded (a card number) has the focus: no recording until it is left, and not for ever if the page
    /// forgets to say so.
    pub(super) fn masked_field(&mut self, id: AgentId, call: CallId, on: bool) -> Result<Answer, Refusal> {
        self.takes_part(&id, call)?;
        let until = self.now.after(MASKED_MS);
        let state = self.calls.get_mut(&call).filter(|c| c.recording.is_some()).ok_or(Refusal::Gone)?;
        let before = state.pause.is_on();
        state.pause.field_until = on.then_some(until);
        let after = state.pause.is_on();
        self.touch(Key::Call(call));
        if before != after {
            self.show_pause(call, id, after, true);
        }
        Ok(Answer::Done)
    }

    /// The masked field has kept its focus for too long to be true.
    pub(super) fn masked_over(&mut self, call: CallId) {
        let Some(state) = self.calls.get_mut(&call) else { return };
        state.pause.field_until = None;
        let still = state.pause.is_on();
        let by = state.agents_in().next().cloned();
        self.touch(Key::Call(call));
        if let (false, Some(by)) = (still, by) {
            self.show_pause(call, by, false, true);
        }
    }

    /// Whose field it was has left the call.
    pub(in crate::desk) fn masked_left(&mut self, call: CallId) {
        if self.calls.get(&call).is_some_and(|state| state.pause.field_until.is_some()) {
            self.masked_over(call);
        }
    }

    /// The recording of a call that agents leave to others is paused, and goes on with the next agent.
    pub(in crate::desk) fn pause_among_others(&mut self, call: CallId, by: AgentId, on: bool) {
        self.pause_by_itself(call, by, |pause| pause.among_others = on);
    }

    /// What one queue records is not recorded in another that does not, and goes on in the next that does.
    pub(in crate::desk) fn pause_elsewhere(&mut self, call: CallId, by: AgentId, on: bool) {
        self.pause_by_itself(call, by, |pause| pause.elsewhere = on);
    }

    /// A flow begins or ends to ask for what shall be kept nowhere. There is a recording only where an agent has been.
    pub(super) fn pause_while_asked(&mut self, call: CallId, on: bool) {
        if let Some(by) = self.calls.get(&call).and_then(|call| call.job.last_agent.clone()) {
            self.pause_by_itself(call, by, |pause| pause.asked = on);
        }
    }

    /// One reason more or less for the pause of a recording that there is; told where it begins or ends by it.
    fn pause_by_itself(&mut self, call: CallId, by: AgentId, change: impl FnOnce(&mut Pause)) {
        let Some(state) = self.calls.get_mut(&call).filter(|c| c.recording.is_some()) else { return };
        let before = state.pause;
        change(&mut state.pause);
        let after = state.pause;
        if before == after {
            return;
        }
        self.touch(Key::Call(call));
        if before.is_on() != after.is_on() {
            self.show_pause(call, by, after.is_on(), true);
        }
    }

    fn show_pause(&mut self, call: CallId, by: AgentId, on: bool, auto: bool) {
        self.call_fact(call, CallFact::RecordingPaused { on, by, auto });
        self.voice(call, VoiceAct::PauseRecording { on });
    }

    pub(super) fn hang_up(&mut self, id: AgentId, call: CallId) -> Result<Answer, Refusal> {
        if self.watch_of(call, &id).is_some() {
            return self.stop_watching(&id, call);
        }
        if self.party(call, &LegParty::Agent(id.clone())).is_some_and(|party| party.is_in()) {
            return self.leave(id, call);
        }
        self.mine(&id, Work::Call(call))?;
        if self.ask_by_key(call) {
            return Ok(Answer::Done);
        }
        let called_off = self.calls.get(&call).is_some_and(|c| !c.direction.is_inbound() && !c.answered);
        let cause = if called_off { EndCause::NotReached } else { EndCause::Normal };
        self.voice(call, VoiceAct::End { cause });
        self.finish(call, EndedBy::Agent, cause);
        Ok(Answer::Done)
    }
}
