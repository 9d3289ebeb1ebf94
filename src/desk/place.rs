//! Calls that we begin: to a customer, or to a colleague. The agent's own leg comes first, so that they hear it ring; then whom they call.
//! From the start the call is the agent's as any other, so that every verb is the ordinary one.

use super::act::VoiceAct;
use super::call::{Apart, Call, Errand, Reaching};
use super::dial::{Ask, Dialler, place};
use super::fact::{CallFact, Fact, PersonFact, QueuedReason, RoutingFact, StatusName};
use super::id::*;
use super::input::{Callee, Direction, EndCause, EndedBy, LegFailure, LegParty, Medium, PAGE};
use super::person::Who;
use super::queue::DIRECT;
use super::refusal::Refusal;
use super::stage::Entry;
use super::work::{Claim, Prefer, Serving, Stage};
use super::{Desk, Key};

/// A browser leg must be up this long after the click, ms.
const JOIN_MS: i64 = 5_000;
/// A notice that does not report its end is given up after this long, ms.
const NOTICE_MS: i64 = 30_000;
/// Stands for a trunk where none is used.
const HOUSE: &str = "house";

/// A call to be made for an agent.
pub(super) struct Placing {
    pub callee: Callee,
    /// The queue it counts to; `None`: the agent's own for calls out.
    pub queue: Option<QueueId>,
    /// The conversation that goes on as this call.
    pub chat: Option<ConversationId>,
    /// The customer has just given us this number.
    pub given: bool,
}

impl Desk {
    /// Begins a call for this agent: reserves them and brings their own leg up. What comes of it is heard as for every call.
    ///
    /// Refused: the agent cannot talk now, the number may not be called, the colleague cannot take it, or no number was lent (`Busy`).
    pub(super) fn place_call(&mut self, slot: usize, placing: Placing) -> Result<CallId, Refusal> {
        let Placing { callee, queue, chat, given } = placing;
        let by = self.seats.get(slot).map(|s| s.agent.id.clone()).ok_or(Refusal::UnknownAgent)?;
        let video = matches!(callee, Callee::Page { video: true, .. });
        let (errand, who, number, trunk) = self.errand(&by, callee)?;
        let direction = if matches!(errand, Errand::Colleague(_)) { Direction::Internal } else { Direction::Outbound };
        let queue = self.outbound_queue(&by, queue, direction)?;
        self.can_call(slot, &who)?;
        let id = self.lent.take().ok_or(Refusal::Busy)?;
        let work = Work::Call(id);
        let now = self.now;
        let phone = self.phone_of(slot);
        let job = self.job_for(who.clone());
        let person = job.person;
        self.know(&job.identity, person);
        let join_ms = if phone.is_some() { self.queue_spec(&queue).map_or(0, |q| q.offer_ms).max(JOIN_MS) } else { JOIN_MS };
        let mut call = Call::new(id, job, number.clone(), now);
        call.direction = direction;
        call.given = given;
        call.video = video;
        call.reaching = Some(Reaching::Own { until: now.after(join_ms), errand });
        self.calls.insert(id, call);
        let counts = (queue.as_str() != DIRECT).then(|| queue.clone());
        let serving = Serving { agent: by.clone(), queue, since: now, held: false, silent: None, phone: phone.is_some() };
        self.set_stage(work, Stage::Serving(serving));
        let cost = self.cost(work);
        if let Some(agent) = self.agent_mut(slot) {
            agent.reserve(work, person, cost);
            agent.served(work);
            agent.idle_since = now;
        }
        self.stop_draining(slot);
        self.call_fact(id, CallFact::Started { person, trunk, from: by.to_string(), dialled: number, direction, queue: counts, chat });
        self.routing_fact(work, RoutingFact::Assigned { person, agent: by.clone(), waited_ms: 0 });
        self.voice(id, VoiceAct::Open { who: Box::new(who) });
        self.voice(id, phone.map_or(VoiceAct::Join { agent: by.clone() }, |phone| VoiceAct::RingPhone { agent: by, phone }));
        Ok(id)
    }

