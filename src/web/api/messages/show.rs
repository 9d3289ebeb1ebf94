//! `GET /api/v1/messages/{id}`: what became of a message. A program sees its own alone.

use super::status::Status;
use crate::desk::id::ProactiveId;
use crate::store::proactive;
use crate::web::WebState;
use crate::web::api::problem::Problem;
use crate::web::api::token::Messenger;
use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;

#[utoipa::path(get, path = "/messages/{id}", tag = "messages", params(("id" = String, Path)), responses((status = 200, body = Status), Problem))]
pub async fn show(State(state): State<WebState>, Messenger(name): Messenger, Path(id): Path<String>) -> Result<Json<Status>, Problem> {
    let nothing = || Problem::new(StatusCode::NOT_FOUND, "not_found", "No message of yours has this id.");
    // Ids beyond what a table holds are nobody's.
    let id = id.parse::<i64>().ok().and_then(|id| u64::try_from(id).ok()).map(ProactiveId).ok_or_else(nothing)?;
    let row = proactive::get(&state.store, id).await?.filter(|row| row.asker == name).ok_or_else(nothing)?;
    Ok(Json(Status::of(row)))
}
