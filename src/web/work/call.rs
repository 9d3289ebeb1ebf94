//! `POST /work/call`: calls a customer (a number as typed, or one of their numbers) or a colleague. 201 with the call's address.
//!
//! Agents who may not see a number call it by its person: the number is read here and never leaves the house but to the trunk.

use super::{ask, empty_is_none};
use crate::auth::Agent;
use crate::desk::id::{AgentId, ConversationId, PersonId, QueueId};
use crate::desk::input::{Callee, Command};
use crate::desk::person::{Identity, Page, Who};
use crate::desk::refusal::Refusal;
use crate::desk::step::Answer;
use crate::store::viewer::{Role, Viewer};
use crate::store::{Store, conversations, persons};
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Calling {
    /// A number as somebody typed it, or `@` and a colleague's id.
    #[serde(default, deserialize_with = "empty_is_none")]
    number: Option<String>,
    /// Whose number: the one named by `identity`, or their first.
    person: Option<u64>,
    identity: Option<i64>,
    #[serde(default, deserialize_with = "empty_is_none")]
    colleague: Option<String>,
    #[serde(default, deserialize_with = "empty_is_none")]
    queue: Option<String>,
    /// A conversation of theirs that goes on as this call.
    chat: Option<u64>,
    /// At the page in which they write there.
    #[serde(default)]
    page: bool,
    /// With the agent's camera on.
    #[serde(default)]
    video: bool,
}

pub async fn call(State(state): State<WebState>, Agent(me): Agent, Form(calling): Form<Calling>) -> Result<Response, WebError> {
    let store = &state.store;
    let colleague = calling.colleague.or_else(|| calling.number.as_deref().and_then(|text| text.strip_prefix('@')).map(str::to_owned));
    let (mut callee_queue, chat) = (None, calling.chat.map(ConversationId));
    let callee = match (colleague, calling.person, calling.number) {
        (Some(colleague), _, _) => {
            Callee::Colleague { agent: AgentId::from(colleague.trim()), who: colleague_shown(&state, &me.agent).await? }
        }
        _ if calling.page => {
            let (callee, queue) = at_page(&state, chat.ok_or(WebError::Bad("chat"))?, calling.video).await?;
            callee_queue = queue;
            callee
        }
        (None, Some(person), None) => customer(store, PersonId(person), calling.identity).await?,
        (None, _, Some(number)) => Callee::Number { who: stranger(&state, &number).await?, number, line: None },
        (None, None, None) => return Err(WebError::Bad("number")),
    };
    let queue = calling.queue.map(|queue| QueueId::from(queue.as_str())).or(callee_queue);
    match ask(&state, &me, Command::Call { callee, queue, chat }).await? {
        Answer::Call(id) => Ok((StatusCode::CREATED, [(header::LOCATION, format!("/inbox/call/{id}"))]).into_response()),
        _ => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

/// The caller, as the colleague is shown them: agents are people too.
async fn colleague_shown(state: &WebState, me: &AgentId) -> Result<Who, WebError> {
    let identity = Identity { kind: "agent".into(), namespace: String::new(), value: me.to_string() };
    let name = state.config.load().catalog.agents.get(me).map(|spec| spec.name.clone());
    let person = persons::brief(&state.store, identity.clone()).await?;
    Ok(Who { identity, display: name, person })
}

async fn stranger(state: &WebState, number: &str) -> Result<Who, WebError> {
    let loaded = state.config.load();
    let read = loaded.catalog.dial.numbering.read(number).map(|reading| reading.number.value().to_owned());
    let identity = Identity { kind: "phone".into(), namespace: String::new(), value: read.unwrap_or_else(|| number.to_owned()) };
    let person = persons::brief(&state.store, identity.clone()).await?;
    Ok(Who { identity, display: None, person })
}

/// The customer of a conversation at the page in which they write, and the queue that it counts to.
async fn at_page(state: &WebState, chat: ConversationId, video: bool) -> Result<(Callee, Option<QueueId>), WebError> {
    // A visitor's random id is nobody's personal value, and stays in the house.
    let house = Viewer { agent: AgentId::from("house"), role: Role::Admin };
    let row = conversations::get(&state.store, &house, chat).await?.ok_or(WebError::NotFound)?;
    let page = Page::of(&row.channel, &row.identity).ok_or(Refusal::NoPage)?;
    let person = persons::brief(&state.store, row.identity.clone()).await?;
    let video = video && state.config.load().config.takes_video_at(&page.channel);
    let who = Who { identity: row.identity, display: Some(row.person_name), person };
    Ok((Callee::Page { who, page, video }, row.queue))
}

pub(super) async fn customer(store: &Store, person: PersonId, identity: Option<i64>) -> Result<Callee, WebError> {
    // The number itself, whatever the reader may see of it.
    let house = Viewer { agent: AgentId::from("house"), role: Role::Admin };
    let identities = persons::identities(store, &house, person).await?;
    let wanted = |row: &&persons::IdentityRow| row.kind == "phone" && identity.is_none_or(|id| row.id == id);
    let row = identities.iter().find(wanted).ok_or(WebError::NotFound)?;
    let identity = Identity { kind: row.kind.clone(), namespace: row.namespace.clone(), value: row.value.clone() };
    let brief = persons::brief(store, identity.clone()).await?;
    Ok(Callee::Number { number: row.value.clone(), line: None, who: Who { identity, display: None, person: brief } })
}
