//! The floor: the present as pages show it.

use super::Desk;
use super::agent::{Assist, Seat};
use super::call::{Apart, Call};
use super::dial::spec::TrunkSpec;
use super::fact::StatusName;
use super::floor::{
    Floor, FloorAgent, FloorAssist, FloorMove, FloorOverlay, FloorParked, FloorParty, FloorRung, FloorServing, FloorTalk, FloorTrunk,
    FloorWaiting, FloorWatch, FloorWrapUp,
};
use super::id::*;
use super::input::{Direction, LegParty, WantedStatus};
use super::overlay::OverlayOn;
use super::party::{Party, Presence};
use super::work::Stage;

impl Desk {
    fn is_video(&self, work: Work) -> bool {
        matches!(work, Work::Call(id) if self.calls.get(&id).is_some_and(|call| call.video))
    }

    /// The present, for pages.
    pub fn floor(&self, at: At) -> Floor {
        let agents = self.seats.iter().map(|seat| self.floor_agent(seat)).collect();
        let waiting = self.lanes.iter().flat_map(|lane| {
            lane.places().filter_map(move |(position, rank)| {
                let waiting = self.waiting(rank.work)?;
                Some(FloorWaiting {
                    work: rank.work,
                    channel: self.channel_by(rank.work),
                    video: self.is_video(rank.work),
                    queue: waiting.queue.clone(),
                    person: self.job(rank.work)?.person,
                    since: waiting.since,
                    position,
                    offered_to: waiting.offer.as_ref().map(|o| (o.agent.clone(), o.until)),
                    left: self.has_left(rank.work),
                    estimate_s: lane.pace.of(rank.work).estimate_s(position),
                })
            })
        });
        let waiting = waiting.collect();
        let assists = self.seats.iter().flat_map(|seat| {
            let of = |assist: &Assist| FloorAssist {
                agent: seat.agent.id.clone(),
                work: assist.work,
                word: assist.word.clone(),
                since: assist.since,
            };
            seat.agent.assists.iter().map(of)
        });
        let assists = assists.collect();
        let rung = self.calls.values().flat_map(|call| floor_rung(call).collect::<Vec<_>>()).collect();
        let mut parked: Vec<FloorParked> = self.calls.values().filter_map(floor_parked).collect();
        parked.sort_by_key(|parked| parked.slot);
        let talks = self.calls.values().filter_map(floor_talk).collect();
        let calls = self.calls.values().map(|c| (Work::Call(c.id), &c.job));
        let text = self.conversations.values().map(|c| (Work::Conversation(c.id), &c.job));
        let serving = calls.chain(text).filter_map(|(work, job)| match &job.stage {
            Stage::Serving(serving) => Some(FloorServing {
                work,
                channel: self.channel_by(work),
                queue: serving.queue.clone(),
                person: job.person,
                agent: serving.agent.clone(),
                since: serving.since,
                held: serving.held,
                leads: true,
            }),
            _ => None,
        });
        let mut serving: Vec<FloorServing> = serving.chain(self.calls.values().flat_map(colleagues)).collect();
        serving.sort_by_key(|s| (s.since, s.work, !s.leads));
        let trunks = self.catalog.dial.trunks.iter().map(|trunk| self.floor_trunk(at, trunk)).collect();
        let blocked = if self.alarms.day == self.catalog.dial.day(at) { self.alarms.blocked } else { 0 };
        let callbacks = self.callbacks.values().filter(|c| c.closed.is_none()).count();
        let overlay = |on: &OverlayOn| FloorOverlay { id: on.id.clone(), by: on.by.clone(), since: on.since, until: on.until };
        let overlays = self.overlays.iter().map(overlay).collect();
        let watches = self.calls.values().flat_map(|call| floor_watches(call).collect::<Vec<_>>()).collect();
        Floor {
            at,
            agents,
            waiting,
            serving,
            assists,
            rung,
            parked,
            talks,
            watches,
            overlays,
            callbacks,
            trunks,
            outages: self.outages.clone(),
            rule_alerts: self.book.alerts.clone(),
            blocked,
        }
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

    fn channel_by(&self, work: Work) -> Option<ChannelId> {
        match work {
            Work::Conversation(id) => self.conversations.get(&id).map(|c| c.channel.clone()),
            Work::Call(_) | Work::Callback(_) => None,
        }
    }

    fn has_left(&self, work: Work) -> bool {
        matches!(work, Work::Conversation(id) if self.conversations.get(&id).is_some_and(|c| c.left_at.is_some()))
    }
}

/// Agents who are in a call that another one leads.
fn colleagues(call: &Call) -> impl Iterator<Item = FloorServing> {
    let (work, person, queue) = (Work::Call(call.id), call.job.person, call.queue());
    call.parties.iter().filter_map(move |party| match (&party.who, &party.presence, queue) {
        (LegParty::Agent(agent), Presence::In { since, held, .. }, Some(queue)) => {
            let (queue, agent) = (queue.clone(), agent.clone());
            Some(FloorServing { work, channel: None, queue, person, agent, since: *since, held: *held, leads: false })
        }
        _ => None,
    })
}

fn floor_rung(call: &Call) -> impl Iterator<Item = FloorRung> {
    let consulted = call.consult.as_ref().map(|consult| &consult.with);
    call.parties.iter().filter_map(move |party| {
        let agent = party.agent()?.clone();
        let until = party.ring_until()?;
        Some(FloorRung {
            call: call.id,
            person: call.job.person,
            agent,
            by: party.by.clone(),
            queue: call.queue()?.clone(),
            consult: consulted == Some(&party.who),
            internal: call.direction == Direction::Internal,
            until,
        })
    })
}

fn floor_parked(call: &Call) -> Option<FloorParked> {
    let Some(Apart::Parked { slot, by, queue, since, until }) = &call.apart else { return None };
    let (person, by, queue) = (call.job.person, by.clone(), queue.clone());
    Some(FloorParked { slot: *slot, call: call.id, person, queue, by, since: *since, until: *until })
}

fn floor_watches(call: &Call) -> impl Iterator<Item = FloorWatch> {
    call.watches.iter().filter_map(|watch| {
        let Stage::Serving(serving) = &call.job.stage else { return None };
        Some(FloorWatch {
            call: call.id,
            person: call.job.person,
            by: watch.by.clone(),
            agent: serving.agent.clone(),
            queue: serving.queue.clone(),
            mode: watch.mode,
            since: watch.since,
            announced: watch.announced,
        })
    })
}

fn floor_talk(call: &Call) -> Option<FloorTalk> {
    if call.direction.is_inbound() && call.parties.is_empty() {
        return None;
    }
    let party = |party: &Party| FloorParty {
        who: party.who.clone(),
        number: party.number.clone(),
        joined: party.is_in(),
        held: matches!(party.presence, Presence::In { held: true, .. }),
    };
    Some(FloorTalk {
        call: call.id,
        direction: call.direction,
        reaching: call.reaching.is_some(),
        parties: call.parties.iter().map(party).collect(),
        consult: call.consult.as_ref().map(|consult| (consult.with.clone(), consult.aside)),
    })
}

impl Desk {
    fn floor_agent(&self, seat: &Seat) -> FloorAgent {
        let agent = &seat.agent;
        let lanes = seat.post.iter().flat_map(|post| &post.lanes).filter_map(|lane| self.lanes.get(*lane));
        let moved = agent.moves.iter().map(|m| FloorMove { change: m.change.clone(), by: m.by.clone(), until: m.until });
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
            refuses: agent.refuses.clone(),
            wrap_up: agent.wrap_up.as_ref().map(|w| FloorWrapUp {
                call: w.call,
                queue: w.queue.clone(),
                until: w.until,
                overdue: w.overdue,
            }),
            lapsed: agent.lapsed.iter().map(|after| (after.call, after.queue.clone())).collect(),
            queues: lanes.map(|lane| lane.spec.id.clone()).collect(),
            moves: moved.collect(),
        }
    }
}
