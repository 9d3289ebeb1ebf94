//! `GET /people/{id}/mail`: a letter to somebody that answers none. `POST` sends it, `POST /people/{id}/mail/draft` keeps what was begun.

use crate::auth::Agent;
use crate::desk::id::{ChannelId, PersonId};
use crate::desk::input::{Body, Command};
use crate::desk::person::Who;
use crate::desk::step::Answer;
use crate::store::drafts::{self, Place};
use crate::store::{StoreError, messages, persons};
use crate::web::error::refusal_text;
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::work::letter::Head;
use crate::web::work::{ask, reply::attachments};
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};

/// Longest draft, bytes.
const LONGEST: usize = 128 << 10;

/// What stands in the fields.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    /// Number of one of the customer's addresses.
    to: i64,
    /// Channel and address of ours, with a space between.
    by: String,
    subject: String,
    cc: String,
    bcc: String,
    text: String,
    /// Numbers of uploaded files, with commas between.
    files: String,
    key: String,
}

/// `templates/people/mail.html`
#[derive(Template)]
#[template(path = "people/mail.html")]
struct MailPage {
    page: Page,
    frame: Frame,
    person: PersonId,
    name: String,
    /// Number, address as the reader may see it, chosen.
    to: Vec<(i64, String, bool)>,
    /// Value, address, chosen.
    by: Vec<(String, String, bool)>,
    fields: Fields,
    /// Why it was not sent.
    refused: String,
}

pub async fn show(reader: Reader, Path(id): Path<u64>) -> Result<Response, WebError> {
    let kept = drafts::get(&reader.state.store, reader.me(), Place::Letter(PersonId(id))).await?;
    let fields: Fields = serde_json::from_str(&kept).unwrap_or_default();
    // A form that is sent twice is one letter.
    let key = format!("{:032x}", rand::random::<u128>());
    draw(reader, PersonId(id), Fields { key, ..fields }, String::new()).await
}

pub async fn send(reader: Reader, Agent(me): Agent, Path(id): Path<u64>, Form(fields): Form<Fields>) -> Result<Response, WebError> {
    let (state, person) = (reader.state.clone(), PersonId(id));
    if fields.key.is_empty() || fields.key.len() > 64 || fields.text.len() > LONGEST {
        return Err(WebError::Bad("key"));
    }
    let identity = persons::identity(&state.store, person, fields.to).await?.ok_or(WebError::Bad("address"))?;
    let brief = persons::brief(&state.store, identity.clone()).await?;
    let (channel, from) = fields.by.split_once(' ').ok_or(WebError::Bad("by"))?;
    let head = Head { subject: fields.subject.clone(), from: from.to_owned(), cc: fields.cc.clone(), bcc: fields.bcc.clone() };
    let files = attachments(&state, &me.agent, &fields.files).await?;
    let body = Body { text: fields.text.trim_end().to_owned(), files, extra: Some(head.extra(String::new())) };
    let who = Who { identity, display: None, person: brief };
    let command = Command::Write { who, channel: ChannelId::from(channel), body, key: fields.key.clone() };
    let message = match ask(&state, &me, command).await {
        Ok(Answer::Message(message) | Answer::Known(message)) => message,
        Ok(_) => return Err(WebError::Internal),
        Err(WebError::Refused(refusal)) => {
            let why = refusal_text(reader.locale(), &refusal);
            let mut page = draw(reader, person, fields, why).await?;
            *page.status_mut() = StatusCode::CONFLICT;
            return Ok(page);
        }
        Err(error) => return Err(error),
    };
    drafts::set(&state.store, &me.agent, Place::Letter(person), String::new(), state.clock.now()).await?;
    let conversation = messages::get(&state.store, message).await?.and_then(|row| row.conversation);
    let to = conversation.map_or_else(|| format!("/people/{person}"), |conversation| format!("/inbox/conversation/{conversation}"));
    Ok(Redirect::to(&to).into_response())
}

pub async fn draft(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(fields): Form<Fields>,
) -> Result<StatusCode, WebError> {
    let kept = Fields { key: String::new(), files: String::new(), ..fields };
    let empty = kept.text.is_empty() && kept.subject.is_empty() && kept.cc.is_empty() && kept.bcc.is_empty();
    let text = if empty { String::new() } else { serde_json::to_string(&kept).map_err(StoreError::from)? };
    if text.len() > LONGEST {
        return Err(WebError::Bad("draft too long"));
    }
    drafts::set(&state.store, &me.agent, Place::Letter(PersonId(id)), text, state.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn draw(reader: Reader, person: PersonId, fields: Fields, refused: String) -> Result<Response, WebError> {
    let row = persons::get(&reader.state.store, person).await?.ok_or(WebError::NotFound)?;
    let identities = persons::identities(&reader.state.store, &reader.viewer, person).await?;
    let to: Vec<_> = identities.into_iter().filter(|one| one.kind == "email").map(|one| (one.id, one.value, one.id == fields.to)).collect();
    let letters = reader.catalog().channels.values().filter(|spec| spec.traits.threads);
    let by: Vec<_> = letters
        .flat_map(|spec| spec.addresses.iter().map(move |address| (format!("{} {address}", spec.id), address.clone())))
        .map(|(value, address)| (value.clone(), address, value == fields.by))
        .collect();
    let frame = Frame::load(&reader).await?;
    Ok(html(&MailPage { frame, person, name: row.name, to, by, fields, refused, page: reader.page }))
}
