//! `POST /people/{id}/tag`: gives a customer a tag, and takes one away.

use crate::auth::{Agent, Session};
use crate::desk::id::PersonId;
use crate::desk::input::Command;
use crate::store::persons;
use crate::web::work::command;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Change {
    #[serde(default)]
    add: String,
    #[serde(default)]
    remove: String,
}

pub async fn tag(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(change): Form<Change>,
) -> Result<StatusCode, WebError> {
    let person = super::living(&state, id).await?;
    for (tag, on) in [(change.remove, false), (change.add, true)] {
        if !tag.trim().is_empty() {
            set(&state, &me, person, tag, on).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

pub(in crate::web) async fn set(state: &WebState, me: &Session, person: PersonId, tag: String, on: bool) -> Result<(), WebError> {
    let about = Box::new(persons::about(&state.store, person).await?);
    command(state, me, Command::Tag { person, about, tag, on }).await.map(drop)
}
