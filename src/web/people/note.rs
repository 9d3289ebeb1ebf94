//! `POST /people/{id}/note`: an internal note on a person, with the call or conversation it came up in.

use crate::auth::Agent;
use crate::desk::input::Command;
use crate::store::drafts;
use crate::web::work::{command, work_field};
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Note {
    text: String,
    /// `call/12`, `conversation/7` or empty.
    #[serde(default)]
    work: String,
    /// The same again is the same note.
    #[serde(default)]
    key: String,
}

pub async fn note(
    State(state): State<WebState>,
    Agent(me): Agent,
    Path(id): Path<u64>,
    Form(note): Form<Note>,
) -> Result<StatusCode, WebError> {
    if note.key.len() > 64 {
        return Err(WebError::Bad("key"));
    }
    let work = work_field(&note.work)?;
    let person = super::living(&state, id).await?;
    let done = command(&state, &me, Command::Note { person, work, text: note.text.trim_end().to_owned(), key: note.key }).await?;
    drafts::set(&state.store, &me.agent, drafts::Place::Person(person), String::new(), state.clock.now()).await?;
    Ok(done)
}
