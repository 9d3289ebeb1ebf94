//! A promised call: when it may be made, how it waits in line, and what follows when nobody picks up.

use super::{Attempt, Callback, PLACE_MS};
use crate::desk::fact::{BookedBy, CallbackEnd, CallbackFact, NotReached, OfferEnd, QueuedReason};
use crate::desk::form::brief_of;
use crate::desk::hours::Hours;
use crate::desk::id::*;
use crate::desk::input::{Callee, LegFailure};
use crate::desk::person::Who;
use crate::desk::place::Placing;
use crate::desk::queue::DIRECT;
use crate::desk::queue::Served;
use crate::desk::refusal::Refusal;
use crate::desk::stage::Entry;
use crate::desk::step::Answer;
use crate::desk::{Desk, Key};

impl Desk {
    /// Promises a call: now, or not before `at`. Gives the moment from which it waits; `None` when there is no such moment.
    pub(in crate::desk) fn book_callback(&mut self, id: CallbackId, by: BookedBy, at: Option<At>) -> Option<At> {
        let now = self.now;
        let callback = self.callbacks.get(&id).filter(|c| c.closed.is_none())?;
        let from = self.may_dial_from(callback, at.unwrap_or(now).max(now))?;
        let late = now.since(callback.listed) > PLACE_MS;
        let since = match at {
            // Who chose a later time waits from then on; nobody's place is lost by being called as soon as possible.
            Some(_) => from,
            None if late => now,
            None => callback.since,
        };
        self.leave_line(id, OfferEnd::Withdrawn);
        if let Some(callback) = self.callbacks.get_mut(&id) {
            callback.booked = Some(from);
            callback.since = since;
            callback.tries = 0;
            callback.unclaim();
        }
        self.touch(Key::Callback(id));
        self.callback_fact(id, CallbackFact::Booked { by, at: from });
        if from <= now {
            self.join_line(id);
        }
        Some(from)
    }

    /// The first moment from `from` on at which the queue is open and it is no night where the customer's number belongs.
    pub(in crate::desk) fn may_dial_from(&self, callback: &Callback, from: At) -> Option<At> {
        let hours = self.queue_spec(&callback.queue).and_then(|q| q.hours.as_ref());
        first_moment(hours, self.catalog.callbacks.polite_for(&callback.number), from)
    }

    /// Whether this work may be given to somebody at this moment; only callbacks know times at which they may not.
    pub(in crate::desk) fn may_be_served_now(&self, work: Work) -> bool {
        let Work::Callback(id) = work else { return true };
        self.callbacks.get(&id).is_some_and(|c| self.may_dial_from(c, self.now) == Some(self.now))
    }

    /// When a callback in line may be dialled again, if it may not now.
    pub(in crate::desk) fn opens_for(&self, work: Work) -> Option<At> {
        let Work::Callback(id) = work else { return None };
        self.callbacks.get(&id).and_then(|c| self.may_dial_from(c, self.now))
    }

    /// Its time has come: into the queue, at the place of the customer.
    pub(in crate::desk) fn join_line(&mut self, id: CallbackId) {
        let now = self.now;
        let mine = |c: &&Callback| c.closed.is_none() && c.claimed.is_none() && c.live_call().is_none();
        let Some(callback) = self.callbacks.get(&id).filter(mine) else {
            return;
        };
        let (queue, only, since) = (callback.queue.clone(), callback.only.clone(), callback.since);
        let reachable = match &only {
            Some(agent) => self.slots.contains_key(agent),
            None => self.lane(&queue).is_some_and(|lane| lane.declared),
        };
        match self.may_dial_from(callback, now).filter(|_| reachable) {
            Some(from) if from <= now => {
                self.enqueue(Work::Callback(id), Entry { only, ..Entry::new(queue, since, QueuedReason::Callback) });
            }
            Some(from) => self.promise(id, from),
            None => self.only_list(id),
        }
    }

