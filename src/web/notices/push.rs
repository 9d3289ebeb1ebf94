//! Frames `notices {open, text, person}` to whoever was told something, and tasks at their time.

use crate::desk::fact::{ConversationFact, Did, Fact, PersonFact, RuleFact};
use crate::desk::id::{AgentId, PersonId};
use crate::desk::step::Step;
use crate::store::{StoreError, notices};
use crate::web::WebState;
use crate::web::live::{Audience, Frame};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often tasks are looked at. A task is promised to the minute.
const EVERY: Duration = Duration::from_secs(10);

/// Tells this agent's pages how many notices they have not seen. A count that cannot be read is read when the page asks.
pub async fn count(state: &WebState, agent: &AgentId) {
    if let Ok(open) = notices::open(&state.store, agent, state.clock.now()).await {
        state.live.to_agent(agent, Frame::new("notices", json!({ "open": open })));
    }
}

/// Whoever was told something by this step, as far as they have a page open.
pub async fn recorded(state: &WebState, step: &Step) -> Result<Vec<(Audience, Frame)>, StoreError> {
    let person = |fact: &Fact| match fact {
        Fact::Person(id, PersonFact::NoteAdded { .. }) => Some(*id),
        Fact::Conversation(_, ConversationFact::Received { person, .. }) => Some(*person),
        Fact::Rule(_, RuleFact::Did { person, did: Did::Notified { .. }, .. }) => Some(*person),
        _ => None,
    };
    let people: BTreeSet<PersonId> = step.facts.iter().filter_map(person).collect();
    let mut frames = Vec::new();
    for person in people {
        for agent in notices::told(&state.store, person, step.at).await? {
            if state.live.open_pages(&agent) == 0 {
                continue;
            }
            let open = notices::open(&state.store, &agent, step.at).await?;
            let frame = Frame::new("notices", json!({ "open": open, "person": person, "news": true }));
            frames.push((Audience::Agent(agent), frame));
        }
    }
    Ok(frames)
}

/// Runs until stopped: a task comes to its agent's pages at its time.
pub async fn keep_up(state: WebState, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut since = state.clock.now();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let now = state.clock.now();
        match notices::came_due(&state.store, since, now).await {
            Ok(due) => {
                since = now;
                for (agent, text) in due {
                    let open = notices::open(&state.store, &agent, now).await.unwrap_or(1);
                    state.live.to_agent(&agent, Frame::new("notices", json!({ "open": open, "text": text, "news": true })));
                }
            }
            Err(error) => tracing::error!(%error, "tasks that have come due cannot be read"),
        }
    }
}
