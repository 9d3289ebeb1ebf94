//! Conversations as a list: chosen by what they are, kept as views, and worked on many at a time.

mod bulk;
mod list;
mod views;

use crate::web::WebState;
use axum::Router;
use axum::routing::{get, post};

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/conversations", get(list::list))
        .route("/conversations/bulk", post(bulk::bulk))
        .route("/conversations/views", get(views::list).post(views::save))
        .route("/conversations/views/{id}/delete", post(views::delete))
}
