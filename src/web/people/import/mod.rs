//! Lists of customers: brought in with a look beforehand, and taken away. For supervisors.

mod export;
mod list;
mod row;
mod run;
mod show;

use crate::web::WebState;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

/// Largest list, bytes.
const LARGEST: usize = 20 << 20;

pub(super) fn router() -> Router<WebState> {
    Router::new()
        .route("/people/import", get(list::list).post(list::bring))
        .route("/people/import/{id}", get(show::show))
        .route("/people/import/{id}/columns", post(show::columns))
        .route("/people/import/{id}/run", post(run::run))
        .layer(DefaultBodyLimit::max(LARGEST))
        .route("/people/export.csv", get(export::export))
}
