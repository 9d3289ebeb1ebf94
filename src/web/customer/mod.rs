//! What the customers' own pages have in common. Their address is a key: it is told to nobody, kept by nobody and found by nobody, and who
//! tries many is let wait.

mod limit;

pub use limit::Limit;

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, header};

/// Nothing but its own style; no script at all.
const CSP: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");

/// The headers of such a page. A content security policy that it has already stays.
pub async fn keep_secret(mut response: Response) -> Response {
    let out = response.headers_mut();
    out.entry(header::CONTENT_SECURITY_POLICY).or_insert(CSP);
    out.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    out.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    out.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    response
}

/// A script or a style of such a page, which stands beside it because nothing of the desk is served to customers.
pub fn file(mime: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, mime), (header::CACHE_CONTROL, "public, max-age=3600")], text)
}
