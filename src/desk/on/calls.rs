//! The customer's side of a call: it arrives, hears prompts, and ends.

use crate::desk::act::{RejectCause, VoiceAct};
use crate::desk::call::{Apart, Away, Call, PROMPT_LIMIT_MS, Reaching};
use crate::desk::catalog::LineTarget;
use crate::desk::dial::place;
use crate::desk::fact::{CallFact, MissedWhy, OfferEnd, PersonFact, QueuedReason, WatchEnd};
use crate::desk::id::*;
use crate::desk::input::{CallHeard, Direction, EndCause, EndedBy, PAGE};
use crate::desk::person::{Consent, Kept, PersonBrief, Who, plain_name};
use crate::desk::queue::DIRECT;
use crate::desk::stage::Entry;
use crate::desk::work::{Asks, Job, Stage};
use crate::desk::{Desk, Key};
use std::collections::VecDeque;

/// Longest name that strangers may give themselves, characters.
const LONGEST_NAME: usize = 80;

impl Desk {
    pub(super) fn call_heard(&mut self, id: CallId, heard: CallHeard) {
        match heard {
            CallHeard::Invited { trunk, who, dialled } => self.invited(id, trunk, who, dialled),
            CallHeard::FromPage { page, video, who, first } => self.called_from_page(id, page, video, who, first),
            CallHeard::CustomerSilent => self.customer_silent(id),
            CallHeard::CustomerHeard => self.customer_heard(id),
            CallHeard::Digit(digit) => self.digit(id, digit),
            CallHeard::AgentRinging { .. } => {}
            CallHeard::PromptDone => self.prompt_done(id),
            CallHeard::Said { serial } => self.said(id, serial),
            CallHeard::AgentAnswered { agent } => self.agent_answered(id, agent),
            CallHeard::AgentFailed { agent, cause } => self.agent_failed(id, agent, cause),
            CallHeard::AgentLeft { agent } => self.agent_left(id, agent),
            CallHeard::AgentRefers { agent, to } => self.agent_refers(id, agent, &to),
            CallHeard::AgentCompletes { agent } => self.agent_completes(id, agent),
            CallHeard::AgentJoins { agent } => self.agent_joins(id, agent),
            CallHeard::AgentRecords { agent, on } => self.agent_records(id, agent, on),
            CallHeard::AgentTurns { agent, customer } => self.agent_turns(id, agent, customer),
            CallHeard::SecondLineOver { agent } => self.second_hung_up(id, agent),
            CallHeard::AgentSilent { agent } => self.agent_silent(id, agent),
            CallHeard::AgentHeard { agent } => self.agent_heard(id, agent),
            CallHeard::RouteTried { party, trunk, price } => self.out_moves(id, place(&party), &trunk, price),
            CallHeard::RouteFailed { trunk, problem } => self.route_failed(&trunk, id, problem),
            CallHeard::PartyRinging { party, early } => self.party_rings(id, &party, early),
            CallHeard::PartyAnswered { party } => self.party_answered(id, &party),
            CallHeard::PartyFailed { party, cause } => self.party_not_had(id, &party, cause),
            CallHeard::PartyLeft { party } => self.party_left(id, &party),
            // Figures and recordings are finished after the call is over here, so these do not ask whether it is live.
            CallHeard::LegClosed { leg, quality } => self.call_fact(id, CallFact::LegClosed { leg, quality }),
            CallHeard::RecordingDone { file, millis, bytes, films } => {
                self.call_fact(id, CallFact::RecordingDone { file, millis, bytes, films });
            }
            CallHeard::RecordingFailed { file, error } => self.call_fact(id, CallFact::RecordingFailed { file, error }),
            CallHeard::Quiet => self.message_over(id),
            CallHeard::MessageLeft { file, millis } => self.message_left(id, file, millis),
            CallHeard::NoMessage => self.no_message(id),
            CallHeard::Ended { by, cause } => self.customer_gone(id, by, cause),
            CallHeard::Lost => self.customer_gone(id, EndedBy::Network, EndCause::Failed),
        }
    }

    fn invited(&mut self, id: CallId, trunk: TrunkId, who: Who, dialled: String) {
        if self.calls.contains_key(&id) {
            return;
        }
        let Some(target) = self.line_to(Some(&trunk), &dialled) else {
            self.no_line(&trunk, &dialled);
            self.voice(id, VoiceAct::Reject(RejectCause::NoSuchNumber));
            return;
        };
        if who.person.as_ref().is_some_and(|p| p.blocked) {
            self.voice(id, VoiceAct::Reject(RejectCause::Declined));
            return;
        }
        let from = who.identity.value.clone();
        self.arrives(id, who, trunk, from, dialled);
        self.lead_in(id, target);
    }

