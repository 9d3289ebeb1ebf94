//! What can be proven of flows before anybody calls: that every contact leaves them, and that every node can be come to.
//!
//! A way is either the caller's doing (a key, digits) or is taken by itself. If the ways taken by themselves, through flows and queues
//! alike, make no circle, a contact whose customer does nothing comes to an end. Whoever presses keys comes to each question at most as
//! often as the machine lets them (`machine::ROUNDS`), and is then led on as if they had pressed nothing.

use super::flow::{Flow, Label, Target};
use crate::desk::id::*;
use std::collections::{BTreeMap, BTreeSet};

/// Where a fault is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Node(FlowId, String),
    Queue(QueueId),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Node(flow, node) => write!(f, "{flow}/{node}"),
            Place::Queue(queue) => write!(f, "queue:{queue}"),
        }
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nothing leads to this node.
    Unreachable { flow: FlowId, node: String },
    /// These lead from one to the next and back to the first, without the caller doing anything. The target of the last is the first.
    Endless { round: Vec<Place> },
}

/// Every fault, those of one flow together. `queues` has for each queue where it sends callers on by itself; targets that exist nowhere
/// are passed over.
pub fn prove(flows: &BTreeMap<FlowId, Flow>, queues: &BTreeMap<QueueId, Vec<Target>>) -> Vec<Fault> {
    let mut faults: Vec<Fault> = flows.values().flat_map(unreachable).collect();
    let graph = Graph { flows, queues };
    let mut search = Search { graph: &graph, done: BTreeSet::new(), path: Vec::new(), faults: Vec::new() };
    let nodes = flows.values().flat_map(|flow| flow.nodes.keys().map(|node| Place::Node(flow.id.clone(), node.clone())));
    for place in nodes.chain(queues.keys().cloned().map(Place::Queue)).collect::<Vec<_>>() {
        search.visit(place);
    }
    faults.append(&mut search.faults);
    faults
}

fn unreachable(flow: &Flow) -> Vec<Fault> {
    let mut seen = BTreeSet::new();
    let mut next = vec![flow.start.as_str()];
    while let Some(name) = next.pop() {
        if let Some(node) = flow.nodes.get(name).filter(|_| seen.insert(name)) {
            next.extend(node.ways().into_iter().filter_map(|way| match way.target {
                Target::Node(node) => Some(node.as_str()),
                _ => None,
            }));
        }
    }
    let missed = flow.nodes.keys().filter(|name| !seen.contains(name.as_str()));
    missed.map(|node| Fault::Unreachable { flow: flow.id.clone(), node: node.clone() }).collect()
}

struct Graph<'g> {
    flows: &'g BTreeMap<FlowId, Flow>,
    queues: &'g BTreeMap<QueueId, Vec<Target>>,
}

impl Graph<'_> {
    /// Where the ways lead that are taken by themselves.
    fn onward(&self, place: &Place) -> Vec<Place> {
        match place {
            Place::Queue(queue) => self.queues.get(queue).into_iter().flatten().filter_map(|target| self.place(None, target)).collect(),
            Place::Node(flow, name) => {
                let Some(node) = self.flows.get(flow).and_then(|flow| flow.nodes.get(name)) else { return Vec::new() };
                let own = node.ways().into_iter().filter(|way| !way.label.by_caller() || way.label == Label::Otherwise);
                own.filter_map(|way| self.place(Some(flow), way.target)).collect()
            }
        }
    }

    fn place(&self, within: Option<&FlowId>, target: &Target) -> Option<Place> {
        match target {
            Target::Node(node) => within.map(|flow| Place::Node(flow.clone(), node.clone())),
            Target::Flow(flow) => self.flows.get(flow).map(|flow| Place::Node(flow.id.clone(), flow.start.clone())),
            Target::Queue(queue) => Some(Place::Queue(queue.clone())),
            Target::Voicemail | Target::Callback | Target::Outside(_) | Target::HangUp => None,
        }
    }
}

struct Search<'g> {
    graph: &'g Graph<'g>,
    done: BTreeSet<Place>,
    path: Vec<Place>,
    faults: Vec<Fault>,
}

impl Search<'_> {
    /// Depth first; a place that is on the path already closes a round. As deep as there are nodes at most.
    fn visit(&mut self, place: Place) {
        if let Some(at) = self.path.iter().position(|other| *other == place) {
            let round = self.path.get(at..).unwrap_or_default().to_vec();
            return self.faults.push(Fault::Endless { round });
        }
        if self.done.contains(&place) {
            return;
        }
        self.path.push(place.clone());
        for next in self.graph.onward(&place) {
            self.visit(next);
        }
        self.path.pop();
        self.done.insert(place);
    }
}
