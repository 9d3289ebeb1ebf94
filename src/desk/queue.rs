//! A waiting line: who waits, in the order of service, and which agents serve it.
//!
//! The order is constant although priority grows with waiting: all work ages at the same rate, so the difference between two pieces
//! never changes, and a rank computed once stays right.

use super::Desk;
use super::catalog::{QueueSpec, Routing, WaitingSpec};
use super::id::*;
use super::work::Waiting;
use std::collections::BTreeSet;

/// The queue of lines that lead to one agent. A business may declare a queue of this name to set its music, recording and wrap-up.
pub(super) const DIRECT: &str = "direct";

#[derive(Debug, Clone)]
pub(super) struct Lane {
    pub spec: QueueSpec,
    /// In the catalog; `false` for one that a reload removed while work waited in it.
    pub declared: bool,
    pub members: Vec<Member>,
    pub waiting: BTreeSet<Rank>,
    pub pace: Pace,
}

/// How fast a queue is served lately: callers and those who write each by themselves, because an agent who talks may write to several others.
/// Not part of the memory: after a restart it is learned anew.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    voice: Rate,
    text: Rate,
}

impl Pace {
    pub fn of(&self, work: Work) -> &Rate {
        if is_text(work) { &self.text } else { &self.voice }
    }

    pub fn of_mut(&mut self, work: Work) -> &mut Rate {
        if is_text(work) { &mut self.text } else { &mut self.voice }
    }
}

fn is_text(work: Work) -> bool {
    matches!(work, Work::Conversation(_))
}

impl Lane {
    /// Who waits, each with their place among callers or among those who write, from 1.
    pub fn places(&self) -> impl Iterator<Item = (u32, &Rank)> {
        let (mut voice, mut text) = (0u32, 0u32);
        self.waiting.iter().map(move |rank| {
            let place = if is_text(rank.work) { &mut text } else { &mut voice };
            *place += 1;
            (*place, rank)
        })
    }

    /// How many of the same kind wait before this one, or altogether if it does not wait here.
    fn ahead(&self, work: Work) -> u32 {
        let alike = self.waiting.iter().take_while(|rank| rank.work != work).filter(|rank| is_text(rank.work) == is_text(work));
        u32::try_from(alike.count()).unwrap_or(u32::MAX)
    }

    /// Whether others of its kind wait.
    pub fn others_wait(&self, work: Work) -> bool {
        self.waiting.iter().any(|rank| rank.work != work && is_text(rank.work) == is_text(work))
    }
}

/// An agent of a queue, with their level in each skill that the queue requires (0 for none).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    pub slot: usize,
    pub levels: Vec<u8>,
}

/// The place in the line: smaller is served earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    not_head: bool,
    /// Priority with aging, negated, in points × 60,000 as of the epoch.
    score: i64,
    since: At,
    pub work: Work,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Rate {
    /// The last time somebody was taken while others went on waiting: only then does the time until the next one say how fast the
    /// agents are, and not how seldom customers come.
    pub busy: Option<At>,
    interval_ms: Option<f64>,
}

/// One assignment, as the rate learns from it.
pub(super) struct Served {
    /// `Rate::busy` before this one left the line.
    pub busy: Option<At>,
    pub waited_ms: i64,
    /// How long an offer stands: whoever waited no longer found somebody free.
    pub offer_ms: i64,
    pub others_wait: bool,
}

const MINUTE_MS: i64 = 60_000;

impl Rank {
    pub fn new(work: Work, waiting: &Waiting, routing: &Routing) -> Rank {
        let aging = i64::from(routing.aging_per_minute.clamp(0, 1_000_000));
        let score = aging.saturating_mul(waiting.since.0).saturating_sub(i64::from(waiting.priority) * MINUTE_MS);
        Rank { not_head: !waiting.head, score, since: waiting.since, work }
    }
}

impl Rate {
    /// A mean over about the last ten assignments.
    pub fn assigned(&mut self, now: At, served: &Served) {
        let alone = || (served.waited_ms > served.offer_ms).then_some(served.waited_ms);
        if let Some(interval) = served.busy.map(|last| now.since(last)).or_else(alone) {
            let interval = interval as f64;
            self.interval_ms = Some(self.interval_ms.map_or(interval, |mean| mean + (interval - mean) * 2.0 / 11.0));
        }
        self.busy = served.others_wait.then_some(now);
    }

    pub fn estimate_s(&self, position: u32) -> Option<u32> {
        self.interval_ms.map(|mean| (mean * f64::from(position) / 1000.0).ceil() as u32)
    }
}

/// The settings of direct lines, and of a queue that is no longer declared.
pub(super) fn plain_spec(id: QueueId) -> QueueSpec {
    QueueSpec {
        name: id.as_str().to_owned(),
        id,
        requires: Vec::new(),
        priority: 0,
        offer_ms: 30_000,
        wrap_up_ms: 0,
        dispositions: Vec::new(),
        disposition_required: false,
        wrap_up_fields: Vec::new(),
        greeting: None,
        music: "music".into(),
        record: false,
        record_notice: None,
        record_outbound: false,
        overflow: None,
        max_wait_ms: 180_000,
        hours: None,
        closed_prompt: None,
        waiting: WaitingSpec::default(),
        prefer_agent_ms: 0,
        open_ticket: false,
    }
}

impl Desk {
    pub(super) fn lane(&self, queue: &QueueId) -> Option<&Lane> {
        self.lanes.get(*self.lane_of.get(queue)?)
    }

    pub(super) fn lane_mut(&mut self, queue: &QueueId) -> Option<&mut Lane> {
        self.lanes.get_mut(*self.lane_of.get(queue)?)
    }

    pub(super) fn queue_spec(&self, queue: &QueueId) -> Option<&QueueSpec> {
        self.lane(queue).map(|l| &l.spec)
    }

    /// How long this work would still wait, or a new one at the end of the line, s; `None` while nothing is known of the queue's pace.
    pub(super) fn wait_now(&self, work: Work, queue: &QueueId) -> Option<u32> {
        let lane = self.lane(queue)?;
        lane.pace.of(work).estimate_s(lane.ahead(work).saturating_add(1))
    }

    pub(super) fn is_open(&self, queue: &QueueId) -> bool {
        let hours = self.queue_spec(queue).and_then(|q| q.hours.as_ref());
        hours.is_none_or(|hours| hours.open_at(self.now))
    }
}
