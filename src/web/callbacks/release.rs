//! `POST /callbacks/{id}/release`: somebody else may take care of it.

use crate::auth::Agent;
use crate::desk::id::CallbackId;
use crate::desk::input::{CallbackCommand, Command};
use crate::web::work::command;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use http::StatusCode;

pub async fn release(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::Callback(CallbackId(id), CallbackCommand::LetGo)).await
}
