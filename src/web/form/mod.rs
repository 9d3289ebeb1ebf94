//! The customers' own page of a form: the link they were sent opens it, on a telephone or a computer. Public, without any account and
//! without any script: the link is the key, signed and for a time; whatever is wrong with it, the page says the same.

mod fill;
mod page;
mod show;
#[cfg(test)]
mod tests;

use super::WebState;
use super::customer::{self, Limit};
use crate::desk::form::spec::FormSpec;
use crate::desk::id::FormId;
use crate::store::forms::{self, Form};
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::get;
use axum::{Extension, Router};
use fill::Uploads;
use std::net::IpAddr;
use tower_http::csrf::CsrfLayer;

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
        .route_layer(middleware::map_response(customer::keep_secret))
        .route("/form/look.css", get(async || customer::file("text/css; charset=utf-8", include_str!("../../../static/form.css"))))
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
