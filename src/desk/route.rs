//! After each input: everything for which something changed is looked at again, until nothing moves. Work that waits without change is
//! not touched, so the cost of an input does not grow with the length of the queues.

use super::act::VoiceAct;
use super::call::{Apart, Away, GOODBYE_PROMPT, PROMPT_LIMIT_MS};
use super::fact::{QueuedReason, RoutingFact};
use super::id::*;
use super::queue::Rank;
use super::router::Choice;
use super::work::{Stage, Waiting};
use super::{Desk, Key};

/// Work that waits this long for nothing but room gets an agent set aside, who takes nothing else until it fits, ms.
const DRAIN_MS: i64 = 20_000;

impl Desk {
    pub(super) fn route(&mut self) {
        loop {
            if !self.waking.is_empty() {
                let mut works: Vec<Work> = std::mem::take(&mut self.waking).into_iter().collect();
                works.sort_by_key(|work| self.waiting(*work).map(|w| Rank::new(*work, w, &self.catalog.routing)));
                for work in works {
                    self.place(work);
                }
            } else if let Some(slot) = self.freed.pop_first() {
                self.fill(slot);
            } else {
                return;
            }
        }
    }

    /// Finds an agent for one piece of waiting work, or sets when to look again.
    fn place(&mut self, work: Work) {
        if self.waiting(work).is_none_or(|w| w.offer.is_some()) || self.past_limit(work) || self.must_hear_first(work) {
            return;
        }
        match self.choose_agent(work) {
            Choice::Offer(slot, decision) => self.make_offer(work, slot, decision),
            Choice::Nobody { roomiest } => {
                if let Some(slot) = roomiest {
                    self.drain_for(work, slot);
                }
                let wake = self.waiting(work).and_then(|w| self.next_change(work, w));
                if self.waiting(work).is_some_and(|w| w.wake != wake)
                    && let Some(waiting) = self.waiting_mut(work)
                {
                    waiting.wake = wake;
                }
            }
        }
    }

    /// Gives a freed agent the first work in line that suits, and more while there is room.
    fn fill(&mut self, slot: usize) {
        loop {
            let next = self.first_for(slot);
            if let Some(large) = self.starving_for(slot, next) {
                self.drain_for(large, slot);
                continue;
            }
            let Some(work) = next else { return };
            let Choice::Offer(chosen, decision) = self.choose_agent(work) else {
                return;
            };
            self.make_offer(work, chosen, decision);
        }
    }

    fn first_for(&self, slot: usize) -> Option<Work> {
        let seat = self.seats.get(slot)?;
        let post = seat.post.as_ref()?;
        if seat.away().is_some() {
            return None;
        }
        let free = |work: &Work| self.waiting(*work).is_some_and(|w| w.offer.is_none());
        let claimed = self.claims.get(&seat.agent.id).into_iter().flatten().copied().filter(free);
        let claimed = claimed.filter(|work| self.suits(slot, *work)).filter_map(|work| {
            let waiting = self.waiting(work)?;
            Some(Rank::new(work, waiting, &self.catalog.routing))
        });
        let full = seat.agent.used >= post.capacity;
        let lanes = post
            .lanes
            .iter()
            .filter(|_| !full)
            .filter_map(|lane| self.lanes.get(*lane))
            .filter_map(|lane| lane.waiting.iter().copied().find(|rank| free(&rank.work) && self.suits(slot, rank.work)));
        claimed.chain(lanes).min().map(|rank| rank.work)
    }

    /// Work that goes before `next`, has waited long for nothing but room, and would get it from this agent in time. Looked for here
    /// too, because when its own moment came every agent may have been set aside for something else.
    fn starving_for(&self, slot: usize, next: Option<Work>) -> Option<Work> {
        let rank = |work: Work| self.waiting(work).map(|w| Rank::new(work, w, &self.catalog.routing));
        let next = next.and_then(rank);
        let post = self.seats.get(slot)?.post.as_ref()?;
        let lines = post.lanes.iter().filter_map(|lane| self.lanes.get(*lane));
        let starving = lines.filter_map(|lane| {
            let mut ahead = lane.waiting.iter().copied().take_while(|rank| next.is_none_or(|next| *rank < next));
            ahead.find(|rank| self.is_starving(rank.work) && self.lacks_room(slot, rank.work))
        });
        starving.min().map(|rank| rank.work)
    }

    fn is_starving(&self, work: Work) -> bool {
        let waits = |w: &Waiting| w.offer.is_none() && w.drains.is_none() && self.now.since(w.since) >= DRAIN_MS;
        self.waiting(work).is_some_and(waits) && !self.must_hear_first(work)
    }

