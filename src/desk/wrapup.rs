//! After-call work: the time an agent has to choose an outcome and write a note before the next contact.

use super::Desk;
use super::agent::WrapUp;
use super::fact::{RoutingFact, StatusName, StatusWhy};
use super::id::*;
use super::refusal::Refusal;
use super::step::Answer;

/// An extension where the queue's own time is shorter, ms.
const EXTENSION_MS: i64 = 30_000;

impl Desk {
    /// A call of this agent is over.
    pub(super) fn begin_wrap_up(&mut self, slot: usize, call: CallId, queue: &QueueId) {
        let wrap_up_ms = self.queue_spec(queue).map_or(0, |q| q.wrap_up_ms);
        if wrap_up_ms <= 0 {
            self.settle_status(slot);
            return;
        }
        if self.seats.get(slot).is_some_and(|s| s.agent.wrap_up.is_some()) {
            self.end_wrap_up(slot, None, String::new(), true);
        }
        let until = self.now.after(wrap_up_ms);
        let contact = self.contact_of_call(call);
        let Some(agent) = self.agent_mut(slot) else {
            return;
        };
        agent.wrap_up = Some(WrapUp { call, queue: queue.clone(), until, contact });
        agent.wrapped = None;
        let id = agent.id.clone();
        let present = matches!(agent.status, StatusName::Available | StatusName::Busy | StatusName::Break);
        self.routing_fact(Work::Call(call), RoutingFact::WrapUpStarted { agent: id, until });
        if present {
            self.show_status(slot, StatusName::WrapUp, None, StatusWhy::WrapUp);
        }
    }

    pub(super) fn end_wrap_up(&mut self, slot: usize, disposition: Option<String>, note: String, by_timer: bool) {
        let Some(agent) = self.agent_mut(slot) else {
            return;
        };
        let Some(wrap_up) = agent.wrap_up.take() else {
            return;
        };
        agent.wrapped = by_timer.then_some(wrap_up.call);
        let id = agent.id.clone();
        if let Some(contact) = &wrap_up.contact {
            self.remember_wrapped(wrap_up.call, &wrap_up.queue, &contact.job);
        }
        self.routing_fact(Work::Call(wrap_up.call), RoutingFact::WrapUpDone { agent: id, disposition, note, by_timer });
    }

    /// The form of a call whose time had run out is taken as well: nobody loses a note to a timer.
    /// What was asked for besides stands above the note, so that it is read and found with it.
    pub(super) fn hand_in(
        &mut self,
        slot: usize,
        call: CallId,
        disposition: Option<String>,
        fields: &[(String, String)],
        note: String,
    ) -> Result<Answer, Refusal> {
        let given = fields.iter().filter(|(_, answer)| !answer.trim().is_empty());
        let lines = given.map(|(name, answer)| format!("{name}: {}", answer.trim()));
        let note = lines.chain((!note.is_empty()).then_some(note)).collect::<Vec<_>>().join("\n");
        let agent = &self.seats.get(slot).ok_or(Refusal::UnknownAgent)?.agent;
        let Some(wrap_up) = agent.wrap_up.as_ref().filter(|w| w.call == call) else {
            if agent.wrapped != Some(call) {
                return Err(Refusal::Gone);
            }
            let id = agent.id.clone();
            self.routing_fact(Work::Call(call), RoutingFact::WrapUpDone { agent: id, disposition, note, by_timer: false });
            if let Some(agent) = self.agent_mut(slot) {
                agent.wrapped = None;
            }
            return Ok(Answer::Done);
        };
        let queue = wrap_up.queue.clone();
        self.check_disposition(&queue, disposition.as_deref())?;
        self.check_fields(&queue, fields)?;
        self.end_wrap_up(slot, disposition, note, false);
        self.settle_status(slot);
        Ok(Answer::Done)
    }

    pub(super) fn extend_wrap_up(&mut self, slot: usize, call: CallId) -> Result<Answer, Refusal> {
        let agent = &self.seats.get(slot).ok_or(Refusal::UnknownAgent)?.agent;
        let wrap_up = agent.wrap_up.as_ref().filter(|w| w.call == call).ok_or(Refusal::Gone)?;
        let more = self.queue_spec(&wrap_up.queue).map_or(0, |q| q.wrap_up_ms).max(EXTENSION_MS);
        let until = wrap_up.until.after(more);
        let id = agent.id.clone();
        if let Some(wrap_up) = self.agent_mut(slot).and_then(|a| a.wrap_up.as_mut()) {
            wrap_up.until = until;
        }
        self.routing_fact(Work::Call(call), RoutingFact::WrapUpExtended { agent: id, until });
        Ok(Answer::Done)
    }

    /// The first field that lacks its answer, or has one that cannot be chosen.
    fn check_fields(&self, queue: &QueueId, fields: &[(String, String)]) -> Result<(), Refusal> {
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
