//! The customers' own page of a ticket: the link they were told opens it, and it says how far it has come. Public, without any account and
//! without any script: the link is the key, signed and for a time; whatever is wrong with it, the page says the same. Nothing that staff
//! write to each other is shown.

mod not_solved;
mod show;

use super::WebState;
use super::customer::{self, Limit, No};
use crate::desk::id::TicketId;
use crate::store::tickets::{self, Shown};
use axum::middleware;
use axum::routing::{get, post};
use axum::{Extension, Router};
use std::net::IpAddr;
use tower_http::csrf::CsrfLayer;

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/ticket/{token}", get(show::show))
        .route("/ticket/{token}/not-solved", post(not_solved::not_solved))
        .route_layer(Extension(Limit::default()))
        .route_layer(CsrfLayer::new())
        .route_layer(middleware::map_response(customer::keep_secret))
        .route("/ticket/look.css", get(customer::style(include_str!("../../../static/ticket.css"))))
}

/// What a link opens. One that was merged opens the one that goes on.
async fn opened(state: &WebState, limit: &Limit, from: IpAddr, token: &str) -> Result<(TicketId, Shown), No> {
    let id = customer::open(state, limit, from, |links, now| links.ticket_of(token, now))?;
    match tickets::for_customer(&state.store, id).await {
        Ok(Some(shown)) if !is_internal(state, &shown) => Ok((shown.ticket.id, shown)),
        Ok(_) => Err(No::Gone),
        Err(error) => {
            tracing::error!(ticket = %id, %error, "a ticket could not be read for its customer");
            Err(No::Busy)
        }
    }
}

fn is_internal(state: &WebState, shown: &Shown) -> bool {
    let loaded = state.config.load();
    shown.ticket.kind.as_ref().and_then(|kind| loaded.catalog.tickets.kinds.get(kind)).is_some_and(|kind| kind.internal)
}
