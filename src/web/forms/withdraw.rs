//! `POST /forms/{id}/withdraw`: the link is good for nothing any more.

use super::theirs;
use crate::auth::Agent;
use crate::desk::input::{Command, FormCommand};
use crate::web::work::command;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use http::StatusCode;

pub async fn withdraw(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Result<StatusCode, WebError> {
    let form = theirs(&state, &me, id).await?;
    command(&state, &me, Command::Form(form.id, FormCommand::Withdraw)).await
}
