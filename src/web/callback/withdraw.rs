//! `POST /callback/{token}/withdraw`: no call needed any more.

use super::{opened, show};
use crate::desk::input::{Input, LinkUse};
use crate::desk::refusal::Refusal;
use crate::web::WebState;
use crate::web::client::ClientIp;
use crate::web::customer::{Limit, No};
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;

pub async fn withdraw(
    State(state): State<WebState>,
    Extension(limit): Extension<Limit>,
    ClientIp(from): ClientIp,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let id = match opened(&state, &limit, from, &token).await {
        Ok((id, _)) => id,
        Err(none) => return show::draw(&state, &headers, token, Err(none)),
    };
    match state.switchboard.ask(Input::Link(id, LinkUse::Withdraw)).await {
        Ok(_) | Err(Refusal::Gone | Refusal::CalledAlready) => Redirect::to(&format!("/callback/{token}")).into_response(),
        Err(_) => show::draw(&state, &headers, token, Err(No::Busy)),
    }
}
