//! What an agent is told of besides the work: mentions, customers whom they follow, and tasks of their own.

mod change;
mod list;
pub mod push;

use crate::web::WebState;
use axum::Router;
use axum::routing::{get, post};

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/notices", get(list::list))
        .route("/notices/count", get(list::count))
        .route("/notices/seen", post(change::seen_all))
        .route("/notices/task", post(change::task))
        .route("/notices/{id}/seen", post(change::seen))
        .route("/people/{id}/follow", post(change::follow))
}