    /// What is to be done once the agent's own leg is up, who the call is about, the number it shows, and the trunk that is tried first.
    fn errand(&mut self, by: &AgentId, callee: Callee) -> Result<(Errand, Who, String, TrunkId), Refusal> {
        match callee {
            Callee::Number { who, number, line } => {
                let ask = Ask { line: line.as_deref(), ..Ask::of(Dialler::Agent(by.clone()), &number) };
                let plan = self.plan_out(&ask, None, None)?;
                let trunk = plan.routes.first().map_or_else(|| TrunkId::from(HOUSE), |route| route.trunk.clone());
                let number = plan.number.value().to_owned();
                Ok((Errand::Customer { number: number.clone(), line }, who, number, trunk))
            }
            Callee::Page { who, page, video: _ } => {
                self.catalog.channels.get(&page.channel).and_then(|channel| channel.calls.as_ref()).ok_or(Refusal::NoPage)?;
                let name = who.display.clone().unwrap_or_else(|| who.identity.value.clone());
                Ok((Errand::Page(page), who, name, TrunkId::from(PAGE)))
            }
            Callee::Colleague { agent, who } => {
                if agent == *by {
                    return Err(Refusal::AgentUnavailable);
                }
                self.may_take(&agent, None, self.catalog.routing.call_cost, true, Medium::Calls)?;
                let number = agent.to_string();
                Ok((Errand::Colleague(agent), who, number, TrunkId::from(HOUSE)))
            }
        }
    }

    fn outbound_queue(&self, by: &AgentId, asked: Option<QueueId>, direction: Direction) -> Result<QueueId, Refusal> {
        if let Some(queue) = asked {
            self.lane(&queue).filter(|l| l.declared).ok_or(Refusal::UnknownQueue)?;
            return Ok(queue);
        }
        let spec = self.catalog.agents.get(by).filter(|_| direction == Direction::Outbound);
        let own = spec.and_then(|spec| spec.outbound_queue.as_ref().or_else(|| spec.queues.first()));
        Ok(own.filter(|queue| self.lane(queue).is_some()).cloned().unwrap_or_else(|| QueueId::from(DIRECT)))
    }

    /// Whether the agent can talk to this customer now: whatever they have chosen but offline, for they ask for it themselves.
    fn can_call(&self, slot: usize, who: &Who) -> Result<(), Refusal> {
        let seat = self.seats.get(slot).ok_or(Refusal::UnknownAgent)?;
        let post = seat.post.as_ref().ok_or(Refusal::UnknownAgent)?;
        if seat.agent.status == StatusName::Offline {
            return Err(Refusal::Offline);
        }
        if let Some(problem) = seat.voice_problem() {
            return Err(Refusal::VoiceNotReady { problem: problem.to_owned() });
        }
        let person = who.person.as_ref().map(|brief| brief.id);
        let person = person.or_else(|| self.known.get(&who.identity).and_then(|people| people.keys().next().copied()));
        let cost = self.catalog.routing.call_cost;
        let charge = person.map_or(cost, |person| seat.agent.charge_for(person, cost));
        let full = seat.agent.used + charge > post.capacity || seat.agent.calls() >= post.max_calls;
        if full { Err(Refusal::NoCapacity) } else { Ok(()) }
    }

    /// The agent's own leg is up: now whom they call.
    pub(super) fn own_leg_up(&mut self, id: CallId, by: &AgentId) {
        let Some(Reaching::Own { errand, .. }) = self.calls.get(&id).and_then(|call| call.reaching.clone()) else { return };
        self.touch(Key::Call(id));
        if let Some(call) = self.calls.get_mut(&id) {
            call.reaching = Some(match errand {
                Errand::Customer { .. } | Errand::Page(_) => Reaching::Customer { early: false },
                Errand::Colleague(_) => Reaching::Colleague,
            });
        }
        match errand {
            Errand::Customer { number, line } => {
                let ask = Ask { line: line.as_deref(), ..Ask::of(Dialler::Agent(by.clone()), &number) };
                match self.dial(id, LegParty::Customer, ask, self.catalog.routing.ring_out_ms) {
                    Ok(_) => self.retune(id),
                    Err(_) => self.customer_not_reached(id, LegFailure::Unreachable),
                }
            }
            Errand::Page(page) => {
                let ring_ms = self.catalog.routing.ring_out_ms;
                let video = self.calls.get(&id).is_some_and(|call| call.video);
                self.call_fact(id, CallFact::Knocked { page: page.clone(), by: by.clone(), until: self.now.after(ring_ms), video });
                self.voice(id, VoiceAct::Knock { page, ring_ms });
                self.retune(id);
            }
            Errand::Colleague(agent) => {
                if self.ring_in(id, &agent, by, false).is_err() {
                    return self.not_reached(id);
                }
                self.retune(id);
            }
        }
    }

    /// Somebody who was dialled can be heard before they answer.
    pub(super) fn party_rings(&mut self, id: CallId, who: &LegParty, heard: bool) {
        self.out_rings(id, place(who));
        if !heard {
            return;
        }
        if *who == LegParty::Customer {
            if let Some(call) = self.calls.get_mut(&id)
                && let Some(Reaching::Customer { early }) = &mut call.reaching
            {
                *early = true;
                self.touch(Key::Call(id));
            }
        } else if let Some(super::party::Party { presence: super::party::Presence::Ringing { early, .. }, .. }) = self.party_mut(id, who) {
            *early = true;
        }
        self.retune(id);
    }

