//! `POST /work/call/{id}/add`: brings somebody into the talk. `…/remove`: lets one of them go. `…/leave`: leaves the others to themselves.

use super::command;
use super::transfer::{Handover, target};
use crate::auth::Agent;
use crate::desk::id::{AgentId, CallId};
use crate::desk::input::{Command, LegParty};
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Member {
    /// `agent/bo` or `outside/1`.
    party: String,
}

type Done = Result<StatusCode, WebError>;

pub async fn add(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>, Form(handover): Form<Handover>) -> Done {
    command(&state, &me, Command::Add { call: CallId(id), to: target(&handover.to)? }).await
}

pub async fn remove(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>, Form(member): Form<Member>) -> Done {
    let party = match member.party.split_once('/') {
        Some(("agent", agent)) => LegParty::Agent(AgentId::from(agent)),
        Some(("outside", nth)) => LegParty::Outside(nth.parse().map_err(|_| WebError::Bad("party"))?),
        _ => return Err(WebError::Bad("party")),
    };
    command(&state, &me, Command::Remove { call: CallId(id), party }).await
}

pub async fn leave(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Done {
    command(&state, &me, Command::Leave { call: CallId(id) }).await
}