    /// A customer's call is there from now on.
    pub(super) fn arrives(&mut self, id: CallId, who: Who, trunk: TrunkId, from: String, dialled: String) {
        let job = self.job_for(who);
        let person = job.person;
        let line = (trunk.as_str() != PAGE).then(|| dialled.clone());
        let call = Call { line, ..Call::new(id, job, from.clone(), self.now) };
        self.know(&call.job.identity, person);
        self.calls.insert(id, call);
        self.touch(Key::Call(id));
        let direction = Direction::Inbound;
        self.call_fact(id, CallFact::Started { person, trunk, from, dialled, direction, queue: None, chat: None });
        self.customer_calls_in(person, id);
    }

    /// What a call meets first.
    pub(super) fn lead_in(&mut self, id: CallId, target: LineTarget) {
        if let Some(language) = self.job(Work::Call(id)).and_then(|job| job.language.clone()) {
            self.voice(id, VoiceAct::Language { language });
        }
        match target {
            LineTarget::Echo => {
                self.answer_call(id);
                self.voice(id, VoiceAct::Echo);
                if let Some(call) = self.calls.get_mut(&id) {
                    call.apart = Some(Apart::Echo);
                }
            }
            LineTarget::Queue(queue) => self.enter_queue(id, queue),
            LineTarget::Flow(flow) => self.enter_flow(Work::Call(id), &flow),
            LineTarget::Agent(agent) => self.enter_direct(id, agent),
        }
    }

    /// Queue calls are answered at once, because music and prompts need it; offers wait for no prompt but the notice that calls are
    /// recorded (`must_hear_first`).
    pub(in crate::desk) fn enter_queue(&mut self, id: CallId, queue: QueueId) {
        if !self.is_open(&queue) {
            return self.closed(id, &queue);
        }
        if self.is_full(&queue) {
            return self.full(id, &queue);
        }
        let Some(spec) = self.queue_spec(&queue) else {
            return;
        };
        let mut prompts: VecDeque<String> = spec.greeting.iter().cloned().collect();
        let told = self.calls.get(&id).is_some_and(|call| call.noticed);
        prompts.extend(self.notice_of(&queue).filter(|_| !told));
        // Whoever comes back from elsewhere has heard it.
        let first = self.calls.get(&id).is_some_and(|call| call.waits.since.is_none());
        prompts.extend(self.outage_prompt().filter(|_| first));
        let now = self.now;
        let mut since = now;
        if let Some(call) = self.calls.get_mut(&id) {
            call.prompts = prompts;
            call.apart = None;
            since = *call.waits.since.get_or_insert(now);
        }
        self.answer_call(id);
        self.enqueue(Work::Call(id), Entry::new(queue, since, QueuedReason::New));
        self.play_next(id);
    }

    /// A direct line rings while its agent can be rung; otherwise the caller is answered and waits with music.
    fn enter_direct(&mut self, id: CallId, agent: AgentId) {
        let entry = Entry::new(QueueId::from(DIRECT), self.now, QueuedReason::New);
        self.enqueue(Work::Call(id), Entry { only: Some(agent.clone()), ..entry });
        let free = self.slot(&agent).is_some_and(|slot| self.suits(slot, Work::Call(id)));
        if free {
            self.voice(id, VoiceAct::Ring);
        } else {
            self.stop_ringing(id);
        }
    }

    fn closed(&mut self, id: CallId, queue: &QueueId) {
        let (now, until) = (self.now, self.now.after(PROMPT_LIMIT_MS));
        if let Some(call) = self.calls.get_mut(&id) {
            call.away = Some(Away { queue: queue.clone(), since: now, only: None, closed: true });
        }
        let (prompt, then) = self.when_closed(queue);
        let answered = self.calls.get(&id).is_some_and(|call| call.answered);
        let Some(prompt) = prompt else {
            if !self.turn_away(id, then.as_ref(), true) {
                let cause = EndCause::Rejected;
                self.voice(id, if answered { VoiceAct::End { cause } } else { VoiceAct::Reject(RejectCause::Unavailable) });
                self.finish(id, EndedBy::System, EndCause::Rejected);
            }
            return;
        };
        self.answer_call(id);
        if let Some(call) = self.calls.get_mut(&id) {
            call.apart = Some(Apart::Closed { until });
        }
        self.voice(id, VoiceAct::Play { prompt });
    }

