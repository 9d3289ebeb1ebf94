//! Nobody who tried to reach us is lost: whoever gave up, was cut off, came outside hours, left a voicemail or asked to be called stands
//! here until somebody has talked to them.
//!
//! A missed call alone is only listed. Once a call is promised (by key, by link, by an agent), the callback waits in the queue in the
//! customer's place: it has the rank that the customer had, so it neither overtakes who waits on the line nor is overtaken. When its turn
//! comes an agent is reserved and offered it; accepting dials. One attempt at a time: a callback that is being dialled, or whose customer
//! is calling in at this moment, is in no line.

mod consent;
mod line;
pub mod link;
pub mod number;
pub mod slots;
mod tell;

use super::fact::{CallbackEnd, CallbackFact, MissedWhy, NotReached, OfferEnd};
use super::id::*;
use super::person::Page;
use super::work::{Job, Stage};
use super::{Desk, Key};
use serde::{Deserialize, Serialize};

pub(super) use consent::consent_word;

/// A customer's place in line is kept for a booking made this long after they gave up; whoever books later joins at the end, ms.
const PLACE_MS: i64 = 3_600_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Callback {
    pub id: CallbackId,
    /// `Waiting` while it stands in line for an agent, else `Apart`.
    pub job: Job,
    /// What is dialled.
    pub number: String,
    /// The number of ours that they dialled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// They called from this page: that is rung instead of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
    pub queue: QueueId,
    /// A direct line: nobody else may take it.
    pub only: Option<AgentId>,
    pub why: MissedWhy,
    /// The call that was missed last.
    pub call: Option<CallId>,
    /// The conversation that holds the voicemail.
    pub voicemail: Option<ConversationId>,
    /// The call whose voicemail is recorded and not yet a conversation.
    pub message: Option<CallId>,
    /// Start of the wait that counts for the place in line.
    pub since: At,
    pub listed: At,
    /// A call is promised: not before this moment. `None` for a missed call that is only listed.
    pub booked: Option<At>,
    /// Attempts that did not reach the customer.
    pub tries: u32,
    /// Who takes care of it: others see that and keep off.
    pub claimed: Option<AgentId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_at: Option<At>,
    pub attempt: Option<Attempt>,
    /// The customer is calling in at this moment.
    pub calling_in: Option<CallId>,
    /// When the customer was last sent a text about it.
    pub told: Option<At>,
    /// The conversation that goes on as the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<ConversationId>,
    /// Over since then; remembered only for the interval between two texts.
    pub closed: Option<At>,
}

/// The customer is being dialled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Attempt {
    pub call: CallId,
    pub agent: AgentId,
    /// Why it failed, once that is known.
    pub failed: Option<NotReached>,
}

/// What is known of a customer who was missed.
pub(super) struct Missed {
    pub job: Job,
    pub number: String,
    pub line: Option<String>,
    pub page: Option<Page>,
    pub queue: QueueId,
    pub only: Option<AgentId>,
    pub why: MissedWhy,
    pub call: Option<CallId>,
    pub since: At,
}

/// Whoever claims one calls within so long of it, or of the promised time, ms; then it is everybody's again.
const CLAIM_MS: i64 = 30 * 60_000;

impl Callback {
    /// Somebody takes care of it from now on.
    pub fn claim(&mut self, by: AgentId, now: At) {
        (self.claimed, self.claimed_at) = (Some(by), Some(now));
    }

    pub fn unclaim(&mut self) {
        (self.claimed, self.claimed_at) = (None, None);
    }

    fn claim_ends(&self) -> Option<At> {
        let claimed = self.claimed_at?;
        Some(self.booked.map_or(claimed, |booked| booked.max(claimed)).after(CLAIM_MS))
    }

    /// The live call that belongs to it.
    pub fn live_call(&self) -> Option<CallId> {
        self.attempt.as_ref().map(|a| a.call).or(self.calling_in)
    }
}

