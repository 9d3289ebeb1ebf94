//! `GET /files/{id}`: a picture inside the page, anything else as a download; never as a page of ours.

use super::kind::SHOWN;
use crate::auth::{Agent, Session};
use crate::desk::id::FileId;
use crate::download;
use crate::store::access;
use crate::store::files::{self, FileRow};
use crate::store::viewer::Viewer;
use crate::web::inbox::reader::reach;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};

pub async fn show(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>, request: HeaderMap) -> Result<Response, WebError> {
    let row = allowed(&state, me, id).await?;
    let response = download::send(&files::path(&state.store, &row), &request).await.map_err(|error| {
        tracing::error!(%error, file = id, "stored file could not be read");
        WebError::NotFound
    })?;
    let picture = SHOWN.contains(&row.mime.as_str());
    let mime = if picture { row.mime.as_str() } else { "application/octet-stream" };
    let headers = [
        (header::CONTENT_TYPE, mime.to_owned()),
        (header::CONTENT_DISPOSITION, disposition(picture, &row.name)),
        // Even opened on its own it can load nothing, run nothing and is of no origin.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        // What a customer showed by a form stays on no machine of ours longer than it is looked at.
        (header::CACHE_CONTROL, if row.by.starts_with("form/") { "no-store" } else { "private, max-age=86400, immutable" }.to_owned()),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin".to_owned()),
    ];
    Ok((headers, response).into_response())
}

/// The file, if this agent may open it.
pub(in crate::web) async fn allowed(state: &WebState, me: Session, id: u64) -> Result<FileRow, WebError> {
    // Ids that no row can have are not even looked up.
    i64::try_from(id).map_err(|_| WebError::NotFound)?;
    let row = files::get(&state.store, FileId(id)).await?.ok_or(WebError::NotFound)?;
    let viewer = Viewer { agent: me.agent, role: me.role };
    match access::file(&state.store, &reach(&state.config.load(), &viewer), FileId(id)).await? {
        true => Ok(row),
        false => Err(WebError::Forbidden),
    }
}

/// RFC 6266: an ASCII name for old readers and the real one percent-encoded (RFC 8187).
pub(in crate::web) fn disposition(inline: bool, name: &str) -> String {
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
