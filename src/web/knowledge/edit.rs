//! `GET /knowledge/new` and `GET /knowledge/{id}/edit?lang=`: the editor. Of an article that readers see, only supervisors change what it is
//! besides its words: who may read it, until when, and whose it is.

use super::lines::{choices, languages};
use super::publishes;
use crate::desk::id::At;
use crate::store::knowledge::{self, Article, Audience};
use crate::web::inbox::frame::Frame;
use crate::web::inbox::reader::Reader;
use crate::web::login::Note;
use crate::web::{Page, WebError, html};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;

/// What the form holds.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    pub language: String,
    pub title: String,
    pub body: String,
    pub note: String,
    pub category: String,
    pub audience: String,
    pub owner: String,
    /// A day of the site's, `2026-11-21`, the last on which it is good.
    pub expires: String,
    pub base: u32,
    /// Save alone, or `submit`, `publish`.
    pub then: String,
}

/// `templates/knowledge/edit.html`
#[derive(Template)]
#[template(path = "knowledge/edit.html")]
struct EditPage {
    page: Page,
    frame: Frame,
    article: Option<i64>,
    form: Fields,
    languages: Vec<(String, String, bool)>,
    categories: Vec<(i64, String, bool)>,
    owners: Vec<(String, String, bool)>,
    /// What the article is besides its words may be changed.
    whole: bool,
    may_publish: bool,
    centre: bool,
    note: Option<Note>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    lang: String,
    /// A new article about what was looked for.
    title: String,
}

pub async fn new(reader: Reader, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let form = Fields {
        language: reader.page.lang().to_owned(),
        title: asked.title.chars().take(super::LONGEST_TITLE).collect(),
        owner: reader.me().as_str().to_owned(),
        audience: "internal".into(),
        ..Fields::default()
    };
    draw(reader, None, form, None).await
}

pub async fn edit(reader: Reader, Path(id): Path<i64>, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let article = knowledge::article(&reader.state.store, id).await?.ok_or(WebError::NotFound)?;
    let first = article.translations.first().map(|t| t.language.clone()).unwrap_or_default();
    let language = if knowledge::is_language(&asked.lang) { asked.lang } else { first.clone() };
    let translation = article.translations.iter().find(|t| t.language == language);
    let base = translation.map_or(0, |t| t.newest);
    // A new translation begins with the words that are to be translated.
    let (from, version) = match (translation, article.translations.first()) {
        (Some(t), _) | (None, Some(t)) => (t.language.clone(), t.newest),
        (None, None) => return Err(WebError::NotFound),
    };
    let text = knowledge::version(&reader.state.store, id, &from, version).await?.ok_or(WebError::NotFound)?;
    let form = Fields { language, title: text.title, body: text.body, base, ..besides(&reader.page, &article) };
    draw(reader, Some(article), form, None).await
}

/// What an article is besides its words, as the form says it.
pub(super) fn besides(page: &Page, article: &Article) -> Fields {
    Fields {
        category: article.category.map(|id| id.to_string()).unwrap_or_default(),
        audience: if article.audience == Audience::Public { "public".into() } else { "internal".into() },
        owner: article.owner.as_str().to_owned(),
        expires: article.expires_at.map(|until| last_day(page, until)).unwrap_or_default(),
        ..Fields::default()
    }
}

/// The last day before a moment.
fn last_day(page: &Page, until: At) -> String {
    let at = Timestamp::from_millisecond(until.0 - 1).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(page.zone.clone()).date().to_string()
}

/// Whether this reader may change what the article is besides its words.
pub(super) fn whole(reader: &Reader, article: Option<&Article>) -> bool {
    publishes(reader.viewer.role) || article.is_none_or(|article| article.translations.iter().all(|t| t.shown.is_none()))
}

pub(super) async fn draw(reader: Reader, article: Option<Article>, form: Fields, note: Option<Note>) -> Result<Response, WebError> {
    let categories = knowledge::categories(&reader.state.store).await?;
    let owners = reader.loaded.config.members().map(|member| {
        let here = member.id.as_str() == form.owner;
        (member.id.as_str().to_owned(), member.name, here)
    });
    let mut owners: Vec<_> = owners.collect();
    owners.sort_by(|a, b| a.1.cmp(&b.1));
    let frame = Frame::load(&reader).await?;
    let edit = EditPage {
        whole: whole(&reader, article.as_ref()),
        may_publish: publishes(reader.viewer.role),
        centre: reader.loaded.config.knowledge.help_centre,
        languages: languages(&form.language),
        categories: choices(&categories, reader.page.lang(), form.category.parse().ok()),
        owners,
        article: article.map(|article| article.id),
        form,
        note,
        frame,
        page: reader.page,
    };
    Ok(html(&edit))
}
