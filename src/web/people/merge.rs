//! `POST /people/{id}/merge`, `/unmerge`, `/apart`: an agent says that two are one, that they are two again, or that they never were one.

use crate::auth::Agent;
use crate::desk::id::PersonId;
use crate::desk::input::Command;
use crate::desk::same::{Clue, MergeWhy};
use crate::store::persons;
use crate::web::work::{command, empty_is_none};
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Other {
    person: u64,
    /// The clue by which they were suggested.
    #[serde(default, deserialize_with = "empty_is_none")]
    value: Option<String>,
    /// Joined by hand: where the one who stays is shown.
    #[serde(default)]
    back: String,
}

/// By hand, the one whose page it is stays; of two who were suggested, the one who has been known for longer.
pub async fn merge(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(other): Form<Other>,
) -> Result<Response, WebError> {
    let (mut into, mut from) = (super::living(&state, id).await?, super::living(&state, other.person).await?);
    let why = match &other.value {
        None => MergeWhy::Chosen,
        Some(word) => {
            let clue = serde_json::from_value::<Clue>(word.as_str().into()).map_err(|_| WebError::Bad("value"))?;
            if from < into {
                (into, from) = (from, into);
            }
            MergeWhy::Suggested(clue)
        }
    };
    let moved = Box::new(persons::belongings(&state.store, from).await?);
    command(&state, &me, Command::JoinPeople { into, from, why, moved }).await?;
    if other.back.is_empty() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok((StatusCode::NO_CONTENT, [(header::LOCATION, format!("/people/{into}"))]).into_response())
}

pub async fn unmerge(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(other): Form<Other>,
) -> Result<StatusCode, WebError> {
    let (into, from) = (PersonId(id), PersonId(other.person));
    let back = persons::returning(&state.store, into, from).await?.ok_or(WebError::NotFound)?;
    command(&state, &me, Command::PartPeople { into, from, back: Box::new(back) }).await
}

pub async fn apart(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(other): Form<Other>,
) -> Result<StatusCode, WebError> {
    let (person, other) = (super::living(&state, id).await?, super::living(&state, other.person).await?);
    command(&state, &me, Command::KeepApart { person, other }).await
}
