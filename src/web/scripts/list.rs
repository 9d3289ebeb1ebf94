//! `GET /scripts`, and with `?edit=<id>` the same with that script in the form. `GET /inbox/scripts`: those for a contact, filled in, as JSON.

use super::{Step, read};
use crate::auth::{Agent, Role};
use crate::desk::id::{CallId, ConversationId};
use crate::store::macros::{self, ScriptForm, ScriptRow};
use crate::store::{calls, conversations, persons};
use crate::web::inbox::fill::{PLACES, Places};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::login::Note;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::Json;
use axum::extract::Query;
use axum::response::Response;
use serde::{Deserialize, Serialize};

/// `templates/scripts/list.html`
#[derive(Template)]
#[template(path = "scripts/list.html")]
struct ScriptsPage {
    page: Page,
    frame: Frame,
    lines: Vec<Line>,
    form: ScriptForm,
    queues: Vec<(String, String)>,
    places: &'static [&'static str],
    edit: Option<i64>,
    note: Option<Note>,
}

struct Line {
    row: ScriptRow,
    queue: String,
    steps: usize,
    here: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    edit: Option<i64>,
    done: String,
}

pub async fn list(reader: Reader, Agent(_): Agent, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let note = match asked.done.as_str() {
        "saved" => Note::ok(reader.page.t("scripts.saved")),
        "deleted" => Note::ok(reader.page.t("scripts.deleted")),
        _ => None,
    };
    let rows = macros::scripts(&reader.state.store).await?;
    let form = rows.iter().find(|row| Some(row.id) == asked.edit && reader.viewer.role >= Role::Supervisor).map(|row| row.form.clone());
    let edit = asked.edit.filter(|_| form.is_some());
    draw(reader, form.unwrap_or_default(), edit, note).await
}

pub async fn draw(reader: Reader, form: ScriptForm, edit: Option<i64>, note: Option<Note>) -> Result<Response, WebError> {
    let say = reader.say();
    let line = |row: ScriptRow| Line {
        queue: if row.form.queue.is_empty() { say.t("scripts.everywhere") } else { say.queue(&row.form.queue.as_str().into()) },
        steps: read(&row.form.text).len(),
        here: edit == Some(row.id),
        row,
    };
    let lines = macros::scripts(&reader.state.store).await?.into_iter().map(line).collect();
    let queues = reader.catalog().queues.values().map(|queue| (queue.id.to_string(), queue.name.clone())).collect();
    let frame = Frame::load(&reader).await?;
    Ok(html(&ScriptsPage { frame, lines, form, queues, places: PLACES, edit, note, page: reader.page }))
}

#[derive(Deserialize)]
pub struct For {
    call: Option<u64>,
    conversation: Option<u64>,
}

/// One script, filled in.
#[derive(Serialize)]
pub struct Script {
    name: String,
    language: String,
    steps: Vec<Step>,
}

pub async fn mine(reader: Reader, Query(of): Query<For>) -> Result<Json<Vec<Script>>, WebError> {
    let store = &reader.state.store;
    let (person, queue) = match (of.call, of.conversation) {
        (Some(id), _) => {
            let call = calls::get(store, &reader.viewer, CallId(id)).await?.ok_or(WebError::NotFound)?.call;
            (call.person, call.queue)
        }
        (None, Some(id)) => {
            let row = conversations::get(store, &reader.viewer, ConversationId(id)).await?.ok_or(WebError::NotFound)?;
            (row.person, row.queue)
        }
        (None, None) => return Err(WebError::Bad("conversation")),
    };
    let places = Places::of(&reader, person, of.conversation.map(ConversationId)).await?;
    let theirs = persons::get(store, person).await?.and_then(|person| person.language).unwrap_or_default();
    let mut rows = macros::scripts_of(store, queue.as_ref()).await?;
    // The customer's language first.
    let near = |language: &str| !language.is_empty() && theirs.starts_with(language.split('-').next().unwrap_or(language));
    rows.sort_by_key(|row| !near(&row.form.language));
    let script = |row: ScriptRow| Script {
        steps: read(&row.form.text).into_iter().map(|step| Step { text: places.fill(&step.text), ..step }).collect(),
        name: row.form.name,
        language: row.form.language,
    };
    Ok(Json(rows.into_iter().map(script).collect()))
}
