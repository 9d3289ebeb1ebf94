//! What of the floor is on one agent's pages.

use crate::auth::person;
use crate::desk::floor::Floor;
use crate::desk::id::{AgentId, Work};
use crate::store::viewer::Role;
use crate::web::WebState;
/// What of the floor one agent's page shows; a page is drawn again only when this changes.
pub fn slice(state: &WebState, floor: &Floor, agent: &AgentId) -> String {
    let loaded = state.config.load();
    let known = person(&loaded, agent.as_str());
    let all = known.is_some_and(|known| known.role >= Role::Supervisor);
    let me = floor.agents.iter().find(|a| a.id == *agent);
    let queues = me.map(|me| me.queues.as_slice()).unwrap_or_default();
    let mine: Vec<_> = floor.serving.iter().filter(|s| s.agent == *agent).collect();
    let waiting: Vec<_> = floor
        .waiting
        .iter()
        .filter(|w| all || queues.contains(&w.queue))
        .map(|w| (w.work, &w.queue, w.since, w.position, &w.offered_to, w.left))
        .collect();
    // Of the calls that are theirs: who else is in them. And what they could fetch.
    let talks: Vec<_> = floor.talks.iter().filter(|talk| mine.iter().any(|s| s.work == Work::Call(talk.call))).collect();
    let parked: Vec<_> = floor.parked.iter().filter(|p| p.by == *agent || queues.contains(&p.queue)).map(|p| p.slot).collect();
    // Their own part in others' calls, and who is in theirs.
    let watches: Vec<_> = floor.watches.iter().filter(|w| w.by == *agent || w.agent == *agent).collect();
    let outages = &floor.outages;
    format!("{me:?}{mine:?}{waiting:?}{talks:?}{parked:?}{watches:?}{outages:?}")
}
