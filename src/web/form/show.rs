//! `GET /form/{token}`: the fields, all or one step. Changes nothing, because mail and chat programs open links too.

use super::opened;
use super::page::{Asked, Tried, draw, step_of};
use crate::web::WebState;
use crate::web::client::ClientIp;
use crate::web::customer::{Lang, Limit};
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::HeaderMap;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Where {
    pub step: Option<usize>,
    #[serde(default)]
    pub lang: Lang,
}

pub async fn show(
    State(state): State<WebState>,
    Extension(limit): Extension<Limit>,
    ClientIp(from): ClientIp,
    Path(token): Path<String>,
    Query(place): Query<Where>,
    headers: HeaderMap,
) -> Response {
    let asked = Asked { token: &token, language: &place.lang, headers: &headers };
    match opened(&state, &limit, from, &token).await {
        Ok(opened) => draw(&state, &asked, Ok((&opened, step_of(&opened, place.step), &Tried::default()))),
        Err(none) => draw(&state, &asked, Err(none)),
    }
}
