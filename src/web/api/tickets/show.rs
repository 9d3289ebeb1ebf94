//! `GET /api/v1/tickets/{id}`: one ticket.

use super::Ticket;
use crate::desk::id::TicketId;
use crate::store::tickets;
use crate::web::WebState;
use crate::web::api::listed::{Number, nothing};
use crate::web::api::problem::Problem;
use crate::web::api::token::{Reader, Tickets};
use axum::Json;
use axum::extract::State;

#[utoipa::path(get, path = "/tickets/{id}", tag = "tickets", params(("id" = u64, Path)), responses((status = 200, body = Ticket), Problem))]
pub async fn show(State(state): State<WebState>, _: Reader<Tickets>, Number(id): Number) -> Result<Json<Ticket>, Problem> {
    let whole = tickets::get(&state.store, TicketId(id)).await?.ok_or_else(nothing)?;
    Ok(Json(whole.ticket.into()))
}
