//! `POST /macros` adds a macro, `POST /macros/{id}` changes one, `POST /macros/{id}/delete` removes it.

use super::list::draw;
use crate::auth::{Agent, Session};
use crate::store::StoreError;
use crate::store::macros::{self, Does, MacroForm, MacroStep};
use crate::web::inbox::reader::Reader;
use crate::web::login::Note;
use crate::web::people::assigned;
use crate::web::work::{moment, target};
use crate::web::{WebError, sharing};
use axum::Form;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use std::collections::BTreeMap;

const LONGEST_NAME: usize = 80;
const LONGEST_TEXT: usize = 4_000;
const MOST_STEPS: usize = 12;

pub async fn create(reader: Reader, me: Agent, Form(form): Form<BTreeMap<String, String>>) -> Result<Response, WebError> {
    save(reader, &me.0, None, form).await
}

pub async fn update(
    reader: Reader,
    me: Agent,
    Path(id): Path<i64>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, WebError> {
    own(&reader, id).await?;
    save(reader, &me.0, Some(id), form).await
}

pub async fn delete(reader: Reader, Path(id): Path<i64>) -> Result<Redirect, WebError> {
    own(&reader, id).await?;
    macros::remove(&reader.state.store, id).await?;
    Ok(Redirect::to("/macros?done=deleted"))
}

/// That the reader may write it as it is now.
async fn own(reader: &Reader, id: i64) -> Result<(), WebError> {
    let row = macros::get(&reader.state.store, id).await?.ok_or(WebError::NotFound)?;
    let mine = sharing::may_write(&row.form.shared, reader.me(), reader.viewer.role);
    if mine { Ok(()) } else { Err(WebError::Forbidden) }
}

async fn save(reader: Reader, me: &Session, id: Option<i64>, sent: BTreeMap<String, String>) -> Result<Response, WebError> {
    let field = |name: &str| sent.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    let steps = (0..MOST_STEPS + 2).filter_map(|nth| {
        let does = serde_json::from_value::<Does>(field(&format!("does{nth}")).into()).ok()?;
        Some(MacroStep { does, value: field(&format!("value{nth}")).replace("\r\n", "\n") })
    });
    let form = MacroForm { name: field("name"), folder: field("folder"), shared: field("shared"), steps: steps.collect() };
    if !sharing::is_known(&form.shared, reader.catalog()) {
        return Err(WebError::Bad("shared"));
    }
    if !sharing::may_write(&form.shared, reader.me(), reader.viewer.role) {
        return Err(WebError::Forbidden);
    }
    if let Some(key) = problem(&reader, &form) {
        let note = Note::bad(reader.page.t(key));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, draw(reader, me, form, id, note).await?).into_response());
    }
    match macros::save(&reader.state.store, id, form.clone(), reader.me(), reader.page.now).await {
        Ok(()) => Ok(Redirect::to("/macros?done=saved").into_response()),
        Err(StoreError::Duplicate(_)) => {
            let note = Note::bad(reader.page.t("macros.taken"));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, draw(reader, me, form, id, note).await?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// The key of what is wrong with the form.
fn problem(reader: &Reader, form: &MacroForm) -> Option<&'static str> {
    if form.name.is_empty() || form.steps.is_empty() {
        return Some("macros.empty");
    }
    let long = |text: &str, most: usize| text.chars().count() > most;
    if long(&form.name, LONGEST_NAME) || long(&form.folder, LONGEST_NAME) || form.steps.iter().any(|s| long(&s.value, LONGEST_TEXT)) {
        return Some("canned.too_long");
    }
    if form.steps.len() > MOST_STEPS {
        return Some("macros.too_many");
    }
    // What comes after the conversation is given away could not be done any more.
    let mut ended = false;
    for step in &form.steps {
        if ended && step.does != Does::Next {
            return Some("macros.after_the_end");
        }
        ended |= step.does.ends() || step.does == Does::Next;
    }
    let catalog = reader.catalog();
    let bad = |step: &MacroStep| match step.does {
        Does::Reply | Does::Note | Does::Tag | Does::Untag | Does::Ticket | Does::Language => step.value.is_empty(),
        Does::Tier => !catalog.tiers.keys().any(|tier| tier.as_str() == step.value),
        Does::Field => assigned(&reader.loaded.config.people.fields, reader.viewer.role, &step.value).is_err(),
        Does::Assign => target(&step.value).is_err(),
        Does::Snooze => moment(&step.value, "", reader.page.now, &reader.page.zone).is_none(),
        Does::Resolve | Does::Next => false,
    };
    form.steps.iter().any(bad).then_some("macros.bad_value")
}
