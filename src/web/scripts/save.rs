//! `POST /scripts` adds a script, `POST /scripts/{id}` changes one, `POST /scripts/{id}/delete` removes it.

use super::list::draw;
use super::read;
use crate::auth::Supervisor;
use crate::desk::id::QueueId;
use crate::store::StoreError;
use crate::store::macros::{self, ScriptForm};
use crate::web::WebError;
use crate::web::inbox::reader::Reader;
use crate::web::login::Note;
use axum::Form;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;

const LONGEST_NAME: usize = 80;
const LONGEST_TEXT: usize = 20_000;

#[derive(Deserialize)]
pub struct Written {
    name: String,
    #[serde(default)]
    queue: String,
    #[serde(default)]
    language: String,
    text: String,
}

pub async fn create(reader: Reader, _: Supervisor, Form(form): Form<Written>) -> Result<Response, WebError> {
    save(reader, None, form).await
}

pub async fn update(reader: Reader, _: Supervisor, Path(id): Path<i64>, Form(form): Form<Written>) -> Result<Response, WebError> {
    save(reader, Some(id), form).await
}

/// One that is gone already is as good as deleted.
pub async fn delete(reader: Reader, _: Supervisor, Path(id): Path<i64>) -> Result<Redirect, WebError> {
    match macros::remove_script(&reader.state.store, id).await {
        Ok(()) | Err(StoreError::Missing(_)) => Ok(Redirect::to("/scripts?done=deleted")),
        Err(error) => Err(error.into()),
    }
}

async fn save(reader: Reader, id: Option<i64>, form: Written) -> Result<Response, WebError> {
    let form = ScriptForm {
        name: form.name.trim().to_owned(),
        queue: form.queue,
        language: reader.state.i18n.get(&form.language).map(|l| l.code().to_owned()).unwrap_or_default(),
        text: form.text.replace("\r\n", "\n").trim().to_owned(),
    };
    if !form.queue.is_empty() && !reader.catalog().queues.contains_key(&QueueId::from(form.queue.as_str())) {
        return Err(WebError::Bad("queue"));
    }
    let long = form.name.chars().count() > LONGEST_NAME || form.text.chars().count() > LONGEST_TEXT;
    let key = if form.name.is_empty() || read(&form.text).is_empty() { Some("scripts.empty") } else { long.then_some("canned.too_long") };
    let key = match key {
        Some(key) => key,
        None => match macros::save_script(&reader.state.store, id, form.clone(), reader.me(), reader.page.now).await {
            Ok(()) => return Ok(Redirect::to("/scripts?done=saved").into_response()),
            Err(StoreError::Duplicate(_)) => "macros.taken",
            Err(error) => return Err(error.into()),
        },
    };
    let note = Note::bad(reader.page.t(key));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, draw(reader, form, id, note).await?).into_response())
}
