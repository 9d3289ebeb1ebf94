//! `POST /people/enter`: a customer whom an agent writes down before they come. Whoever is known by the number or address already is opened
//! instead; the page is in `Location`.

use super::identity::read;
use crate::auth::Agent;
use crate::desk::input::{Command, Entered};
use crate::desk::person::plain_name;
use crate::desk::refusal::Refusal;
use crate::desk::same::Proof;
use crate::desk::step::Answer;
use crate::store::persons;
use crate::web::work::{ask, empty_is_none};
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Fields {
    name: String,
    #[serde(default, deserialize_with = "empty_is_none")]
    phone: Option<String>,
    #[serde(default, deserialize_with = "empty_is_none")]
    email: Option<String>,
}

pub async fn enter(State(state): State<WebState>, Agent(me): Agent, Form(fields): Form<Fields>) -> Result<Response, WebError> {
    let name = plain_name(&fields.name, super::edit::LONGEST_NAME + 1);
    if name.chars().count() > super::edit::LONGEST_NAME {
        return Err(Refusal::TooLong { limit: super::edit::LONGEST_NAME }.into());
    }
    let loaded = state.config.load_full();
    let mut identities = Vec::new();
    let mut known = None;
    for text in [fields.phone, fields.email].into_iter().flatten() {
        let identity = read(&loaded, &text)?;
        let whose = persons::brief(&state.store, identity.clone()).await?.map(|brief| brief.id);
        match (known, whose) {
            (Some(one), Some(other)) if one != other => return Err(Refusal::SomebodyElses.into()),
            _ => known = known.or(whose),
        }
        identities.push(identity);
    }
    let person = match known {
        Some(person) => person,
        None => match ask(&state, &me, Command::Enter { people: vec![Entered { name, identities }], proof: Proof::Agent }).await? {
            Answer::People(people) => people.first().copied().ok_or(WebError::Internal)?,
            _ => return Err(WebError::Internal),
        },
    };
    Ok((StatusCode::NO_CONTENT, [(header::LOCATION, format!("/people/{person}"))]).into_response())
}
