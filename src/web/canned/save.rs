//! `POST /canned` adds a reply, `POST /canned/{id}` changes one.

use super::list::draw;
use crate::auth::{Agent, Session};
use crate::store::StoreError;
use crate::store::canned::{self, CannedForm};
use crate::web::inbox::reader::Reader;
use crate::web::login::Note;
use crate::web::{WebError, sharing};
use axum::Form;
use axum::extract::Path;
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
    #[serde(default)]
    folder: String,
    /// `all`, `queue/…` or `agent/…`.
    #[serde(default = "everybody")]
    shared: String,
}

fn everybody() -> String {
    "all".into()
}

pub async fn create(reader: Reader, me: Agent, Form(form): Form<Written>) -> Result<Response, WebError> {
    save(reader, &me.0, None, form).await
}

pub async fn update(reader: Reader, me: Agent, Path(id): Path<i64>, Form(form): Form<Written>) -> Result<Response, WebError> {
    own(&reader, id).await?;
    save(reader, &me.0, Some(id), form).await
}

/// That the reader may write it as it is now.
pub async fn own(reader: &Reader, id: i64) -> Result<(), WebError> {
    let row = canned::get(&reader.state.store, id).await?.ok_or(WebError::NotFound)?;
    let mine = sharing::may_write(&row.form.shared, reader.me(), reader.viewer.role);
    if mine { Ok(()) } else { Err(WebError::Forbidden) }
}

async fn save(reader: Reader, me: &Session, id: Option<i64>, form: Written) -> Result<Response, WebError> {
    let state = &reader.state;
    let form = CannedForm {
        shortcut: form.shortcut.trim().trim_start_matches('/').to_lowercase(),
        title: form.title.trim().to_owned(),
        // Browsers send CRLF (RFC 7578 has it from HTML); messages have LF.
        text: form.text.replace("\r\n", "\n").trim().to_owned(),
        language: state.i18n.get(&form.language).map(|l| l.code().to_owned()).unwrap_or_default(),
        folder: form.folder.trim().to_owned(),
        shared: form.shared,
    };
    if !sharing::is_known(&form.shared, reader.catalog()) {
        return Err(WebError::Bad("shared"));
    }
    if !sharing::may_write(&form.shared, reader.me(), reader.viewer.role) {
        return Err(WebError::Forbidden);
    }
    let key = match problem(&form) {
        Some(key) => key,
        None => {
            let saved = match id {
                None => canned::create(&state.store, form.clone(), reader.me(), reader.page.now).await.map(|_| ()),
                Some(id) => canned::update(&state.store, id, form.clone(), reader.me(), reader.page.now).await,
            };
            match saved {
                Ok(()) => return Ok(Redirect::to("/canned?done=saved").into_response()),
                Err(StoreError::Duplicate(_)) => "canned.taken",
                Err(StoreError::Missing(_)) => return Err(WebError::NotFound),
                Err(error) => return Err(error.into()),
            }
        }
    };
    // The page again with what was typed, so that nothing is lost.
    let note = Note::bad(reader.page.t(key));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, draw(reader, me, form, id, note).await?).into_response())
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
    (form.title.chars().count() > LONGEST_TITLE || form.folder.chars().count() > LONGEST_TITLE || form.text.chars().count() > LONGEST_TEXT)
        .then_some("canned.too_long")
}
