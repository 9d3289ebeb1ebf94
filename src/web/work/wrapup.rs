//! `POST /work/call/{id}/wrapup` ends after-call work with its outcome; `…/extend` asks for more time.

use super::{command, empty_is_none};
use crate::auth::Agent;
use crate::desk::id::CallId;
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
    #[serde(default)]
    note: String,
}

pub async fn wrap_up(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(outcome): Form<Outcome>,
) -> Result<StatusCode, WebError> {
    let note = outcome.note.trim().to_owned();
    command(&state, &me, Command::WrapUp { call: CallId(id), disposition: outcome.disposition, note }).await
}

pub async fn extend(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::ExtendWrapUp { call: CallId(id) }).await
}
