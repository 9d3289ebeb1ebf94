//! `POST /callbacks/promise`: from the customer's card: we call them back.

use super::book::later;
use crate::auth::Agent;
use crate::desk::id::{PersonId, QueueId};
use crate::desk::input::Command;
use crate::desk::person::{Identity, Who};
use crate::store::persons;
use crate::web::work::command;
use crate::web::{WebError, WebState};
use axum::Form;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Promise {
    person: u64,
    /// Id of one of the person's telephone numbers: the page may not have been shown the number itself.
    identity: i64,
    #[serde(default)]
    queue: String,
    /// Minutes from now.
    #[serde(default)]
    value: String,
}

pub async fn promise(State(state): State<WebState>, Agent(me): Agent, Form(asked): Form<Promise>) -> Result<StatusCode, WebError> {
    let found = persons::identity(&state.store, PersonId(asked.person), asked.identity).await?;
    let identity = found.filter(|identity| identity.kind == "phone").ok_or(WebError::NotFound)?;
    let at = later(&asked.value, state.clock.now())?;
    let loaded = state.config.load();
    let queue = match asked.queue.as_str() {
        "" => loaded.catalog.agents.get(&me.agent).and_then(|spec| spec.queues.first()).cloned().ok_or(WebError::Bad("queue"))?,
        queue => QueueId::from(queue),
    };
    let number = identity.value.clone();
    let person = persons::brief(&state.store, Identity { ..identity.clone() }).await?;
    let who = Who { identity, display: None, person };
    command(&state, &me, Command::PromiseCall { who, number, queue, at }).await
}
