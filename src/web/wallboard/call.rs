//! `POST /wallboard/call/{id}/watch` and `…/stop`: listen, whisper, barge in, take over, and out again.

use crate::auth::Supervisor;
use crate::desk::id::CallId;
use crate::desk::input::{Command, WatchMode};
use crate::web::work::command;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Wanted {
    value: WatchMode,
}

pub async fn watch(
    State(state): State<WebState>,
    Supervisor(me): Supervisor,
    Path(id): Path<u64>,
    Form(Wanted { value }): Form<Wanted>,
) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::Watch { call: CallId(id), mode: value }).await
}

pub async fn stop(State(state): State<WebState>, Supervisor(me): Supervisor, Path(id): Path<u64>) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::StopWatching { call: CallId(id) }).await
}
