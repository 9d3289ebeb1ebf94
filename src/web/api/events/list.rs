//! `GET /api/v1/events`: the same events as webhooks tell (docs/webhooks.md), from a number on.

use crate::store::events;
use crate::web::WebState;
use crate::web::api::listed::{Asked, Wanted};
use crate::web::api::problem::Problem;
use crate::web::api::token::{Events, Reader};
use crate::webhooks::event::{moment, told};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichEvents {
    /// `next` of the answer before.
    #[param(minimum = 0, maximum = 9_223_372_036_854_775_807_u64)]
    after: Option<u64>,
    /// Steps of the log that are looked at: not all of them are events.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
}

/// Events in the order in which they happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct Told {
    items: Vec<Event>,
    /// `after` of the next question, also when nothing more has happened yet.
    next: u64,
    /// More has happened than this answer holds.
    more: bool,
}

/// One event.
#[derive(Debug, Serialize, ToSchema)]
pub struct Event {
    sequence: i64,
    r#type: &'static str,
    #[schema(format = DateTime)]
    timestamp: String,
    /// By type.
    #[schema(value_type = Object)]
    data: Value,
}

#[utoipa::path(get, path = "/events", tag = "events", params(WhichEvents), responses((status = 200, body = Told), Problem))]
pub async fn list(State(state): State<WebState>, _: Reader<Events>, Asked(asked): Asked<WhichEvents>) -> Result<Json<Told>, Problem> {
    let wanted = Wanted::read(asked.after, asked.limit)?;
    let after = i64::try_from(wanted.after).unwrap_or(i64::MAX);
    let rows = events::after(&state.store, after, wanted.rows()).await?;
    let page = wanted.page(rows, |row| u64::try_from(row.seq).unwrap_or_default());
    let next = page.items.last().map_or(wanted.after, |row| u64::try_from(row.seq).unwrap_or_default());
    let event = |row: events::EventRow| {
        let told = told(&row.fact)?;
        Some(Event { sequence: row.seq, r#type: told.kind, timestamp: moment(row.at), data: told.data })
    };
    Ok(Json(Told { more: page.next.is_some(), items: page.items.into_iter().filter_map(event).collect(), next }))
}
