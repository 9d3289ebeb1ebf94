//! `POST /work/conversation/{id}/draft`: keeps what the agent has begun to write, over reloads and machines. Nobody routes on it, so
//! it is a plain write to the store.

use crate::auth::Agent;
use crate::desk::id::ConversationId;
use crate::store::drafts;
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

pub async fn draft(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(Draft { text }): Form<Draft>,
) -> Result<StatusCode, WebError> {
    if text.len() > LONGEST {
        return Err(WebError::Bad("draft too long"));
    }
    drafts::set(&state.store, &me.agent, ConversationId(id), text, state.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
