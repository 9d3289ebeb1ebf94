//! `POST /knowledge` and `POST /knowledge/{id}`: a save, and what is to come of it. What cannot be saved comes back with all that was typed.

use super::edit::{Fields, besides, draw, whole};
use super::step::moved;
use super::{LONGEST_BODY, LONGEST_TITLE, LONGEST_WORDS, publishes};
use crate::desk::id::{AgentId, At};
use crate::store::StoreError;
use crate::store::knowledge::{self, Article, Audience, Saved, Step, Written};
use crate::web::inbox::reader::Reader;
use crate::web::login::Note;
use crate::web::{Page, WebError};
use axum::Form;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use jiff::civil::Date;

pub async fn create(reader: Reader, Form(form): Form<Fields>) -> Result<Response, WebError> {
    save(reader, None, form).await
}

pub async fn update(reader: Reader, Path(id): Path<i64>, Form(form): Form<Fields>) -> Result<Response, WebError> {
    let article = knowledge::article(&reader.state.store, id).await?.ok_or(WebError::NotFound)?;
    save(reader, Some(article), form).await
}

async fn save(reader: Reader, article: Option<Article>, form: Fields) -> Result<Response, WebError> {
    // What the reader may not change stays, whatever a form says.
    let form = match &article {
        Some(article) if !whole(&reader, Some(article)) => {
            let kept = besides(&reader.page, article);
            Fields { category: kept.category, audience: kept.audience, owner: kept.owner, expires: kept.expires, ..form }
        }
        _ => form,
    };
    let written = match read(&reader, article.as_ref(), &form) {
        Ok(written) => written,
        Err(key) => return again(reader, article, form, key).await,
    };
    let (language, me, now) = (written.language.clone(), reader.me().clone(), reader.page.now);
    let (id, version) = match knowledge::save(&reader.state.store, written, &me, now).await {
        Ok(Saved::Kept { article, version }) => (article, version),
        Ok(Saved::Stale(_)) => return again(reader, article, form, "knowledge.stale").await,
        Err(StoreError::Missing(what)) if what == "picture" => return again(reader, article, form, "knowledge.bad_picture").await,
        Err(StoreError::Missing(_)) => return again(reader, article, form, "knowledge.gone").await,
        Err(error) => return Err(error.into()),
    };
    let step = match form.then.as_str() {
        "submit" => Some(Step::Submit),
        "publish" if publishes(reader.viewer.role) => Some(Step::Publish { by_another: reader.loaded.config.knowledge.review_by_another }),
        _ => None,
    };
    let done = match step {
        Some(step) => moved(&reader, id, &language, version, step).await?,
        None => "saved",
    };
    let there = super::lines::address(&format!("/knowledge/{id}"), &[("lang", &language), ("done", done)]);
    Ok(Redirect::to(&there).into_response())
}

/// The form as it is kept, or the key of what is wrong with it.
fn read(reader: &Reader, article: Option<&Article>, form: &Fields) -> Result<Written, &'static str> {
    let line = |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned();
    let (title, note) = (line(&form.title), line(&form.note));
    // Browsers send CRLF; articles have LF.
    let body = form.body.replace("\r\n", "\n").trim_end().to_owned();
    if title.is_empty() || body.trim().is_empty() {
        return Err("knowledge.empty");
    }
    if title.chars().count() > LONGEST_TITLE || body.chars().count() > LONGEST_BODY || note.chars().count() > LONGEST_WORDS {
        return Err("knowledge.too_long");
    }
    if !knowledge::is_language(&form.language) {
        return Err("knowledge.bad_language");
    }
    let owner = AgentId::from(form.owner.as_str());
    let known = reader.loaded.config.members().any(|member| member.id == owner) || article.is_some_and(|article| article.owner == owner);
    Ok(Written {
        article: article.map(|article| article.id),
        language: form.language.clone(),
        title,
        body,
        note,
        category: form.category.parse().ok(),
        audience: if form.audience == "public" { Audience::Public } else { Audience::Internal },
        owner: if known { owner } else { reader.me().clone() },
        expires_at: expires(&reader.page, &form.expires)?,
        base: form.base,
    })
}

/// The end of the day, by the site's clock.
fn expires(page: &Page, day: &str) -> Result<Option<At>, &'static str> {
    if day.is_empty() {
        return Ok(None);
    }
    let end = day.parse::<Date>().and_then(jiff::civil::Date::tomorrow).and_then(|day| day.to_zoned(page.zone.clone()));
    end.map(|end| Some(At(end.timestamp().as_millisecond()))).map_err(|_| "knowledge.bad_day")
}

async fn again(reader: Reader, article: Option<Article>, form: Fields, key: &str) -> Result<Response, WebError> {
    let status = if key == "knowledge.stale" { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let note = Note::bad(reader.page.t(key));
    Ok((status, draw(reader, article, form, note).await?).into_response())
}
