//! `POST /work/{call|conversation}/{id}/take`: takes waiting work out of its queue.

use super::{WorkPath, command};
use crate::auth::Agent;
use crate::desk::input::Command;
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use http::StatusCode;

pub async fn take(State(state): State<WebState>, Agent(me): Agent, Path(path): Path<WorkPath>) -> Result<StatusCode, WebError> {
    let work = path.work();
    let floor = state.switchboard.floor();
    // Who reads the customer's page and takes what waits knows what it is about.
    if let Some(waiting) = floor.waiting.iter().find(|waiting| waiting.work == work)
        && state.live.looks_at(&me.agent, waiting.person)
    {
        command(&state, &me, Command::CardShown(work)).await?;
    }
    command(&state, &me, Command::Take(work)).await
}
