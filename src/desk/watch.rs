//! Supervisors in a call: they listen, whisper to the agent, barge in, or take over. A supervisor is no member of the call: nothing of it
//! depends on them, and whatever becomes of their leg, the call goes on. They hold a call's worth of attention (no call is offered to them
//! meanwhile) but no capacity.

use super::act::VoiceAct;
use super::fact::{CallFact, ConsultEnd, RoutingFact, WatchEnd};
use super::id::*;
use super::input::{LegParty, WatchMode};
use super::refusal::Refusal;
use super::sound::Told;
use super::step::Answer;
use super::work::{Serving, Stage};
use super::{Desk, Key};
use serde::{Deserialize, Serialize};

/// A browser leg must be up this long after the click, and a desk phone be picked up, ms.
const JOIN_MS: i64 = 5_000;
const RING_MS: i64 = 30_000;
/// Supervisors in one call.
const MOST: usize = 4;

/// A supervisor in a call, from being rung to their leaving.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Watch {
    pub by: AgentId,
    pub mode: WatchMode,
    /// `None` until their own leg is up.
    pub since: Option<At>,
    /// The leg must be up by then.
    pub until: Option<At>,
    /// No audio from a browser since then.
    pub silent: Option<At>,
    pub phone: bool,
    /// As it was configured when they came: the others are told.
    pub announced: bool,
    /// Who has heard the tone.
    pub told: Vec<LegParty>,
}

impl Watch {
    /// On the line, and heard or hearing.
    pub fn is_here(&self) -> bool {
        self.since.is_some() && self.silent.is_none()
    }

    /// When the leg is given up that does not come, or does not come back.
    pub fn due(&self, grace_ms: i64) -> Option<At> {
        self.until.or_else(|| self.silent.filter(|_| !self.phone).map(|at| at.after(grace_ms)))
    }

    pub fn leg(&self) -> LegParty {
        LegParty::Agent(self.by.clone())
    }
}

impl Desk {
    pub(super) fn watch_of(&self, id: CallId, by: &AgentId) -> Option<&Watch> {
        self.calls.get(&id)?.watches.iter().find(|watch| watch.by == *by)
    }

    fn watch_mut(&mut self, id: CallId, by: &AgentId) -> Option<&mut Watch> {
        self.touch(Key::Call(id));
        self.calls.get_mut(&id)?.watches.iter_mut().find(|watch| watch.by == *by)
    }

    /// The call in which this supervisor is.
    fn watched_by(&self, by: &AgentId) -> Option<CallId> {
        let slot = self.slot(by)?;
        let calls = self.seats.get(slot)?.agent.holds.iter().filter_map(|hold| match hold.work {
            Work::Call(id) => Some(id),
            _ => None,
        });
        calls.into_iter().find(|id| self.watch_of(*id, by).is_some())
    }

    pub(super) fn supervises(&self, slot: usize) -> Result<(), Refusal> {
        let post = self.seats.get(slot).and_then(|seat| seat.post.as_ref());
        if post.is_some_and(|post| post.supervises) { Ok(()) } else { Err(Refusal::NotASupervisor) }
    }

    /// Comes into a call, or changes how they are in it.
    pub(super) fn watch(&mut self, slot: usize, by: AgentId, id: CallId, mode: WatchMode) -> Result<Answer, Refusal> {
        self.supervises(slot)?;
        let call = self.calls.get(&id).ok_or(Refusal::Gone)?;
        let serving = self.serving(Work::Call(id)).ok_or(Refusal::NobodyTalks)?;
        if call.reaching.is_some() || !call.answered {
            return Err(Refusal::NotAnswered);
        }
        if !call.has_customer() {
            return Err(Refusal::AmongColleagues);
        }
        let me = LegParty::Agent(by.clone());
        if serving.agent == by || self.party(id, &me).is_some() {
            return Err(Refusal::InTheCall);
        }
        if let Some(watch) = self.watch_of(id, &by) {
            let here = watch.since.is_some();
            return self.watch_otherwise(slot, by, id, mode, here);
        }
        if call.watches.len() >= MOST {
            return Err(Refusal::CallFull);
        }
        let before = self.watched_by(&by);
        self.may_watch(slot, before.is_some())?;
        if let Some(before) = before {
            self.end_watch(before, &by, WatchEnd::Left);
        }
        self.enter_watch(slot, by, id, mode);
        Ok(Answer::Done)
    }

    /// Whatever they have chosen: their own voice must be ready, and they must not be in a talk of their own.
    fn may_watch(&self, slot: usize, watches: bool) -> Result<(), Refusal> {
        let seat = self.seats.get(slot).ok_or(Refusal::UnknownAgent)?;
        if let Some(problem) = seat.voice_problem() {
            return Err(Refusal::VoiceNotReady { problem: problem.to_owned() });
        }
        if seat.agent.calls() > u32::from(watches) { Err(Refusal::NoCapacity) } else { Ok(()) }
    }

