//! Files of messages: what agents upload, and what anybody sent. The bytes decide what a file is, never its name or its sender.

pub(in crate::web) mod kind;
mod letter;
pub(in crate::web) mod show;
mod spoken;
#[cfg(test)]
mod tests;
pub(in crate::web) mod upload;

use crate::web::WebState;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

/// Largest upload, bytes.
pub const LARGEST: usize = 20 * 1024 * 1024;

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/files", post(upload::upload).layer(DefaultBodyLimit::max(LARGEST + 64 * 1024)))
        .route("/files/{id}", get(show::show))
        .route("/files/{id}/letter", get(letter::letter))
        .route("/files/{id}/spoken", get(spoken::spoken))
}
