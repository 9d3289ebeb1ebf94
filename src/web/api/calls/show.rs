//! `GET /api/v1/calls/{id}`: one call.

use super::Call;
use crate::desk::id::CallId;
use crate::store::calls;
use crate::web::WebState;
use crate::web::api::listed::{Number, nothing};
use crate::web::api::problem::Problem;
use crate::web::api::token::{Contacts, Reader};
use axum::Json;
use axum::extract::State;

#[utoipa::path(get, path = "/calls/{id}", tag = "contacts", params(("id" = u64, Path)), responses((status = 200, body = Call), Problem))]
pub async fn show(
    State(state): State<WebState>,
    Reader { viewer, .. }: Reader<Contacts>,
    Number(id): Number,
) -> Result<Json<Call>, Problem> {
    let whole = calls::get(&state.store, &viewer, CallId(id)).await?.ok_or_else(nothing)?;
    Ok(Json(whole.call.into()))
}
