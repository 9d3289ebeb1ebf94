//! `POST /knowledge/{id}/step`: the newest version is handed in, sent back, published, or withdrawn.

use super::publishes;
use crate::store::StoreError;
use crate::store::knowledge::{self, Moved, Step};
use crate::web::WebError;
use crate::web::inbox::reader::Reader;
use axum::Form;
use axum::extract::Path;
use axum::response::Redirect;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Asked {
    language: String,
    version: u32,
    step: Word,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Submit,
    SendBack,
    Publish,
    Withdraw,
}

pub async fn step(reader: Reader, Path(id): Path<i64>, Form(asked): Form<Asked>) -> Result<Redirect, WebError> {
    let step = match asked.step {
        Word::Submit => Step::Submit,
        _ if !publishes(reader.viewer.role) => return Err(WebError::Forbidden),
        Word::SendBack => Step::SendBack,
        Word::Publish => Step::Publish { by_another: reader.loaded.config.knowledge.review_by_another },
        Word::Withdraw => Step::Withdraw,
    };
    let done = moved(&reader, id, &asked.language, asked.version, step).await?;
    Ok(Redirect::to(&super::lines::address(&format!("/knowledge/{id}"), &[("lang", &asked.language), ("done", done)])))
}

/// Does it, and gives the word of what came of it.
pub(super) async fn moved(reader: &Reader, article: i64, language: &str, version: u32, step: Step) -> Result<&'static str, WebError> {
    let moved = knowledge::move_on(&reader.state.store, article, language, version, step, reader.me(), reader.page.now).await;
    Ok(match (moved, step) {
        (Ok(Moved::Stale), _) => "stale",
        (Ok(Moved::OwnWork), _) => "own_work",
        (Ok(Moved::Done), Step::Submit) => "submitted",
        (Ok(Moved::Done), Step::SendBack) => "sent_back",
        (Ok(Moved::Done), Step::Publish { .. }) => "published",
        (Ok(Moved::Done), Step::Withdraw) => "withdrawn",
        (Err(StoreError::Missing(_)), _) => return Err(WebError::NotFound),
        (Err(error), _) => return Err(error.into()),
    })
}
