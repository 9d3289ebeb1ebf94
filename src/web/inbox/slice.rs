//! What of the floor is on one agent's pages.

use crate::auth::person;
use crate::desk::floor::{Floor, FloorWaiting};
use crate::desk::id::{AgentId, Work};
use crate::store::viewer::Role;
use crate::web::WebState;
use std::collections::BTreeSet;

/// What of the floor one agent's page shows; a page is drawn again only when this changes.
pub fn slice(state: &WebState, floor: &Floor, agent: &AgentId) -> String {
    let me = floor.agents.iter().find(|a| a.id == *agent);
    let queues = me.map(|me| me.queues.as_slice()).unwrap_or_default();
    let mine: Vec<_> = floor.serving.iter().filter(|s| s.agent == *agent).collect();
    let waiting: Vec<_> = listed(state, floor, agent).map(|w| (w.work, &w.queue, w.since, w.position, &w.offered_to, w.left)).collect();
    // Of the calls that are theirs: who else is in them. And what they could fetch.
    let talks: Vec<_> = floor.talks.iter().filter(|talk| mine.iter().any(|s| s.work == Work::Call(talk.call))).collect();
    let parked: Vec<_> = floor.parked.iter().filter(|p| p.by == *agent || queues.contains(&p.queue)).map(|p| p.slot).collect();
    // Their own part in others' calls, and who is in theirs.
    let watches: Vec<_> = floor.watches.iter().filter(|w| w.by == *agent || w.agent == *agent).collect();
    let assists: Vec<_> = floor.assists.iter().filter(|assist| assist.agent == *agent).collect();
    let outages = &floor.outages;
    format!("{me:?}{mine:?}{waiting:?}{talks:?}{parked:?}{watches:?}{assists:?}{outages:?}")
}

/// Whether one of these stands in this agent's list among what waits.
pub fn waits_for(state: &WebState, floor: &Floor, agent: &AgentId, works: &BTreeSet<Work>) -> bool {
    !works.is_empty() && listed(state, floor, agent).any(|waiting| works.contains(&waiting.work))
}

/// What waits in this agent's queues; supervisors see every queue.
fn listed<'a>(state: &WebState, floor: &'a Floor, agent: &AgentId) -> impl Iterator<Item = &'a FloorWaiting> {
    let all = person(&state.config.load(), agent.as_str()).is_some_and(|known| known.role >= Role::Supervisor);
    let queues = floor.agents.iter().find(|a| a.id == *agent).map(|me| me.queues.as_slice()).unwrap_or_default();
    floor.waiting.iter().filter(move |w| all || queues.contains(&w.queue))
}