    /// The prompt that says we are closed is over: what the queue does with the caller.
    pub(in crate::desk) fn after_closed(&mut self, id: CallId) {
        let until = self.now;
        let queue = self.calls.get(&id).and_then(|c| c.away.as_ref()).map(|away| away.queue.clone());
        let then = queue.and_then(|queue| self.when_closed(&queue).1);
        if let Some(call) = self.calls.get_mut(&id) {
            call.apart = None;
        }
        if !self.turn_away(id, then.as_ref(), true) {
            if let Some(call) = self.calls.get_mut(&id) {
                call.apart = Some(Apart::Closed { until });
            }
            self.end_apart(id);
        }
    }

    /// What a dialled number of ours leads to; `trunk`: over which it came, `None` from inside the house.
    pub(super) fn line_to(&self, trunk: Option<&TrunkId>, dialled: &str) -> Option<LineTarget> {
        let of_trunk =
            trunk.and_then(|trunk| self.catalog.dial.trunk(trunk)).map_or(&self.catalog.dial.numbering, |trunk| &trunk.numbering);
        let read = || of_trunk.read(dialled).and_then(|read| self.lines.get(read.number.value()));
        let lines = self.lines.get(dialled).or_else(read)?.iter().filter_map(|index| self.catalog.lines.get(*index));
        let fits = lines.filter(|l| l.trunk.is_none() || l.trunk.as_ref() == trunk);
        let line = fits.max_by_key(|l| l.trunk.is_some())?;
        self.leads_somewhere(&line.to).then(|| line.to.clone())
    }

    pub(super) fn leads_somewhere(&self, to: &LineTarget) -> bool {
        match to {
            LineTarget::Queue(queue) => self.lane(queue).is_some(),
            LineTarget::Agent(agent) => self.slots.contains_key(agent),
            LineTarget::Echo => true,
            LineTarget::Flow(flow) => self.catalog.flows.contains_key(flow),
        }
    }

    /// The customer as the edge knew them, or a new person.
    pub(in crate::desk) fn job_for(&mut self, who: Who) -> Job {
        let brief = who.person;
        let at_hand = self.known.get(&who.identity).and_then(|people| people.keys().next());
        let person = match (&brief, at_hand) {
            (Some(brief), _) => self.whose(&who.identity, brief.id),
            (None, Some(person)) => *person,
            (None, None) => {
                let person = PersonId(self.mint(|ids| &mut ids.person));
                let display = who.display.map(|name| plain_name(&name, LONGEST_NAME)).filter(|name| !name.is_empty());
                let name = display.unwrap_or_else(|| who.identity.value.clone());
                let identity = who.identity.clone();
                self.facts.push(crate::desk::fact::Fact::Person(person, PersonFact::Added { name, identity }));
                person
            }
        };
        let mut asks = Asks::default();
        let (opted_out, unreachable) = brief.as_ref().map_or((false, None), |b| (b.opted_out, b.unreachable));
        let kept = brief.as_ref().map(|b| self.kept_of(b)).unwrap_or_default();
        let (tier, dedicated, last_agent, language) = brief.map_or((None, None, None, None), |b| {
            asks.tags = b.tags.into_iter().collect();
            (b.tier, b.dedicated, b.last_agent, b.language)
        });
        let (identity, stage) = (who.identity, Stage::Apart);
        Job { person, identity, tier, dedicated, last_agent, language, opted_out, unreachable, kept, ticketed: false, asks, stage }
    }

    /// Only what some rule asks for, or what keeps us from writing: what nobody reads is not kept.
    pub(in crate::desk) fn kept_of(&self, brief: &PersonBrief) -> Kept {
        let rules = &self.catalog.rules;
        let fields = if rules.reads_fields { brief.kept.fields.clone() } else { Default::default() };
        let read = !rules.list.is_empty() || brief.kept.consent == Consent::Nothing;
        let consent = if read { brief.kept.consent } else { Default::default() };
        Kept { consent, fields }
    }

    fn prompt_done(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        match call.apart {
            Some(Apart::Closed { .. }) => self.after_closed(id),
            Some(_) => self.apart_prompt_done(id),
            None if matches!(call.reaching, Some(Reaching::Notice { .. })) => {
                call.noticed = true;
                self.connect(id);
            }
            None if matches!(call.job.stage, Stage::Waiting(_)) => {
                let Some(prompt) = call.prompts.pop_front() else { return };
                self.was_told(id, &prompt);
                self.touch(Key::Call(id));
                self.waking.insert(Work::Call(id));
                self.play_next(id);
            }
            None => {}
        }
    }

