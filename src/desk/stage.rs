//! The one place where work changes its stage, so that waiting lines and the indexes by person and agent cannot drift from it.

use super::fact::{QueuedReason, RoutingFact, WatchEnd};
use super::id::*;
use super::queue::Rank;
use super::work::{Claim, Prefer, Stage, Waiting};
use super::{Desk, Key};

/// Whoever transferred work is not offered it again for this long while others can be, ms.
const HANDED_ON_MS: i64 = 30_000;

/// How work comes to wait.
pub(super) struct Entry {
    pub queue: QueueId,
    /// Start of the wait that counts.
    pub since: At,
    pub head: bool,
    pub only: Option<AgentId>,
    /// Asked before the customer's own agents.
    pub first: Option<Prefer>,
    pub transferred_by: Option<AgentId>,
    pub reason: QueuedReason,
}

impl Entry {
    pub fn new(queue: QueueId, since: At, reason: QueuedReason) -> Entry {
        Entry { queue, since, head: false, only: None, first: None, transferred_by: None, reason }
    }

    pub fn at_head(queue: QueueId, since: At, reason: QueuedReason) -> Entry {
        Entry { head: true, ..Entry::new(queue, since, reason) }
    }
}

impl Desk {
    pub(super) fn set_stage(&mut self, work: Work, stage: Stage) {
        self.leave_indexes(work);
        if let (Work::Call(id), false) = (work, matches!(stage, Stage::Serving(_))) {
            // Whoever waits is told by prompts and music what they hear.
            if let Some(call) = self.calls.get_mut(&id) {
                call.told = Default::default();
            }
            self.end_watches(id, WatchEnd::NobodyTalks);
        }
        if let Some(job) = self.job_mut(work) {
            job.stage = stage;
        }
        self.enter_indexes(work);
    }

    pub(super) fn leave_indexes(&mut self, work: Work) {
        let Some(job) = self.job(work) else { return };
        let person = job.person;
        if let Stage::Waiting(waiting) = &job.stage {
            let rank = Rank::new(work, waiting, &self.catalog.routing);
            let (queue, claimants, drains) = (waiting.queue.clone(), claimants(waiting), waiting.drains.clone());
            if let Some(lane) = self.lane_mut(&queue) {
                lane.waiting.remove(&rank);
                if !lane.others_wait(work) {
                    lane.pace.of_mut(work).busy = None;
                }
            }
            for agent in claimants {
                if let Some(claims) = self.claims.get_mut(&agent) {
                    claims.remove(&work);
                    if claims.is_empty() {
                        self.claims.remove(&agent);
                    }
                }
            }
            if let Some(slot) = drains.and_then(|agent| self.slot(&agent)) {
                self.stop_draining(slot);
            }
        }
        self.tickets_learn(work);
        if let Some(works) = self.people.get_mut(&person) {
            works.remove(&work);
            if works.is_empty() {
                self.people.remove(&person);
            }
        }
    }

    pub(super) fn enter_indexes(&mut self, work: Work) {
        let Some(job) = self.job(work) else { return };
        let person = job.person;
        match &job.stage {
            Stage::Apart => return,
            Stage::Serving(_) => {}
            Stage::Waiting(waiting) => {
                let rank = Rank::new(work, waiting, &self.catalog.routing);
                let (queue, claimants) = (waiting.queue.clone(), claimants(waiting));
                if let Some(lane) = self.lane_mut(&queue) {
                    lane.waiting.insert(rank);
                }
                for agent in claimants {
                    self.claims.entry(agent).or_default().insert(work);
                }
            }
        }
        self.people.entry(person).or_default().insert(work);
    }

