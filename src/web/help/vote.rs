//! `POST /help/{id}/vote`: whether an article helped. Once in a while from one address; whoever says it again is thanked all the same.

use super::once::{Did, Once};
use super::page::{Asked, away};
use crate::store::knowledge::{self, Day};
use crate::web::client::ClientIp;
use crate::web::knowledge::lines::address;
use crate::web::{WebError, WebState};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Vote {
    helped: bool,
}

pub async fn vote(
    State(state): State<WebState>,
    Extension(once): Extension<Once>,
    ClientIp(from): ClientIp,
    Path(id): Path<i64>,
    Query(asked): Query<Asked>,
    Form(vote): Form<Vote>,
) -> Result<Response, WebError> {
    let now = state.clock.now();
    let centre = state.config.load().config.knowledge.help_centre;
    if !centre || knowledge::public_article(&state.store, id, now).await?.is_empty() {
        return Ok(away());
    }
    if once.first(from, Did::Vote(id), now) {
        let what = if vote.helped { Day::Helped } else { Day::Unhelped };
        knowledge::used_by_customers(&state.store, id, what, now).await?;
    }
    let language = asked.lang.get().filter(|tag| knowledge::is_language(tag)).unwrap_or_default();
    Ok(Redirect::to(&address(&format!("/help/{id}"), &[("lang", language), ("done", "thanks")])).into_response())
}
