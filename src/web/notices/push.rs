//! Frames `notices {open, text, person, ticket, news}` to whoever was told something, and tasks at their time.

use crate::desk::fact::{CallFact, ConversationFact, Did, Fact, PersonFact, RoutingFact, RuleFact};
use crate::desk::id::{AgentId, PersonId, TicketId};
use crate::desk::input::Direction;
use crate::desk::step::Step;
use crate::store::{StoreError, notices};
use crate::web::WebState;
use crate::web::live::{Audience, Frame};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
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

/// What of one step an agent is told.
#[derive(Default)]
struct News {
    person: Option<PersonId>,
    ticket: Option<TicketId>,
    /// The colleague who asks for help.
    assist: Option<AgentId>,
    /// Otherwise something is no news any more.
    new: bool,
}

/// Whoever was told something by this step, as far as they have a page open.
pub async fn recorded(state: &WebState, step: &Step) -> Result<Vec<(Audience, Frame)>, StoreError> {
    let mut people = BTreeSet::new();
    let mut tickets = BTreeSet::new();
    let (mut asked, mut ended) = (BTreeMap::new(), Vec::new());
    for fact in &step.facts {
        match fact {
            Fact::Person(id, PersonFact::NoteAdded { .. }) => _ = people.insert(*id),
            Fact::Conversation(_, ConversationFact::Received { person, .. }) => _ = people.insert(*person),
            Fact::Call(_, CallFact::Started { person, direction: Direction::Inbound, .. }) => _ = people.insert(*person),
            Fact::Rule(_, RuleFact::Did { person, did: Did::Notified { .. }, .. }) => _ = people.insert(*person),
            Fact::Ticket(id, _) => _ = tickets.insert(*id),
            Fact::Routing(_, RoutingFact::AssistAsked { person, agent, .. }) => {
                people.insert(*person);
                asked.insert(*person, agent.clone());
            }
            Fact::Routing(work, RoutingFact::AssistEnded { .. }) => ended.push(*work),
            _ => {}
        }
    }
    let mut told: BTreeMap<AgentId, News> = BTreeMap::new();
    for ticket in tickets {
        let (new, past) = notices::told_of_ticket(&state.store, ticket, step.at).await?;
        for agent in past {
            told.entry(agent).or_default();
        }
        for agent in new {
            let news = told.entry(agent).or_default();
            (news.ticket, news.new) = (Some(ticket), true);
        }
    }
    for work in ended {
        for agent in notices::had_of_work(&state.store, work, step.at).await? {
            told.entry(agent).or_default();
        }
    }
    for person in people {
        for agent in notices::told(&state.store, person, step.at).await? {
            let news = told.entry(agent).or_default();
            (news.person, news.new, news.assist) = (Some(person), true, asked.get(&person).cloned());
        }
    }
    let mut frames = Vec::new();
    let named = |by: AgentId| state.config.load().catalog.agents.get(&by).map_or_else(|| by.to_string(), |spec| spec.name.clone());
    for (agent, News { person, ticket, assist, new }) in told {
        if state.live.open_pages(&agent) > 0 {
            let open = notices::open(&state.store, &agent, step.at).await?;
            let body = json!({ "open": open, "person": person, "ticket": ticket, "news": new, "assist": assist.map(named) });
            frames.push((Audience::Agent(agent), Frame::new("notices", body)));
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
