//! `POST /work/{call|conversation}/{id}/take`: takes waiting work out of its queue.

use super::{WorkPath, command};
use crate::auth::Agent;
use crate::desk::input::Command;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use http::StatusCode;

pub async fn take(State(state): State<WebState>, Agent(me): Agent, Path(path): Path<WorkPath>) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::Take(path.work())).await
}
