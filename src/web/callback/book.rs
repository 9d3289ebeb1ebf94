//! `POST /callback/{token}/book`: call me as soon as it is my turn, or at this time.

use super::{Times, opened, show};
use crate::desk::id::At;
use crate::desk::input::{Input, LinkUse};
use crate::desk::refusal::Refusal;
use crate::web::WebState;
use crate::web::client::ClientIp;
use crate::web::customer::{Limit, No};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use http::HeaderMap;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Choice {
    /// `now`, or the beginning of a slot in ms.
    #[serde(default)]
    when: String,
}

pub async fn book(
    State(state): State<WebState>,
    Extension(limit): Extension<Limit>,
    ClientIp(from): ClientIp,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(choice): Form<Choice>,
) -> Response {
    let (id, row) = match opened(&state, &limit, from, &token).await {
        Ok(found) => found,
        Err(none) => return show::draw(&state, &headers, token, Err(none)),
    };
    let now = state.clock.now();
    let at = choice.when.parse().ok().map(At);
    // A time that was not offered (the page was old, or the form is not ours) leads back to the choice.
    let fits = at.map_or(choice.when == "now", |at| Times::of(&state, &row).is_slot(now, at));
    if fits {
        match state.switchboard.ask(Input::Link(id, LinkUse::Book { at })).await {
            // What is over or under way is what the page then says.
            Ok(_) | Err(Refusal::Gone | Refusal::CalledAlready | Refusal::NeverOpen) => {}
            Err(_) => return show::draw(&state, &headers, token, Err(No::Busy)),
        }
    }
    Redirect::to(&format!("/callback/{token}")).into_response()
}
