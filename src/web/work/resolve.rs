//! `POST /work/conversation/{id}/resolve`: the matter is solved, with an outcome where the queue asks for one.

use super::{command, empty_is_none};
use crate::auth::Agent;
use crate::desk::id::ConversationId;
use crate::desk::input::Command;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Outcome {
    #[serde(default, deserialize_with = "empty_is_none")]
    disposition: Option<String>,
}

pub async fn resolve(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(Outcome { disposition }): Form<Outcome>,
) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::Resolve { conversation: ConversationId(id), disposition }).await
}
