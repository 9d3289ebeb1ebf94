//! `GET /knowledge/categories`: the tree, with a form to add and one to change each; supervisors alone.

use super::LONGEST_TITLE;
use crate::auth::Supervisor;
use crate::store::StoreError;
use crate::store::knowledge::{self, Category};
use crate::web::inbox::frame::Frame;
use crate::web::login::Note;
use crate::web::{Page, WebError, WebState, html};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{Redirect, Response};
use serde::Deserialize;
use std::collections::BTreeMap;

/// `templates/knowledge/categories.html`
#[derive(Template)]
#[template(path = "knowledge/categories.html")]
struct CategoriesPage {
    page: Page,
    frame: Frame,
    categories: Vec<Category>,
    /// Those that others may stand in.
    tops: Vec<(i64, String)>,
    /// The one in the form.
    edit: Option<Category>,
    note: Option<Note>,
}

impl CategoriesPage {
    fn name(&self, language: &str) -> &str {
        self.edit.as_ref().and_then(|category| category.names.get(language)).map_or("", String::as_str)
    }

    fn place(&self) -> usize {
        let own = |edit: &Category| self.categories.iter().position(|category| category.id == edit.id);
        self.edit.as_ref().and_then(own).unwrap_or(self.categories.len())
    }

    /// Whether the one in the form stands in this one.
    fn within(&self, id: &i64) -> bool {
        self.edit.as_ref().is_some_and(|category| category.parent == Some(*id))
    }

    fn path(&self) -> String {
        self.edit.as_ref().map_or_else(|| "/knowledge/categories".to_owned(), |category| format!("/knowledge/categories/{}", category.id))
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    edit: Option<i64>,
    done: String,
}

pub async fn list(
    State(state): State<WebState>,
    Supervisor(me): Supervisor,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let categories = knowledge::categories(&state.store).await?;
    let edit = categories.iter().find(|category| Some(category.id) == asked.edit).cloned();
    let tops = categories.iter().filter(|c| c.parent.is_none() && Some(c.id) != asked.edit);
    let tops = tops.map(|c| (c.id, c.name(page.lang()).to_owned())).collect();
    let note = match asked.done.as_str() {
        "saved" => Note::ok(page.t("knowledge.category.saved")),
        "deleted" => Note::ok(page.t("knowledge.category.deleted")),
        "wrong" => Note::bad(page.t("knowledge.category.wrong")),
        "full" => Note::bad(page.t("knowledge.category.full")),
        _ => None,
    };
    let frame = Frame::around(&state, &page, &me).await?;
    Ok(html(&CategoriesPage { page, frame, categories, tops, edit, note }))
}

/// `name.en`, `name.zh-CN`, …, `parent`, `place`.
type Written = BTreeMap<String, String>;

struct Read {
    names: BTreeMap<String, String>,
    parent: Option<i64>,
    place: i64,
}

fn read(written: &Written) -> Option<Read> {
    let names: BTreeMap<String, String> = written
        .iter()
        .filter_map(|(key, value)| Some((key.strip_prefix("name.")?, value.trim())))
        .filter(|(tag, name)| knowledge::is_language(tag) && !name.is_empty())
        .map(|(tag, name)| (tag.to_owned(), name.chars().filter(|c| !c.is_control()).take(LONGEST_TITLE).collect()))
        .collect();
    let place = written.get("place").and_then(|place| place.parse().ok()).unwrap_or_default();
    (!names.is_empty()).then(|| Read { names, parent: written.get("parent").and_then(|id| id.parse().ok()), place })
}

pub async fn create(State(state): State<WebState>, Supervisor(_): Supervisor, Form(written): Form<Written>) -> Result<Redirect, WebError> {
    let Some(read) = read(&written) else { return Ok(to("wrong")) };
    answer(knowledge::create_category(&state.store, read.parent, read.names, read.place).await.map(drop), "saved", "wrong")
}

pub async fn change(
    State(state): State<WebState>,
    Supervisor(_): Supervisor,
    Path(id): Path<i64>,
    Form(written): Form<Written>,
) -> Result<Redirect, WebError> {
    let Some(read) = read(&written) else { return Ok(to("wrong")) };
    answer(knowledge::change_category(&state.store, id, read.parent, read.names, read.place).await, "saved", "wrong")
}

pub async fn delete(State(state): State<WebState>, Supervisor(_): Supervisor, Path(id): Path<i64>) -> Result<Redirect, WebError> {
    answer(knowledge::remove_category(&state.store, id).await, "deleted", "full")
}

fn answer(done: Result<(), StoreError>, well: &str, refused: &str) -> Result<Redirect, WebError> {
    match done {
        Ok(()) => Ok(to(well)),
        Err(StoreError::Invalid(_)) => Ok(to(refused)),
        Err(StoreError::Missing(_)) => Err(WebError::NotFound),
        Err(error) => Err(error.into()),
    }
}

fn to(done: &str) -> Redirect {
    Redirect::to(&format!("/knowledge/categories?done={done}"))
}
