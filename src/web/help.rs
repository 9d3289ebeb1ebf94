//! The help centre: published public articles for customers, by category and by search. Public, without account, cookie or script, and the same
//! for everybody, so that it may be cached. What is internal, a draft or expired is not there.

mod answer;
mod once;
mod page;
mod vote;

use crate::web::WebState;
use crate::web::customer;
use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, middleware};
use http::{HeaderValue, header};
use once::Once;
use tower_http::csrf::CsrfLayer;

/// Its own style, its own pictures, its own forms; nothing runs.
const CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/help", get(page::home))
        .route("/help/{id}", get(page::article))
        .route("/help/{id}/vote", post(vote::vote))
        .route_layer(CsrfLayer::new())
        .route_layer(middleware::map_response(headers))
        .route("/help/files/{id}", get(page::picture))
        .route("/help/answers", get(answer::answers))
        .route("/help/look.css", get(customer::style(include_str!("../../static/help.css"))))
        .layer(Extension(Once::default()))
}

/// The headers of its pages. How long one is kept is said by who draws it.
async fn headers(mut response: Response) -> Response {
    let out = response.headers_mut();
    out.entry(header::CONTENT_SECURITY_POLICY).or_insert(CSP);
    out.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    out.append(header::VARY, HeaderValue::from_static("accept-language"));
    response
}
