//! `POST /people/{id}/edit`: name, tier and language, edited in place; what the form does not show stays as it is.

use crate::auth::Agent;
use crate::desk::id::TierId;
use crate::desk::person::plain_name;
use crate::store::persons::{self, Edit};
use crate::web::work::empty_is_none;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

const LONGEST_NAME: usize = 200;

#[derive(Deserialize)]
pub struct Fields {
    name: String,
    #[serde(default, deserialize_with = "empty_is_none")]
    tier: Option<String>,
    #[serde(default, deserialize_with = "empty_is_none")]
    language: Option<String>,
}

pub async fn edit(
    State(state): State<WebState>,
    Agent(_): Agent,
    Path(id): Path<u64>,
    Form(fields): Form<Fields>,
) -> Result<StatusCode, WebError> {
    let person = super::living(&state, id).await?;
    let name = plain_name(&fields.name, LONGEST_NAME + 1);
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(WebError::Bad("name"));
    }
    let tier = fields.tier.map(|tier| TierId::from(tier.as_str()));
    let loaded = state.config.load();
    let row = persons::get(&state.store, person).await?.ok_or(WebError::NotFound)?;
    // A tier that the configuration no longer has may stay, but nobody gets it anew.
    if tier.as_ref().is_some_and(|tier| !loaded.catalog.tiers.contains_key(tier) && row.tier.as_ref() != Some(tier)) {
        return Err(WebError::Bad("tier"));
    }
    let edit = Edit {
        name,
        tier,
        language: fields.language.filter(|tag| tag.len() <= 35),
        dedicated_agent: row.dedicated_agent,
        blocked: row.blocked,
        company: row.company,
        about: row.about,
    };
    persons::edit(&state.store, person, edit).await?;
    Ok(StatusCode::NO_CONTENT)
}
