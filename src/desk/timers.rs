//! One deadline per object of the memory, the earliest first. An object tells its own next deadline (`Desk::due`), so timers need no
//! rows of their own.

use super::call::{Apart, Reaching};
use super::id::At;
use super::{Desk, Key};
use std::collections::{BTreeSet, HashMap};

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Timers {
    line: BTreeSet<(At, Key)>,
    of: HashMap<Key, At>,
}

impl Timers {
    pub fn set(&mut self, key: Key, at: Option<At>) {
        let before = match at {
            Some(at) => self.of.insert(key, at),
            None => self.of.remove(&key),
        };
        if before == at {
            return;
        }
        if let Some(before) = before {
            self.line.remove(&(before, key));
        }
        if let Some(at) = at {
            self.line.insert((at, key));
        }
    }

    pub fn next(&self) -> Option<At> {
        self.line.first().map(|(at, _)| *at)
    }

    /// Everything whose deadline has come.
    pub fn due(&self, now: At) -> Vec<Key> {
        self.line.iter().take_while(|(at, _)| *at <= now).map(|(_, key)| *key).collect()
    }
}

impl Desk {
    /// The next deadline of one object, from what it remembers.
    pub(super) fn due(&self, key: Key) -> Option<At> {
        match key {
            Key::Agent(slot) => self.seats.get(slot)?.agent.due(),
            Key::Call(id) => {
                let call = self.calls.get(&id)?;
                let apart = match &call.apart {
                    Some(Apart::Flow) => call.run.as_ref().map(|run| run.until),
                    apart => apart.as_ref().and_then(Apart::until),
                };
                let reaching = match call.reaching {
                    Some(Reaching::Own { until, .. } | Reaching::Notice { until }) => Some(until),
                    _ => None,
                };
                let grace = self.catalog.routing.agent_grace_ms;
                let parties = call.parties.iter().flat_map(|p| [p.ring_until(), p.silent_browser().map(|at| at.after(grace))]);
                let stage = apart.or_else(|| self.due_stage(&call.job.stage));
                let said = call.waits.due().filter(|_| matches!(call.job.stage, super::work::Stage::Waiting(_)));
                let silent = call.silent.map(|at| at.after(grace));
                let watches = call.watches.iter().map(|watch| watch.due(grace));
                parties.chain(watches).chain([stage, reaching, call.pause.field_until, said, silent]).flatten().min()
            }
            Key::Conversation(id) => {
                let conversation = self.conversations.get(&id)?;
                let flow = conversation.run.as_ref().filter(|_| conversation.in_flow()).map(|run| run.until);
                let snoozed = conversation.snoozed.as_ref().map(|snooze| snooze.until);
                let opening = self.opening_at(conversation);
                let served = [flow, snoozed, opening, self.due_stage(&conversation.job.stage), self.abandoned_at(id)];
                conversation.forget_at().or_else(|| served.into_iter().flatten().min())
            }
            Key::Ticket(id) => {
                let days = self.catalog.tickets.close_after_ms;
                self.tickets.get(&id)?.due(days)
            }
            Key::Callback(id) => self.due_callback(self.callbacks.get(&id)?),
            Key::Form(id) => Some(self.forms.get(&id)?.due()),
            Key::Proactive(id) => Some(self.proactives.get(&id)?.due()),
            Key::Survey(id) => Some(self.surveys.get(&id)?.due()),
            Key::Moved => self.moved.due(),
            Key::Overlays => self.overlays.iter().filter_map(|on| on.until).min(),
            Key::Trunk(slot) => self.due_trunk(slot),
            Key::Outages => self.due_outages(),
            Key::Rules(part) => self.due_rules(part),
            Key::Out(..) | Key::Alarms | Key::Ids => None,
        }
    }

    /// When a waiting chat whose customer has left counts as missed; while it rings somewhere, the answer is waited for.
    pub(super) fn abandoned_at(&self, id: super::id::ConversationId) -> Option<At> {
        let conversation = self.conversations.get(&id)?;
        let super::work::Stage::Waiting(waiting) = &conversation.job.stage else { return None };
        // What a colleague handed on is wanted, whoever is there to read the answer.
        let missed = waiting.offer.is_none() && waiting.transferred_by.is_none();
        let gone = conversation.left_at.filter(|_| missed)?.max(waiting.since).after(self.catalog.routing.left_grace_ms);
        // What was written while the queue was closed is answered first.
        Some(self.opening_at(conversation).map_or(gone, |at| at.max(gone)))
    }

    pub(super) fn due_stage(&self, stage: &super::work::Stage) -> Option<At> {
        use super::work::Stage;
        match stage {
            Stage::Apart => None,
            Stage::Waiting(waiting) => waiting.offer.as_ref().map(|o| o.until).or(waiting.wake),
            Stage::Serving(serving) if serving.phone => None,
            Stage::Serving(serving) => serving.silent.map(|at| at.after(self.catalog.routing.agent_grace_ms)),
        }
    }
}
