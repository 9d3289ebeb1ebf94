//! `GET /people/{id}/mail?ticket=`: a letter to somebody that answers none; one about a ticket has its number in the subject and belongs to it.
//! `POST` sends it, `POST /people/{id}/mail/draft` keeps what was begun, with what is attached.

use crate::auth::{Agent, Session};
use crate::desk::id::{ChannelId, ConversationId, PersonId, TicketId, Work};
use crate::desk::input::{Body, Command, TicketChange, TicketCommand};
use crate::desk::person::Who;
use crate::desk::step::Answer;
use crate::store::drafts::{self, Place};
use crate::store::tickets::{self, TicketRow};
use crate::store::{StoreError, messages, persons};
use crate::web::error::refusal_text;
use crate::web::inbox::frame::Frame;
use crate::web::inbox::load::chips;
use crate::web::inbox::reader::Reader;
use crate::web::work::ask;
use crate::web::work::letter::Head;
use crate::web::work::reply::{attachments, numbers};
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
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
    /// Number of the ticket that it is about; 0 for none.
    ticket: u64,
    key: String,
}

#[derive(Deserialize)]
pub struct Asked {
    /// Number of the ticket that it shall be about.
    ticket: Option<u64>,
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
    /// What is attached, as JSON: number and name of each.
    files: String,
    /// Number and subject of the ticket.
    ticket: Option<(u64, String)>,
    /// Why it was not sent.
    refused: String,
}

pub async fn show(reader: Reader, Path(id): Path<u64>, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let (store, person) = (&reader.state.store, PersonId(id));
    let kept = drafts::get(store, reader.me(), Place::Letter(person)).await?;
    let mut fields: Fields = serde_json::from_str(&kept).unwrap_or_default();
    fields.files = listed(drafts::files(store, reader.me(), Place::Letter(person)).await?.iter().map(|file| file.id.0));
    if let Some(ticket) = asked.ticket {
        let ticket = about(&reader.state, person, ticket).await?.ok_or(WebError::NotFound)?;
        let mark = format!("[#{}]", ticket.id);
        if !fields.subject.contains(&mark) {
            // What was begun already keeps its words.
            let words = if fields.subject.is_empty() { &ticket.subject } else { &fields.subject };
            fields.subject = format!("{mark} {words}");
        }
        fields.ticket = ticket.id.0;
    }
    // A form that is sent twice is one letter.
    let key = format!("{:032x}", rand::random::<u128>());
    draw(reader, person, Fields { key, ..fields }, String::new()).await
}

/// The ticket with this number, if it is this person's.
async fn about(state: &WebState, person: PersonId, number: u64) -> Result<Option<TicketRow>, StoreError> {
    // Ids that no row can have are not even looked up.
    let Some(id) = i64::try_from(number).ok().filter(|id| *id > 0).map(|_| TicketId(number)) else { return Ok(None) };
    Ok(tickets::get(&state.store, id).await?.map(|whole| whole.ticket).filter(|ticket| ticket.person == person))
}

fn listed(numbers: impl Iterator<Item = u64>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(",")
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
    drafts::done(&state.store, &me.agent, Place::Letter(person)).await?;
    let conversation = messages::get(&state.store, message).await?.and_then(|row| row.conversation);
    if let (Some(conversation), Some(ticket)) = (conversation, about(&state, person, fields.ticket).await?) {
        belongs(&state, &me, conversation, ticket.id).await;
    }
    let to = conversation.map_or_else(|| format!("/people/{person}"), |conversation| format!("/inbox/conversation/{conversation}"));
    Ok(Redirect::to(&to).into_response())
}

/// The letter is on its way: that its ticket takes no more contacts is no failure of it.
async fn belongs(state: &WebState, me: &Session, conversation: ConversationId, ticket: TicketId) {
    let change = TicketChange::Contact(Work::Conversation(conversation));
    if let Err(error) = ask(state, me, Command::Ticket(ticket, TicketCommand::Change(change))).await {
        tracing::info!(%ticket, %conversation, ?error, "a letter could not be put to its ticket");
    }
}

pub async fn draft(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(fields): Form<Fields>,
) -> Result<StatusCode, WebError> {
    let files = numbers(&fields.files)?;
    let kept = Fields { key: String::new(), files: String::new(), ..fields };
    let empty = kept.text.is_empty() && kept.subject.is_empty() && kept.cc.is_empty() && kept.bcc.is_empty();
    let text = if empty { String::new() } else { serde_json::to_string(&kept).map_err(StoreError::from)? };
    if text.len() > LONGEST {
        return Err(WebError::Bad("draft too long"));
    }
    let (place, now) = (Place::Letter(PersonId(id)), state.clock.now());
    drafts::attach(&state.store, &me.agent, place, files, now).await?;
    drafts::set(&state.store, &me.agent, place, text, now).await?;
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
    let files = chips(&attachments(&reader.state, reader.me(), &fields.files).await?);
    let ticket = about(&reader.state, person, fields.ticket).await?.map(|ticket| (ticket.id.0, ticket.subject));
    let frame = Frame::load(&reader).await?;
    Ok(html(&MailPage { frame, person, name: row.name, to, by, fields, files, ticket, refused, page: reader.page }))
}
