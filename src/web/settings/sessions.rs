//! `POST /settings/sessions/{id}/end` and `/settings/sessions/end-others`: signing out elsewhere.

use crate::auth::{Agent, SessionId};
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::response::Redirect;

pub async fn end(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<i64>) -> Result<Redirect, WebError> {
    state.gate.revoke_own(&me.agent, SessionId(id)).await?;
    Ok(Redirect::to("/settings?done=ended"))
}

pub async fn end_others(State(state): State<WebState>, Agent(me): Agent) -> Result<Redirect, WebError> {
    state.gate.revoke_others(&me.agent, me.id).await?;
    Ok(Redirect::to("/settings?done=ended"))
}
