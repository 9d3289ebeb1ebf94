//! `POST /work/call/{id}/masked`: a field that must not be recorded has the focus, or has it no longer.

use super::{Switch, command};
use crate::auth::Agent;
use crate::desk::id::CallId;
use crate::desk::input::Command;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;

pub async fn masked(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(switch): Form<Switch>,
) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::MaskedField { call: CallId(id), on: switch.on }).await
}
