//! The demo's own pages: what to try, signing in with one click, and a shop with the chat window. Only `hubline demo` has them.

mod enter;
mod shop;
mod show;

use super::WebState;
use axum::Router;
use axum::routing::{get, post};

/// Merged into the private routes by the demo alone: these sign anybody in as anybody.
pub fn router() -> Router<WebState> {
    Router::new().route("/demo", get(show::show)).route("/demo/enter/{agent}", post(enter::enter)).route("/demo/shop", get(shop::show))
}
