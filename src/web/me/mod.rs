//! What an agent says about themselves, and what their day was like.

mod day;
mod quiet;
mod status;
mod takes;

pub use status::wanted;
pub use takes::medium;

use crate::web::WebState;
use axum::Router;
use axum::routing::{get, post};

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/me/status", post(status::choose))
        .route("/me/takes", post(takes::takes))
        .route("/me/quiet", post(quiet::quiet))
        .route("/me/day", get(day::show))
}
