//! `POST /work/call/{id}/hangup`: ends the call for everybody.

use super::command;
use crate::auth::Agent;
use crate::desk::id::CallId;
use crate::desk::input::Command;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use http::StatusCode;

pub async fn hang_up(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::HangUp { call: CallId(id) }).await
}