    fn promise(&mut self, id: CallbackId, from: At) {
        if let Some(callback) = self.callbacks.get_mut(&id) {
            callback.booked = Some(from);
        }
        self.touch(Key::Callback(id));
        self.callback_fact(id, CallbackFact::Booked { by: BookedBy::Rule, at: from });
    }

    /// No line to wait in: it stays on the list, for somebody to take by hand.
    pub(in crate::desk) fn only_list(&mut self, id: CallbackId) {
        self.leave_line(id, OfferEnd::Withdrawn);
        if let Some(callback) = self.callbacks.get_mut(&id) {
            callback.booked = None;
        }
        self.touch(Key::Callback(id));
    }

    /// Dials the customer for this agent. Only one hand at a time: who is being dialled, or is on the line, is not dialled again.
    pub(in crate::desk) fn dial_back(&mut self, slot: usize, agent: AgentId, id: CallbackId) -> Result<Answer, Refusal> {
        let callback = self.callbacks.get(&id).filter(|c| c.closed.is_none()).ok_or(Refusal::Gone)?;
        if callback.live_call().is_some() {
            return Err(Refusal::CalledAlready);
        }
        if callback.claimed.as_ref().is_some_and(|by| *by != agent) {
            return Err(Refusal::NotYours);
        }
        let (who, number, queue, chat) = (who_of(callback), callback.number.clone(), callback.queue.clone(), callback.chat);
        let (line, callback_page) = (callback.line.clone(), callback.page.clone());
        let was_in_line = self.waiting(Work::Callback(id)).is_some();
        let busy = self.lane(&queue).and_then(|lane| lane.pace.of(Work::Callback(id)).busy);
        // Its points go to the call that is placed.
        self.leave_line(id, OfferEnd::Accepted);
        let counts = Some(queue.clone()).filter(|q| q.as_str() != DIRECT);
        let callee = match callback_page {
            Some(page) => Callee::Page { who, page, video: false },
            None => Callee::Number { who, number, line },
        };
        let placing = Placing { callee, queue: counts, chat, given: chat.is_some() };
        match self.place_call(slot, placing) {
            Ok(call) => {
                let now = self.now;
                if let Some(lane) = self.lane_mut(&queue).filter(|_| was_in_line) {
                    // It kept its place among the callers, so it tells how fast they are served.
                    let others_wait = lane.others_wait(Work::Callback(id));
                    lane.pace.of_mut(Work::Callback(id)).assigned(now, &Served { busy, waited_ms: 0, offer_ms: 0, others_wait });
                }
                self.begin_attempt(id, agent, call);
                Ok(Answer::Done)
            }
            Err(refusal) => {
                if was_in_line {
                    // What cannot be dialled is not offered to everybody in turn.
                    self.next_try(id, NotReached::NotPlaced, None);
                }
                Err(refusal)
            }
        }
    }

    fn begin_attempt(&mut self, id: CallbackId, agent: AgentId, call: CallId) {
        let now = self.now;
        let Some(callback) = self.callbacks.get_mut(&id) else {
            return;
        };
        callback.claim(agent.clone(), now);
        callback.attempt = Some(Attempt { call, agent: agent.clone(), failed: None });
        let attempt = callback.tries + 1;
        self.callback_of_call.insert(call, id);
        self.touch(Key::Callback(id));
        self.callback_fact(id, CallbackFact::Dialled { agent, call, attempt });
    }

    /// The trunk says why the customer of this call cannot be had.
    pub(in crate::desk) fn attempt_failed(&mut self, call: CallId, cause: LegFailure) {
        let why = match cause {
            LegFailure::Busy | LegFailure::Declined => NotReached::Busy,
            LegFailure::NoAnswer => NotReached::NoAnswer,
            LegFailure::Unreachable | LegFailure::NoSuchNumber => NotReached::Unreachable,
        };
        let Some(id) = self.callback_of_call.get(&call).copied() else {
            return;
        };
        if let Some(attempt) = self.callbacks.get_mut(&id).and_then(|c| c.attempt.as_mut()).filter(|a| a.call == call) {
            attempt.failed = Some(why);
            self.touch(Key::Callback(id));
        }
    }