    /// The customer's leg is over: everyone else is let go.
    pub(super) fn customer_gone(&mut self, id: CallId, by: EndedBy, cause: EndCause) {
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        let handed = matches!(call.apart, Some(Apart::Handed { .. })) && call.outside_in().is_none();
        let waiting = matches!(call.job.stage, Stage::Waiting(_)) || matches!(call.apart, Some(Apart::Parked { .. })) || handed;
        let cause = match (by, cause, self.apart_cause(id)) {
            (EndedBy::Customer, EndCause::Normal, Some(apart)) => apart,
            (_, _, Some(EndCause::Voicemail)) => EndCause::Voicemail,
            (EndedBy::Customer, EndCause::Normal, None) if waiting => EndCause::Abandoned,
            _ => cause,
        };
        if let Stage::Serving(serving) = &call.job.stage {
            let agent = serving.agent.clone();
            self.voice(id, VoiceAct::Drop { agent });
        }
        self.finish(id, by, cause);
    }

    /// Closes the call in every book. The one exit of a call.
    pub(in crate::desk) fn finish(&mut self, id: CallId, by: EndedBy, cause: EndCause) {
        let work = Work::Call(id);
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        let waited = self.now.since(call.started);
        let long = waited >= self.catalog.routing.callback_after_ms;
        // Of calls of ours only those that had reached the customer can be missed; between colleagues nobody is.
        let talked = call.direction.is_inbound() || call.answered && call.direction != Direction::Internal;
        let left_waiting = matches!(call.apart, Some(Apart::Parked { .. } | Apart::Handed { .. }));
        let why = match (&call.job.stage, cause) {
            _ if !talked => None,
            (Stage::Apart, EndCause::Abandoned) if left_waiting => Some(MissedWhy::Abandoned),
            (Stage::Apart, EndCause::Failed | EndCause::Restart) if left_waiting => Some(MissedWhy::Failed),
            (_, EndCause::Voicemail) => Some(MissedWhy::Voicemail),
            (_, EndCause::TimedOut) => Some(MissedWhy::TimedOut),
            // One who gave up in the moment in which the agent picked up has talked to nobody.
            (Stage::Waiting(_) | Stage::Apart | Stage::Serving(_), EndCause::Abandoned) => long.then_some(MissedWhy::Abandoned),
            (Stage::Apart, EndCause::Rejected) => Some(MissedWhy::Closed),
            (Stage::Waiting(_) | Stage::Serving(_), EndCause::Failed) => Some(MissedWhy::Failed),
            (Stage::Waiting(_) | Stage::Serving(_), EndCause::Restart) => Some(MissedWhy::Restart),
            (Stage::Apart, EndCause::Failed | EndCause::Restart) => call.away.as_ref().map(|_| MissedWhy::Failed),
            _ => None,
        };
        let missed = why.and_then(|why| self.missed(id, why));
        let wait_s = missed.as_ref().and_then(|missed| self.wait_now(work, &missed.queue));
        self.all_out_over(id);
        self.end_offer(work, OfferEnd::Withdrawn);
        let served = self.release(work);
        self.end_watches(id, WatchEnd::CallEnded);
        self.flow_abandoned(work);
        self.call_fact(id, CallFact::Ended { by, cause });
        self.release_parties(id);
        self.caller_gone(id);
        self.attempt_over(id);
        if let Some(missed) = missed {
            let tells = !matches!(missed.why, MissedWhy::Voicemail | MissedWhy::Closed);
            let callback = self.list_missed(missed);
            if tells {
                self.tell_missed(callback, wait_s);
            }
        }
        self.survey_call_over(id);
        if let Some(serving) = served.as_ref().filter(|_| cause == EndCause::Normal && by != EndedBy::System) {
            self.survey_after_call(id, serving);
        }
        if let Some(serving) = served
            && let Some(slot) = self.slot(&serving.agent)
        {
            // Nobody has to note down that nobody was reached.
            if cause == EndCause::NotReached {
                self.settle_status(slot);
            } else {
                self.begin_wrap_up(slot, id, &serving.queue);
            }
        }
        self.forget_call(id);
    }

    /// The others of a call that is over: their capacity, and the wrap-up of those who talked to the customer.
    fn release_parties(&mut self, id: CallId) {
        let parties = self.calls.get_mut(&id).map(|call| std::mem::take(&mut call.parties)).unwrap_or_default();
        for party in parties {
            self.party_released(id, &party);
        }
    }
}
