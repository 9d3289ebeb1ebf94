//! The customers' own page: the link they were sent opens it, and it says when we call them. Public, without any account: the link is the
//! key, signed and for a time; whatever is wrong with it, the page says the same.

mod book;
mod show;
mod withdraw;

use super::WebState;
use super::customer::{self, Limit, No};
use crate::desk::id::{At, CallbackId};
use crate::store::callbacks::{self, CallbackRow};
use axum::middleware;
use axum::routing::{get, post};
use axum::{Extension, Router};
use std::net::IpAddr;
use tower_http::csrf::CsrfLayer;

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/callback/{token}", get(show::show))
        .route("/callback/{token}/book", post(book::book))
        .route("/callback/{token}/withdraw", post(withdraw::withdraw))
        .route_layer(Extension(Limit::default()))
        .route_layer(CsrfLayer::new())
        .route_layer(middleware::map_response(customer::keep_secret))
        .route("/callback/look.css", get(customer::style(include_str!("../../../static/callback.css"))))
}

/// What a link opens.
async fn opened(state: &WebState, limit: &Limit, from: IpAddr, token: &str) -> Result<(CallbackId, CallbackRow), No> {
    let id = customer::open(state, limit, from, |links, now| links.callback_of(token, now))?;
    match callbacks::for_customer(&state.store, id).await {
        Ok(Some(row)) => Ok((id, row)),
        Ok(None) => Err(No::Gone),
        Err(error) => {
            tracing::error!(callback = %id, %error, "a callback could not be read for its customer");
            Err(No::Busy)
        }
    }
}

/// Hours of the queue and of the customer's country, and the length of a slot.
struct Times {
    hours: Option<crate::desk::hours::Hours>,
    polite: Option<crate::desk::hours::Hours>,
    step_ms: i64,
}

impl Times {
    fn of(state: &WebState, row: &CallbackRow) -> Times {
        let loaded = state.config.load();
        let hours = row.queue.as_ref().and_then(|queue| loaded.catalog.queues.get(queue)).and_then(|queue| queue.hours.clone());
        let rules = &loaded.catalog.callbacks;
        Times { hours, polite: rules.polite_for(&row.number).cloned(), step_ms: rules.slot_ms }
    }

    fn slots(&self, now: At, most: usize) -> Vec<At> {
        crate::desk::callback::slots::slots(self.hours.as_ref(), self.polite.as_ref(), now, self.step_ms, most)
    }

    fn is_slot(&self, now: At, at: At) -> bool {
        crate::desk::callback::slots::is_slot(self.hours.as_ref(), self.polite.as_ref(), now, self.step_ms, at)
    }

    /// The first moment at which a call may be made.
    fn earliest(&self, now: At) -> Option<At> {
        crate::desk::callback::slots::earliest(self.hours.as_ref(), self.polite.as_ref(), now)
    }
}
