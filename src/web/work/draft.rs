//! `POST /work/conversation/{id}/draft` and `POST /people/{id}/draft`: keeps what the agent has begun to write, a reply or a note, over
//! reloads and machines. Nobody routes on it, so it is a plain write to the store.

use crate::auth::Agent;
use crate::desk::id::{ConversationId, PersonId};
use crate::store::drafts::{self, Place};
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

/// Longest kept draft, bytes; longer than any channel takes.
const LONGEST: usize = 64 * 1024;

#[derive(Deserialize)]
pub struct Draft {
    text: String,
}

pub async fn reply(state: State<WebState>, me: Agent, Path(id): Path<u64>, draft: Form<Draft>) -> Result<StatusCode, WebError> {
    keep(state, me, Place::Conversation(ConversationId(id)), draft).await
}

pub async fn note(state: State<WebState>, me: Agent, Path(id): Path<u64>, draft: Form<Draft>) -> Result<StatusCode, WebError> {
    keep(state, me, Place::Person(PersonId(id)), draft).await
}

async fn keep(
    State(state): State<WebState>,
    Agent(me): Agent,
    place: Place,
    Form(Draft { text }): Form<Draft>,
) -> Result<StatusCode, WebError> {
    if text.len() > LONGEST {
        return Err(WebError::Bad("draft too long"));
    }
    drafts::set(&state.store, &me.agent, place, text, state.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
