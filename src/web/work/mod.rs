//! What an agent does with a call or a conversation. Each command is asked of the desk; a refusal comes back as one plain sentence
//! in the reader's language, and what changed comes back as it does to everybody else: by the live socket.

mod accept;
mod amend;
mod assist;
mod call;
mod call_link;
mod card;
mod chat_link;
mod conference;
mod consult;
mod decline;
mod digits;
mod draft;
mod hangup;
mod hold;
pub(in crate::web) mod letter;
mod masked;
mod park;
mod phone;
mod push;
mod read;
mod record;
pub(in crate::web) mod reply;
mod resolve;
mod shown;
mod snooze;
mod take;
mod template;
mod transfer;
mod wrapup;

pub use snooze::moment;
pub use transfer::target;

use crate::auth::Session;
use crate::desk::id::{CallId, CallbackId, ConversationId, Work};
use crate::desk::input::{Command, Input};
use crate::desk::step::Answer;
use crate::web::{WebError, WebState};
use axum::Router;
use axum::routing::{get, post};
use http::StatusCode;
use serde::{Deserialize, Deserializer};

pub fn router() -> Router<WebState> {
    Router::new()
        .route("/work/{kind}/{id}/accept", post(accept::accept))
        .route("/work/{kind}/{id}/decline", post(decline::decline))
        .route("/work/{kind}/{id}/take", post(take::take))
        .route("/work/{kind}/{id}/shown", post(shown::shown))
        .route("/work/{kind}/{id}/transfer", post(transfer::transfer))
        .route("/work/{kind}/{id}/push", get(push::open).post(push::send))
        .route("/work/conversation/{id}/phone", post(phone::phone))
        .route("/work/call", post(call::call))
        .route("/work/pickup", post(park::pick_up))
        .route("/work/call/{id}/consult", post(consult::consult))
        .route("/work/call/{id}/swap", post(consult::swap))
        .route("/work/call/{id}/merge", post(consult::merge))
        .route("/work/call/{id}/complete", post(consult::complete))
        .route("/work/call/{id}/back", post(consult::back))
        .route("/work/call/{id}/add", post(conference::add))
        .route("/work/call/{id}/remove", post(conference::remove))
        .route("/work/call/{id}/leave", post(conference::leave))
        .route("/work/call/{id}/park", post(park::park))
        .route("/work/call/{id}/masked", post(masked::masked))
        .route("/work/call/{id}/hold", post(hold::hold))
        .route("/work/call/{id}/hangup", post(hangup::hang_up))
        .route("/work/call/{id}/digits", post(digits::digits))
        .route("/work/call/{id}/record", post(record::record))
        .route("/work/call/{id}/wrapup", post(wrapup::wrap_up))
        .route("/work/{kind}/{id}/assist", post(assist::ask))
        .route("/work/{kind}/{id}/assist/end", post(assist::end))
        .route("/work/call/{id}/draft", post(draft::wrap_up))
        .route("/work/call/{id}/extend", post(wrapup::extend))
        .route("/work/conversation/{id}/reply", post(reply::reply))
        .route("/work/conversation/{id}/edit", post(amend::edit))
        .route("/work/conversation/{id}/recall", post(amend::recall))
        .route("/work/conversation/{id}/template", post(template::template))
        .route("/work/conversation/{id}/card", post(card::card))
        .route("/work/conversation/{id}/call-link", post(call_link::call_link))
        .route("/work/conversation/{id}/chat-link", post(chat_link::chat_link))
        .route("/work/conversation/{id}/draft", post(draft::reply))
        .route("/people/{id}/draft", post(draft::note))
        .route("/work/conversation/{id}/read", post(read::read))
        .route("/work/conversation/{id}/snooze", post(snooze::snooze))
        .route("/work/conversation/{id}/wake", post(snooze::wake))
        .route("/work/conversation/{id}/resolve", get(resolve::open).post(resolve::resolve))
}

/// `call/12` or `conversation/7` of an address.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct WorkPath {
    kind: Kind,
    id: u64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Call,
    Conversation,
    Callback,
}

impl WorkPath {
    pub fn work(self) -> Work {
        match self.kind {
            Kind::Call => Work::Call(CallId(self.id)),
            Kind::Conversation => Work::Conversation(ConversationId(self.id)),
            Kind::Callback => Work::Callback(CallbackId(self.id)),
        }
    }
}

/// `call/12` of a form field; `None` for an empty one.
pub fn work_field(text: &str) -> Result<Option<Work>, WebError> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || WebError::Bad("work");
    let (kind, id) = text.split_once('/').ok_or_else(wrong)?;
    let id: u64 = id.parse().map_err(|_| wrong())?;
    match kind {
        "call" => Ok(Some(Work::Call(CallId(id)))),
        "conversation" => Ok(Some(Work::Conversation(ConversationId(id)))),
        _ => Err(wrong()),
    }
}

/// A switch: `on=true`.
#[derive(Debug, Deserialize)]
pub struct Switch {
    pub on: bool,
}

/// Asks the desk; 204 when it is done and on disk.
pub async fn command(state: &WebState, session: &Session, command: Command) -> Result<StatusCode, WebError> {
    ask(state, session, command).await.map(|_| StatusCode::NO_CONTENT)
}

/// Asks the desk and gives its answer.
pub async fn ask(state: &WebState, session: &Session, command: Command) -> Result<Answer, WebError> {
    Ok(state.switchboard.ask(Input::Command(session.agent.clone(), command)).await?)
}

/// An empty form field is nothing.
pub fn empty_is_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}
