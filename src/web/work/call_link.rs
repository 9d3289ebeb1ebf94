//! `POST /work/conversation/{id}/call-link`: sends the customer, where they write, a link by which they call us in their browser.

use super::command;
use crate::auth::Agent;
use crate::desk::id::ConversationId;
use crate::desk::input::{Body, Command};
use crate::desk::refusal::Refusal;
use crate::store::{conversations, persons, viewer::Viewer};
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use http::StatusCode;

pub async fn call_link(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Result<StatusCode, WebError> {
    let (conversation, now) = (ConversationId(id), state.clock.now());
    let loaded = state.config.load();
    let links = state.links.load();
    let takes_calls = loaded.catalog.channels.values().any(|channel| channel.calls.is_some());
    let links = links.as_ref().as_ref().filter(|_| takes_calls).ok_or(Refusal::NoPage)?;
    let viewer = Viewer { agent: me.agent.clone(), role: me.role };
    let row = conversations::get(&state.store, &viewer, conversation).await?.ok_or(WebError::NotFound)?;
    let person = persons::brief(&state.store, row.identity).await?;
    let language = person.and_then(|person| person.language).unwrap_or_else(|| loaded.catalog.language.clone());
    let locale = state.i18n.closest(&language).unwrap_or_else(|| state.i18n.fallback());
    let link = links.call_address(conversation, now.after(loaded.catalog.callbacks.link_ms));
    let text = locale.t1("call_link.text", "link", link);
    // A second click within the second is the same click.
    let key = format!("call-link-{}", now.0 / 1_000);
    command(&state, &me, Command::Reply { conversation, body: Body::text(text), key }).await
}
