//! Arrows over the pictures of a call: from an agent's page to the customer's, and back to the pages of whoever is in the call.

use super::Frame;
use crate::desk::id::{AgentId, CallId, Work};
use crate::switchboard::{Arrow, ArrowAt, Pointer};
use crate::web::WebState;
use serde_json::json;

/// An agent points. Only who is in the call and not waiting beside it does.
pub(super) fn point(state: &WebState, agent: &AgentId, call: CallId, at: ArrowAt) {
    let floor = state.switchboard.floor();
    let theirs = floor.serving.iter().any(|row| row.work == Work::Call(call) && row.agent == *agent && !row.held);
    if theirs && at.is_within() {
        state.switchboard.show_arrow(Arrow { call, by: Pointer::Agent(agent.clone()), at });
    }
}

/// Shows an arrow to all agents of the call but the one who has drawn it, whose page has it already.
pub(super) fn show(state: &WebState, arrow: &Arrow) {
    let floor = state.switchboard.floor();
    let frame = Frame::new("arrow", json!({ "call": arrow.call, "at": arrow.at }));
    for row in floor.serving.iter().filter(|row| row.work == Work::Call(arrow.call)) {
        if arrow.by != Pointer::Agent(row.agent.clone()) {
            state.live.to_agent(&row.agent, frame.clone());
        }
    }
}
