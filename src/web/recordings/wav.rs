//! The sound of a call, whole or in part: players ask for ranges when one jumps.

use crate::desk::id::CallId;
use crate::download;
use crate::web::WebError;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use std::path::PathBuf;

pub async fn sound(path: PathBuf, call: CallId, request: &HeaderMap) -> Result<Response, WebError> {
    let response = download::send(&path, request).await.map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            return WebError::NotFound;
        }
        tracing::error!(%error, "recording could not be read");
        WebError::Internal
    })?;
    let headers = [
        (header::CONTENT_TYPE, "audio/wav".to_owned()),
        (header::CACHE_CONTROL, "private, max-age=3600".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"call-{call}.wav\"")),
    ];
    Ok((headers, response).into_response())
}
