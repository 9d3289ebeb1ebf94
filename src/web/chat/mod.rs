//! The page of a link by which a customer calls. Public, without any account: the link is the key, signed and for a time. The page's own words
//! with the house are those of the chat window, so only the page itself and what it is made of stand here.

mod call;
mod go;

use super::WebState;
use super::customer;
use axum::Router;
use axum::middleware;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderName, HeaderValue, header};

/// Its own script and style, and the house to speak with.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self' blob:; base-uri 'none'; \
frame-ancestors 'none'";

/// The same for the chat window, which brings its own style and shows pictures.
const WINDOW_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; \
media-src 'self' blob:; base-uri 'none'; frame-ancestors 'none'";

pub fn router() -> Router<WebState> {
    let window = Router::new()
        .route("/chat/go/{link}", get(go::show))
        .route_layer(middleware::map_response(window_headers))
        .route_layer(middleware::map_response(customer::keep_secret));
    Router::new()
        .route("/chat/call/{link}", get(call::show))
        .route_layer(middleware::map_response(headers))
        .route_layer(middleware::map_response(customer::keep_secret))
        .merge(window)
        .route("/chat/call-page.js", get(customer::script(include_str!("../../../static/chat/call-page.js"))))
        .route("/chat/go-page.js", get(customer::script(include_str!("../../../static/chat/go-page.js"))))
        .route("/chat/call-page.css", get(customer::style(include_str!("../../../static/chat/call-page.css"))))
}

async fn window_headers(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(WINDOW_CSP));
    response
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
