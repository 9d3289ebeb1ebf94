//! `GET /knowledge/feedback`: what agents said and nobody has seen to. `POST /knowledge/feedback` says it, of an article or of one that is
//! missing; `POST /knowledge/feedback/{id}/close` is the owner's, or a supervisor's.

use super::show::{Remark, remark};
use super::{LONGEST_WORDS, publishes};
use crate::store::StoreError;
use crate::store::knowledge::{self, FeedbackKind};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use axum::response::{Redirect, Response};
use serde::Deserialize;

/// `templates/knowledge/feedback.html`
#[derive(Template)]
#[template(path = "knowledge/feedback.html")]
struct FeedbackPage {
    page: Page,
    frame: Frame,
    remarks: Vec<Remark>,
    all: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    show: String,
}

pub async fn list(reader: Reader, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let supervises = publishes(reader.viewer.role);
    let all = asked.show == "all";
    let owner = (!all).then(|| reader.me());
    let open = knowledge::open_feedback(&reader.state.store, None, owner, supervises).await?;
    let remarks = open
        .into_iter()
        .map(|feedback| {
            let closes = supervises || feedback.owner.as_ref() == Some(reader.me());
            remark(&reader, feedback, closes)
        })
        .collect();
    let frame = Frame::load(&reader).await?;
    Ok(html(&FeedbackPage { frame, remarks, all, page: reader.page }))
}

#[derive(Deserialize)]
pub struct Said {
    article: Option<i64>,
    #[serde(default)]
    language: String,
    kind: FeedbackKind,
    #[serde(default)]
    words: String,
}

pub async fn give(reader: Reader, Form(said): Form<Said>) -> Result<Redirect, WebError> {
    let words: String = said.words.trim().chars().take(LONGEST_WORDS).collect();
    // Without an article and without words there is nothing to see to.
    if said.article.is_none() && words.is_empty() {
        return Err(WebError::Bad("no words"));
    }
    let language = if knowledge::is_language(&said.language) { said.language.as_str() } else { reader.page.lang() };
    let given =
        knowledge::give_feedback(&reader.state.store, said.article, language, said.kind, &words, reader.me(), reader.page.now).await;
    match given {
        Ok(()) => {}
        Err(StoreError::Missing(_)) => return Err(WebError::NotFound),
        Err(error) => return Err(error.into()),
    }
    let there = said.article.map_or_else(|| "/knowledge".to_owned(), |id| format!("/knowledge/{id}"));
    let lang = if said.article.is_some() { language } else { "" };
    Ok(Redirect::to(&super::lines::address(&there, &[("lang", lang), ("done", "thanked")])))
}

pub async fn close(reader: Reader, Path(id): Path<i64>) -> Result<Redirect, WebError> {
    match knowledge::close_feedback(&reader.state.store, id, reader.me(), publishes(reader.viewer.role), reader.page.now).await {
        Ok(()) => Ok(Redirect::to("/knowledge/feedback")),
        // Closed already, or somebody else's: neither is the reader's to close.
        Err(StoreError::Missing(_)) => Err(WebError::NotFound),
        Err(error) => Err(error.into()),
    }
}
