//! `POST /tickets`: opens one for a person, with whatever the form has; a kind's own fields come as `field.NAME`.

use super::change::{named, ticket};
use super::time;
use crate::auth::Agent;
use crate::desk::id::PersonId;
use crate::desk::input::{Command, NewTicket};
use crate::desk::step::Answer;
use crate::store::persons;
use crate::web::work::{ask, work_field};
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use std::collections::BTreeMap;

/// 201 with the ticket's address.
pub async fn open(
    State(state): State<WebState>,
    Agent(me): Agent,
    Form(written): Form<BTreeMap<String, String>>,
) -> Result<Response, WebError> {
    let text = |name: &str| written.get(name).map(|value| value.trim()).unwrap_or_default();
    let bad = |what: &'static str| WebError::Bad(what);
    let person = PersonId(text("person").parse().map_err(|_| bad("person"))?);
    let zone = state.config.load().catalog.tickets.zone.clone();
    let maybe = |name: &'static str| Some(text(name)).filter(|value| !value.is_empty());
    let new = NewTicket {
        kind: named(text("kind")),
        priority: maybe("priority").map(|value| value.parse().map_err(|_| bad("priority"))).transpose()?,
        department: named(text("department")),
        assignee: named(text("assignee")),
        work: work_field(text("work"))?,
        fields: written.iter().filter_map(|(name, value)| Some((name.strip_prefix("field.")?.to_owned(), value.clone()))).collect(),
        due: maybe("due").map(|value| time::read(value, &zone).ok_or(bad("due"))).transpose()?,
        parent: maybe("parent").map(|value| ticket(value).ok_or(bad("parent"))).transpose()?,
        follows: maybe("follows").map(|value| ticket(value).ok_or(bad("follows"))).transpose()?,
        note: text("note").to_owned(),
        quiet: text("quiet") == "true",
        key: maybe("key").map(|key| key.chars().take(100).collect()),
        customer: persons::about(&state.store, person).await?,
        ..NewTicket::plain(person, text("subject").to_owned())
    };
    match ask(&state, &me, Command::OpenTicket(Box::new(new))).await? {
        Answer::Ticket(id) => Ok((StatusCode::CREATED, [(header::LOCATION, format!("/tickets/{id}"))]).into_response()),
        _ => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}
