//! `POST /work/conversation/{id}/read`: the agent has seen messages up to this one.

use super::command;
use crate::auth::Agent;
use crate::desk::id::{ConversationId, MessageId};
use crate::desk::input::Command;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Seen {
    upto: u64,
}

pub async fn read(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(Seen { upto }): Form<Seen>,
) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::MarkRead { conversation: ConversationId(id), upto: MessageId(upto) }).await
}