    /// Overflow and the longest wait.
    fn past_limit(&mut self, work: Work) -> bool {
        let Some(waiting) = self.waiting(work).cloned() else {
            return true;
        };
        let Some(spec) = self.queue_spec(&waiting.queue) else {
            return false;
        };
        let waited = self.now.since(waiting.since);
        if let Work::Call(call) = work
            && spec.max_wait_ms > 0
            && waited >= spec.max_wait_ms
        {
            let then = spec.waiting.late.clone();
            if !self.turn_away(call, then.as_ref(), false) {
                self.say_goodbye(call);
            }
            return true;
        }
        let overflow = spec.overflow.as_ref().filter(|o| !waiting.overflowed && waited >= o.after_ms);
        let Some(to) = overflow.map(|o| o.to.clone()) else {
            return false;
        };
        if to == waiting.queue || !self.lane(&to).is_some_and(|l| l.declared) || !self.is_open(&to) {
            return false;
        }
        self.overflow(work, waiting, to);
        true
    }

    /// Into the other queue, keeping the time already waited.
    fn overflow(&mut self, work: Work, waiting: Waiting, to: QueueId) {
        let Some(job) = self.job(work) else { return };
        let (person, asked) = (job.person, job.asks.priority);
        let tier = job.tier.as_ref().and_then(|tier| self.catalog.tiers.get(tier)).copied().unwrap_or(0);
        let priority = self.queue_spec(&to).map_or(0, |q| q.priority).saturating_add(tier).saturating_add(asked);
        let from = waiting.queue.clone();
        let head = waiting.head;
        let moved = Waiting { queue: to.clone(), priority, overflowed: true, drains: None, wake: None, ..waiting };
        self.set_stage(work, Stage::Waiting(moved));
        let reason = QueuedReason::Overflow { from };
        self.routing_fact(work, RoutingFact::Queued { person, queue: to, priority, head, reason });
        self.waking.insert(work);
        // Whoever hears music is told at once, else what they hear goes first.
        if let Work::Call(id) = work
            && self.owe_notice(id)
            && self.calls.get(&id).is_some_and(|call| call.prompts.len() == 1)
        {
            self.play_next(id);
        }
    }

    pub(super) fn say_goodbye(&mut self, id: CallId) {
        self.answer_call(id);
        let away =
            self.waiting(Work::Call(id)).map(|w| Away { queue: w.queue.clone(), since: w.since, only: w.only.clone(), closed: false });
        self.set_stage(Work::Call(id), Stage::Apart);
        let until = self.now.after(PROMPT_LIMIT_MS);
        if let Some(call) = self.calls.get_mut(&id) {
            call.apart = Some(Apart::Goodbye { until });
            // Whoever was in no line had their place noted where they were turned away.
            call.away = away.or(call.away.take());
            call.prompts.clear();
        }
        self.touch(Key::Call(id));
        self.voice(id, VoiceAct::Play { prompt: GOODBYE_PROMPT.into() });
    }

    fn drain_for(&mut self, work: Work, slot: usize) {
        if !self.is_starving(work) {
            return;
        }
        let Some(agent) = self.agent_mut(slot) else {
            return;
        };
        agent.drained_for = Some(work);
        let id = agent.id.clone();
        if let Some(waiting) = self.waiting_mut(work) {
            waiting.drains = Some(id);
        }
    }

    /// The next moment at which this work may be treated differently though nothing else happens.
    fn next_change(&self, work: Work, waiting: &Waiting) -> Option<At> {
        let spec = self.queue_spec(&waiting.queue)?;
        let since = waiting.since;
        let longest = (matches!(work, Work::Call(_)) && spec.max_wait_ms > 0).then(|| since.after(spec.max_wait_ms));
        let overflow = spec.overflow.as_ref().filter(|_| !waiting.overflowed).map(|o| since.after(o.after_ms));
        let waited = self.now.since(since);
        let relaxing = spec.requires.iter().filter(|r| r.relax_ms > 0 && r.level_after(waited) > r.minimum);
        let relaxing = relaxing.map(|r| since.after((waited / r.relax_ms + 1).saturating_mul(r.relax_ms)));
        let named = (!waiting.prefer.is_empty()).then_some(waiting.prefer_until);
        let passed = waiting.passed.iter().map(|(_, until)| *until);
        let opening = self.opens_for(work);
        let drain = waiting.drains.is_none().then(|| since.after(DRAIN_MS));
        let all = longest.into_iter().chain(overflow).chain(relaxing).chain(named).chain(passed).chain(drain).chain(opening);
        all.filter(|at| *at > self.now).min()
    }

    /// Work that had waited for this agent looks at others now.
    pub(super) fn wake_those_preferring(&mut self, agent: &AgentId) {
        if let Some(works) = self.claims.get(agent) {
            self.waking.extend(works.iter().copied());
        }
    }
}
