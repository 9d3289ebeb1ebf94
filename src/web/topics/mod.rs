//! Hot topics: what customers speak of more than last week.

mod show;
mod words;

pub use show::Cache;

use crate::web::WebState;
use axum::Router;
use axum::routing::get;

pub fn router() -> Router<WebState> {
    Router::new().route("/topics", get(show::show))
}
