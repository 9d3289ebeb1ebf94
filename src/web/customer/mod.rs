//! What the customers' own pages have in common. Their address is a key: it is told to nobody, kept by nobody and found by nobody, and who
//! tries many is let wait. One head and one style for all (`templates/customer/page.html`, `static/customer.css`).

mod limit;
mod page;

pub use limit::Limit;
pub use page::{Lang, Page};

use super::WebState;
use crate::desk::callback::link::Links;
use crate::desk::id::At;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use std::future::{Ready, ready};
use std::net::IpAddr;

/// Nothing but its own style; no script at all.
const CSP: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");

/// What every such page looks like.
const COMMON: &str = include_str!("../../../static/customer.css");

/// Why there is nothing to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum No {
    /// Forged, too old, never made, not for customers: all the same to whoever asks.
    Gone,
    TooMany,
    Busy,
}

impl No {
    pub fn status(self) -> StatusCode {
        match self {
            No::Gone => StatusCode::NOT_FOUND,
            No::TooMany => StatusCode::TOO_MANY_REQUESTS,
            No::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The heading; `gone` is the page's own.
    pub fn key(self, gone: &'static str) -> &'static str {
        match self {
            No::Gone => gone,
            No::TooMany => "callback.too_many",
            No::Busy => "callback.busy",
        }
    }
}

/// What a link is for, as `read` finds in it, unless its asker has tried too many.
pub fn open<T>(state: &WebState, limit: &Limit, from: IpAddr, read: impl FnOnce(&Links, At) -> Option<T>) -> Result<T, No> {
    let now = state.clock.now();
    if !limit.allows(from, now) {
        return Err(No::TooMany);
    }
    let links = state.links.load();
    links.as_ref().as_ref().and_then(|links| read(links, now)).ok_or_else(|| {
        limit.wrong(from, now);
        No::Gone
    })
}

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

/// Serves the style of such a page: what all have, and its own. It stands beside the page because nothing of the desk is served to customers.
pub fn style(own: &'static str) -> impl Fn() -> Ready<Response> + Clone + Send + Sync + 'static {
    move || ready(file("text/css; charset=utf-8", [COMMON, own].concat()).into_response())
}

/// Serves a script of such a page.
pub fn script(text: &'static str) -> impl Fn() -> Ready<Response> + Clone + Send + Sync + 'static {
    move || ready(file("text/javascript; charset=utf-8", text).into_response())
}

fn file(mime: &'static str, text: impl IntoResponse) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, mime), (header::CACHE_CONTROL, "public, max-age=3600")], text)
}
