//! What one side of a call showed, whole or in part.

use crate::desk::id::CallId;
use crate::download;
use crate::web::WebError;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use std::path::PathBuf;

pub async fn film(path: PathBuf, call: CallId, side: &str, request: &HeaderMap) -> Result<Response, WebError> {
    let response = download::send(&path, request).await.map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            return WebError::NotFound;
        }
        tracing::error!(%error, "film could not be read");
        WebError::Internal
    })?;
    let headers = [
        (header::CONTENT_TYPE, "video/webm".to_owned()),
        (header::CACHE_CONTROL, "private, max-age=3600".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"call-{call}-{side}.webm\"")),
    ];
    Ok((headers, response).into_response())
}
