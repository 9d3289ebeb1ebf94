//! `POST /api/v1/tickets`: opens a ticket for a customer. The same key of the same token and customer is the same ticket while that is open.

use super::Ticket;
use crate::desk::id::*;
use crate::desk::input::{Input, NewTicket, Source};
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;
use crate::store::viewer::{Role, Viewer};
use crate::store::{persons, tickets};
use crate::web::WebState;
use crate::web::api::keyed::{key, whole};
use crate::web::api::problem::Problem;
use crate::web::api::token::Clerk;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTicket)]
struct Request {
    person: u64,
    #[schema(min_length = 1, max_length = 200)]
    subject: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    /// 1 (most urgent) to 4.
    #[schema(minimum = 1, maximum = 4)]
    priority: Option<u8>,
    department: Option<String>,
    assignee: Option<String>,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    #[serde(default)]
    #[schema(max_length = 10_000)]
    note: String,
    /// The customer is not told of it.
    #[serde(default)]
    quiet: bool,
}

#[utoipa::path(
    post, path = "/tickets", tag = "tickets", request_body = Request,
    params(("Idempotency-Key" = String, Header, description = "A name of your own for this ticket.", min_length = 1, max_length = 255)),
    responses((status = 201, body = Ticket, headers(("Location" = String, description = "Where to ask how far it has come."))), Problem)
)]
pub async fn open(
    State(state): State<WebState>,
    Clerk(name): Clerk,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let body = whole(body)?;
    let key = format!("{name}/{}", key(&headers)?);
    let request: Request = serde_json::from_slice(&body)
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "unreadable", format!("Not the JSON of a ticket: {error}.")))?;
    let viewer = Viewer { agent: AgentId::from(name.as_str()), role: Role::Agent };
    // Ids beyond what a table holds are nobody's.
    let known = i64::try_from(request.person).is_ok();
    if !known || persons::card(&state.store, &viewer, PersonId(request.person)).await?.is_none() {
        return Err(Problem::unfit("unknown_recipient", "There is no such person."));
    }
    let new = NewTicket {
        kind: request.kind.as_deref().map(TicketKind::from),
        priority: request.priority,
        department: request.department.as_deref().map(DepartmentId::from),
        assignee: request.assignee.as_deref().map(AgentId::from),
        fields: request.fields,
        note: request.note,
        quiet: request.quiet,
        key: Some(key),
        customer: persons::about(&state.store, PersonId(request.person)).await?,
        ..NewTicket::plain(PersonId(request.person), request.subject)
    };
    match state.switchboard.ask(Input::OpenTicket(Box::new(new), Source::Bot(name))).await {
        Ok(Answer::Ticket(id)) => {
            let whole = tickets::get(&state.store, id).await?.ok_or_else(|| Problem::from(Refusal::NotRecorded))?;
            let place = format!("/api/v1/tickets/{id}");
            Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(Ticket::from(whole.ticket))).into_response())
        }
        Ok(answer) => {
            tracing::error!(?answer, "an answer to something else");
            Err(Refusal::NotRecorded.into())
        }
        Err(refusal @ (Refusal::Busy | Refusal::NotRecorded)) => Err(refusal.into()),
        Err(refusal) => Err(unfit(refusal)),
    }
}

/// Why the desk opens no such ticket.
fn unfit(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::TooLong { limit } => Problem::unfit("too_long", format!("The subject or the note has more than {limit} characters.")),
        Refusal::Empty => Problem::unfit("empty", "A ticket has a subject."),
        Refusal::UnknownTicketKind => Problem::unfit("unknown_type", "There is no such type of ticket."),
        Refusal::UnknownDepartment => Problem::unfit("unknown_department", "There is no such department."),
        Refusal::UnknownAgent => Problem::unfit("unknown_assignee", "There is no such agent."),
        Refusal::UnknownField => Problem::unfit("unknown_field", "This type of ticket has no such field."),
        Refusal::BadField { name, .. } => Problem::unfit("field", format!("The value of `{name}` does not fit.")),
        Refusal::FieldsMissing { fields } => Problem::unfit("fields_missing", format!("To be filled in: {}.", fields.join(", "))),
        refusal => refusal.into(),
    }
}
