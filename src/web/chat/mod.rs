//! The page of a link by which a customer calls. Public, without any account: the link is the key, signed and for a time. The page's own words
//! with the house are those of the chat window, so only the page itself and what it is made of stand here.

mod call;

use super::WebState;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderValue, header};

/// Its own script and style, and the house to speak with.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self' blob:; base-uri 'none'; \
frame-ancestors 'none'";

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/chat/call/{link}", get(call::show))
        .layer(middleware::from_fn(headers))
        .route(
            "/chat/call-page.js",
            get(async || file("text/javascript; charset=utf-8", include_str!("../../../static/chat/call-page.js"))),
        )
        .route("/chat/call-page.css", get(async || file("text/css; charset=utf-8", include_str!("../../../static/chat/call-page.css"))))
}

fn file(mime: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, mime), (header::CACHE_CONTROL, "public, max-age=3600")], text)
}

/// The address is a key: it is told to nobody, kept by nobody and found by nobody.
async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let out = response.headers_mut();
    out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    out.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    out.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    out.insert(header::HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    out.insert(
        header::HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("microphone=(self), camera=(self), display-capture=(self)"),
    );
    response
}
