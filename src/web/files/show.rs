//! `GET /files/{id}`: a picture inside the page, anything else as a download; never as a page of ours.

use super::kind::SHOWN;
use crate::auth::Agent;
use crate::desk::id::FileId;
use crate::store::files;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header;

pub async fn show(State(state): State<WebState>, Agent(_): Agent, Path(id): Path<u64>) -> Result<Response, WebError> {
    let row = files::get(&state.store, FileId(id)).await?.ok_or(WebError::NotFound)?;
    let bytes = tokio::fs::read(files::path(&state.store, &row)).await.map_err(|error| {
        tracing::error!(%error, file = id, "stored file could not be read");
        WebError::NotFound
    })?;
    let picture = SHOWN.contains(&row.mime.as_str());
    let mime = if picture { row.mime.as_str() } else { "application/octet-stream" };
    let headers = [
        (header::CONTENT_TYPE, mime.to_owned()),
        (header::CONTENT_DISPOSITION, disposition(picture, &row.name)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        // Even opened on its own it can load nothing, run nothing and is of no origin.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (header::CACHE_CONTROL, "private, max-age=86400, immutable".to_owned()),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// RFC 6266: an ASCII name for old readers and the real one percent-encoded (RFC 8187).
pub(super) fn disposition(inline: bool, name: &str) -> String {
    let how = if inline { "inline" } else { "attachment" };
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_. ".contains(c) { c } else { '_' }).take(80).collect();
    let mut full = String::new();
    for byte in name.bytes().take(400) {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            full.push(char::from(byte));
        } else {
            full.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{full}")
}
