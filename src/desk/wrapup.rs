//! After-call work: the time an agent has to choose an outcome and write a note before the next contact.

use super::Desk;
use super::agent::{AfterCall, WrapUp};
use super::fact::{RoutingFact, StatusName, StatusWhy};
use super::id::*;
use super::refusal::{Refusal, within};
use super::step::Answer;

/// An extension where the queue's own time is shorter, ms.
const EXTENSION_MS: i64 = 30_000;

/// Longest note, longest answer to a field, and all of a form, characters.
const NOTE: usize = 4_000;
const ANSWER: usize = 500;
const FORM: usize = 10_000;

impl Desk {
    /// A call of this agent is over.
    pub(super) fn begin_wrap_up(&mut self, slot: usize, call: CallId, queue: &QueueId) {
        let wrap_up_ms = self.queue_spec(queue).map_or(0, |q| q.wrap_up_ms);
        if wrap_up_ms <= 0 {
            self.settle_status(slot);
            return;
        }
        let after = AfterCall { call, queue: queue.clone() };
        if self.owes_form(slot) {
            self.agent_mut(slot).into_iter().for_each(|agent| agent.owed.push(after.clone()));
            return;
        }
        self.end_wrap_up(slot, None, String::new(), true);
        self.start_wrap_up(slot, after);
    }

    fn start_wrap_up(&mut self, slot: usize, AfterCall { call, queue }: AfterCall) {
        let until = self.now.after(self.queue_spec(&queue).map_or(0, |q| q.wrap_up_ms));
        let contact = self.contact_of_call(call);
        let Some(agent) = self.agent_mut(slot) else {
            return;
        };
        agent.wrap_up = Some(WrapUp { call, queue, until, overdue: false, contact });
        let id = agent.id.clone();
        let present = matches!(agent.status, StatusName::Available | StatusName::Busy | StatusName::Break);
        self.routing_fact(Work::Call(call), RoutingFact::WrapUpStarted { agent: id, until });
        if present {
            self.show_status(slot, StatusName::WrapUp, None, StatusWhy::WrapUp);
        }
    }

    /// Whether the queue wants something of the form, and somebody is there to write it: the phone of whoever is always available may have
    /// no page beside it.
    fn owes_form(&self, slot: usize) -> bool {
        let Some(seat) = self.seats.get(slot) else { return false };
        let Some(queue) = seat.agent.wrap_up.as_ref().and_then(|wrap_up| self.queue_spec(&wrap_up.queue)) else {
            return false;
        };
        let asks = queue.disposition_required || queue.wrap_up_fields.iter().any(|field| field.required);
        let writes = seat.agent.page_open || seat.post.as_ref().is_some_and(|post| !post.always_available);
        asks && writes
    }

    /// The time is over: the agent is free again, unless the queue asks for what is not there yet.
    pub(super) fn wrap_up_over(&mut self, slot: usize) {
        if !self.owes_form(slot) {
            self.end_wrap_up(slot, None, String::new(), true);
            return self.settle_status(slot);
        }
        let Some(agent) = self.agent_mut(slot) else { return };
        let id = agent.id.clone();
        if let Some(wrap_up) = agent.wrap_up.as_mut().filter(|wrap_up| !wrap_up.overdue) {
            wrap_up.overdue = true;
            let call = wrap_up.call;
            self.routing_fact(Work::Call(call), RoutingFact::WrapUpOverdue { agent: id });
        }
    }

    /// Ends what the agent still had to write, by whoever may.
    pub(super) fn drop_wrap_ups(&mut self, slot: usize) {
        while self.seats.get(slot).is_some_and(|seat| seat.agent.wrap_up.is_some()) {
            self.end_wrap_up(slot, None, String::new(), true);
        }
    }

    fn end_wrap_up(&mut self, slot: usize, disposition: Option<String>, note: String, by_timer: bool) {
        let Some(agent) = self.agent_mut(slot) else {
            return;
        };
        let Some(wrap_up) = agent.wrap_up.take() else {
            return;
        };
        if by_timer {
            agent.lapse(AfterCall { call: wrap_up.call, queue: wrap_up.queue.clone() });
        }
        let next = (!agent.owed.is_empty()).then(|| agent.owed.remove(0));
        let id = agent.id.clone();
        if let Some(contact) = &wrap_up.contact {
            self.remember_wrapped(wrap_up.call, &wrap_up.queue, &contact.job);
        }
        self.routing_fact(Work::Call(wrap_up.call), RoutingFact::WrapUpDone { agent: id, disposition, note, by_timer });
        if let Some(next) = next {
            self.start_wrap_up(slot, next);
        }
    }

