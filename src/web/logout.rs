//! `POST /logout`

use super::{WebError, WebState};
use crate::auth::MaybeSession;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::header;

/// Ends this session only. Clearing the cookie works without one, so that a stale page can always leave.
pub async fn leave(State(state): State<WebState>, MaybeSession(session): MaybeSession) -> Result<Response, WebError> {
    if let Some(session) = session {
        state.gate.revoke(session.id).await?;
    }
    Ok(([(header::SET_COOKIE, state.gate.cookies().clear())], Redirect::to("/login")).into_response())
}
