//! Agents' pages and microphones, and the status they choose.

use crate::desk::Desk;
use crate::desk::agent::PHONE_GONE;
use crate::desk::fact::{AgentFact, OfferEnd, StatusName, StatusWhy};
use crate::desk::id::*;
use crate::desk::input::{Device, WantedStatus};
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;

impl Desk {
    pub(super) fn device(&mut self, id: AgentId, device: Device) -> Result<Answer, Refusal> {
        let slot = self.slot(&id).ok_or(Refusal::UnknownAgent)?;
        let routing = &self.catalog.routing;
        // The page has been waited for already while it might have been reloading.
        let grace = routing.page_grace_ms - routing.reload_ms();
        let now = self.now;
        let agent = self.agent_mut(slot).ok_or(Refusal::UnknownAgent)?;
        match device {
            Device::PageOpen => {
                agent.page_open = true;
                agent.page_due = None;
                self.freed.insert(slot);
            }
            Device::PageGone if agent.page_open => {
                agent.page_open = false;
                agent.page_due = Some(now.after(grace.max(0)));
                self.stop_draining(slot);
                self.withdraw_text_offers(slot);
            }
            Device::PageGone => {}
            Device::VoiceReady { phone } => {
                // What another page said of its own microphone says nothing of this one's.
                agent.microphone.take_if(|(of, _)| *of != phone);
                agent.phone = Some(phone);
                let problem = agent.microphone.as_ref().map(|(_, problem)| problem.clone());
                self.voice_is(slot, id, problem);
            }
            Device::VoiceLost { problem } => {
                agent.phone = None;
                // The page knows better why: it closes the connection itself when its microphone is gone.
                let problem = agent.microphone.as_ref().map_or(problem, |(_, problem)| problem.clone());
                self.voice_is(slot, id, Some(problem));
            }
            // A page that is not the phone has nothing to say while another one is.
            Device::Microphone { phone, .. } if agent.phone.as_ref().is_some_and(|used| *used != phone) => {}
            Device::Microphone { phone, problem: Some(problem) } => {
                agent.microphone = Some((phone, problem.clone()));
                self.voice_is(slot, id, Some(problem));
            }
            Device::Microphone { phone, problem: None } => {
                agent.microphone.take_if(|(of, _)| *of == phone);
                let connected = agent.phone.is_some();
                if connected {
                    self.voice_is(slot, id, None);
                }
            }
            Device::PhoneReady => self.phone_ready(slot),
            Device::PhoneLost => self.phone_lost(slot),
        }
        Ok(Answer::Done)
    }

    /// Whether calls can be offered to the agent's browser now, and if not, why.
    fn voice_is(&mut self, slot: usize, id: AgentId, problem: Option<String>) {
        let Some(agent) = self.agent_mut(slot).filter(|agent| agent.voice_problem != problem) else {
            return;
        };
        agent.voice_problem = problem.clone();
        match problem {
            None => {
                self.agent_fact(id, AgentFact::VoiceReady);
                self.freed.insert(slot);
            }
            Some(problem) => {
                self.agent_fact(id, AgentFact::VoiceLost { problem });
                self.stop_draining(slot);
                self.withdraw_browser_calls(slot);
            }
        }
    }

    /// A phone that is there from the start makes its agent available by being there.
    fn phone_ready(&mut self, slot: usize) {
        let Some(agent) = self.agent_mut(slot).filter(|agent| !agent.phone_up) else { return };
        agent.phone_up = true;
        let id = agent.id.clone();
        self.agent_fact(id, AgentFact::VoiceReady);
        self.freed.insert(slot);
        let idle = self.seats.get(slot).is_some_and(|seat| seat.agent.status == StatusName::Offline && seat.agent.calls() == 0);
        if idle && self.is_always_available(slot) {
            self.choose(slot, WantedStatus::Available, StatusWhy::PhoneReady);
        }
    }

    /// What rings there rings nowhere: the caller looks further, and nobody is shown as available who cannot be reached.
    pub(super) fn phone_lost(&mut self, slot: usize) {
        let Some(agent) = self.agent_mut(slot).filter(|agent| agent.phone_up) else { return };
        agent.phone_up = false;
        let id = agent.id.clone();
        self.agent_fact(id, AgentFact::VoiceLost { problem: PHONE_GONE.into() });
        self.stop_draining(slot);
        self.withdraw_browser_calls(slot);
        if !self.is_always_available(slot) {
            return;
        }
        match self.agent_mut(slot) {
            // The talk may still be up: what comes after it is decided now.
            Some(agent) if agent.calls() > 0 || agent.wrap_up.is_some() => agent.next = Some(WantedStatus::Offline),
            _ => self.choose(slot, WantedStatus::Offline, StatusWhy::PhoneGone),
        }
    }

