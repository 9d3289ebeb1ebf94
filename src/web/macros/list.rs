//! `GET /macros`, and with `?edit=<id>` the same with that macro in the form. `GET /inbox/macros`: those that the reader can run, as JSON.

use crate::auth::{Agent, Session};
use crate::store::macros::{self, Does, MacroForm, MacroRow};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::login::Note;
use crate::web::sharing::{self, Choice};
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::Json;
use axum::extract::Query;
use axum::response::Response;
use serde::{Deserialize, Serialize};

/// Steps that the form has room for; one more is there after each save.
const SPARE: usize = 2;
const AT_LEAST: usize = 5;

/// `templates/macros/list.html`
#[derive(Template)]
#[template(path = "macros/list.html")]
pub struct MacrosPage {
    pub page: Page,
    pub frame: Frame,
    lines: Vec<Line>,
    pub form: MacroForm,
    steps: Vec<StepRow>,
    shares: Vec<Choice>,
    pub edit: Option<i64>,
    pub note: Option<Note>,
}

struct Line {
    id: i64,
    name: String,
    folder: String,
    shared: String,
    steps: Vec<String>,
    mine: bool,
    here: bool,
}

/// One row of the form.
struct StepRow {
    does: Vec<(String, String, bool)>,
    value: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    edit: Option<i64>,
    done: String,
}

/// Those that this reader may see.
pub async fn seen(reader: &Reader) -> Result<Vec<MacroRow>, WebError> {
    let mut rows = macros::list(&reader.state.store).await?;
    let queues = reader.reach().queues;
    rows.retain(|row| sharing::sees(&row.form.shared, reader.me(), reader.viewer.role, &queues));
    Ok(rows)
}

pub async fn list(reader: Reader, Agent(me): Agent, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let note = match asked.done.as_str() {
        "saved" => Note::ok(reader.page.t("macros.saved")),
        "deleted" => Note::ok(reader.page.t("macros.deleted")),
        _ => None,
    };
    let form = match asked.edit {
        Some(id) => seen(&reader).await?.into_iter().find(|row| row.id == id).map(|row| row.form),
        None => None,
    };
    let edit = asked.edit.filter(|_| form.is_some());
    let empty = || MacroForm { name: String::new(), folder: String::new(), shared: String::new(), steps: Vec::new() };
    draw(reader, &me, form.unwrap_or_else(empty), edit, note).await
}

pub async fn draw(reader: Reader, me: &Session, form: MacroForm, edit: Option<i64>, note: Option<Note>) -> Result<Response, WebError> {
    let rows = seen(&reader).await?;
    let page = &reader.page;
    let line = |row: MacroRow| Line {
        id: row.id,
        shared: sharing::label(page, reader.catalog(), &row.form.shared),
        mine: sharing::may_write(&row.form.shared, reader.me(), reader.viewer.role),
        here: edit == Some(row.id),
        steps: row.form.steps.iter().map(|step| said(page, step.does, &step.value)).collect(),
        name: row.form.name,
        folder: row.form.folder,
    };
    let lines = rows.into_iter().map(line).collect();
    let room = (form.steps.len() + SPARE).max(AT_LEAST);
    let steps = (0..room)
        .map(|nth| {
            let step = form.steps.get(nth);
            let option = |does: Does| {
                (does.word(), page.t(&format!("macros.does.{}", does.word())).to_owned(), step.is_some_and(|s| s.does == does))
            };
            StepRow { does: Does::EACH.into_iter().map(option).collect(), value: step.map(|s| s.value.clone()).unwrap_or_default() }
        })
        .collect();
    let shares = sharing::choices(page, reader.catalog(), me, &form.shared);
    let frame = Frame::load(&reader).await?;
    Ok(html(&MacrosPage { frame, lines, form, steps, shares, edit, note, page: reader.page }))
}

/// `Reply: Hello {name}`.
fn said(page: &Page, does: Does, value: &str) -> String {
    let what = page.t(&format!("macros.does.{}", does.word())).to_owned();
    if value.is_empty() { what } else { format!("{what}: {value}") }
}

/// One macro as the command bar shows it.
#[derive(Serialize)]
pub struct Mine {
    id: i64,
    name: String,
    folder: String,
    /// What it does, in words.
    steps: Vec<String>,
}

pub async fn mine(reader: Reader) -> Result<Json<Vec<Mine>>, WebError> {
    let rows = seen(&reader).await?;
    let mine = |row: MacroRow| Mine {
        id: row.id,
        steps: row.form.steps.iter().map(|step| said(&reader.page, step.does, &step.value)).collect(),
        name: row.form.name,
        folder: row.form.folder,
    };
    Ok(Json(rows.into_iter().map(mine).collect()))
}
