//! What stands around every route: security headers, refusal of commands from other sites, limits, compression, panics caught,
//! and a trace of each request that holds no personal data.

use super::{WebState, error};
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::middleware::{self, Next};
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;

/// Largest request body, bytes. Uploads have their own limit below this.
pub const LARGEST_BODY: usize = 26 * 1024 * 1024;
/// Largest form, bytes: the configuration editor sends the whole file.
const LARGEST_FORM: usize = 2 * 1024 * 1024;

/// Only our own origin; no inline script or style, no `eval`, no framing, no plugins. `blob:` is the recording player's.
pub const CSP: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; \
connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// For a conversation that stands beside others in a frame of our own page: nobody else may frame it.
pub fn framed_by_ourselves(headers: &mut HeaderMap) {
    const OWN: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; \
connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(OWN));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
}

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CSP),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "microphone=(self), camera=(self), display-capture=(self), geolocation=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Everything around the desk's pages.
pub fn around(routes: Router<WebState>, state: WebState) -> Router {
    let csrf = state.site.origins.iter().fold(CsrfLayer::new(), |layer, origin| match layer.clone().add_trusted_origin(origin) {
        Ok(layer) => layer,
        Err(error) => {
            tracing::error!(origin, %error, "not an origin; commands from it stay refused");
            layer
        }
    });
    routes
        .layer(middleware::from_fn_with_state(state.clone(), error::draw))
        .layer(csrf)
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .layer(middleware::from_fn(headers))
        .layer(compression())
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(trace))
        .with_state(state)
}

/// Tells browsers to ask for this host by https alone from now on (RFC 6797), for half a year. Only where the certificate is one that every
/// browser trusts and the port is the usual one: the rule is for the whole host, whatever else it serves.
pub fn https_from_now_on(router: Router) -> Router {
    let rule = HeaderValue::from_static("max-age=15552000");
    router.layer(SetResponseHeaderLayer::overriding(header::STRICT_TRANSPORT_SECURITY, rule))
}

/// Everything around the customers' side: its routes set their own framing and origin rules, because shops embed them.
pub fn around_public(routes: Router<WebState>, state: WebState) -> Router {
    routes
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .layer(middleware::from_fn(public_headers))
        .layer(compression())
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(trace))
        .with_state(state)
}

/// Text only: recordings and pictures are compressed already, streams must not be held back.
fn compression() -> CompressionLayer<impl Predicate> {
    // An eighth of the time of 300 pages a second went into pressing them hard.
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(
        DefaultPredicate::new()
            .and(NotForContentType::const_new("text/event-stream"))
            .and(NotForContentType::const_new("audio/"))
            .and(NotForContentType::const_new("application/octet-stream")),
    )
}

async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let out = response.headers_mut();
    for (name, value) in HEADERS {
        out.entry(name).or_insert(HeaderValue::from_static(value));
    }
    // A page drawn for one person is nobody else's; static files have said their own.
    out.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn public_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let out = response.headers_mut();
    out.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    out.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("strict-origin"));
    out.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Method, route pattern, status and time: never the address itself, which may hold a search for somebody's number.
async fn trace(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("", MatchedPath::as_str);
    tracing::debug!(%method, route, status = response.status().as_u16(), "request");
    response
}
