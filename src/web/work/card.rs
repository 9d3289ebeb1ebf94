//! `POST /work/conversation/{id}/card`: sends a question with choices, a link or a place. `key` makes a repeated post harmless, as with a
//! reply.

use super::command;
use crate::auth::Agent;
use crate::desk::id::ConversationId;
use crate::desk::input::Command;
use crate::web::card::WrittenCard;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

/// Longest card that is read, bytes.
const LONGEST: usize = 64 << 10;

#[derive(Deserialize)]
pub struct Sent {
    /// As JSON, because a form has no lists.
    card: String,
    key: String,
}

pub async fn card(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(sent): Form<Sent>,
) -> Result<StatusCode, WebError> {
    if sent.key.is_empty() || sent.key.len() > 64 {
        return Err(WebError::Bad("key"));
    }
    if sent.card.len() > LONGEST {
        return Err(WebError::Bad("card"));
    }
    let written: WrittenCard = serde_json::from_str(&sent.card).map_err(|_| WebError::Bad("card"))?;
    command(&state, &me, Command::Card { conversation: ConversationId(id), card: Box::new(written.card()), key: sent.key }).await
}
