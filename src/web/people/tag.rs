//! `POST /people/{id}/tag`: adds or removes one tag.

use crate::auth::Agent;
use crate::desk::refusal::Refusal;
use crate::store::persons;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

const LONGEST: usize = 40;
const MOST: usize = 50;

#[derive(Deserialize)]
pub struct Change {
    #[serde(default)]
    add: String,
    #[serde(default)]
    remove: String,
}

pub async fn tag(
    State(state): State<WebState>,
    Agent(_): Agent,
    Path(id): Path<u64>,
    Form(change): Form<Change>,
) -> Result<StatusCode, WebError> {
    let person = super::living(&state, id).await?;
    let mut tags = persons::tags(&state.store, person).await?;
    tags.retain(|tag| *tag != change.remove);
    let add = change.add.trim();
    if add.chars().count() > LONGEST {
        return Err(Refusal::TooLong { limit: LONGEST }.into());
    }
    if !add.is_empty() && !tags.iter().any(|tag| tag == add) {
        if tags.len() >= MOST {
            return Err(Refusal::ListFull { most: MOST }.into());
        }
        tags.push(add.to_owned());
    }
    persons::set_tags(&state.store, person, tags).await?;
    Ok(StatusCode::NO_CONTENT)
}
