//! The customers' own page of a form: the link they were sent opens it, on a telephone or a computer. Public, without any account and
//! without any script: the link is the key, signed and for a time; whatever is wrong with it, the page says the same.

mod fill;
mod page;
mod read;
mod show;
#[cfg(test)]
mod tests;

use super::WebState;
use super::callback::limit::Limit;
use crate::desk::form::spec::FormSpec;
use crate::desk::id::FormId;
use crate::store::forms::{self, Form};
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use fill::Uploads;
use http::{HeaderValue, header};
use std::net::IpAddr;
use tower_http::csrf::CsrfLayer;

/// Nothing but its own style; no script at all.
const CSP: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Largest picture or file, bytes.
pub const LARGEST: usize = 12 * 1024 * 1024;
/// Largest request: two of them, and the words.
const LARGEST_BODY: usize = 25 * 1024 * 1024;

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/form/{token}", get(show::show).post(fill::fill).layer(DefaultBodyLimit::max(LARGEST_BODY)))
        .route_layer(Extension(Limit::default()))
        .route_layer(Extension(Uploads::default()))
        .route_layer(CsrfLayer::new())
        .route_layer(middleware::from_fn(headers))
        .route("/form/look.css", get(look))
}

/// The page's style stands here, because nothing of the desk is served to customers.
async fn look() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, include_str!("../../../static/form.css"))
}

/// The address is a key: it is told to nobody, kept by nobody and found by nobody.
async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let out = response.headers_mut();
    out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    out.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    out.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    out.insert(header::HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    response
}

/// Why there is nothing to fill in.
enum NoForm {
    /// Forged, too old, taken back, no longer declared: all the same to whoever asks.
    Gone,
    /// Filled in already.
    Done,
    TooMany,
    Busy,
}

/// What a link opens.
struct Opened {
    id: FormId,
    spec: FormSpec,
    /// What has been answered so far.
    form: Form,
}

async fn opened(state: &WebState, limit: &Limit, from: IpAddr, token: &str) -> Result<Opened, NoForm> {
    let now = state.clock.now();
    if !limit.allows(from, now) {
        return Err(NoForm::TooMany);
    }
    let links = state.links.load().as_ref().clone();
    let Some(id) = links.and_then(|links| links.form_of(token, now)) else {
        limit.wrong(from, now);
        return Err(NoForm::Gone);
    };
    let form = match forms::for_customer(&state.store, id).await {
        Ok(Some(form)) => form,
        Ok(None) => return Err(NoForm::Gone),
        Err(error) => {
            tracing::error!(form = %id, %error, "a form could not be read for its customer");
            return Err(NoForm::Busy);
        }
    };
    if form.form.answered_at.is_some() {
        return Err(NoForm::Done);
    }
    if form.form.state != forms::FormState::Sent || form.form.gone_at.is_some() {
        return Err(NoForm::Gone);
    }
    let spec = state.config.load().catalog.forms.get(&form.form.kind).cloned().ok_or(NoForm::Gone)?;
    Ok(Opened { id, spec, form })
}
