//! `POST /ticket/{token}/not-solved`: the customer reopens what was resolved, with a word about it.

use super::show::Where;
use super::{opened, show};
use crate::desk::input::Input;
use crate::desk::refusal::Refusal;
use crate::web::WebState;
use crate::web::client::ClientIp;
use crate::web::customer::{Limit, No};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use http::HeaderMap;
use serde::Deserialize;

/// Longest word about it, characters.
const LONGEST: usize = 2_000;

#[derive(Deserialize)]
pub struct Said {
    #[serde(default)]
    text: String,
}

pub async fn not_solved(
    State(state): State<WebState>,
    Extension(limit): Extension<Limit>,
    ClientIp(from): ClientIp,
    Path(token): Path<String>,
    Query(place): Query<Where>,
    headers: HeaderMap,
    Form(said): Form<Said>,
) -> Response {
    let ticket = match opened(&state, &limit, from, &token).await {
        Ok((ticket, _)) => ticket,
        Err(none) => return show::draw(&state, &headers, token, &place, Err(none)),
    };
    let text = said.text.chars().take(LONGEST).collect();
    let lang = place.lang.kept();
    match state.switchboard.ask(Input::NotSolved { ticket, text }).await {
        Ok(_) => Redirect::to(&format!("/ticket/{token}?said=true{lang}")).into_response(),
        // Somebody goes on with it already, or it is closed: the page says how it stands.
        Err(Refusal::BadTransition | Refusal::Gone) => Redirect::to(&format!("/ticket/{token}?said=false{lang}")).into_response(),
        Err(_) => show::draw(&state, &headers, token, &place, Err(No::Busy)),
    }
}
