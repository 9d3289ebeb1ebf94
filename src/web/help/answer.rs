//! `GET /help/answers?q=&lang=`: public articles that may answer, for the chat window; without `q`, whether there are any. Any site that shows
//! the window may read it, as anybody may read the help centre.

use super::once::Once;
use super::page::{Asked, away, search};
use crate::desk::id::At;
use crate::store::knowledge::{self, Audience, Filter};
use crate::web::client::ClientIp;
use crate::web::{WebError, WebState};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::{HeaderName, StatusCode, header};
use serde::Serialize;

const ANSWERS: usize = 5;

/// One article.
#[derive(Debug, Serialize)]
struct Answer {
    title: String,
    text: String,
    /// Its path in the help centre of this host.
    path: String,
    language: String,
}

pub async fn answers(
    State(state): State<WebState>,
    Extension(once): Extension<Once>,
    ClientIp(from): ClientIp,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    if !state.config.load().config.knowledge.help_centre {
        return Ok(away());
    }
    let now: At = state.clock.now();
    let shared = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
        (header::CACHE_CONTROL, "public, max-age=60"),
    ];
    if !once.may_search(from, now) {
        return Ok((StatusCode::TOO_MANY_REQUESTS, shared).into_response());
    }
    let query: String = asked.q.trim().chars().take(200).collect();
    if query.is_empty() {
        // What the window asks first: whether there is anything to find.
        let public = Filter { audience: Some(Audience::Public), shown: true, ..Filter::default() };
        let any = !knowledge::list(&state.store, &public, None, now, 1).await?.is_empty();
        return Ok(if any {
            (shared, Json(Vec::<Answer>::new())).into_response()
        } else {
            (StatusCode::NOT_FOUND, shared).into_response()
        });
    }
    let language =
        asked.lang.get().and_then(|tag| state.i18n.closest(tag)).map_or_else(|| "en".to_owned(), |locale| locale.code().to_owned());
    let hits = search(&state, &query, &language, now, ANSWERS).await?;
    let answers: Vec<Answer> = hits
        .into_iter()
        .map(|hit| Answer {
            path: format!("/help/{}?lang={}", hit.article, hit.language),
            title: hit.title.text,
            text: hit.text.text,
            language: hit.language,
        })
        .collect();
    Ok((shared, Json(answers)).into_response())
}