    /// Puts work into a queue and lets the router look at it.
    pub(super) fn enqueue(&mut self, work: Work, entry: Entry) {
        let Some(job) = self.job(work) else { return };
        let (person, asked) = (job.person, job.asks.priority);
        let tier = job.tier.as_ref().and_then(|tier| self.catalog.tiers.get(tier)).copied().unwrap_or(0);
        let spec = self.queue_spec(&entry.queue);
        let priority = spec.map_or(0, |q| q.priority).saturating_add(tier).saturating_add(asked);
        let prefer_ms = spec.map_or(0, |q| q.prefer_agent_ms);
        let prefer = self.preferences(work, &entry);
        // A transfer does not come straight back to the one who made it.
        let passed = entry.transferred_by.iter().map(|by| (by.clone(), self.now.after(HANDED_ON_MS))).collect();
        let waiting = Waiting {
            queue: entry.queue.clone(),
            since: entry.since,
            priority,
            head: entry.head,
            only: entry.only,
            prefer,
            prefer_until: self.now.after(prefer_ms),
            overflowed: false,
            passed,
            wake: None,
            offer: None,
            drains: None,
            transferred_by: entry.transferred_by,
        };
        self.set_stage(work, Stage::Waiting(waiting));
        let (queue, head, reason) = (entry.queue, entry.head, entry.reason);
        self.routing_fact(work, RoutingFact::Queued { person, queue, priority, head, reason });
        self.waking.insert(work);
    }

    /// Who is asked first: the colleague named, whoever serves this customer now, their own agent, the last one.
    fn preferences(&self, work: Work, entry: &Entry) -> Vec<Prefer> {
        let mut prefer: Vec<Prefer> = entry.first.iter().cloned().collect();
        let Some(job) = self.job(work) else {
            return prefer;
        };
        let serving = self.people.get(&job.person).into_iter().flatten().filter(|other| **other != work);
        let same = serving.filter_map(|other| self.serving(*other)).map(|s| (s.agent.clone(), Claim::SamePerson));
        let dedicated = job.dedicated.iter().map(|a| (a.clone(), Claim::Dedicated));
        let last = job.last_agent.iter().filter(|a| self.is_member(&entry.queue, a)).map(|a| (a.clone(), Claim::LastAgent));
        for (agent, claim) in same.chain(dedicated).chain(last) {
            let handed_on = entry.transferred_by.as_ref() == Some(&agent);
            if !handed_on && self.slots.contains_key(&agent) && prefer.iter().all(|p| p.agent != agent) {
                prefer.push(Prefer { agent, claim });
            }
        }
        prefer
    }

    pub(super) fn is_member(&self, queue: &QueueId, agent: &AgentId) -> bool {
        let (Some(lane), Some(slot)) = (self.lane_of.get(queue), self.slot(agent)) else {
            return false;
        };
        self.seats.get(slot).and_then(|s| s.post.as_ref()).is_some_and(|p| p.lanes.contains(lane))
    }

    pub(super) fn stop_draining(&mut self, slot: usize) {
        let Some(work) = self.seats.get(slot).and_then(|s| s.agent.drained_for) else {
            return;
        };
        if let Some(agent) = self.agent_mut(slot) {
            agent.drained_for = None;
        }
        if let Some(waiting) = self.waiting_mut(work) {
            waiting.drains = None;
        }
        self.freed.insert(slot);
    }

    /// Takes work out of every index and out of the memory.
    pub(super) fn forget_call(&mut self, id: CallId) {
        self.remember_gone(Work::Call(id));
        self.set_stage(Work::Call(id), Stage::Apart);
        if let Some(call) = self.calls.remove(&id) {
            self.unknow(&call.job.identity, call.job.person);
        }
        self.touch(Key::Call(id));
    }

    pub(super) fn know(&mut self, identity: &super::person::Identity, person: PersonId) {
        *self.known.entry(identity.clone()).or_default().entry(person).or_default() += 1;
    }

    pub(super) fn unknow(&mut self, identity: &super::person::Identity, person: PersonId) {
        let Some(people) = self.known.get_mut(identity) else {
            return;
        };
        if let Some(count) = people.get_mut(&person) {
            *count = count.saturating_sub(1);
        }
        people.retain(|_, count| *count > 0);
        if people.is_empty() {
            self.known.remove(identity);
        }
    }
}

/// Everyone whom waiting work names.
fn claimants(waiting: &Waiting) -> Vec<AgentId> {
    waiting.only.iter().chain(waiting.prefer.iter().map(|p| &p.agent)).cloned().collect()
}
