//! `POST /work/call/{id}/consult`: talks to somebody else first, while the customer has music. `…/swap`, `…/merge`, `…/complete` and
//! `…/back`: turns to the other side, makes it a talk of three, hands over, goes back to the customer.

use super::command;
use super::transfer::{Handover, target};
use crate::auth::Agent;
use crate::desk::id::CallId;
use crate::desk::input::Command;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;

type Done = Result<StatusCode, WebError>;

pub async fn consult(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>, Form(handover): Form<Handover>) -> Done {
    let to = target(&handover.to)?;
    command(&state, &me, Command::Consult { call: CallId(id), to, note: handover.note.trim().to_owned() }).await
}

pub async fn swap(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Done {
    command(&state, &me, Command::Swap { call: CallId(id) }).await
}

pub async fn merge(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Done {
    command(&state, &me, Command::Merge { call: CallId(id) }).await
}

pub async fn complete(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Done {
    command(&state, &me, Command::Complete { call: CallId(id) }).await
}

pub async fn back(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Done {
    command(&state, &me, Command::EndConsult { call: CallId(id) }).await
}
