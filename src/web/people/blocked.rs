//! `GET /people/blocked`: whose calls and messages are refused. `POST /people/block` adds somebody by number, address or customer;
//! `POST /people/{id}/block` and `/unblock` change one. For supervisors.

use crate::auth::Supervisor;
use crate::desk::id::PersonId;
use crate::desk::input::{Command, Entered};
use crate::desk::person::Identity;
use crate::desk::same::Proof;
use crate::desk::step::Answer;
use crate::store::persons;
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::work::{ask, command};
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;

const LONGEST: usize = 300;

struct Line {
    id: u64,
    name: String,
    known: String,
    why: String,
    by: String,
}

/// `templates/people/blocked.html`
#[derive(Template)]
#[template(path = "people/blocked.html")]
struct BlockedPage {
    page: Page,
    frame: Frame,
    lines: Vec<Line>,
}

pub async fn list(Supervisor(_): Supervisor, reader: Reader) -> Result<Response, WebError> {
    let say = reader.say();
    let rows = persons::blocked(&reader.state.store, &reader.viewer).await?;
    let lines = rows.into_iter().map(|row| Line {
        id: row.person.0,
        name: row.name,
        known: row.known.join(" · "),
        why: row.why,
        by: match (row.by, row.at) {
            (Some(by), Some(at)) => say.with("people.same.merged_by", &[("by", &say.agent_name(&by)), ("time", &say.when(at))]),
            _ => String::new(),
        },
    });
    let lines = lines.collect();
    let frame = Frame::load(&reader).await?;
    Ok(html(&BlockedPage { frame, lines, page: reader.page }))
}

#[derive(Deserialize)]
pub struct Why {
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
pub struct Whom {
    value: String,
    #[serde(default)]
    reason: String,
}

/// Somebody who was never here is entered first, so that the first contact is refused already.
pub async fn add(Supervisor(me): Supervisor, State(state): State<WebState>, Form(whom): Form<Whom>) -> Result<StatusCode, WebError> {
    let value = whom.value.trim();
    let loaded = state.config.load_full();
    let number = loaded.catalog.dial.numbering.read(value).map(|read| read.number.value().to_owned());
    let identity = match (value.contains('@'), number) {
        (true, _) => Identity { kind: "email".into(), namespace: String::new(), value: value.to_lowercase() },
        (false, Some(number)) => Identity { kind: "phone".into(), namespace: String::new(), value: number },
        (false, None) => return Err(WebError::Bad("value")),
    };
    let person = match persons::brief(&state.store, identity.clone()).await? {
        Some(brief) => brief.id,
        None => {
            let people = vec![Entered { name: value.chars().take(200).collect(), identities: vec![identity] }];
            match ask(&state, &me, Command::Enter { people, proof: Proof::Agent }).await? {
                Answer::People(ids) => ids.first().copied().ok_or(WebError::Internal)?,
                _ => return Err(WebError::Internal),
            }
        }
    };
    set(&state, &me, person, true, &whom.reason).await
}

pub async fn block(
    Supervisor(me): Supervisor,
    State(state): State<WebState>,
    Path(id): Path<u64>,
    Form(why): Form<Why>,
) -> Result<StatusCode, WebError> {
    let person = super::living(&state, id).await?;
    set(&state, &me, person, true, &why.reason).await
}

pub async fn unblock(Supervisor(me): Supervisor, State(state): State<WebState>, Path(id): Path<u64>) -> Result<StatusCode, WebError> {
    let person = super::living(&state, id).await?;
    set(&state, &me, person, false, "").await
}

async fn set(state: &WebState, me: &crate::auth::Session, person: PersonId, on: bool, reason: &str) -> Result<StatusCode, WebError> {
    let reason = reason.trim().chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    command(state, me, Command::Block { person, on, reason }).await
}
