//! `POST /canned` adds a reply, `POST /canned/{id}` changes one.

use super::list::CannedPage;
use crate::auth::{Session, Supervisor};
use crate::store::StoreError;
use crate::store::canned::{self, CannedForm};
use crate::web::inbox::frame::Frame;
use crate::web::login::Note;
use crate::web::{Page, WebError, WebState, html};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;

const LONGEST_SHORTCUT: usize = 32;
const LONGEST_TITLE: usize = 120;
const LONGEST_TEXT: usize = 8_000;

#[derive(Deserialize)]
pub struct Written {
    shortcut: String,
    title: String,
    text: String,
    #[serde(default)]
    language: String,
}

pub async fn create(
    State(state): State<WebState>,
    Supervisor(me): Supervisor,
    page: Page,
    Form(form): Form<Written>,
) -> Result<Response, WebError> {
    save(state, me, page, None, form).await
}

pub async fn update(
    State(state): State<WebState>,
    Supervisor(me): Supervisor,
    page: Page,
    Path(id): Path<i64>,
    Form(form): Form<Written>,
) -> Result<Response, WebError> {
    save(state, me, page, Some(id), form).await
}

async fn save(state: WebState, me: Session, page: Page, id: Option<i64>, form: Written) -> Result<Response, WebError> {
    let form = CannedForm {
        shortcut: form.shortcut.trim().trim_start_matches('/').to_lowercase(),
        title: form.title.trim().to_owned(),
        // Browsers send CRLF (RFC 7578 has it from HTML); messages have LF.
        text: form.text.replace("\r\n", "\n").trim().to_owned(),
        language: state.i18n.get(&form.language).map(|l| l.code().to_owned()).unwrap_or_default(),
    };
    if let Some(key) = problem(&form) {
        return again(&state, &me, page, id, form, key).await;
    }
    let saved = match id {
        None => canned::create(&state.store, form.clone(), &me.agent, state.clock.now()).await.map(|_| ()),
        Some(id) => canned::update(&state.store, id, form.clone(), &me.agent, state.clock.now()).await,
    };
    match saved {
        Ok(()) => Ok(Redirect::to("/canned?done=saved").into_response()),
        Err(StoreError::Duplicate(_)) => again(&state, &me, page, id, form, "canned.taken").await,
        Err(StoreError::Missing(_)) => Err(WebError::NotFound),
        Err(error) => Err(error.into()),
    }
}

/// The key of what is wrong with the form.
fn problem(form: &CannedForm) -> Option<&'static str> {
    let shortcut = form.shortcut.chars().count();
    if shortcut == 0 || shortcut > LONGEST_SHORTCUT || form.shortcut.chars().any(|c| c.is_whitespace() || c == '/' || c.is_control()) {
        return Some("canned.bad_shortcut");
    }
    if form.title.is_empty() || form.text.is_empty() {
        return Some("canned.empty");
    }
    (form.title.chars().count() > LONGEST_TITLE || form.text.chars().count() > LONGEST_TEXT).then_some("canned.too_long")
}

/// The page again with what was typed, so that nothing is lost.
async fn again(state: &WebState, me: &Session, page: Page, edit: Option<i64>, form: CannedForm, key: &str) -> Result<Response, WebError> {
    let replies = canned::list(&state.store).await?;
    let note = Note::bad(page.t(key));
    let frame = Frame::around(state, &page, me).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&CannedPage { page, frame, replies, form, edit, note })).into_response())
}
