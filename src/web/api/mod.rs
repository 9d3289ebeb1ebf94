//! What programs of the firm's ask, `/api/v1/…`: JSON in and out, a bearer token, problems as RFC 9457 has them (docs/api.md).

pub mod config;
mod messages;
mod problem;
mod token;

pub use token::Callers;

use crate::web::WebState;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};
use http::StatusCode;
use problem::Problem;

/// Largest request, bytes.
const LARGEST: usize = 64 << 10;

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/api/v1/messages", post(messages::send).fallback(wrong_method))
        .route("/api/v1/messages/{id}", get(messages::show).fallback(wrong_method))
        .route("/api/{*path}", any(nothing_here))
        .layer(DefaultBodyLimit::max(LARGEST))
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This address does not take that method.")
}

async fn nothing_here() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this address.")
}
