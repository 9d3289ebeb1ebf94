//! What an agent says about themselves.

mod status;

pub use status::wanted;

use crate::web::WebState;
use axum::Router;
use axum::routing::post;

pub fn router() -> Router<WebState> {
    Router::new().route("/me/status", post(status::choose))
}
