//! Who is told that a promise is at risk or broken: whoever has the ticket, or else its department; who watches it; and supervisors once it is late.

use super::phrase::clock_text;
use crate::desk::fact::{ClockKind, ClockNow, Fact, TicketFact};
use crate::desk::id::{AgentId, TicketId};
use crate::desk::step::Step;
use crate::store::tickets::who;
use crate::store::viewer::Role;
use crate::web::WebState;
use crate::web::inbox::push::reader;
use crate::web::live::{Audience, Frame};
use serde_json::json;
use std::collections::BTreeSet;

/// `alarm {key, text, href}`; an empty text takes it back.
pub async fn frames(state: &WebState, step: &Step) -> Vec<(Audience, Frame)> {
    let mut frames = Vec::new();
    for fact in &step.facts {
        if let Fact::Ticket(id, TicketFact::Clock { clock, now }) = fact {
            frames.extend(of(state, *id, *clock, *now).await);
        }
    }
    frames
}

async fn of(state: &WebState, id: TicketId, clock: ClockKind, now: ClockNow) -> Vec<(Audience, Frame)> {
    // One that cannot be told now finds it in the list.
    let Ok((assignee, department, watchers)) = who(&state.store, id).await else { return Vec::new() };
    let loaded = state.config.load_full();
    let team = department.and_then(|id| loaded.catalog.tickets.departments.get(&id)).map(|department| department.agents.clone());
    let mut concerned: BTreeSet<AgentId> = match assignee {
        Some(agent) => [agent].into(),
        None => team.unwrap_or_default(),
    };
    concerned.extend(watchers);
    let supervises = |agent: &AgentId| {
        crate::auth::person(&loaded, agent.as_str()).is_some_and(|known| known.role >= Role::Supervisor) && now == ClockNow::Late
    };
    let mut frames = Vec::new();
    for agent in state.live.agents().into_iter().filter(|agent| concerned.contains(agent) || supervises(agent)) {
        let Ok(reader) = reader(state, &agent).await else { continue };
        let say = reader.say();
        let key = match now {
            ClockNow::Late => Some("ticket.alarm_late"),
            ClockNow::AtRisk => Some("ticket.alarm_at_risk"),
            ClockNow::Runs { .. } | ClockNow::Paused | ClockNow::Met | ClockNow::Off => None,
        };
        let text = key.map(|key| say.with(key, &[("ticket", &id.to_string()), ("clock", &clock_text(&say, clock))])).unwrap_or_default();
        let body = json!({ "key": format!("ticket-{id}-{clock:?}"), "text": text, "href": format!("/tickets/{id}") });
        frames.push((Audience::Agent(agent), Frame::new("alarm", body)));
    }
    frames
}
