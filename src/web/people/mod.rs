//! Customers: the list, one person, and what agents change about them by hand.

mod consent;
mod edit;
mod list;
mod note;
mod show;
mod tag;

use crate::web::WebState;
use axum::Router;
use axum::routing::{get, post};

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/people", get(list::list))
        .route("/people/{id}", get(show::show))
        .route("/people/{id}/note", post(note::note))
        .route("/people/{id}/consent", post(consent::consent))
        .route("/people/{id}/edit", post(edit::edit))
        .route("/people/{id}/tag", post(tag::tag))
}
