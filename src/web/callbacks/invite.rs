//! `POST /callbacks/{id}/invite`: a customer who called from a page finds an address in their chat window at which they can call again.

use crate::auth::Agent;
use crate::desk::id::CallbackId;
use crate::desk::input::{CallbackCommand, Command};
use crate::store::{callbacks, persons};
use crate::web::work::command;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use http::StatusCode;

pub async fn invite(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Result<StatusCode, WebError> {
    i64::try_from(id).map_err(|_| WebError::NotFound)?;
    let id = CallbackId(id);
    let row = callbacks::for_customer(&state.store, id).await?.ok_or(WebError::NotFound)?;
    let language = persons::get(&state.store, row.person).await?.and_then(|person| person.language);
    let language = language.unwrap_or_else(|| state.config.load().catalog.language.clone());
    let locale = state.i18n.closest(&language).unwrap_or_else(|| state.i18n.fallback());
    command(&state, &me, Command::Callback(id, CallbackCommand::Write { text: locale.t("call_link.text").to_string() })).await
}
