//! `GET /api/v1/tickets`: all, or one customer's, by number upwards.

use super::Ticket;
use crate::desk::id::PersonId;
use crate::store::listing;
use crate::web::WebState;
use crate::web::api::listed::{Asked, Listed, OfPerson, Wanted};
use crate::web::api::problem::Problem;
use crate::web::api::token::{Reader, Tickets};
use axum::Json;
use axum::extract::State;

#[utoipa::path(get, path = "/tickets", tag = "tickets", params(OfPerson), responses((status = 200, body = Listed<Ticket>), Problem))]
pub async fn list(
    State(state): State<WebState>,
    _: Reader<Tickets>,
    Asked(asked): Asked<OfPerson>,
) -> Result<Json<Listed<Ticket>>, Problem> {
    let wanted = Wanted::read(asked.after, asked.limit)?;
    let rows = listing::tickets(&state.store, asked.person()?.map(PersonId), wanted.after, wanted.rows()).await?;
    Ok(Json(wanted.page(rows.into_iter().map(Ticket::from).collect(), |ticket| ticket.id)))
}
