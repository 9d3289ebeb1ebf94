//! `GET /admin/flows/{flow}/picture.svg`: the picture as a file, to be kept or printed.

use crate::auth::Admin;
use crate::config::picture::{Dress, svg};
use crate::desk::id::FlowId;
use crate::web::{Page, WebError, WebState};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header;

pub async fn picture(State(state): State<WebState>, Admin(_): Admin, page: Page, Path(id): Path<String>) -> Result<Response, WebError> {
    let loaded = state.config.load();
    let flow = loaded.catalog.flows.get(&FlowId::from(id.as_str())).ok_or(WebError::NotFound)?;
    let name: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
    let headers =
        [(header::CONTENT_TYPE, "image/svg+xml".to_owned()), (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.svg\""))];
    Ok((headers, svg(flow, page.lang(), Dress::File)).into_response())
}
