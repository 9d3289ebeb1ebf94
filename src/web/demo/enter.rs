//! `POST /demo/enter/{agent}`: signs in without a password.

use crate::auth::person;
use crate::web::client::ClientIp;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header;

pub async fn enter(State(state): State<WebState>, ClientIp(address): ClientIp, Path(agent): Path<String>) -> Result<Response, WebError> {
    let who = person(&state.config.load(), &agent).ok_or(WebError::NotFound)?;
    let entered = state.gate.enter(who, address, "demo").await.map_err(|error| {
        tracing::error!(%error, "the demo could not sign in");
        WebError::Internal
    })?;
    Ok(([(header::SET_COOKIE, entered.cookie)], Redirect::to("/inbox")).into_response())
}
