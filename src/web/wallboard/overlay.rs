//! `POST /wallboard/overlay/{id}/on` and `…/off`: a prepared set of routing rules, for some hours or until it is switched off.

use crate::auth::Supervisor;
use crate::desk::id::OverlayId;
use crate::desk::input::Command;
use crate::web::work::command;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

/// `minutes` 0: until it is switched off.
#[derive(Deserialize)]
pub struct On {
    minutes: u32,
}

pub async fn on(
    State(state): State<WebState>,
    Supervisor(me): Supervisor,
    Path(id): Path<String>,
    Form(On { minutes }): Form<On>,
) -> Result<StatusCode, WebError> {
    let until = (minutes > 0).then(|| state.clock.now().after(i64::from(minutes) * 60_000));
    command(&state, &me, Command::SwitchOverlay { overlay: OverlayId::from(id.as_str()), on: true, until }).await
}

pub async fn off(State(state): State<WebState>, Supervisor(me): Supervisor, Path(id): Path<String>) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::SwitchOverlay { overlay: OverlayId::from(id.as_str()), on: false, until: None }).await
}
