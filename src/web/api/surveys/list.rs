//! `GET /api/v1/surveys`: what all customers, or one, were asked, by number upwards.

use super::Survey;
use crate::desk::id::PersonId;
use crate::store::listing;
use crate::web::WebState;
use crate::web::api::listed::{Asked, Listed, OfPerson, Wanted};
use crate::web::api::problem::Problem;
use crate::web::api::token::{Reader, Surveys};
use axum::Json;
use axum::extract::State;

#[utoipa::path(get, path = "/surveys", tag = "surveys", params(OfPerson), responses((status = 200, body = Listed<Survey>), Problem))]
pub async fn list(
    State(state): State<WebState>,
    _: Reader<Surveys>,
    Asked(asked): Asked<OfPerson>,
) -> Result<Json<Listed<Survey>>, Problem> {
    let wanted = Wanted::read(asked.after, asked.limit)?;
    let rows = listing::surveys(&state.store, asked.person()?.map(PersonId), wanted.after, wanted.rows()).await?;
    Ok(Json(wanted.page(rows.into_iter().map(Survey::from).collect(), |survey| survey.id)))
}
