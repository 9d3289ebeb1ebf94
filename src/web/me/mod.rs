//! What an agent says about themselves, and what their day was like.

mod day;
mod quiet;
mod status;

pub use status::wanted;

use crate::web::WebState;
use axum::Router;
use axum::routing::{get, post};

pub fn router() -> Router<WebState> {
    Router::new().route("/me/status", post(status::choose)).route("/me/quiet", post(quiet::quiet)).route("/me/day", get(day::show))
}
