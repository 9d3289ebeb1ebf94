//! `POST /survey/{token}`: the answer, or another one.

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

/// Longest comment, characters.
const LONGEST: usize = 1_000;

#[derive(Deserialize)]
pub struct Said {
    score: Option<u8>,
    #[serde(default)]
    comment: String,
}

pub async fn answer(
    State(state): State<WebState>,
    Extension(limit): Extension<Limit>,
    ClientIp(from): ClientIp,
    Path(token): Path<String>,
    Query(place): Query<Where>,
    headers: HeaderMap,
    Form(said): Form<Said>,
) -> Response {
    let row = match opened(&state, &limit, from, &token).await {
        Ok(row) => row,
        Err(none) => return show::draw(&state, &headers, token, &place, Err(none)),
    };
    let Some(score) = said.score.filter(|score| row.scale.range().contains(score)) else {
        return show::draw(&state, &headers, token, &Where { missing: true, ..place }, Ok(row));
    };
    let comment = said.comment.chars().take(LONGEST).collect();
    let lang = place.lang.kept();
    match state.switchboard.ask(Input::Survey(row.id, score, comment)).await {
        Ok(_) => Redirect::to(&format!("/survey/{token}?said=true{lang}")).into_response(),
        Err(Refusal::Gone) => show::draw(&state, &headers, token, &place, Err(No::Gone.into())),
        Err(_) => show::draw(&state, &headers, token, &place, Err(No::Busy.into())),
    }
}
