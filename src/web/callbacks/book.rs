//! `POST /callbacks/{id}/book`: promises the customer a call: when it is their turn, or in some minutes.

use crate::auth::Agent;
use crate::desk::id::{At, CallbackId};
use crate::desk::input::{CallbackCommand, Command};
use crate::web::work::command;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

/// A month: nobody is promised a call for later.
const LATEST: u32 = 31 * 24 * 60;

#[derive(Deserialize)]
pub struct Booking {
    /// Minutes from now; nothing or 0: when it is their turn.
    #[serde(default)]
    value: String,
}

pub async fn book(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(booking): Form<Booking>,
) -> Result<StatusCode, WebError> {
    let at = later(&booking.value, state.clock.now())?;
    command(&state, &me, Command::Callback(CallbackId(id), CallbackCommand::Book { at })).await
}

/// So many minutes from now; `None` for none.
pub(super) fn later(minutes: &str, now: At) -> Result<Option<At>, WebError> {
    if minutes.is_empty() {
        return Ok(None);
    }
    let minutes: u32 = minutes.parse().ok().filter(|minutes| *minutes <= LATEST).ok_or(WebError::Bad("value"))?;
    Ok((minutes > 0).then(|| now.after(i64::from(minutes) * 60_000)))
}
