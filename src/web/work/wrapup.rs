//! `POST /work/call/{id}/wrapup` ends after-call work with its outcome; `…/extend` asks for more time.

use super::{command, moment};
use crate::auth::Agent;
use crate::desk::id::CallId;
use crate::desk::input::Command;
use crate::desk::refusal::Refusal;
use crate::store::drafts::{self, Place};
use crate::store::viewer::Viewer;
use crate::store::{calls, notices};
use crate::web::{Page, WebError, WebState};
use axum::Form;
use axum::extract::{Path, State};
use http::StatusCode;
use std::collections::BTreeMap;

/// Longest task, characters.
const TASK: usize = 200;

/// What an agent says at the end of a contact.
pub(super) struct Outcome {
    pub disposition: Option<String>,
    pub fields: Vec<(String, String)>,
    pub note: String,
}

/// The form: `disposition`, `note`, and `field-<name>` for each field of the queue.
pub(super) fn outcome(form: &BTreeMap<String, String>) -> Outcome {
    let answer = |(name, answer): (&String, &String)| Some((name.strip_prefix("field-")?.to_owned(), answer.trim().to_owned()));
    Outcome {
        disposition: Some(text(form, "disposition")).filter(|outcome| !outcome.is_empty()),
        fields: form.iter().filter_map(answer).collect(),
        note: text(form, "note"),
    }
}

fn text(form: &BTreeMap<String, String>, name: &str) -> String {
    form.get(name).map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// The form, with a task for later in `task` and `when`.
pub async fn wrap_up(
    State(state): State<WebState>,
    Agent(me): Agent,
    page: Page,
    Path(id): Path<u64>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<StatusCode, WebError> {
    let task = text(&form, "task");
    if task.chars().count() > TASK {
        return Err(Refusal::TooLong { limit: TASK }.into());
    }
    let when = text(&form, "when");
    let due = (!task.is_empty()).then(|| moment(&when, "", page.now, &page.zone).ok_or(WebError::Bad("when"))).transpose()?;
    let (call, Outcome { disposition, fields, note }) = (CallId(id), outcome(&form));
    let done = command(&state, &me, Command::WrapUp { call, disposition, fields, note }).await?;
    drafts::set(&state.store, &me.agent, Place::WrapUp(call), String::new(), page.now).await?;
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
