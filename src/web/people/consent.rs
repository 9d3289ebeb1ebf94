//! `POST /people/{id}/consent`: what a customer has agreed to, as they told an agent.

use crate::auth::Agent;
use crate::desk::input::Command;
use crate::desk::person::Consent;
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
    let person = super::living(&state, id).await?;
    command(&state, &me, Command::SetConsent { person, consent: fields.consent }).await
}
