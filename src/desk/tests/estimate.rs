//! The announced wait against the wait that came: a seeded simulation of callers and agents, played through the desk itself.

use super::super::Desk;
use super::super::act::{Act, VoiceAct};
use super::super::catalog::*;
use super::super::fact::{Fact, RoutingFact};
use super::super::id::*;
use super::super::input::*;
use super::super::queue::plain_spec;
use super::script::who;
use super::world::MIDNIGHT;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const AGENTS: usize = 5;
/// Mean length of a talk, ms.
const TALK: f64 = 120_000.0;
/// From the first ring to the answer, ms.
const RING: i64 = 3_000;

/// A small generator: the same numbers on every machine and in every version of every crate.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Exponentially distributed with this mean.
    fn after(&mut self, mean: f64) -> i64 {
        (-(1.0 - self.unit()).ln() * mean) as i64
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrives,
    Answers(CallId, AgentId),
    Ends(CallId),
}

fn hall() -> Catalog {
    let mut catalog = Catalog::default();
    for n in 0..AGENTS {
        let spec = AgentSpec {
            id: format!("p{n}").as_str().into(),
            name: String::new(),
            skills: BTreeMap::new(),
            queues: vec!["hall".into()],
            capacity: 100,
            phone: Some(format!("sip:p{n}@127.0.0.1").into()),
            always_available: true,
            max_calls: 1,
            outbound_queue: None,
            supervises: false,
        };
        catalog.agents.insert(spec.id.clone(), spec);
    }
    let queue = QueueSpec { max_wait_ms: 0, ..plain_spec("hall".into()) };
    catalog.queues.insert(queue.id.clone(), queue);
    catalog.lines.push(LineSpec { number: "1".into(), trunk: None, to: LineTarget::Queue("hall".into()) });
    catalog
}

/// What was announced to each who had to wait, and what came, in seconds. `load` is how much of the agents' time the callers ask for.
fn simulate(seed: u64, load: f64, calls: u64) -> Vec<(f64, f64)> {
    let mut dice = Dice(seed);
    let mut desk = Desk::new(Arc::new(hall()));
    desk.handle(MIDNIGHT, Input::Started);
    let mut events: BTreeSet<(At, u64, Event)> = BTreeSet::from([(MIDNIGHT, 0, Event::Arrives)]);
    let (mut order, mut next) = (0, 0);
    let mut told: BTreeMap<CallId, (At, f64)> = BTreeMap::new();
    let mut outcome = Vec::new();
    let between = TALK / AGENTS as f64 / load;
    while let Some((at, _, event)) = events.pop_first() {
        while let Some(due) = desk.next_deadline().filter(|due| *due <= at) {
            let step = desk.handle(due, Input::Clock);
            assert!(!step.acts.iter().any(|act| matches!(act, Act::Voice(_, VoiceAct::Say { .. }))), "nothing is announced here");
        }
        let mut plan = |at: At, event| {
            order += 1;
            events.insert((at, order, event));
        };
        let input = match &event {
            Event::Arrives => {
                next += 1;
                if next < calls {
                    plan(at.after(dice.after(between)), Event::Arrives);
                }
                let who = who("phone", "", &format!("+{next}"), &[]);
                Input::Call(CallId(next), CallHeard::Invited { trunk: "t".into(), who, dialled: "1".into() })
            }
            Event::Answers(call, agent) => {
                plan(at.after(dice.after(TALK)), Event::Ends(*call));
                Input::Call(*call, CallHeard::AgentAnswered { agent: agent.clone() })
            }
            Event::Ends(call) => Input::Call(*call, CallHeard::Ended { by: EndedBy::Customer, cause: EndCause::Normal }),
        };
        let step = desk.handle(at, input);
        for fact in &step.facts {
            match fact {
                Fact::Routing(Work::Call(call), RoutingFact::Offered { agent, .. }) => {
                    plan(at.after(RING), Event::Answers(*call, agent.clone()));
                }
                Fact::Routing(Work::Call(call), RoutingFact::Assigned { .. }) => {
                    if let Some((since, estimate)) = told.remove(call) {
                        outcome.push((estimate, at.since(since) as f64 / 1_000.0));
                    }
                }
                _ => {}
            }
        }
        if event == Event::Arrives {
            let floor = desk.floor(at);
            let row = floor.waiting.iter().find(|row| row.work == Work::Call(CallId(next)) && row.offered_to.is_none());
            // The first hundred are what it learns from.
            if let Some(estimate) = row.and_then(|row| row.estimate_s).filter(|_| next > 100) {
                told.insert(CallId(next), (at, f64::from(estimate)));
            }
        }
    }
    outcome
}

/// Of a sorted list.
fn quantile(values: &[f64], part: f64) -> f64 {
    values[((values.len() - 1) as f64 * part) as usize]
}

#[test]
fn what_is_announced_is_what_callers_wait() {
    for (seed, load) in [(0x5eed, 0.9), (0xfeed_beef, 0.97), (0x0dd_ba11, 1.05)] {
        let told = simulate(seed, load, 3_000);
        assert!(told.len() > 800, "{} had to wait at {load}", told.len());
        let (estimated, waited): (f64, f64) = told.iter().fold((0.0, 0.0), |(e, w), (estimate, wait)| (e + estimate, w + wait));
        let bias = estimated / waited;
        assert!((0.85..1.2).contains(&bias), "at load {load} the estimates are {bias:.2} of the waits");
        // How far off each is, as a part of the larger of the two.
        let mut off: Vec<f64> = told.iter().map(|(estimate, wait)| (estimate - wait).abs() / estimate.max(*wait)).collect();
        off.sort_by(f64::total_cmp);
        let (half, most) = (quantile(&off, 0.5), quantile(&off, 0.9));
        assert!(half < 0.4 && most < 0.8, "at load {load} half are off by {half:.2}, nine of ten by {most:.2}");
        // Long waits are what people decide by: there chance evens out.
        let mut long: Vec<f64> = told
            .iter()
            .filter(|(estimate, _)| *estimate > 240.0)
            .map(|(estimate, wait)| (estimate - wait).abs() / estimate.max(*wait))
            .collect();
        long.sort_by(f64::total_cmp);
        if long.len() > 50 {
            let half = quantile(&long, 0.5);
            assert!(half < 0.35, "at load {load} half of the long ones are off by {half:.2}");
        }
        // Whoever was told a time rarely waits twice as long.
        let late = told.iter().filter(|(estimate, wait)| *wait > 2.0 * estimate.max(60.0)).count() as f64 / told.len() as f64;
        assert!(late < 0.1, "at load {load} {late:.2} waited twice as long as they were told");
    }
}
