//! The customers' own page of a form: the link they were sent opens it, on a telephone or a computer. Public, without any account and
//! without any script: the link is the key, signed and for a time; whatever is wrong with it, the page says the same.

mod fill;
mod page;
mod show;
#[cfg(test)]
mod tests;

use super::WebState;
use super::customer::{self, Limit, No};
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
        .route("/form/look.css", get(customer::style(include_str!("../../../static/form.css"))))
}

/// Why there is nothing to fill in.
enum NoForm {
    No(No),
    /// Filled in already.
    Done,
}

impl From<No> for NoForm {
    fn from(no: No) -> NoForm {
        NoForm::No(no)
    }
}

/// What a link opens.
struct Opened {
    id: FormId,
    spec: FormSpec,
    /// What has been answered so far.
    form: Form,
}

async fn opened(state: &WebState, limit: &Limit, from: IpAddr, token: &str) -> Result<Opened, NoForm> {
    let id = customer::open(state, limit, from, |links, now| links.form_of(token, now))?;
    let form = match forms::for_customer(&state.store, id).await {
        Ok(Some(form)) => form,
        Ok(None) => return Err(No::Gone.into()),
        Err(error) => {
            tracing::error!(form = %id, %error, "a form could not be read for its customer");
            return Err(No::Busy.into());
        }
    };
    if form.form.answered_at.is_some() {
        return Err(NoForm::Done);
    }
    if form.form.state != forms::FormState::Sent || form.form.gone_at.is_some() {
        return Err(No::Gone.into());
    }
    let spec = state.config.load().catalog.forms.get(&form.form.kind).cloned().ok_or(No::Gone)?;
    Ok(Opened { id, spec, form })
}
