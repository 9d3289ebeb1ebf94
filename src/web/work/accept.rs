//! `POST /work/{call|conversation}/{id}/accept`: takes what is offered.

use super::{WorkPath, command};
use crate::auth::Agent;
use crate::desk::input::Command;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use http::StatusCode;

pub async fn accept(State(state): State<WebState>, Agent(me): Agent, Path(path): Path<WorkPath>) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::Accept(path.work())).await
}
