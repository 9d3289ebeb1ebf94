//! `POST /work/call/{id}/wrapup` ends after-call work with its outcome; `…/extend` asks for more time.

use super::{command, moment};
use crate::auth::Agent;
use crate::desk::id::CallId;
use crate::desk::input::Command;
use crate::store::viewer::Viewer;
use crate::store::{calls, notices};
use crate::web::{Page, WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use std::collections::BTreeMap;

/// Longest answer to a field, and longest task, characters.
const LONGEST: usize = 500;

/// The form: `disposition`, `note`, `field-<name>` for each field of the queue, and a task for later in `task` and `when`.
pub async fn wrap_up(
    State(state): State<WebState>,
    Agent(me): Agent,
    page: Page,
    Path(id): Path<u64>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<StatusCode, WebError> {
    let text = |name: &str| form.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    let fields: Vec<(String, String)> =
        form.iter().filter_map(|(name, answer)| Some((name.strip_prefix("field-")?.to_owned(), answer.trim().to_owned()))).collect();
    let task = text("task");
    if fields.iter().map(|(_, answer)| answer).chain([&task]).any(|text| text.chars().count() > LONGEST) {
        return Err(WebError::Bad("too long"));
    }
    let due = (!task.is_empty()).then(|| moment(&text("when"), "", page.now, &page.zone).ok_or(WebError::Bad("when"))).transpose()?;
    let call = CallId(id);
    let disposition = Some(text("disposition")).filter(|outcome| !outcome.is_empty());
    let done = command(&state, &me, Command::WrapUp { call, disposition, fields, note: text("note") }).await?;
    if let Some(at) = due {
        let viewer = Viewer { agent: me.agent.clone(), role: me.role };
        let person = calls::get(&state.store, &viewer, call).await?.map(|row| row.call.person);
        notices::add_task(&state.store, &me.agent, person, task, at).await?;
    }
    Ok(done)
}

pub async fn extend(State(state): State<WebState>, Agent(me): Agent, Path(id): Path<u64>) -> Result<StatusCode, WebError> {
    command(&state, &me, Command::ExtendWrapUp { call: CallId(id) }).await
}