    /// An agent talks to a customer whom they called, be it from the list or from the customer's card: that settles what was owed.
    pub(in crate::desk) fn customer_reached(&mut self, call: CallId, agent: &AgentId) {
        let Some((person, number)) = self.calls.get(&call).map(|c| (c.job.person, c.from.clone())) else {
            return;
        };
        let attempt = self.callback_of_call.get(&call).copied();
        let same = |id: &CallbackId| {
            let open = self.callbacks.get(id).filter(|c| c.closed.is_none());
            open.is_some_and(|c| c.number == number && c.live_call().is_none())
        };
        let other = || self.callbacks_of.get(&person).and_then(|theirs| theirs.iter().copied().find(same));
        if let Some(id) = attempt.or_else(other) {
            self.close_callback(id, CallbackEnd::Reached, Some(agent.clone()), None);
        }
    }

    /// The call to the customer is over, and they had not answered.
    pub(in crate::desk) fn attempt_over(&mut self, call: CallId) {
        let Some(id) = self.callback_of_call.get(&call).copied() else {
            return;
        };
        let Some(attempt) = self.callbacks.get(&id).and_then(|c| c.attempt.clone()).filter(|a| a.call == call) else {
            return;
        };
        self.callback_of_call.remove(&call);
        if let Some(callback) = self.callbacks.get_mut(&id) {
            callback.attempt = None;
        }
        self.touch(Key::Callback(id));
        self.next_try(id, attempt.failed.unwrap_or(NotReached::Stopped), Some(call));
    }

    /// By rule: a busy line soon, nobody there later, and not for ever. An agent who stopped dialling has used up no attempt.
    fn next_try(&mut self, id: CallbackId, why: NotReached, call: Option<CallId>) {
        let rules = &self.catalog.callbacks;
        let pause = match why {
            NotReached::Busy | NotReached::NotPlaced => rules.busy_retry_ms,
            NotReached::NoAnswer | NotReached::Unreachable => rules.no_answer_retry_ms,
            NotReached::Stopped => 0,
        };
        let (limit, now) = (rules.tries, self.now);
        let Some(callback) = self.callbacks.get_mut(&id) else {
            return;
        };
        callback.unclaim();
        let counts = why != NotReached::Stopped;
        callback.tries += u32::from(counts);
        let tried = callback.tries;
        // A missed call that somebody tried by hand and stopped stays as it was: on the list.
        let promised = callback.booked.is_some() || counts;
        if tried >= limit.max(1) {
            self.callback_fact(id, CallbackFact::NotReached { call, why, tried, next: None });
            return self.close_callback(id, CallbackEnd::NotReached, None, None);
        }
        let from = self.callbacks.get(&id).and_then(|c| self.may_dial_from(c, now.after(pause))).filter(|_| promised);
        if let Some(callback) = self.callbacks.get_mut(&id) {
            callback.booked = from;
            // They have had their turn: the next one begins when it is tried again.
            if counts && let Some(from) = from {
                callback.since = from;
            }
        }
        self.touch(Key::Callback(id));
        self.callback_fact(id, CallbackFact::NotReached { call, why, tried, next: from });
        if from.is_some_and(|from| from <= now) {
            self.join_line(id);
        }
    }
}

/// The first moment from `from` on at which both tables are open.
pub(super) fn first_moment(hours: Option<&Hours>, polite: Option<&Hours>, from: At) -> Option<At> {
    let mut at = from;
    // Each round moves to a later opening of one of them; a year has no more openings than this that disagree in practice.
    for _ in 0..1_000 {
        let open = hours.map_or(Some(at), |hours| hours.next_open(at))?;
        let next = polite.map_or(Some(open), |hours| hours.next_open(open))?;
        if next == at {
            return Some(at);
        }
        at = next;
    }
    None
}

fn who_of(callback: &Callback) -> Who {
    Who { identity: callback.job.identity.clone(), display: None, person: Some(brief_of(&callback.job)) }
}
