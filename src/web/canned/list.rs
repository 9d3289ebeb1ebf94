//! `GET /canned`, and with `?edit=<id>` the same with that reply in the form.

use crate::auth::{Agent, Session};
use crate::store::canned::{self, CannedForm, CannedRow};
use crate::web::inbox::fill::PLACES;
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::login::Note;
use crate::web::sharing::{self, Choice};
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;

/// `templates/canned/list.html`
#[derive(Template)]
#[template(path = "canned/list.html")]
pub struct CannedPage {
    pub page: Page,
    pub frame: Frame,
    lines: Vec<Line>,
    /// Folders that exist, to be chosen again.
    folders: Vec<String>,
    shares: Vec<Choice>,
    places: &'static [&'static str],
    pub form: CannedForm,
    /// The reply in the form; `None` for a new one.
    pub edit: Option<i64>,
    pub note: Option<Note>,
}

struct Line {
    row: CannedRow,
    /// The first of its folder.
    heads: bool,
    shared: String,
    mine: bool,
    here: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    edit: Option<i64>,
    done: String,
}

/// Those that this reader may see, by folder.
pub async fn seen(reader: &Reader) -> Result<Vec<CannedRow>, WebError> {
    let mut rows = canned::list(&reader.state.store).await?;
    let queues = reader.reach().queues;
    rows.retain(|row| sharing::sees(&row.form.shared, reader.me(), reader.viewer.role, &queues));
    Ok(rows)
}

pub async fn list(reader: Reader, Agent(me): Agent, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let note = match asked.done.as_str() {
        "saved" => Note::ok(reader.page.t("canned.saved")),
        "deleted" => Note::ok(reader.page.t("canned.deleted")),
        _ => None,
    };
    let form = match asked.edit {
        Some(id) => seen(&reader).await?.into_iter().find(|row| row.id == id).map(|row| row.form),
        None => None,
    };
    let edit = asked.edit.filter(|_| form.is_some());
    draw(reader, &me, form.unwrap_or_default(), edit, note).await
}

pub async fn draw(reader: Reader, me: &Session, form: CannedForm, edit: Option<i64>, note: Option<Note>) -> Result<Response, WebError> {
    let rows = seen(&reader).await?;
    let page = &reader.page;
    let mut folders: Vec<String> = rows.iter().map(|row| row.form.folder.clone()).filter(|folder| !folder.is_empty()).collect();
    folders.dedup();
    let mut before = String::new();
    let line = |row: CannedRow| {
        let heads = row.form.folder != before;
        before.clone_from(&row.form.folder);
        let shared = sharing::label(page, reader.catalog(), &row.form.shared);
        let mine = sharing::may_write(&row.form.shared, reader.me(), reader.viewer.role);
        Line { heads, shared, mine, here: edit == Some(row.id), row }
    };
    let lines = rows.into_iter().map(line).collect();
    let shares = sharing::choices(page, reader.catalog(), me, &form.shared);
    let frame = Frame::load(&reader).await?;
    Ok(html(&CannedPage { frame, lines, folders, shares, places: PLACES, form, edit, note, page: reader.page }))
}
