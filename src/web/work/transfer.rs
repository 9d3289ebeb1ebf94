//! `POST /work/{call|conversation}/{id}/transfer`: hands over to an agent or back into a queue, with a note for whoever takes it.

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
    /// `agent/mara` or `queue/sales`.
    to: String,
    #[serde(default)]
    note: String,
}

pub async fn transfer(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(path): Path<WorkPath>,
    Form(handover): Form<Handover>,
) -> Result<StatusCode, WebError> {
    let to = match handover.to.split_once('/') {
        Some(("agent", id)) => Target::Agent(AgentId::from(id)),
        Some(("queue", id)) => Target::Queue(QueueId::from(id)),
        _ => return Err(WebError::Bad("to")),
    };
    command(&state, &me, Command::Transfer { work: path.work(), to, note: handover.note.trim().to_owned() }).await
}