    /// The customer whom we called has answered. They are told first if the call is recorded.
    pub(super) fn customer_answered(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if !matches!(call.reaching, Some(Reaching::Customer { .. })) {
            return;
        }
        call.answered = true;
        self.out_answered(id, place(&LegParty::Customer));
        self.call_fact(id, CallFact::Answered);
        self.call_fact(id, CallFact::Joined { party: LegParty::Customer });
        self.number_proven(id);
        let serving = self.serving(Work::Call(id)).cloned();
        if let Some(serving) = &serving {
            self.customer_reached(id, &serving.agent);
        }
        let spec = serving.as_ref().and_then(|s| self.queue_spec(&s.queue)).filter(|q| q.record_outbound);
        let notice = spec.and_then(|q| q.record_notice.clone());
        let until = self.now.after(NOTICE_MS);
        if let Some(call) = self.calls.get_mut(&id) {
            call.reaching = notice.as_ref().map(|_| Reaching::Notice { until });
        }
        self.touch(Key::Call(id));
        match notice {
            Some(prompt) => {
                self.retune(id);
                self.voice(id, VoiceAct::Play { prompt });
            }
            None => self.connect(id),
        }
    }

    /// Whoever answers at a number that they gave us has shown that it is theirs.
    fn number_proven(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id).filter(|call| call.given) else { return };
        let (person, identity) = (call.job.person, call.job.identity.clone());
        self.facts.push(Fact::Person(person, PersonFact::IdentityAdded { identity, proof: None, by: None }));
    }

    /// Agent and customer talk from now on.
    pub(super) fn connect(&mut self, id: CallId) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.reaching = None;
        }
        self.retune(id);
        let Some(queue) = self.serving(Work::Call(id)).map(|s| s.queue.clone()) else { return };
        self.ticket_for(Work::Call(id), &queue);
        if self.queue_spec(&queue).is_some_and(|q| q.record_outbound) {
            self.begin_recording(id);
        }
    }

    /// The colleague who was called has answered.
    pub(super) fn colleague_reached(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id).filter(|call| call.reaching == Some(Reaching::Colleague)) else { return };
        call.reaching = None;
        call.answered = true;
        self.touch(Key::Call(id));
        self.call_fact(id, CallFact::Answered);
        if self.catalog.routing.record_internal {
            self.retune(id);
            self.begin_recording(id);
        }
    }

    /// The customer whom we called could not be had.
    pub(super) fn customer_not_reached(&mut self, id: CallId, cause: LegFailure) {
        let reaching = self.calls.get(&id).is_some_and(|call| matches!(call.reaching, Some(Reaching::Customer { .. })));
        if reaching {
            self.call_fact(id, CallFact::NotJoined { party: LegParty::Customer, cause: Some(cause) });
            self.attempt_failed(id, cause);
            self.not_reached(id);
        }
    }

    pub(super) fn not_reached(&mut self, id: CallId) {
        self.voice(id, VoiceAct::End { cause: EndCause::NotReached });
        self.finish(id, EndedBy::System, EndCause::NotReached);
    }

    /// Hands a call to a number outside: the customer hears it ring. If it cannot be reached, the customer comes back to `queue`, this agent
    /// asked first. Nobody serves the call, or whoever does is let go by the asker.
    pub(super) fn hand_outside(&mut self, id: CallId, number: &str, by: AgentId, queue: QueueId) -> Result<(), Refusal> {
        self.dial_in(id, number, Dialler::Agent(by.clone()), self.catalog.routing.ring_out_ms)?;
        self.set_apart(id, Apart::Handed { queue, by: Some(by) });
        self.retune(id);
        Ok(())
    }

    pub(super) fn set_apart(&mut self, id: CallId, apart: Apart) {
        self.set_stage(Work::Call(id), Stage::Apart);
        if let Some(call) = self.calls.get_mut(&id) {
            call.apart = Some(apart);
        }
        self.touch(Key::Call(id));
    }

    /// The customer has talked with the number outside, which has hung up.
    pub(super) fn handed_over_done(&mut self, id: CallId) {
        self.voice(id, VoiceAct::End { cause: EndCause::Normal });
        self.finish(id, EndedBy::Outside, EndCause::Normal);
    }

    /// Back to the head of a queue, this agent asked first.
    pub(super) fn return_to(&mut self, id: CallId, queue: QueueId, first: Option<AgentId>, reason: QueuedReason) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.apart = None;
            call.told = Default::default();
        }
        let first = first.map(|agent| Prefer { agent, claim: Claim::Transfer });
        let entry = Entry { first, ..Entry::at_head(queue, self.now, reason) };
        self.enqueue(Work::Call(id), entry);
        self.play_next(id);
    }
}
