//! Scripts: what is said, step by step, on the telephone and in writing alike.

mod list;
mod read;
mod save;

pub use read::{Step, read};

use crate::web::WebState;
use axum::Router;
use axum::routing::{get, post};

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/scripts", get(list::list).post(save::create))
        .route("/scripts/{id}", post(save::update))
        .route("/scripts/{id}/delete", post(save::delete))
        .route("/inbox/scripts", get(list::mine))
}
