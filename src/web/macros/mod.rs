//! Macros: what is often done in a row.

mod list;
mod run;
mod save;

use crate::web::WebState;
use axum::Router;
use axum::routing::{get, post};

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/macros", get(list::list).post(save::create))
        .route("/macros/{id}", post(save::update))
        .route("/macros/{id}/delete", post(save::delete))
        .route("/inbox/macros", get(list::mine))
        .route("/work/conversation/{id}/macro/{macro}", post(run::run))
}
