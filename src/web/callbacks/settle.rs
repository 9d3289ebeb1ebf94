//! `POST /callbacks/{id}/settle`: over, with an outcome.

use crate::auth::Agent;
use crate::desk::id::CallbackId;
use crate::desk::input::{CallbackCommand, Command};
use crate::web::work::command;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Settled {
    #[serde(default)]
    outcome: String,
}

pub async fn settle(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(settled): Form<Settled>,
) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::Callback(CallbackId(id), CallbackCommand::Settle { outcome: settled.outcome })).await
}
