//! `POST /work/conversation/{id}/chat-link`: sends the customer, where they write, a link by which they go on in our chat window, with all that
//! was written here.

use super::command;
use crate::auth::Agent;
use crate::desk::id::ConversationId;
use crate::desk::input::{Body, Command};
use crate::desk::refusal::Refusal;
use crate::store::{conversations, persons, viewer::Viewer};
use crate::web::{WebError, WebState};
use axum::extract::{Path, State};
use http::StatusCode;

/// Whoever is asked to go on does so soon, ms.
const LINK_MS: i64 = 24 * 3_600_000;

pub async fn chat_link(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Result<StatusCode, WebError> {
    let (conversation, now) = (ConversationId(id), state.clock.now());
    let loaded = state.config.load();
    let links = state.links.load();
    let viewer = Viewer { agent: me.agent.clone(), role: me.role };
    let row = conversations::get(&state.store, &viewer, conversation).await?.ok_or(WebError::NotFound)?;
    let window = loaded.catalog.window_for(row.queue.as_ref(), &row.channel);
    let links = links.as_ref().as_ref().filter(|_| window.is_some()).ok_or(Refusal::NoPage)?;
    let person = persons::brief(&state.store, row.identity).await?;
    let language = person.and_then(|person| person.language).unwrap_or_else(|| loaded.catalog.language.clone());
    let locale = state.i18n.closest(&language).unwrap_or_else(|| state.i18n.fallback());
    let text = locale.t1("people.go.text", "link", links.go_address(conversation, now.after(LINK_MS)));
    // A second click within the second is the same click.
    let key = format!("chat-link-{}", now.0 / 1_000);
    command(&state, &me, Command::Reply { conversation, body: Body::text(text), key }).await
}
