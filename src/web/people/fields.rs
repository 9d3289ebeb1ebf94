//! `POST /people/{id}/fields`: the fields that the house keeps of a customer besides; those that the form does not show stay as they are.

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
        // Who sees only the end of a value cannot write it anew by accident.
        if field.masked && me.role < Role::Supervisor {
            return Err(WebError::Forbidden);
        }
        values.insert(field.id.get_ref().clone(), field.read(text).ok_or(WebError::Bad("field"))?);
    }
    persons::set_fields(&state.store, person, values).await?;
    Ok(StatusCode::NO_CONTENT)
}
