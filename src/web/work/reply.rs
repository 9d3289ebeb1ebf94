//! `POST /work/conversation/{id}/reply`: sends a text with files. `key` makes a repeated post harmless: the page sends the same key
//! again when it heard no answer.

use super::command;
use crate::auth::Agent;
use crate::desk::id::{AgentId, ConversationId, FileId};
use crate::desk::input::{Body, Command, FileRef};
use crate::store::{drafts, files};
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

const MOST_FILES: usize = 10;

#[derive(Deserialize)]
pub struct Reply {
    #[serde(default)]
    text: String,
    /// Numbers of files uploaded before, with commas between.
    #[serde(default)]
    files: String,
    key: String,
}

pub async fn reply(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(reply): Form<Reply>,
) -> Result<StatusCode, WebError> {
    if reply.key.is_empty() || reply.key.len() > 64 {
        return Err(WebError::Bad("key"));
    }
    let attached = attachments(&state, &me.agent, &reply.files).await?;
    let (conversation, text) = (ConversationId(id), reply.text.trim_end().to_owned());
    let done =
        command(&state, &me, Command::Reply { conversation, body: Body { text, files: attached, extra: None }, key: reply.key }).await?;
    drafts::set(&state.store, &me.agent, drafts::Place::Conversation(conversation), String::new(), state.clock.now()).await?;
    Ok(done)
}

/// Uploaded files by their numbers, with commas between.
pub(super) async fn attachments(state: &WebState, agent: &AgentId, numbers: &str) -> Result<Vec<FileRef>, WebError> {
    let own = format!("agent/{agent}");
    let mut attached = Vec::new();
    for number in numbers.split(',').filter(|number| !number.is_empty()).take(MOST_FILES) {
        let file: u64 = number.trim().parse().map_err(|_| WebError::Bad("file"))?;
        // Only what this agent uploaded: a number from elsewhere would hand one customer's file to another.
        let row = files::get(&state.store, FileId(file)).await?.filter(|row| row.by == own).ok_or(WebError::Bad("file"))?;
        attached.push(FileRef { id: row.id, name: row.name, mime: row.mime, bytes: row.bytes });
    }
    Ok(attached)
}
