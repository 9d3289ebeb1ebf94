//! `POST /work/{call|conversation}/{id}/transfer`: hands over to an agent, a queue, a line or a number outside, with a note for whoever takes it.

use super::{WorkPath, command};
use crate::auth::Agent;
use crate::desk::id::{AgentId, QueueId};
use crate::desk::input::{Command, Target};
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Handover {
    /// `agent/mara`, `queue/sales`, `line/4001` or `outside/+49 30 …`.
    pub to: String,
    #[serde(default)]
    pub note: String,
}

pub async fn transfer(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(path): Path<WorkPath>,
    Form(handover): Form<Handover>,
) -> Result<StatusCode, WebError> {
    let to = target(&handover.to)?;
    command(&state, &me, Command::Transfer { work: path.work(), to, note: handover.note.trim().to_owned() }).await
}

/// Whom a form names.
pub fn target(text: &str) -> Result<Target, WebError> {
    Ok(match text.split_once('/') {
        Some(("agent", id)) => Target::Agent(AgentId::from(id)),
        Some(("queue", id)) => Target::Queue(QueueId::from(id)),
        Some(("line", number)) => Target::Line(number.to_owned()),
        Some(("outside", number)) => Target::Outside(number.to_owned()),
        _ => return Err(WebError::Bad("to")),
    })
}
