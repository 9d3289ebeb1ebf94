//! What supervisors are told at once: a trunk that is down, a number that was refused for the first time today. `alarm {key, text}`; an
//! empty text takes it back.

use super::push::reader;
use crate::auth::person;
use crate::desk::id::AgentId;
use crate::desk::step::Step;
use crate::store::viewer::Role;
use crate::web::WebState;
use crate::web::admin::trunks;
use crate::web::live::{Audience, Frame};
use serde_json::json;

pub(super) async fn frames(state: &WebState, step: &Step) -> Vec<(Audience, Frame)> {
    let loaded = state.config.load_full();
    let is_supervisor = |agent: &AgentId| person(&loaded, agent.as_str()).is_some_and(|known| known.role >= Role::Supervisor);
    let mut frames = Vec::new();
    for agent in state.live.agents().into_iter().filter(is_supervisor) {
        // One that cannot be told in their language now finds it on the page.
        let Ok(reader) = reader(state, &agent).await else { continue };
        for (key, text) in step.facts.iter().filter_map(|fact| trunks::alarm(&reader.page.locale, fact)) {
            frames.push((Audience::Agent(agent.clone()), Frame::new("alarm", json!({ "key": key, "text": text }))));
        }
    }
    frames
}
