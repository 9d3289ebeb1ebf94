//! `GET /files/{id}/letter`: a letter as it was designed. It was cleaned when it came; here it can load nothing, run nothing and is of no origin.

use super::show::allowed;
use crate::auth::Agent;
use crate::download;
use crate::store::files;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};

/// Inline styles are what a letter is made of; pictures only those that came with it.
const ALONE: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups";

pub async fn letter(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    request: HeaderMap,
) -> Result<Response, WebError> {
    let row = allowed(&state, me, id).await?;
    if !row.mime.starts_with("text/html") {
        return Err(WebError::NotFound);
    }
    let response = download::send(&files::path(&state.store, &row), &request).await.map_err(|error| {
        tracing::error!(%error, file = id, "stored file could not be read");
        WebError::NotFound
    })?;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, ALONE),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "private, max-age=86400, immutable"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    Ok((headers, response).into_response())
}
