//! `POST /work/{kind}/{id}/assist` asks the supervisors for help with a contact, with a word about it or none; `…/assist/end` takes that back.

use super::{WorkPath, command};
use crate::auth::Agent;
use crate::desk::input::Command;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    word: String,
}

pub async fn ask(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(path): Path<WorkPath>,
    Form(Asked { word }): Form<Asked>,
) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::AskAssist { work: path.work(), word }).await
}

pub async fn end(State(state): State<WebState>, Agent(me): Agent, Path(path): Path<WorkPath>) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::EndAssist { work: path.work() }).await
}