impl Desk {
    /// The next deadline of a callback.
    pub(super) fn due_callback(&self, callback: &Callback) -> Option<At> {
        let rules = &self.catalog.callbacks;
        if let Some(closed) = callback.closed {
            return Some(callback.told.map_or(closed, |told| closed.max(told.after(rules.text_every_ms))));
        }
        if callback.live_call().is_some() {
            return None;
        }
        let next = match &callback.job.stage {
            Stage::Apart if callback.claimed.is_some() => callback.claim_ends(),
            Stage::Apart => callback.booked,
            stage => self.due_stage(stage),
        };
        next.into_iter().chain([self.expires(callback)]).min()
    }

    fn expires(&self, callback: &Callback) -> At {
        let from = callback.booked.map_or(callback.listed, |at| at.max(callback.listed));
        from.after(self.catalog.callbacks.expire_ms.max(1))
    }

    pub(super) fn callback_due(&mut self, id: CallbackId) {
        let now = self.now;
        let Some(callback) = self.callbacks.get(&id) else {
            return;
        };
        if callback.closed.is_some() {
            if self.due_callback(callback).is_some_and(|due| due <= now) {
                self.forget_callback(id);
            }
        } else if callback.live_call().is_some() {
        } else if self.expires(callback) <= now {
            self.close_callback(id, CallbackEnd::Expired, None, None);
        } else if matches!(callback.job.stage, Stage::Waiting(_)) {
            self.waiting_due(Work::Callback(id));
        } else if let Some(by) = callback.claimed.clone() {
            if callback.claim_ends().is_some_and(|end| end <= now) {
                self.end_claim(id, by);
            }
        } else if callback.booked.is_some_and(|at| at <= now) {
            self.join_line(id);
        }
    }

    /// The open callback of this person and number, if there is one.
    fn open_callback(&self, person: PersonId, number: &str) -> Option<CallbackId> {
        let theirs = self.callbacks_of.get(&person)?.iter();
        theirs.copied().find(|id| self.callbacks.get(id).is_some_and(|c| c.closed.is_none() && c.number == number))
    }

    /// Puts a customer on the list. Whoever stands on it already keeps their entry and their place.
    pub(super) fn list_missed(&mut self, missed: Missed) -> CallbackId {
        let Missed { mut job, number, line, page, queue, only, why, call, since } = missed;
        if let Some(id) = self.open_callback(job.person, &number) {
            if let Some(callback) = self.callbacks.get_mut(&id) {
                // Why they were missed says more than that a rule found them.
                if why != MissedWhy::Rule {
                    callback.why = why;
                }
                callback.line = line.or(callback.line.take());
                callback.page = page.or(callback.page.take());
                callback.call = call.or(callback.call);
                callback.message = call.filter(|_| why == MissedWhy::Voicemail).or(callback.message);
            }
            self.touch(Key::Callback(id));
            if let Some(call) = call {
                self.callback_fact(id, CallbackFact::MissedAgain { call, why });
            }
            return id;
        }
        let id = CallbackId(self.mint(|ids| &mut ids.callback));
        let person = job.person;
        job.stage = Stage::Apart;
        // The text about an earlier one of the same person counts for this one too.
        let told = self.callbacks_of.get(&person).into_iter().flatten().filter_map(|other| self.callbacks.get(other)?.told).max();
        let callback = Callback {
            id,
            job,
            number: number.clone(),
            line,
            page,
            queue: queue.clone(),
            only,
            why,
            call,
            voicemail: None,
            message: call.filter(|_| why == MissedWhy::Voicemail),
            since,
            listed: self.now,
            booked: None,
            tries: 0,
            claimed: None,
            claimed_at: None,
            attempt: None,
            calling_in: None,
            told,
            chat: None,
            closed: None,
        };
        self.know(&callback.job.identity.clone(), person);
        self.callbacks.insert(id, callback);
        self.callbacks_of.entry(person).or_default().insert(id);
        self.touch(Key::Callback(id));
        self.callback_fact(id, CallbackFact::Listed { person, number, queue, why, call, since });
        id
    }

