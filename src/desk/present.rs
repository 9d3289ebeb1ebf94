//! The floor: the present as pages show it.

use super::Desk;
use super::agent::Seat;
use super::dial::spec::TrunkSpec;
use super::fact::StatusName;
use super::floor::{Floor, FloorAgent, FloorServing, FloorTrunk, FloorWaiting};
use super::id::*;
use super::input::WantedStatus;
use super::work::Stage;

impl Desk {
    /// The present, for pages.
    pub fn floor(&self, at: At) -> Floor {
        let agents = self.seats.iter().map(floor_agent).collect();
        let waiting = self.lanes.iter().flat_map(|lane| {
            (1u32..).zip(&lane.waiting).filter_map(move |(position, rank)| {
                let waiting = self.waiting(rank.work)?;
                Some(FloorWaiting {
                    work: rank.work,
                    queue: waiting.queue.clone(),
                    person: self.job(rank.work)?.person,
                    since: waiting.since,
                    position,
                    offered_to: waiting.offer.as_ref().map(|o| (o.agent.clone(), o.until)),
                    left: self.has_left(rank.work),
                    estimate_s: lane.rate.estimate_s(position),
                })
            })
        });
        let waiting = waiting.collect();
        let calls = self.calls.values().map(|c| (Work::Call(c.id), &c.job));
        let text = self.conversations.values().map(|c| (Work::Conversation(c.id), &c.job));
        let serving = calls.chain(text).filter_map(|(work, job)| match &job.stage {
            Stage::Serving(serving) => Some(FloorServing {
                work,
                queue: serving.queue.clone(),
                person: job.person,
                agent: serving.agent.clone(),
                since: serving.since,
                held: serving.held,
            }),
            _ => None,
        });
        let mut serving: Vec<FloorServing> = serving.collect();
        serving.sort_by_key(|s| (s.since, s.work));
        let trunks = self.catalog.dial.trunks.iter().map(|trunk| self.floor_trunk(at, trunk)).collect();
        let blocked = if self.alarms.day == self.catalog.dial.day(at) { self.alarms.blocked } else { 0 };
        Floor { at, agents, waiting, serving, trunks, blocked }
    }

    fn floor_trunk(&self, at: At, spec: &TrunkSpec) -> FloorTrunk {
        let mut book = self.books.get(&spec.id).cloned().unwrap_or_default();
        book.turn(&self.catalog.dial, at);
        let out = || self.out.values().filter(|out| out.trunk == spec.id);
        FloorTrunk {
            id: spec.id.clone(),
            well: book.is_well(at, spec.pinged),
            out: out().count() as u32,
            calls: book.calls,
            talked_ms: book.talked_ms + out().map(|out| out.talked_ms(at)).sum::<i64>(),
            cost: book.cost + out().map(|out| out.cost(at)).sum::<i64>(),
            down: book.down.map(|down| (down.since, down.problem)),
            unregistered: book.unregistered,
            last_problem: book.last_problem,
        }
    }

    fn has_left(&self, work: Work) -> bool {
        matches!(work, Work::Conversation(id) if self.conversations.get(&id).is_some_and(|c| c.left_at.is_some()))
    }
}

fn floor_agent(seat: &Seat) -> FloorAgent {
    let agent = &seat.agent;
    FloorAgent {
        id: agent.id.clone(),
        status: agent.status,
        reason: agent.reason.clone(),
        since: agent.since,
        next: agent.next.as_ref().map(|next| match next {
            WantedStatus::Available => StatusName::Available,
            WantedStatus::Busy => StatusName::Busy,
            WantedStatus::Break { .. } => StatusName::Break,
            WantedStatus::Offline => StatusName::Offline,
        }),
        used: agent.used,
        capacity: seat.post.as_ref().map_or(0, |p| p.capacity),
        voice_problem: seat.voice_problem().map(str::to_owned),
        page_open: agent.page_open,
        wrap_up: agent.wrap_up.as_ref().map(|w| (w.call, w.until)),
    }
}
