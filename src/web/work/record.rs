//! `POST /work/call/{id}/record`: pauses the recording while a card number is spoken; and goes on.

use super::{Switch, command};
use crate::auth::Agent;
use crate::desk::id::CallId;
use crate::desk::input::Command;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;

pub async fn record(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(switch): Form<Switch>,
) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::PauseRecording { call: CallId(id), on: switch.on }).await
}