    fn enter_watch(&mut self, slot: usize, by: AgentId, id: CallId, mode: WatchMode) {
        let work = Work::Call(id);
        let Some(person) = self.job(work).map(|job| job.person) else { return };
        let phone = self.phone_of(slot);
        let until = self.now.after(if phone.is_some() { RING_MS } else { JOIN_MS });
        let announced = self.catalog.supervision.announce;
        self.stop_draining(slot);
        if let Some(agent) = self.agent_mut(slot) {
            agent.reserve(work, person, 0);
            agent.served(work);
        }
        let watch = Watch {
            by: by.clone(),
            mode,
            since: None,
            until: Some(until),
            silent: None,
            phone: phone.is_some(),
            announced,
            told: Vec::new(),
        };
        if let Some(call) = self.calls.get_mut(&id) {
            call.watches.push(watch);
        }
        self.touch(Key::Call(id));
        self.voice(id, phone.map_or(VoiceAct::Join { agent: by.clone() }, |phone| VoiceAct::RingPhone { agent: by, phone }));
    }

    fn watch_otherwise(&mut self, slot: usize, by: AgentId, id: CallId, mode: WatchMode, here: bool) -> Result<Answer, Refusal> {
        if here && mode == WatchMode::TakeOver {
            return self.take_over(slot, by, id);
        }
        let Some(watch) = self.watch_mut(id, &by).filter(|watch| watch.mode != mode) else { return Ok(Answer::Done) };
        watch.mode = mode;
        if here {
            let announced = watch.announced;
            self.watched(id, by, mode, announced);
            self.retune(id);
        }
        Ok(Answer::Done)
    }

    fn watched(&mut self, id: CallId, by: AgentId, mode: WatchMode, announced: bool) {
        let Some(agent) = self.serving(Work::Call(id)).map(|serving| serving.agent.clone()) else { return };
        self.call_fact(id, CallFact::Watched { by: by.clone(), agent, mode, announced });
        self.came_to(Work::Call(id), &by);
    }

    /// Their leg is up. False where nobody waits for it.
    pub(super) fn watch_up(&mut self, id: CallId, by: &AgentId) -> bool {
        let now = self.now;
        let Some(watch) = self.watch_mut(id, by) else { return false };
        watch.until = None;
        watch.silent = None;
        if watch.since.is_some() {
            self.retune(id);
            return true;
        }
        watch.since = Some(now);
        let (mode, announced) = (watch.mode, watch.announced);
        self.watched(id, by.clone(), mode, announced);
        let taken = mode == WatchMode::TakeOver && self.slot(by).is_some_and(|slot| self.take_over(slot, by.clone(), id).is_ok());
        if !taken {
            if mode == WatchMode::TakeOver {
                self.end_watch(id, by, WatchEnd::Failed);
            } else {
                self.retune(id);
            }
        }
        true
    }

    /// Nothing is heard of their browser any more, or again. False where they are not in the call.
    pub(super) fn watch_silent(&mut self, id: CallId, by: &AgentId, silent: bool) -> bool {
        let now = self.now;
        let Some(watch) = self.watch_mut(id, by) else { return false };
        if watch.since.is_some() && watch.silent.is_some() != silent {
            watch.silent = silent.then_some(now);
            self.retune(id);
        }
        true
    }

    /// By their own command.
    pub(super) fn stop_watching(&mut self, by: &AgentId, id: CallId) -> Result<Answer, Refusal> {
        if self.end_watch(id, by, WatchEnd::Left) { Ok(Answer::Done) } else { Err(Refusal::Gone) }
    }

    /// Their leg has gone by itself. False where they are not in the call.
    pub(super) fn watch_leg_gone(&mut self, id: CallId, by: &AgentId) -> bool {
        let here = self.watch_of(id, by).is_some_and(|watch| watch.since.is_some());
        self.close_watch(id, by, if here { WatchEnd::Left } else { WatchEnd::Failed })
    }

    pub(super) fn end_watch(&mut self, id: CallId, by: &AgentId, how: WatchEnd) -> bool {
        if self.watch_of(id, by).is_none() {
            return false;
        }
        self.let_leg_go(id, &LegParty::Agent(by.clone()));
        self.close_watch(id, by, how)
    }

    fn close_watch(&mut self, id: CallId, by: &AgentId, how: WatchEnd) -> bool {
        let gone = self.leave_watch(id, by, how);
        if gone {
            self.retune(id);
        }
        gone
    }

    /// Out of the books. Who hears whom is for the caller to say.
    fn leave_watch(&mut self, id: CallId, by: &AgentId, how: WatchEnd) -> bool {
        let now = self.now;
        let Some(call) = self.calls.get_mut(&id) else { return false };
        let Some(index) = call.watches.iter().position(|watch| watch.by == *by) else { return false };
        let watch = call.watches.remove(index);
        self.touch(Key::Call(id));
        let watched_ms = watch.since.map_or(0, |since| now.since(since));
        self.call_fact(id, CallFact::WatchEnded { by: watch.by, how, watched_ms });
        if let Some(slot) = self.slot(by) {
            if let Some(agent) = self.agent_mut(slot) {
                agent.release(Work::Call(id));
            }
            self.freed.insert(slot);
            if how != WatchEnd::TookOver {
                self.settle_status(slot);
            }
        }
        true
    }

