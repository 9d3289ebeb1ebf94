//! The list of those who did not reach us: missed calls and chats, voicemails, promised calls. Claimed by one agent at a time, called by a click, and
//! settled with an outcome.

mod book;
mod call;
mod claim;
mod invite;
mod list;
mod promise;
mod release;
mod settle;
mod write;

use crate::web::WebState;
use axum::Router;
use axum::routing::{get, post};

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/callbacks", get(list::list))
        .route("/callbacks/promise", post(promise::promise))
        .route("/callbacks/{id}/call", post(call::call))
        .route("/callbacks/{id}/invite", post(invite::invite))
        .route("/callbacks/{id}/write", post(write::write))
        .route("/callbacks/{id}/claim", post(claim::claim))
        .route("/callbacks/{id}/release", post(release::release))
        .route("/callbacks/{id}/book", post(book::book))
        .route("/callbacks/{id}/settle", post(settle::settle))
}
