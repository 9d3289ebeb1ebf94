//! `GET /api/v1/people/{id}`: one customer.

use super::Person;
use crate::desk::id::PersonId;
use crate::store::listing;
use crate::web::WebState;
use crate::web::api::listed::{Number, nothing};
use crate::web::api::problem::Problem;
use crate::web::api::token::{People, Reader};
use axum::Json;
use axum::extract::State;

#[utoipa::path(get, path = "/people/{id}", tag = "people", params(("id" = u64, Path)), responses((status = 200, body = Person), Problem))]
pub async fn show(
    State(state): State<WebState>,
    Reader { viewer, .. }: Reader<People>,
    Number(id): Number,
) -> Result<Json<Person>, Problem> {
    let known = listing::person(&state.store, &viewer, PersonId(id)).await?.ok_or_else(nothing)?;
    Ok(Json(known.into()))
}
