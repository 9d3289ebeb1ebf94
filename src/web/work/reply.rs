//! `POST /work/conversation/{id}/reply`: sends a text with files. `key` makes a repeated post harmless: the page sends the same key
//! again when it heard no answer.

use super::command;
use super::letter::Head;
use crate::auth::Agent;
use crate::desk::id::{AgentId, ConversationId, FileId, Work};
use crate::desk::input::{Body, Command, FileRef};
use crate::store::{drafts, files, knowledge};
use crate::web::inbox::mail::quotation;
use crate::web::inbox::reader::Reader;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

const MOST_FILES: usize = 10;
const MOST_ARTICLES: usize = 20;

#[derive(Deserialize)]
pub struct Reply {
    #[serde(default)]
    text: String,
    /// Numbers of files uploaded before, with commas between.
    #[serde(default)]
    files: String,
    key: String,
    /// A letter: what stands on its head, and whether the customer's own is quoted below.
    #[serde(default)]
    letter: bool,
    #[serde(default)]
    quote: bool,
    #[serde(flatten)]
    head: Head,
    /// Numbers of articles whose words or links are in the text, with commas between.
    #[serde(default)]
    articles: String,
}

pub async fn reply(
    State(state): State<WebState>,
    Agent(me): Agent,
    reader: Reader,
    Path(id): Path<u64>,
    Form(reply): Form<Reply>,
) -> Result<StatusCode, WebError> {
    if reply.key.is_empty() || reply.key.len() > 64 {
        return Err(WebError::Bad("key"));
    }
    let attached = attachments(&state, &me.agent, &reply.files).await?;
    let (conversation, text) = (ConversationId(id), reply.text.trim_end().to_owned());
    let extra = if reply.letter {
        let quoted = if reply.quote { quotation(&reader, conversation).await? } else { String::new() };
        Some(reply.head.extra(quoted))
    } else {
        None
    };
    let done = command(&state, &me, Command::Reply { conversation, body: Body { text, files: attached, extra }, key: reply.key }).await?;
    let articles: Vec<i64> = reply.articles.split(',').take(MOST_ARTICLES).filter_map(|id| id.parse().ok()).collect();
    if !articles.is_empty() {
        let (work, now) = (Work::Conversation(conversation), state.clock.now());
        // The message is on its way: a count that cannot be kept is no failure of it.
        if let Err(error) = knowledge::used_in(&state.store, articles, knowledge::UseKind::Sent, work, &me.agent, now).await {
            tracing::error!(%error, "that articles were sent could not be counted");
        }
    }
    for place in [drafts::Place::Conversation(conversation), drafts::Place::Mail(conversation)] {
        drafts::done(&state.store, &me.agent, place).await?;
    }
    Ok(done)
}

/// Numbers of files, with commas between.
pub(in crate::web) fn numbers(text: &str) -> Result<Vec<FileId>, WebError> {
    let each = text.split(',').map(str::trim).filter(|number| !number.is_empty()).take(MOST_FILES);
    // Ids that no row can have are no numbers either.
    each.map(|number| number.parse::<u32>().map(|number| FileId(number.into())).map_err(|_| WebError::Bad("file"))).collect()
}

/// Uploaded files by their numbers, with commas between.
pub(in crate::web) async fn attachments(state: &WebState, agent: &AgentId, numbers: &str) -> Result<Vec<FileRef>, WebError> {
    let own = format!("agent/{agent}");
    let mut attached = Vec::new();
    for file in self::numbers(numbers)? {
        // Only what this agent uploaded: a number from elsewhere would hand one customer's file to another.
        let row = files::get(&state.store, file).await?.filter(|row| row.by == own).ok_or(WebError::Bad("file"))?;
        attached.push(FileRef { id: row.id, name: row.name, mime: row.mime, bytes: row.bytes });
    }
    Ok(attached)
}