    /// The call is over, or no agent is in it any more: what is said then is not for our ears. Legs are let go where the call goes on.
    pub(super) fn end_watches(&mut self, id: CallId, how: WatchEnd) {
        let Some(call) = self.calls.get(&id).filter(|call| !call.watches.is_empty()) else { return };
        let all: Vec<AgentId> = call.watches.iter().map(|watch| watch.by.clone()).collect();
        for by in all {
            if how != WatchEnd::CallEnded {
                self.let_leg_go(id, &LegParty::Agent(by.clone()));
            }
            self.leave_watch(id, &by, how);
        }
    }

    /// Legs that did not come, or did not come back.
    pub(super) fn watches_due(&mut self, id: CallId) {
        let (now, grace) = (self.now, self.catalog.routing.agent_grace_ms);
        let Some(call) = self.calls.get(&id) else { return };
        let late = call.watches.iter().filter(|watch| watch.due(grace).is_some_and(|at| at <= now));
        let late: Vec<(AgentId, bool)> = late.map(|watch| (watch.by.clone(), watch.since.is_some())).collect();
        for (by, was_here) in late {
            self.end_watch(id, &by, if was_here { WatchEnd::Lost } else { WatchEnd::Failed });
        }
    }

    /// Those who are no supervisors any more hear nothing more.
    pub(super) fn dismiss_watches(&mut self) {
        let watched: Vec<(CallId, AgentId)> =
            self.calls.values().flat_map(|call| call.watches.iter().map(|watch| (call.id, watch.by.clone()))).collect();
        for (id, by) in watched {
            if self.slot(&by).is_none_or(|slot| self.supervises(slot).is_err()) {
                self.end_watch(id, &by, WatchEnd::NoLongerAllowed);
            }
        }
    }

    /// The supervisor serves the customer from now on. The former agent goes to their wrap-up; whoever was consulted is let go; others
    /// who are in the call stay, and the recording goes on.
    fn take_over(&mut self, slot: usize, by: AgentId, id: CallId) -> Result<Answer, Refusal> {
        let work = Work::Call(id);
        let (person, cost) = (self.job(work).ok_or(Refusal::Gone)?.person, self.cost(work));
        self.room_to_take_over(slot, work, person, cost)?;
        let phone = self.phone_of(slot).is_some();
        self.leave_watch(id, &by, WatchEnd::TookOver);
        let former = self.release(work).ok_or(Refusal::Gone)?;
        self.let_leg_go(id, &LegParty::Agent(former.agent.clone()));
        let now = self.now;
        let serving = Serving { agent: by.clone(), queue: former.queue.clone(), since: now, held: false, silent: None, phone };
        self.set_stage(work, Stage::Serving(serving));
        if let Some(agent) = self.agent_mut(slot) {
            agent.reserve(work, person, cost);
            agent.served(work);
            agent.idle_since = now;
        }
        if let Some(job) = self.job_mut(work) {
            job.last_agent = Some(by.clone());
        }
        self.routing_fact(work, RoutingFact::Assigned { person, agent: by, waited_ms: 0 });
        if let Some(with) = self.consulted(id).cloned() {
            self.end_consult(id, &former.agent, ConsultEnd::Cancelled);
            self.dismiss_party(id, &with);
        }
        self.masked_left(id);
        self.retune(id);
        if let Some(slot) = self.slot(&former.agent) {
            self.begin_wrap_up(slot, id, &former.queue);
        }
        Ok(Answer::Done)
    }

    /// A watch takes no points, a call does.
    fn room_to_take_over(&self, slot: usize, work: Work, person: PersonId, cost: u32) -> Result<(), Refusal> {
        let seat = self.seats.get(slot).ok_or(Refusal::UnknownAgent)?;
        let post = seat.post.as_ref().ok_or(Refusal::UnknownAgent)?;
        let mut agent = seat.agent.clone();
        agent.release(work);
        if agent.used + agent.charge_for(person, cost) > post.capacity { Err(Refusal::NoCapacity) } else { Ok(()) }
    }

    /// Where supervisors are announced, everybody who hears the talk hears a tone once: those on hold when they are back.
    pub(super) fn announce(&mut self, id: CallId) {
        let prompt = self.catalog.supervision.prompt.clone();
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Told::Hear { hearing, .. } = &call.told else { return };
        let supervisors: Vec<LegParty> = call.watches.iter().map(Watch::leg).collect();
        let listeners: Vec<&LegParty> = hearing.iter().map(|(who, _)| who).filter(|who| !supervisors.contains(who)).collect();
        let mut to: Vec<LegParty> = Vec::new();
        for watch in call.watches.iter_mut().filter(|watch| watch.announced && watch.is_here()) {
            let new: Vec<LegParty> = listeners.iter().filter(|who| !watch.told.contains(who)).map(|who| (*who).clone()).collect();
            to.extend(new.iter().filter(|who| !to.contains(who)).cloned().collect::<Vec<_>>());
            watch.told.extend(new);
        }
        if !to.is_empty() {
            self.touch(Key::Call(id));
            self.voice(id, VoiceAct::Tone { to, prompt });
        }
    }
}
