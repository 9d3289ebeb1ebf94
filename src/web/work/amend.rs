//! `POST /work/conversation/{id}/edit` and `…/recall`: a message of the agent's own gets other words, or is taken back.

use super::command;
use crate::auth::{Agent, Session};
use crate::desk::id::{ConversationId, MessageId};
use crate::desk::input::{Body, Change, Command, Delivery, Ours};
use crate::store::messages::{self, Changed, MessageKind, MessageRow};
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Edited {
    message: u32,
    text: String,
}

#[derive(Deserialize)]
pub struct Recalled {
    message: u32,
}

pub async fn edit(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(Edited { message, text }): Form<Edited>,
) -> Result<StatusCode, WebError> {
    amend(&state, &me, ConversationId(id), MessageId(message.into()), Change::Edited(text.trim_end().to_owned())).await
}

pub async fn recall(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(Recalled { message }): Form<Recalled>,
) -> Result<StatusCode, WebError> {
    amend(&state, &me, ConversationId(id), MessageId(message.into()), Change::Recalled).await
}

async fn amend(
    state: &WebState,
    me: &Session,
    conversation: ConversationId,
    message: MessageId,
    change: Change,
) -> Result<StatusCode, WebError> {
    let row = messages::get(&state.store, message).await?;
    let ours = row.filter(|row| row.conversation == Some(conversation)).and_then(ours).map(Box::new);
    command(state, me, Command::Amend { conversation, ours, change }).await
}

/// As the desk asks for it; `None`: it went to no customer.
fn ours(row: MessageRow) -> Option<Ours> {
    let state = row.delivery.unwrap_or(Delivery::Unknown);
    let body = Body { text: row.text, files: row.files, extra: row.extra };
    let recalled = row.changed == Some(Changed::Recalled);
    (row.kind == MessageKind::Out).then_some(Ours { message: row.id, by: row.agent, body, at: row.at, state, recalled })
}