    /// Over, for this reason. The one exit of a callback.
    pub(super) fn close_callback(&mut self, id: CallbackId, how: CallbackEnd, by: Option<AgentId>, outcome: Option<String>) {
        if self.callbacks.get(&id).is_none_or(|c| c.closed.is_some()) {
            return;
        }
        self.leave_line(id, OfferEnd::Withdrawn);
        let now = self.now;
        if let Some(callback) = self.callbacks.get_mut(&id) {
            if let Some(call) = callback.live_call() {
                self.callback_of_call.remove(&call);
            }
            callback.attempt = None;
            callback.calling_in = None;
            callback.unclaim();
            callback.booked = None;
            callback.closed = Some(now);
        }
        self.touch(Key::Callback(id));
        self.callback_fact(id, CallbackFact::Closed { how, by, outcome });
        let told = self.callbacks.get(&id).and_then(|c| c.told);
        if told.is_none_or(|told| told.after(self.catalog.callbacks.text_every_ms) <= now) {
            self.forget_callback(id);
        }
    }

    fn forget_callback(&mut self, id: CallbackId) {
        let Some(callback) = self.callbacks.remove(&id) else {
            return;
        };
        let person = callback.job.person;
        if let Some(theirs) = self.callbacks_of.get_mut(&person) {
            theirs.remove(&id);
            if theirs.is_empty() {
                self.callbacks_of.remove(&person);
            }
        }
        self.unknow(&callback.job.identity, person);
        self.touch(Key::Callback(id));
    }

    /// Out of the line; an offer of it is taken back.
    pub(super) fn leave_line(&mut self, id: CallbackId, how: OfferEnd) {
        let work = Work::Callback(id);
        if self.waiting(work).is_some() {
            self.end_offer(work, how);
            self.set_stage(work, Stage::Apart);
        }
    }

    /// The customer calls while a callback is open: whoever answers them settles it. Until then it is in no line, so that nobody dials
    /// somebody who is on the line already.
    pub(super) fn customer_calls_in(&mut self, person: PersonId, call: CallId) {
        let open = |id: &CallbackId| self.callbacks.get(id).is_some_and(|c| c.closed.is_none() && c.live_call().is_none());
        let Some(id) = self.callbacks_of.get(&person).and_then(|theirs| theirs.iter().copied().find(open)) else {
            return;
        };
        self.attach(id, call);
        self.callback_fact(id, CallbackFact::CallsIn { call });
    }

    /// The customer is on the line in this call: until its end the callback is in no line.
    pub(super) fn attach(&mut self, id: CallbackId, call: CallId) {
        if self.callbacks.get(&id).is_none_or(|c| c.live_call().is_some()) {
            return;
        }
        self.leave_line(id, OfferEnd::Withdrawn);
        if let Some(callback) = self.callbacks.get_mut(&id) {
            callback.calling_in = Some(call);
        }
        self.callback_of_call.insert(call, id);
        self.touch(Key::Callback(id));
    }

    /// An agent talks to a customer who called in meanwhile.
    pub(super) fn caller_served(&mut self, call: CallId, agent: &AgentId) {
        let Some(id) = self.callback_of_call.get(&call).copied() else {
            return;
        };
        if self.callbacks.get(&id).is_some_and(|c| c.calling_in == Some(call)) {
            self.close_callback(id, CallbackEnd::CalledIn, Some(agent.clone()), None);
        }
    }

    /// An agent has a chat of a customer who had left an earlier one: what was missed is settled.
    pub(super) fn writer_served(&mut self, person: PersonId, agent: &AgentId) {
        let theirs = self.callbacks_of.get(&person).into_iter().flatten().filter_map(|id| self.callbacks.get(id));
        let chats = theirs.filter(|callback| callback.why == MissedWhy::Chat && callback.live_call().is_none());
        for id in chats.map(|callback| callback.id).collect::<Vec<_>>() {
            self.close_callback(id, CallbackEnd::CalledIn, Some(agent.clone()), None);
        }
    }

    /// The customer's own call is over and nobody talked to them: what had been promised stands in line again.
    pub(super) fn caller_gone(&mut self, call: CallId) {
        let Some(id) = self.callback_of_call.get(&call).copied() else {
            return;
        };
        let Some(callback) = self.callbacks.get_mut(&id).filter(|c| c.calling_in == Some(call)) else {
            return;
        };
        callback.calling_in = None;
        self.callback_of_call.remove(&call);
        self.touch(Key::Callback(id));
        self.callback_fact(id, CallbackFact::Resumed);
        if self.callbacks.get(&id).is_some_and(|c| c.booked.is_some_and(|at| at <= self.now)) {
            self.join_line(id);
        }
    }
}
