//! `POST /work/conversation/{id}/resolve`: the matter is solved, with what its queue asks for. `GET` is the dialog that asks for it.

use super::command;
use super::wrapup::{Outcome, outcome};
use crate::auth::Agent;
use crate::desk::id::ConversationId;
use crate::desk::input::Command;
use crate::desk::refusal::Refusal;
use crate::store::conversations;
use crate::web::inbox::reader::Reader;
use crate::web::inbox::render;
use crate::web::inbox::view::{Asked, ResolveBox};
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Html;
use http::StatusCode;
use std::collections::BTreeMap;

/// For whoever has the conversation.
pub async fn open(reader: Reader, Path(id): Path<u64>) -> Result<Html<String>, WebError> {
    let row = conversations::get(&reader.state.store, &reader.viewer, ConversationId(id)).await?.ok_or(WebError::NotFound)?;
    if row.agent.as_ref() != Some(reader.me()) || row.state != "serving" {
        return Err(Refusal::NotYours.into());
    }
    let queue = row.queue.as_ref().and_then(|queue| reader.catalog().queues.get(queue));
    let resolve = ResolveBox { conversation: row.id, name: row.person_name, asked: Asked::of(queue) };
    Ok(Html(render::resolve_box(&reader.say(), &resolve).0))
}

pub async fn resolve(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<StatusCode, WebError> {
    let (conversation, Outcome { disposition, fields, note }) = (ConversationId(id), outcome(&form));
    command(&state, &me, Command::Resolve { conversation, disposition, fields, note }).await
}
