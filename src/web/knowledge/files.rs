//! `GET /knowledge/files/{id}`: a picture of an article, for staff.

use crate::auth::Agent;
use crate::desk::id::FileId;
use crate::download;
use crate::store::files::{self, FileRow};
use crate::store::knowledge;
use crate::web::files::kind::SHOWN;
use crate::web::files::show::disposition;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};

pub async fn show(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>, request: HeaderMap) -> Result<Response, WebError> {
    i64::try_from(id).map_err(|_| WebError::NotFound)?;
    let row = knowledge::staff_picture(&state.store, FileId(id), &me.agent).await?.ok_or(WebError::NotFound)?;
    send(&state, &row, &request, "private, max-age=86400, immutable").await
}

/// A picture and nothing else: what is none is not there.
pub(in crate::web) async fn send(state: &WebState, row: &FileRow, request: &HeaderMap, keep: &'static str) -> Result<Response, WebError> {
    if !SHOWN.contains(&row.mime.as_str()) {
        return Err(WebError::NotFound);
    }
    let response = download::send(&files::path(&state.store, row), request).await.map_err(|error| {
        tracing::error!(%error, file = %row.id, "stored file could not be read");
        WebError::NotFound
    })?;
    let headers = [
        (header::CONTENT_TYPE, row.mime.clone()),
        (header::CONTENT_DISPOSITION, disposition(true, &row.name)),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (header::CACHE_CONTROL, keep.to_owned()),
    ];
    Ok((headers, response).into_response())
}
