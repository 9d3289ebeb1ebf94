//! Callers who gave up or were cut off. Calling back is done by hand; the list remembers who still waits.

mod done;
mod list;

use crate::web::WebState;
use axum::Router;
use axum::routing::{get, post};

pub fn router() -> Router<WebState> {
    Router::new().route("/callbacks", get(list::list)).route("/callbacks/{call}/done", post(done::done))
}
