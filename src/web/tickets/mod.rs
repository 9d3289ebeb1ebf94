//! Tickets: lists by stage and assignee, the form of a new one, one ticket with its trail, and its changes.

pub mod alarm;
mod bulk;
mod change;
mod family;
mod fields;
mod list;
mod new;
mod open;
pub mod phrase;
mod show;
mod time;
mod trail;
mod views;

use crate::web::WebState;
use axum::Router;
use axum::routing::{get, post};

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/tickets", get(list::list).post(open::open))
        .route("/tickets/new", get(new::new))
        .route("/tickets/bulk", post(bulk::bulk))
        .route("/tickets/views", get(views::list).post(views::save))
        .route("/tickets/views/{id}/delete", post(views::delete))
        .route("/tickets/{id}", get(show::show))
        .route("/tickets/{id}/change", post(change::change))
        .route("/tickets/{id}/merge", post(family::merge))
        .route("/tickets/{id}/split", post(family::split))
        .route("/tickets/{id}/resolve", post(family::resolve))
        .route("/tickets/{id}/judge", post(family::judge))
}