    /// The form of a call whose time had run out is taken as well: nobody loses a note to a timer.
    pub(super) fn hand_in(
        &mut self,
        slot: usize,
        call: CallId,
        disposition: Option<String>,
        fields: &[(String, String)],
        note: String,
    ) -> Result<Answer, Refusal> {
        let note = with_fields(fields, note)?;
        let agent = &self.seats.get(slot).ok_or(Refusal::UnknownAgent)?.agent;
        let current = agent.wrap_up.as_ref().filter(|w| w.call == call).map(|w| w.queue.clone());
        let lapsed = agent.lapsed.iter().position(|after| after.call == call);
        let queue = current.clone().or_else(|| lapsed.and_then(|place| agent.lapsed.get(place)).map(|after| after.queue.clone()));
        let queue = queue.ok_or(Refusal::Gone)?;
        self.check_disposition(&queue, disposition.as_deref())?;
        self.check_fields(&queue, fields)?;
        if current.is_some() {
            self.end_wrap_up(slot, disposition, note, false);
            self.settle_status(slot);
        } else if let (Some(place), Some(agent)) = (lapsed, self.agent_mut(slot)) {
            agent.lapsed.remove(place);
            let id = agent.id.clone();
            self.routing_fact(Work::Call(call), RoutingFact::WrapUpDone { agent: id, disposition, note, by_timer: false });
        }
        Ok(Answer::Done)
    }

    pub(super) fn extend_wrap_up(&mut self, slot: usize, call: CallId) -> Result<Answer, Refusal> {
        let agent = &self.seats.get(slot).ok_or(Refusal::UnknownAgent)?.agent;
        let wrap_up = agent.wrap_up.as_ref().filter(|w| w.call == call).ok_or(Refusal::Gone)?;
        let more = self.queue_spec(&wrap_up.queue).map_or(0, |q| q.wrap_up_ms).max(EXTENSION_MS);
        let until = wrap_up.until.max(self.now).after(more);
        let id = agent.id.clone();
        if let Some(wrap_up) = self.agent_mut(slot).and_then(|a| a.wrap_up.as_mut()) {
            (wrap_up.until, wrap_up.overdue) = (until, false);
        }
        self.routing_fact(Work::Call(call), RoutingFact::WrapUpExtended { agent: id, until });
        Ok(Answer::Done)
    }

    /// The first field that lacks its answer, or has one that cannot be chosen.
    pub(super) fn check_fields(&self, queue: &QueueId, fields: &[(String, String)]) -> Result<(), Refusal> {
        let Some(spec) = self.queue_spec(queue) else {
            return Ok(());
        };
        let wrong = spec.wrap_up_fields.iter().find(|field| {
            let answer = fields.iter().find(|(name, _)| *name == field.name).map_or("", |(_, answer)| answer.trim());
            let chosen = field.choices.is_empty() || field.choices.iter().any(|choice| choice == answer);
            if answer.is_empty() { field.required } else { !chosen }
        });
        wrong.map_or(Ok(()), |field| Err(Refusal::WrapUpField { name: field.name.clone() }))
    }

    pub(super) fn check_disposition(&self, queue: &QueueId, disposition: Option<&str>) -> Result<(), Refusal> {
        let Some(spec) = self.queue_spec(queue) else {
            return Ok(());
        };
        match disposition {
            None if spec.disposition_required => Err(Refusal::DispositionRequired),
            Some(name) if !spec.dispositions.iter().any(|d| d == name) => Err(Refusal::UnknownDisposition),
            _ => Ok(()),
        }
    }
}

/// What was asked for besides stands above the note, so that it is read and found with it.
pub(super) fn with_fields(fields: &[(String, String)], note: String) -> Result<String, Refusal> {
    within(&note, NOTE)?;
    let given = fields.iter().filter(|(_, answer)| !answer.trim().is_empty());
    let mut lines =
        given.map(|(name, answer)| within(answer, ANSWER).map(|()| format!("{name}: {}", answer.trim()))).collect::<Result<Vec<_>, _>>()?;
    lines.extend((!note.is_empty()).then_some(note));
    let form = lines.join("\n");
    within(&form, FORM).map(|()| form)
}
