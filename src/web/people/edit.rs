//! `POST /people/{id}/edit`: who a customer is and who serves them first, edited in place.

use crate::auth::Agent;
use crate::desk::id::{AgentId, TierId};
use crate::desk::person::plain_name;
use crate::desk::refusal::Refusal;
use crate::store::persons::{self, Edit};
use crate::web::work::empty_is_none;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

pub(super) const LONGEST_NAME: usize = 200;
const LONGEST_COMPANY: usize = 200;
const LONGEST_ABOUT: usize = 2_000;

#[derive(Deserialize)]
pub struct Fields {
    name: String,
    #[serde(default, deserialize_with = "empty_is_none")]
    tier: Option<String>,
    #[serde(default, deserialize_with = "empty_is_none")]
    language: Option<String>,
    /// The agent who always serves them first.
    #[serde(default, deserialize_with = "empty_is_none")]
    dedicated: Option<String>,
    #[serde(default)]
    company: String,
    #[serde(default)]
    about: String,
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
    // A tier or an agent that the configuration no longer has may stay, but nobody gets it anew.
    if tier.as_ref().is_some_and(|tier| !loaded.catalog.tiers.contains_key(tier) && row.tier.as_ref() != Some(tier)) {
        return Err(WebError::Bad("tier"));
    }
    let dedicated = fields.dedicated.map(|agent| AgentId::from(agent.as_str()));
    if dedicated.as_ref().is_some_and(|agent| !loaded.catalog.agents.contains_key(agent) && row.dedicated_agent.as_ref() != Some(agent)) {
        return Err(WebError::Bad("dedicated"));
    }
    let about = fields.about.trim();
    for (text, limit) in [(fields.company.trim(), LONGEST_COMPANY), (about, LONGEST_ABOUT)] {
        if text.chars().count() > limit {
            return Err(Refusal::TooLong { limit }.into());
        }
    }
    let edit = Edit {
        name,
        tier,
        language: fields.language.filter(|tag| tag.len() <= 35),
        dedicated_agent: dedicated,
        company: plain_name(&fields.company, LONGEST_COMPANY),
        about: about.chars().filter(|c| !c.is_control() || *c == '\n').collect(),
    };
    persons::edit(&state.store, person, edit).await?;
    Ok(StatusCode::NO_CONTENT)
}
