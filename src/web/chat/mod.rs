//! The pages of links by which a customer calls, or goes on in our window. Public, without any account: the link is the key, signed and for a time.
//! Both hold the chat window, so only the pages themselves and what they are made of stand here.

mod call;
mod go;

use super::WebState;
use super::customer;
use axum::Router;
use axum::middleware;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderName, HeaderValue, header};

/// Scripts and styles of ours, the house to speak with, and pictures.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; \
media-src 'self' blob:; base-uri 'none'; frame-ancestors 'none'";

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/chat/call/{link}", get(call::show))
        .route("/chat/go/{link}", get(go::show))
        .route_layer(middleware::map_response(headers))
        .route_layer(middleware::map_response(customer::keep_secret))
        .route("/chat/call-page.js", get(customer::script(include_str!("../../../static/chat/call-page.js"))))
        .route("/chat/go-page.js", get(customer::script(include_str!("../../../static/chat/go-page.js"))))
        .route("/chat/call-page.css", get(customer::style(include_str!("../../../static/chat/call-page.css"))))
}

/// It may run what it brings, use microphone and camera, and show a screen.
async fn headers(mut response: Response) -> Response {
    let out = response.headers_mut();
    out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    out.insert(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("microphone=(self), camera=(self), display-capture=(self)"),
    );
    response
}
