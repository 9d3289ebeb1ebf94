//! `POST /notices/{id}/seen`, `/notices/seen`, `/notices/task`, and `/people/{id}/follow`.

use crate::auth::Agent;
use crate::desk::id::{PersonId, TicketId};
use crate::store::notices::Seen;
use crate::store::{StoreError, notices, persons};
use crate::web::work::Switch;
use crate::web::work::moment;
use crate::web::{Page, WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

const LONGEST: usize = 200;

/// One that is seen already is as good as seen.
pub async fn seen(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<i64>) -> Result<StatusCode, WebError> {
    match notices::seen(&state.store, id, &me.agent, state.clock.now()).await {
        Ok(()) | Err(StoreError::Missing(_)) => {}
        Err(error) => return Err(error.into()),
    }
    super::push::count(&state, &me.agent).await;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub struct Which {
    person: Option<u64>,
    ticket: Option<u64>,
}

pub async fn seen_all(State(state): State<WebState>, Agent(me): Agent, Form(which): Form<Which>) -> Result<StatusCode, WebError> {
    let what = match (which.person, which.ticket) {
        (_, Some(ticket)) => Seen::Ticket(TicketId(ticket)),
        (Some(person), None) => Seen::Person(PersonId(person)),
        (None, None) => Seen::All,
    };
    notices::seen_all(&state.store, &me.agent, what, state.clock.now()).await?;
    super::push::count(&state, &me.agent).await;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub struct Task {
    text: String,
    /// As for putting aside.
    when: String,
    #[serde(default)]
    at: String,
    person: Option<u64>,
}

pub async fn task(State(state): State<WebState>, Agent(me): Agent, page: Page, Form(task): Form<Task>) -> Result<StatusCode, WebError> {
    let text = task.text.trim();
    if text.is_empty() || text.chars().count() > LONGEST {
        return Err(WebError::Bad("text"));
    }
    let when = if task.at.is_empty() { task.when.as_str() } else { "at" };
    let at = moment(when, &task.at, page.now, &page.zone).filter(|at| *at > page.now).ok_or(WebError::Bad("when"))?;
    let person = match task.person.map(PersonId) {
        Some(person) => Some(persons::get(&state.store, person).await?.ok_or(WebError::NotFound)?.id),
        None => None,
    };
    notices::add_task(&state.store, &me.agent, person, text.to_owned(), at).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn follow(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(Switch { on }): Form<Switch>,
) -> Result<StatusCode, WebError> {
    let person = persons::get(&state.store, PersonId(id)).await?.ok_or(WebError::NotFound)?.id;
    notices::follow(&state.store, person, &me.agent, on, state.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
