//! `GET /status`: is the server well? For load balancers and monitors; it names nobody.

use super::WebState;
use crate::desk::fact::StatusName;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    /// Whether a read from the database works.
    store: bool,
    agents_available: usize,
    waiting: usize,
    serving: usize,
    pages: usize,
}

pub async fn show(State(state): State<WebState>) -> Response {
    let store = state.gate.sessions().await.is_ok();
    let floor = state.switchboard.floor();
    let health = Health {
        status: if store { "ok" } else { "failing" },
        version: env!("CARGO_PKG_VERSION"),
        store,
        agents_available: floor.agents.iter().filter(|a| a.status == StatusName::Available).count(),
        waiting: floor.waiting.len(),
        serving: floor.serving.len(),
        pages: state.live.agents().len(),
    };
    let code = if store { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(health)).into_response()
}
