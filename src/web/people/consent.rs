//! `POST /people/{id}/consent`: what a customer has agreed to, as they told an agent.

use crate::auth::Agent;
use crate::desk::id::PersonId;
use crate::desk::input::Command;
use crate::desk::person::Consent;
use crate::store::persons;
use crate::web::work::command;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Fields {
    consent: Consent,
}

pub async fn consent(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(fields): Form<Fields>,
) -> Result<StatusCode, WebError> {
    let person = PersonId(id);
    persons::get(&state.store, person).await?.ok_or(WebError::NotFound)?;
    command(&state, &me, Command::SetConsent { person, consent: fields.consent }).await
}
