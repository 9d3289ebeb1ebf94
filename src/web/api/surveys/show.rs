//! `GET /api/v1/surveys/{id}`: one survey.

use super::Survey;
use crate::desk::id::SurveyId;
use crate::store::surveys;
use crate::web::WebState;
use crate::web::api::listed::{Number, nothing};
use crate::web::api::problem::Problem;
use crate::web::api::token::{Reader, Surveys};
use axum::Json;
use axum::extract::State;

#[utoipa::path(get, path = "/surveys/{id}", tag = "surveys", params(("id" = u64, Path)), responses((status = 200, body = Survey), Problem))]
pub async fn show(State(state): State<WebState>, _: Reader<Surveys>, Number(id): Number) -> Result<Json<Survey>, Problem> {
    let row = surveys::get(&state.store, SurveyId(id)).await?.ok_or_else(nothing)?;
    Ok(Json(row.into()))
}
