//! `GET /sent/{token}`: a file that an agent sent where no file can go, by its link. Public: the link is the key, signed and for a time.

use super::WebState;
use super::client::ClientIp;
use super::customer::{self, Limit};
use super::files::kind::SHOWN;
use super::files::show::disposition;
use crate::download;
use crate::store::files;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use http::{HeaderMap, HeaderName, StatusCode, header};

pub fn router() -> Router<WebState> {
    Router::new().route("/sent/{token}", get(show)).layer(Extension(Limit::default()))
}

async fn show(
    State(state): State<WebState>,
    Extension(limit): Extension<Limit>,
    ClientIp(from): ClientIp,
    Path(token): Path<String>,
    request: HeaderMap,
) -> Response {
    let id = match customer::open(&state, &limit, from, |links, now| links.file_of(&token, now)) {
        Ok(id) => id,
        Err(no) => return no.status().into_response(),
    };
    let row = match files::get(&state.store, id).await {
        Ok(Some(row)) => row,
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(file = %id, %error, "a file could not be looked up for its customer");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let sent = match download::send(&files::path(&state.store, &row), &request).await {
        Ok(sent) => sent,
        Err(error) => {
            tracing::error!(file = %id, %error, "a stored file could not be read");
            return StatusCode::NOT_FOUND.into_response();
        }
    };
    let picture = SHOWN.contains(&row.mime.as_str());
    let headers = [
        (header::CONTENT_TYPE, if picture { row.mime.clone() } else { "application/octet-stream".to_owned() }),
        (header::CONTENT_DISPOSITION, disposition(picture, &row.name)),
        // It can load nothing, run nothing and is of no origin.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow".to_owned()),
    ];
    (headers, sent).into_response()
}
