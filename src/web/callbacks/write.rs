//! `POST /callbacks/{id}/write`: a text into the chat window of a customer who has no number.

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
pub struct Written {
    text: String,
}

pub async fn write(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(Written { text }): Form<Written>,
) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::Callback(CallbackId(id), CallbackCommand::Write { text })).await
}
