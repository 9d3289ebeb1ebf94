//! `GET /api/v1/people`: customers, by number upwards.

use super::Person;
use crate::desk::person::Identity;
use crate::store::listing;
use crate::web::WebState;
use crate::web::api::listed::{Asked, Listed, Wanted};
use crate::web::api::problem::Problem;
use crate::web::api::token::{People, Reader};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichPeople {
    /// `next` of the page before.
    #[param(minimum = 0, maximum = 9_223_372_036_854_775_807_u64)]
    after: Option<u64>,
    /// Entries of one page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Only those known by an identity of this kind …
    kind: Option<String>,
    /// … with this value.
    value: Option<String>,
}

#[utoipa::path(get, path = "/people", tag = "people", params(WhichPeople), responses((status = 200, body = Listed<Person>), Problem))]
pub async fn list(
    State(state): State<WebState>,
    Reader { viewer, .. }: Reader<People>,
    Asked(asked): Asked<WhichPeople>,
) -> Result<Json<Listed<Person>>, Problem> {
    let wanted = Wanted::read(asked.after, asked.limit)?;
    let by = match (asked.kind, asked.value) {
        (Some(kind), Some(value)) => Some(Identity { kind, namespace: String::new(), value }),
        (None, None) => None,
        _ => return Err(Problem::unfit("identity", "An identity is a `kind` and a `value`.")),
    };
    let rows = listing::people(&state.store, &viewer, by, wanted.after, wanted.rows()).await?;
    Ok(Json(wanted.page(rows.into_iter().map(Person::from).collect(), |person| person.id)))
}
