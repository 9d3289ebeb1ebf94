//! `POST /callbacks/{call}/done`: reached, or given up.

use crate::auth::Agent;
use crate::desk::id::CallId;
use crate::desk::input::Command;
use crate::web::work::command;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use http::StatusCode;

pub async fn done(State(state): State<WebState>, Agent(me): Agent, Path(call): Path<u64>) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::CallbackDone { call: CallId(call) }).await
}
