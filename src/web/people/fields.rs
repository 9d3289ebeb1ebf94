//! `POST /people/{id}/fields`: the fields that the house keeps of a customer besides; those that the form does not show stay as they are.

use super::config::PersonFieldSection;
use crate::auth::Agent;
use crate::store::persons;
use crate::store::viewer::Role;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use std::collections::BTreeMap;

pub async fn fields(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(given): Form<BTreeMap<String, String>>,
) -> Result<StatusCode, WebError> {
    let person = super::living(&state, id).await?;
    let loaded = state.config.load();
    let mut values = BTreeMap::new();
    for field in &loaded.config.people.fields {
        let Some(text) = given.get(field.id.get_ref()) else { continue };
        values.insert(field.id.get_ref().clone(), kept(field, me.role, text)?);
    }
    persons::set_fields(&state.store, person, values).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What somebody writes into a field, as it is kept.
fn kept(field: &PersonFieldSection, role: Role, text: &str) -> Result<String, WebError> {
    // Who sees only the end of a value cannot write it anew by accident.
    if field.masked && role < Role::Supervisor {
        return Err(WebError::Forbidden);
    }
    field.read(text).ok_or(WebError::Bad("field"))
}

/// The same of `plan=gold`: which field, and what it becomes.
pub fn assigned(fields: &[PersonFieldSection], role: Role, text: &str) -> Result<(String, String), WebError> {
    let unknown = || WebError::Bad("field");
    let (id, value) = text.split_once('=').ok_or_else(unknown)?;
    let field = fields.iter().find(|field| *field.id.get_ref() == *id.trim()).ok_or_else(unknown)?;
    Ok((field.id.get_ref().clone(), kept(field, role, value)?))
}
