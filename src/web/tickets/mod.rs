//! Tickets: lists by stage and assignee, one ticket with its trail, and its changes.

mod change;
mod list;
mod open;
mod show;

use crate::web::WebState;
use axum::Router;
use axum::routing::{get, post};

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/tickets", get(list::list).post(open::open))
        .route("/tickets/{id}", get(show::show))
        .route("/tickets/{id}/change", post(change::change))
}
