//! `POST /api/v1/facts`: something has happened to a customer elsewhere. It stands in their story, and rules may wait for it (docs/rules.md).

use crate::desk::id::ToldId;
use crate::desk::input::{Input, Telling};
use crate::desk::refusal::Refusal;
use crate::desk::rules::spec::is_fact_name;
use crate::desk::step::Answer;
use crate::store::proactive::{self, Found};
use crate::store::told;
use crate::web::WebState;
use crate::web::api::keyed::{key, whole};
use crate::web::api::messages::send::{Addressed, addressed};
use crate::web::api::problem::Problem;
use crate::web::api::token::Teller;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Values of one event, and characters of each.
const MOST: usize = 20;
const LONGEST: usize = 500;

/// What is told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewFact)]
struct Request {
    to: Addressed,
    /// Small letters, digits, `.`, `_` and `-`: rules name it as `fact:NAME`.
    #[schema(pattern = "^[a-z0-9._-]{1,64}$")]
    name: String,
    /// What rules may ask for, and put into texts.
    #[serde(default)]
    values: BTreeMap<String, String>,
}

/// It is kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Fact)]
struct Kept {
    id: String,
}

#[utoipa::path(
    post, path = "/facts", tag = "facts", request_body = Request,
    params(("Idempotency-Key" = String, Header, description = "A name of your own for this event.", min_length = 1, max_length = 255)),
    responses((status = 202, body = Kept), Problem)
)]
pub async fn tell(
    State(state): State<WebState>,
    Teller(by): Teller,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let body = whole(body)?;
    let key = key(&headers)?;
    let digest = hex::encode(Sha256::digest(&body));
    if let Some((id, known)) = told::by_key(&state.store, &by, &key).await? {
        return if known == digest { Ok(accepted(id)) } else { Err(Refusal::KeyUsed.into()) };
    }
    let request: Request = serde_json::from_slice(&body)
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "unreadable", format!("Not the JSON of a fact: {error}.")))?;
    if !is_fact_name(&request.name) {
        return Err(Problem::unfit("name", "A name has 1 to 64 small letters, digits, `.`, `_` or `-`."));
    }
    let plain = |text: &str| !text.is_empty() && text.chars().count() <= LONGEST && !text.chars().any(char::is_control);
    if request.values.len() > MOST || !request.values.iter().all(|(name, value)| plain(name) && (value.is_empty() || plain(value))) {
        return Err(Problem::unfit("values", "At most twenty values of at most 500 characters, without control characters."));
    }
    let to = match proactive::recipient(&state.store, addressed(request.to)?).await? {
        Found::Recipient(to) => *to,
        Found::Nobody => {
            return Err(Problem::unfit("unknown_recipient", "Nobody is known by that, and it is no number or address to write to."));
        }
        Found::Several => return Err(Problem::unfit("several_recipients", "These identities belong to different people.")),
    };
    let telling = Telling { who: to.who, name: request.name, values: request.values, by, key, digest };
    match state.switchboard.ask(Input::Told(Box::new(telling))).await? {
        Answer::Told(id) => Ok(accepted(id)),
        answer => {
            tracing::error!(?answer, "an answer to something else");
            Err(Refusal::NotRecorded.into())
        }
    }
}

fn accepted(id: ToldId) -> Response {
    (StatusCode::ACCEPTED, Json(Kept { id: id.to_string() })).into_response()
}