    fn is_always_available(&self, slot: usize) -> bool {
        self.seats.get(slot).and_then(|seat| seat.post.as_ref()).is_some_and(|post| post.always_available)
    }

    fn withdraw_text_offers(&mut self, slot: usize) {
        self.withdraw_where(slot, |work| matches!(work, Work::Conversation(_)));
    }

    /// A desk phone with an address of its own rings on whatever the browser does.
    fn withdraw_browser_calls(&mut self, slot: usize) {
        if self.seats.get(slot).is_some_and(|s| s.voice_problem().is_some()) {
            self.withdraw_where(slot, |work| matches!(work, Work::Call(_)));
        }
    }

    fn withdraw_where(&mut self, slot: usize, which: impl Fn(&Work) -> bool) {
        let Some(seat) = self.seats.get(slot) else {
            return;
        };
        let offered: Vec<Work> = seat.agent.holds.iter().filter(|h| !h.served).map(|h| h.work).filter(which).collect();
        for work in offered {
            self.take_back(slot, work, OfferEnd::Withdrawn);
        }
    }

    /// The page has not come back: offline, and the customers who write go to others. Calls follow the rule for silent legs. A desk
    /// phone needs no page.
    pub(super) fn page_stayed_away(&mut self, slot: usize) {
        let Some(seat) = self.seats.get(slot) else {
            return;
        };
        let phone = seat.post.as_ref().is_some_and(|p| p.always_available);
        if !phone && seat.agent.status != StatusName::Offline {
            self.withdraw_offers(slot, OfferEnd::Withdrawn);
            self.choose(slot, WantedStatus::Offline, StatusWhy::PageGone);
        }
        if self.seats.get(slot).is_some_and(|s| s.agent.wrap_up.as_ref().is_some_and(|w| w.overdue)) {
            self.wrap_up_over(slot);
        }
        self.give_back_conversations(slot);
    }

    /// A supervisor chooses for somebody. Nobody is torn out of a talk: then it comes after it.
    pub(super) fn set_status_of(&mut self, slot: usize, by: AgentId, agent: AgentId, wanted: WantedStatus) -> Result<Answer, Refusal> {
        self.supervises(slot)?;
        let of = self.slot(&agent).ok_or(Refusal::UnknownAgent)?;
        self.check_reason(&wanted)?;
        self.agent_fact(agent, AgentFact::StatusSet { by, wanted: wanted.clone() });
        self.set_status(of, wanted, StatusWhy::Supervisor)
    }

    fn check_reason(&self, wanted: &WantedStatus) -> Result<(), Refusal> {
        match wanted {
            WantedStatus::Break { reason } if !self.catalog.routing.break_reasons.contains(reason) => Err(Refusal::UnknownBreakReason),
            _ => Ok(()),
        }
    }

    pub(super) fn set_status(&mut self, slot: usize, wanted: WantedStatus, why: StatusWhy) -> Result<Answer, Refusal> {
        self.check_reason(&wanted)?;
        let agent = self.agent_mut(slot).ok_or(Refusal::UnknownAgent)?;
        agent.rest_until = None;
        let on_call = agent.holds.iter().any(|h| h.served && matches!(h.work, Work::Call(_)));
        let overdue = agent.wrap_up.as_ref().is_some_and(|w| w.overdue);
        if overdue && !on_call && why == StatusWhy::Supervisor {
            self.drop_wrap_ups(slot);
        } else if on_call || agent.wrap_up.is_some() {
            // Whoever comes back to a form that they owe is at work, but not ready.
            let back = !on_call && agent.status == StatusName::Offline && wanted != WantedStatus::Offline;
            agent.next = Some(wanted);
            if back {
                self.show_status(slot, StatusName::WrapUp, None, StatusWhy::WrapUp);
            }
            return Ok(Answer::Done);
        }
        let (leaves, away) = (wanted == WantedStatus::Offline, wanted != WantedStatus::Available);
        self.choose(slot, wanted, why);
        if away {
            self.withdraw_offers(slot, OfferEnd::Declined);
        }
        if leaves {
            self.give_back_conversations(slot);
        }
        Ok(Answer::Done)
    }
}
