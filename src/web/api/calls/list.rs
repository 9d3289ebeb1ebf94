//! `GET /api/v1/calls`: all, or one customer's, by number upwards.

use super::Call;
use crate::desk::id::PersonId;
use crate::store::listing;
use crate::web::WebState;
use crate::web::api::listed::{Asked, Listed, OfPerson, Wanted};
use crate::web::api::problem::Problem;
use crate::web::api::token::{Contacts, Reader};
use axum::Json;
use axum::extract::State;

#[utoipa::path(get, path = "/calls", tag = "contacts", params(OfPerson), responses((status = 200, body = Listed<Call>), Problem))]
pub async fn list(
    State(state): State<WebState>,
    Reader { viewer, .. }: Reader<Contacts>,
    Asked(asked): Asked<OfPerson>,
) -> Result<Json<Listed<Call>>, Problem> {
    let wanted = Wanted::read(asked.after, asked.limit)?;
    let rows = listing::calls(&state.store, &viewer, asked.person()?.map(PersonId), wanted.after, wanted.rows()).await?;
    Ok(Json(wanted.page(rows.into_iter().map(Call::from).collect(), |call| call.id)))
}
