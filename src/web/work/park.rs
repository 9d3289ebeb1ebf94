//! `POST /work/call/{id}/park`: the customer waits at a slot, which is the answer's text. `POST /work/pickup`: fetches a call from its slot.

use super::ask;
use crate::auth::Agent;
use crate::desk::id::CallId;
use crate::desk::input::Command;
use crate::desk::step::Answer;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;

pub async fn park(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Result<Response, WebError> {
    match ask(&state, &me, Command::Park { call: CallId(id) }).await? {
        Answer::Parked(slot) => Ok(slot.to_string().into_response()),
        _ => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

#[derive(Deserialize)]
pub struct Slot {
    slot: u32,
}

pub async fn pick_up(State(state): State<WebState>, Agent(me): Agent, Form(Slot { slot }): Form<Slot>) -> Result<Response, WebError> {
    match ask(&state, &me, Command::PickUp { slot }).await? {
        Answer::Call(id) => Ok((StatusCode::CREATED, [(header::LOCATION, format!("/inbox/call/{id}"))]).into_response()),
        _ => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}
