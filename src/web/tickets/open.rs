//! `POST /tickets`: opens one for a person.

use crate::auth::Agent;
use crate::desk::id::PersonId;
use crate::desk::input::Command;
use crate::desk::step::Answer;
use crate::web::work::{ask, work_field};
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Opening {
    person: u64,
    subject: String,
    #[serde(default)]
    work: String,
}

/// 201 with the ticket's address.
pub async fn open(State(state): State<WebState>, Agent(me): Agent, Form(opening): Form<Opening>) -> Result<Response, WebError> {
    let work = work_field(&opening.work)?;
    let subject: String = opening.subject.trim().chars().take(200).collect();
    match ask(&state, &me, Command::OpenTicket { person: PersonId(opening.person), subject, work }).await? {
        Answer::Ticket(id) => Ok((StatusCode::CREATED, [(header::LOCATION, format!("/tickets/{id}"))]).into_response()),
        Answer::Done
        | Answer::Message(_)
        | Answer::Known(_)
        | Answer::People(_)
        | Answer::Routes(_)
        | Answer::Call(_)
        | Answer::Parked(_)
        | Answer::Callback(_)
        | Answer::Proactive(_)
        | Answer::Way(_) => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}
