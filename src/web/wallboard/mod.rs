//! The wallboard of supervisors: the present of the floor with the day's figures, and what a supervisor does about it. And the same for a large
//! screen, to be read across the room.

mod agent;
mod alerts;
mod asks;
mod assist;
pub mod board;
mod call;
mod cases;
pub mod config;
mod figures;
mod filter;
mod overlay;
pub mod push;
mod screen;
mod show;
pub mod today;

use crate::web::WebState;
use axum::Router;
use axum::routing::{get, post};

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/wallboard", get(show::show))
        .route("/wallboard/parts/board", get(show::part))
        .route("/wallboard/screen", get(screen::show))
        .route("/wallboard/parts/screen", get(screen::part))
        .route("/wallboard/call/{id}/watch", post(call::watch))
        .route("/wallboard/call/{id}/stop", post(call::stop))
        .route("/wallboard/agent/{id}/status", post(agent::status))
        .route("/wallboard/agent/{id}/takes", post(agent::takes))
        .route("/wallboard/{kind}/{id}/assist", post(assist::come))
        .route("/wallboard/agent/{id}/move", post(agent::move_for))
        .route("/wallboard/agent/{id}/move/end", post(agent::end_move))
        .route("/wallboard/overlay/{id}/on", post(overlay::on))
        .route("/wallboard/overlay/{id}/off", post(overlay::off))
}
