//! `POST /work/conversation/{id}/template`: sends a text that the platform has approved, filled by the agent. `key` makes a repeated post
//! harmless, as with a reply.

use super::command;
use crate::auth::Agent;
use crate::desk::id::ConversationId;
use crate::desk::input::Command;
use crate::store::{conversations, templates};
use crate::web::inbox::reader::Reader;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

/// Longest list of values that is read, bytes.
const VALUES: usize = 64 << 10;

#[derive(Deserialize)]
pub struct Chosen {
    name: String,
    #[serde(default)]
    language: String,
    /// The values in order, a JSON array of texts.
    values: String,
    key: String,
}

pub async fn template(
    State(state): State<WebState>,
    Agent(me): Agent,
    reader: Reader,
    Path(id): Path<u64>,
    Form(chosen): Form<Chosen>,
) -> Result<StatusCode, WebError> {
    if chosen.key.is_empty() || chosen.key.len() > 64 {
        return Err(WebError::Bad("key"));
    }
    if chosen.values.len() > VALUES {
        return Err(WebError::Bad("values"));
    }
    let values: Vec<String> = serde_json::from_str(&chosen.values).map_err(|_| WebError::Bad("values"))?;
    let conversation = ConversationId(id);
    let row = conversations::get(&state.store, &reader.viewer, conversation).await?.ok_or(WebError::NotFound)?;
    let template = templates::of(&state.store, &row.channel).await?.find(&chosen.name, &chosen.language).map(Box::new);
    command(&state, &me, Command::Template { conversation, template, values, key: chosen.key }).await
}
