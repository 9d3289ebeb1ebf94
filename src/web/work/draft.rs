//! `POST /work/conversation/{id}/draft`, `POST /work/call/{id}/draft` and `POST /people/{id}/draft`: keeps what the agent has begun to write, a
//! reply with its files, the form after a call or a note, over reloads and machines. Nobody routes on it, so it is a plain write to the store.

use super::reply::numbers;
use crate::auth::{Agent, Session};
use crate::desk::id::{CallId, ConversationId, PersonId};
use crate::store::drafts::{self, Place};
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Longest kept draft, bytes; longer than any channel takes.
const LONGEST: usize = 64 * 1024;

#[derive(Deserialize)]
pub struct Draft {
    text: String,
    /// Of a letter's head, as JSON; without it that stays as it was.
    mail: Option<String>,
    /// Numbers of what is attached, with commas between; without it that stays as it was.
    files: Option<String>,
}

pub async fn reply(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(draft): Form<Draft>,
) -> Result<StatusCode, WebError> {
    let conversation = ConversationId(id);
    if let Some(mail) = draft.mail {
        if !mail.is_empty() && serde_json::from_str::<serde_json::Value>(&mail).is_err() {
            return Err(WebError::Bad("mail"));
        }
        keep(&state, &me, Place::Mail(conversation), mail).await?;
    }
    let place = Place::Conversation(conversation);
    if let Some(files) = draft.files {
        drafts::attach(&state.store, &me.agent, place, numbers(&files)?, state.clock.now()).await?;
    }
    keep(&state, &me, place, draft.text).await
}

/// The form after a call: its names and values as JSON.
pub async fn wrap_up(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(draft): Form<Draft>,
) -> Result<StatusCode, WebError> {
    if !draft.text.is_empty() && serde_json::from_str::<BTreeMap<String, String>>(&draft.text).is_err() {
        return Err(WebError::Bad("text"));
    }
    keep(&state, &me, Place::WrapUp(CallId(id)), draft.text).await
}

pub async fn note(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(draft): Form<Draft>,
) -> Result<StatusCode, WebError> {
    keep(&state, &me, Place::Person(PersonId(id)), draft.text).await
}

async fn keep(state: &WebState, me: &Session, place: Place, text: String) -> Result<StatusCode, WebError> {
    if text.len() > LONGEST {
        return Err(WebError::Bad("draft too long"));
    }
    drafts::set(&state.store, &me.agent, place, text, state.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
