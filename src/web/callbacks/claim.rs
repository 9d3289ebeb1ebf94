//! `POST /callbacks/{id}/claim`: whoever asks takes care of it; others see that and keep off.

use crate::auth::Agent;
use crate::desk::id::CallbackId;
use crate::desk::input::{CallbackCommand, Command};
use crate::web::work::command;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use http::StatusCode;

pub async fn claim(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::Callback(CallbackId(id), CallbackCommand::Claim)).await
}
