//! `POST /work/call/{id}/digits`: tones to the customer's side.

use super::command;
use crate::auth::Agent;
use crate::desk::id::CallId;
use crate::desk::input::Command;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Keys {
    digits: String,
}

pub async fn digits(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(Keys { digits }): Form<Keys>,
) -> Result<StatusCode, WebError> {
    let keys = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#' | 'A'..='D');
    if digits.is_empty() || digits.len() > 32 || !digits.chars().all(keys) {
        return Err(WebError::Bad("digits"));
    }
    command(&state, &me, Command::SendDigits { call: CallId(id), digits }).await
}
