//! `POST /tickets/{id}/merge`, `/split`, `/resolve` (with all that depends on it) and `/judge`.

use super::change::ticket;
use crate::auth::Agent;
use crate::desk::id::TicketId;
use crate::desk::input::{Command, TicketCommand};
use crate::desk::step::Answer;
use crate::web::work::{ask, command, work_field};
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
pub struct Merge {
    into: String,
}

/// 201 with the address of the one that goes on.
pub async fn merge(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(merge): Form<Merge>,
) -> Result<Response, WebError> {
    let into = ticket(&merge.into).ok_or(WebError::Bad("ticket"))?;
    leads(ask(&state, &me, Command::Ticket(TicketId(id), TicketCommand::Merge { into })).await?)
}

/// `subject`, and each contact that goes along as `work/KIND/ID`. 201 with the address of the new one.
pub async fn split(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(written): Form<BTreeMap<String, String>>,
) -> Result<Response, WebError> {
    let subject = written.get("subject").cloned().unwrap_or_default();
    let mut works = Vec::new();
    for name in written.keys().filter_map(|name| name.strip_prefix("work/")) {
        works.extend(work_field(name)?);
    }
    leads(ask(&state, &me, Command::Ticket(TicketId(id), TicketCommand::Split { subject, works })).await?)
}

pub async fn resolve(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::Ticket(TicketId(id), TicketCommand::ResolveFamily)).await
}

#[derive(Deserialize)]
pub struct Judge {
    granted: bool,
    #[serde(default)]
    reason: String,
}

pub async fn judge(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(Judge { granted, reason }): Form<Judge>,
) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::Ticket(TicketId(id), TicketCommand::Judge { granted, reason })).await
}

fn leads(answer: Answer) -> Result<Response, WebError> {
    match answer {
        Answer::Ticket(id) => Ok((StatusCode::CREATED, [(header::LOCATION, format!("/tickets/{id}"))]).into_response()),
        _ => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}
