//! `POST /work/{call|conversation|callback}/{id}/shown`: the agent's page has drawn the card of what is offered.

use super::{WorkPath, command};
use crate::auth::Agent;
use crate::desk::input::Command;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use http::StatusCode;

pub async fn shown(State(state): State<WebState>, Agent(me): Agent, Path(path): Path<WorkPath>) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::CardShown(path.work())).await
}
