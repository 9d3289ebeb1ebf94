//! `POST /forms/{id}/judge`: accepted, or refused with a reason.

use super::theirs;
use crate::auth::Agent;
use crate::desk::input::{Command, FormCommand};
use crate::web::work::command;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Verdict {
    /// `accepted` or `refused`.
    value: String,
    #[serde(default)]
    reason: String,
}

pub async fn judge(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(verdict): Form<Verdict>,
) -> Result<StatusCode, WebError> {
    let form = theirs(&state, &me, id).await?;
    let accepted = match verdict.value.as_str() {
        "accepted" => true,
        "refused" => false,
        _ => return Err(WebError::Bad("value")),
    };
    command(&state, &me, Command::Form(form.id, FormCommand::Judge { accepted, reason: verdict.reason })).await
}
